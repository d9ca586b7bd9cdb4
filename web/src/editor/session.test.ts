// Goal: the session saves what is typed, keeps it over reloads and bad answers, and says so.
// Method: fake timers, the fake server of the contract, and a store in memory.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setText, splitTurn } from './edits';
import type { History } from './history';
import { docFromWire, turnText } from './model';
import { completed, EditorSession, planScopes, type Reply, SAVE_WITHIN_MS, type Transport } from './session';
import type { EditorStore, Kept, ScopeInfo } from './store';
import type { SyncState } from './sync';
import { FakeServer, makeWire } from './testing';

class MemoryStore implements EditorStore {
  readonly kept = new Map<string, { state: SyncState; history: History }>();
  broken = false;
  list = (): Promise<ScopeInfo[]> => Promise.resolve([]);
  load(scope: string): Promise<Kept | null> {
    const kept = this.kept.get(scope);
    if (!kept) return Promise.resolve(null);
    const { base, local, underway, conflicts } = kept.state;
    return Promise.resolve(
      structuredClone({ base, local, underway, conflicts, history: kept.history, complete: true }),
    );
  }
  save(scope: string, _user: string, state: SyncState): Promise<boolean> {
    if (this.broken) return Promise.reject(new Error('full'));
    this.kept.set(scope, {
      state: structuredClone(state),
      history: this.kept.get(scope)?.history ?? { done: [], undone: [] },
    });
    return Promise.resolve(false);
  }
  saveHistory(scope: string, history: History): Promise<void> {
    const kept = this.kept.get(scope);
    if (kept) kept.history = structuredClone(history);
    return Promise.resolve();
  }
  remove = (): Promise<void> => Promise.resolve();
}

class Network implements Transport {
  online = true;
  /** Does the work but loses this many answers. */
  lose = 0;
  /** The next answer, whatever was asked. */
  next: Reply | null = null;
  asked: string[] = [];
  /** Ids of changes that came before the store knew them. */
  unkept: string[] = [];
  constructor(readonly server: FakeServer, readonly store: MemoryStore) {}

  private answer(name: string, work: () => Reply): Promise<Reply> {
    this.asked.push(name);
    if (!this.online) return Promise.resolve({ kind: 'later' });
    const { next } = this;
    this.next = null;
    if (next) return Promise.resolve(next);
    const reply = work();
    if (this.lose > 0) {
      --this.lose;
      return Promise.resolve({ kind: 'later' });
    }
    return Promise.resolve(structuredClone(reply));
  }
  load = (): Promise<Reply> => this.answer('load', () => ({ kind: 'document', wire: this.server.load() }));
  since = (revision: number): Promise<Reply> =>
    this.answer('since', () => {
      const delta = this.server.since(revision);
      return delta ? { kind: 'delta', delta } : { kind: 'gone' };
    });
  change: Transport['change'] = (body) =>
    this.answer('change', () => {
      const { change_id: id } = body;
      if (this.store.kept.get('a')?.state.underway?.change_id !== id && !this.store.broken) this.unkept.push(id);
      const { status, ...rest } = this.server.change(structuredClone(body));
      return status === 200
        ? { kind: 'accepted', ...(rest as { revision: number; revs: Record<string, number> }) }
        : { kind: 'conflict', revision: rest.revision };
    });
}

let ids = 0;
function open(network: Network, store: MemoryStore, kept: Kept | null = null): EditorSession {
  const parts = {
    scope: 'a',
    user: 'u',
    transport: network,
    store,
    newChangeId: () => `change${++ids}`,
    now: () => Date.now(),
  };
  return new EditorSession(parts, kept?.base ?? docFromWire(network.server.load()), kept);
}

const type = (session: EditorSession, turn: string, text: string): void =>
  session.commit(setText(session.doc, turn, text), 'type', `type:${turn}`);
const text = (server: FakeServer, turn: string): string => turnText(server.turns.get(turn)!);

describe('EditorSession', () => {
  let server: FakeServer;
  let network: Network;
  let store: MemoryStore;
  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer(makeWire(['one two three', 'four five', 'six']));
    store = new MemoryStore();
    network = new Network(server, store);
  });
  afterEach(() => vi.useRealTimers());

  it('saves after a pause, as one change, and says when', async () => {
    const session = open(network, store);
    expect(session.snapshot.save).toEqual({ kind: 'saved', at: null });
    for (const letters of ['o', 'on', 'one X']) type(session, 't0', letters);
    expect(session.snapshot.save.kind).toBe('unsaved');
    await vi.advanceTimersByTimeAsync(700);
    expect(text(server, 't0')).toBe('one X');
    expect(server.revision).toBe(2);
    expect(network.unkept).toEqual([]);
    expect(session.snapshot.save).toEqual({ kind: 'saved', at: Date.now() - 100 });
  });
  it('does not wait for the end of long typing', async () => {
    const session = open(network, store);
    for (let i = 0; i < 20; ++i) {
      type(session, 't0', `one ${'x'.repeat(i)}`);
      await vi.advanceTimersByTimeAsync(200);
      if (i * 200 > SAVE_WITHIN_MS) break;
    }
    expect(server.revision).toBeGreaterThan(1);
  });
  it('keeps edits offline and sends them when the network is back', async () => {
    const session = open(network, store);
    network.online = false;
    type(session, 't0', 'offline words');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.snapshot.save).toEqual({ kind: 'offline', edits: 1 });
    expect(server.revision).toBe(1);
    network.online = true;
    session.refresh();
    await vi.advanceTimersByTimeAsync(100);
    expect(text(server, 't0')).toBe('offline words');
    expect(session.snapshot.save.kind).toBe('saved');
  });
  it('tries again by itself when the network is back', async () => {
    const session = open(network, store);
    network.online = false;
    type(session, 't0', 'offline words');
    await vi.advanceTimersByTimeAsync(5_000);
    network.online = true;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(text(server, 't0')).toBe('offline words');
    expect(session.snapshot.save.kind).toBe('saved');
  });
  it('repeats a change whose answer was lost, once applied, also after a reload', async () => {
    const session = open(network, store);
    network.lose = 1;
    type(session, 't0', 'one LOST three');
    await vi.advanceTimersByTimeAsync(700);
    expect(server.revision).toBe(2);
    type(session, 't0', 'one LOST three MORE');
    await session.storeNow();
    void session.close();
    const again = open(network, store, await store.load('a'));
    again.refresh();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(text(server, 't0')).toBe('one LOST three MORE');
    expect(again.snapshot.conflicts).toEqual([]);
    expect(again.undo()).toBe('type');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(text(server, 't0')).toBe('one two three');
  });
  it('merges a conflict, shows it, and lets it be settled', async () => {
    const a = open(network, store);
    const b = open(network, new MemoryStore());
    type(a, 't1', 'AAA five');
    await vi.advanceTimersByTimeAsync(700);
    type(b, 't1', 'BBB five');
    await vi.advanceTimersByTimeAsync(700);
    expect(text(server, 't1')).toBe('AAA BBB five');
    const [conflict] = b.snapshot.conflicts;
    b.resolve(conflict!, 'mine');
    await vi.advanceTimersByTimeAsync(700);
    a.heard(server.revision);
    await vi.advanceTimersByTimeAsync(100);
    expect(turnText(a.doc.turns.get('t1')!)).toBe('BBB five');
    expect(b.snapshot.conflicts).toEqual([]);
  });
  it('keeps what the server refuses, says why, and tries again after the next edit', async () => {
    const session = open(network, store);
    network.next = { kind: 'refused', status: 400, message: 'no' };
    type(session, 't0', 'one');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.snapshot.save).toEqual({ kind: 'refused', message: 'no' });
    expect(network.asked).toEqual(['change']);
    type(session, 't0', 'one two');
    await vi.advanceTimersByTimeAsync(700);
    expect(text(server, 't0')).toBe('one two');
  });
  it.each(['signedOut', 'missing'] as const)('stops and says so when %s', async (kind) => {
    const session = open(network, store);
    network.next = { kind };
    type(session, 't0', 'one');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.snapshot.save).toEqual({ kind });
    session.retry();
    await vi.advanceTimersByTimeAsync(100);
    expect(text(server, 't0')).toBe('one');
  });
  it('reads the whole document when it is too far behind, or was made anew', async () => {
    const session = open(network, store);
    server.change({ change_id: 'o', changes: [{ op: 'delete_turn', if_rev: 1, id: 't2' }] });
    server.oldest = 2;
    type(session, 't0', 'mine two three');
    session.heard(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(network.asked).toContain('load');
    expect(session.doc.turns.has('t2')).toBe(false);
    expect(text(server, 't0')).toBe('mine two three');
  });
  it('goes on saving when the browser keeps nothing, and warns', async () => {
    store.broken = true;
    const session = open(network, store);
    session.commit(splitTurn(session.doc, 't0', 4, 'n'), 'split');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(session.snapshot.keeps).toBe(false);
    expect(server.turns.has('n')).toBe(true);
  });
  it('begins from edits kept without the rest of the document', () => {
    const wire = makeWire(['one two', 'three']);
    const full = docFromWire(wire);
    const local = setText(full, 't0', 'one 2');
    const part = { turns: new Map([['t0', full.turns.get('t0')!]]), order: ['t0'] };
    const kept = completed(
      {
        base: { ...full, ...part },
        local: { ...local, turns: new Map([['t0', local.turns.get('t0')!]]), order: ['t0'] },
        underway: null,
        conflicts: [],
        history: { done: [], undone: [] },
        complete: false,
      },
      wire,
    );
    expect([...kept.local.turns.values()].map(turnText)).toEqual(['one 2', 'three']);
    expect([...kept.base.turns.values()].map(turnText)).toEqual(['one two', 'three']);
  });
});

describe('planScopes', () => {
  const scope = (id: string, part: Partial<ScopeInfo> = {}): ScopeInfo => ({
    id,
    job: 'j',
    pending: false,
    complete: true,
    time: 0,
    ...part,
  });
  it('goes on with this tab, else with unsaved work, and saves the rest', () => {
    const all = [
      scope('quiet', { time: 9 }),
      scope('edits', { pending: true }),
      scope('more', { pending: true, time: 1 }),
      scope('other', { job: 'k' }),
    ];
    const plan = planScopes(all, 'j', null, () => true);
    expect([plan.adopt?.id, plan.rescue.map((s) => s.id), plan.forget.map((s) => s.id)]).toEqual([
      'more',
      ['edits'],
      ['quiet'],
    ]);
    expect(planScopes(all, 'j', 'quiet', () => true).adopt?.id).toBe('quiet');
  });
  it('leaves alone what a living tab holds, and all unsaved work', () => {
    const all = [
      scope('held', { pending: true }),
      ...Array.from({ length: 15 }, (_, i) => scope(`k${i}`, { job: `k${i}`, time: i, pending: i === 0 })),
    ];
    const plan = planScopes(all, 'j', null, (id) => id !== 'held');
    expect(plan.adopt).toBeNull();
    expect(plan.forget.map((s) => s.id)).toEqual(['k4', 'k3', 'k2', 'k1']);
  });
});
