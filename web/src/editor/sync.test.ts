import { describe, expect, it } from 'vitest';
import { deleteTurn, setText } from './edits';
import { EMPTY_HISTORY, record, undo } from './history';
import { docFromWire, LIMITS, orderedTurns, turnText, type Doc } from './model';
import { edited, heardOf, onAccepted, onConflict, onDelta, onRefused, pendingChanges, request, startSync, type SyncState } from './sync';
import { FakeServer, makeDoc, makeWire } from './testing';

const wire = makeWire(['one two three', 'four five', 'six']);
const text = (doc: Doc, turn: string): string => turnText(doc.turns.get(turn)!);
const type = (state: SyncState, turn: string, words: string): SyncState =>
  edited(state, setText(state.local, turn, words));

describe('sync', () => {
  it('asks for the answer of a change, under its id, before anything else', () => {
    const first = request(type(startSync(docFromWire(wire)), 't0', 'one'), () => 'first');
    const later = heardOf(type(first.state, 't0', 'one more'), 9);
    const again = request(later, () => 'second');
    expect(again.request).toEqual(first.request);
    expect(again.request).toMatchObject({ kind: 'change', body: { change_id: 'first' } });
  });
  it('does not skip what others did just before its own change', () => {
    const server = new FakeServer(wire);
    let state = startSync(docFromWire(server.load()));
    server.change({ change_id: 'o', changes: [{ op: 'delete_turn', if_rev: 1, id: 't2' }] });
    const sent = request(type(state, 't0', 'mine'), () => 'm');
    if (sent.request?.kind !== 'change') throw new Error('no change');
    const answer = server.change(sent.request.body);
    if (answer.status !== 200) throw new Error('refused');
    state = onAccepted(sent.state, answer);
    expect(state.base.revision).toBe(1);
    expect(request(state, () => 'x').request).toEqual({ kind: 'since', revision: 1 });
    state = onDelta(state, server.since(1)!);
    expect([state.local.turns.has('t2'), state.base.revision, pendingChanges(state).length]).toEqual([false, 3, 0]);
  });
  it('knows its own words when the server has forgotten the id of the change', () => {
    const server = new FakeServer(wire);
    const sent = request(type(startSync(docFromWire(server.load())), 't0', 'one MINE three'), () => 'm');
    if (sent.request?.kind !== 'change') throw new Error('no change');
    server.change(sent.request.body);
    // The answer was lost, one types on, and the repeated change is refused.
    let state = onConflict(type(sent.state, 't0', 'one MINE OWN three'), 2);
    state = onDelta(state, structuredClone(server.since(1)!));
    expect(text(state.local, 't0')).toBe('one MINE OWN three');
    expect(state.conflicts).toEqual([]);
  });
  it('sends no more in one call than the server takes', () => {
    const many = docFromWire(makeWire(Array.from({ length: LIMITS.changesPerCall + 1 }, () => 'a')));
    const calls = (doc: Doc): number[] => {
      let state = edited(startSync(doc), { ...doc, turns: new Map([...doc.turns].map(([id, turn]) => [id, { ...turn, note: 'n' }])) });
      const sizes: number[] = [];
      for (let revision = 2; ; ++revision) {
        const next = request(state, () => `c${revision}`);
        if (next.request?.kind !== 'change') return sizes;
        sizes.push(next.request.body.changes.length);
        state = onAccepted(next.state, { revision, revs: {} });
      }
    };
    expect(calls(many)).toEqual([LIMITS.changesPerCall, 1]);
    const words = LIMITS.wordsPerCall / 10;
    expect(calls(docFromWire(makeWire(Array.from({ length: 11 }, () => 'a '.repeat(words)))))).toEqual([10, 1]);
    // A turn that is larger than a call has to go all the same.
    expect(calls(docFromWire(makeWire(['a '.repeat(LIMITS.wordsPerCall + 1), 'b'])))).toEqual([1, 1]);
  });
  it('does not send again what was refused, until it is another', () => {
    const sent = request(type(startSync(docFromWire(wire)), 't0', 'no'), () => 'a');
    const refused = onRefused(sent.state, { status: 400, message: 'no' });
    expect(request(refused, () => 'b').request).toBeNull();
    expect(request(type(refused, 't0', 'yes'), () => 'c').request).toMatchObject({ kind: 'change' });
  });
  it('asks for nothing when it hears of what it has', () => {
    const state = startSync({ ...docFromWire(wire), revision: 7 });
    for (const old of [3, 7]) expect(heardOf(state, old)).toBe(state);
    expect(request(heardOf(state, 8), () => 'x').request).toEqual({ kind: 'since', revision: 7 });
  });
  it('reads everything when the document was made anew', () => {
    const state = startSync({ ...docFromWire(wire), revision: 7 });
    const delta = { revision: 1, turns: [], speakers: [], deleted_turns: [], deleted_speakers: [] };
    expect(request(onDelta(state, delta), () => 'x').request).toEqual({ kind: 'load' });
  });
  it('reads everything after conflicts that nothing new explains', () => {
    let state = startSync(docFromWire(wire));
    const nothing = { revision: 1, turns: [], speakers: [], deleted_turns: [], deleted_speakers: [] };
    for (let i = 0; i < 3; ++i) {
      const sent = request(type(state, 't0', `one ${i}`), () => `c${i}`);
      state = onConflict(sent.state, 1);
      if (i < 2) state = onDelta(state, nothing);
    }
    expect(request(state, () => 'x').request).toEqual({ kind: 'load' });
  });
});

describe('undo over others', () => {
  it('brings no word back that somebody kept elsewhere', () => {
    const doc = makeDoc('one two', 'three four');
    const gone = deleteTurn(doc, 't1');
    const history = record(EMPTY_HISTORY, doc, gone, 'delete', '', 0);
    const first = gone.turns.get('t0')!;
    const kept = { ...first, words: [...first.words, doc.turns.get('t1')!.words[0]!] };
    const now = { ...gone, turns: new Map([['t0', kept]]) };
    expect(orderedTurns(undo(now, history)!.doc).map(turnText)).toEqual(['one two three', 'four']);
  });
});
