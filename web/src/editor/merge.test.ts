import { describe, expect, it } from 'vitest';
import {
  changeSpeaker,
  deleteTurn,
  mergeSpeaker,
  mergeWithPrevious,
  setNote,
  setText,
  setTimes,
  setTurnSpeaker,
  splitTurn,
} from './edits';
import { mergeDocs, resolveConflict } from './merge';
import { isDisputed, orderedTurns, patchDoc, turnText, type Doc } from './model';
import { makeDoc } from './testing';

const base = makeDoc('one two three four', 'five six seven');
const texts = (doc: Doc): string[] => orderedTurns(doc).map(turnText);
const type = (doc: Doc, id: string, text: string): Doc => setText(doc, id, text);

describe('mergeDocs', () => {
  it('takes edits of different words from both, also of neighbours', () => {
    const { doc, conflicts } = mergeDocs(
      base,
      type(base, 't0', 'one 2 three four'),
      type(base, 't0', 'one two 3 four'),
    );
    expect(texts(doc)[0]).toBe('one 2 3 four');
    expect(conflicts).toEqual([]);
  });
  it('tells words apart that sound alike at the same time, as cut ones do', () => {
    const first = base.turns.get('t0')!;
    const ha = { t: ' ha', s: 0, e: 1 };
    const laugh = patchDoc(base, { putTurns: [{ ...first, words: [ha, ha, ha] }] });
    const { doc } = mergeDocs(laugh, setNote(laugh, 't0', 'loud'), type(laugh, 't0', 'ha ha ha indeed'));
    expect(texts(doc)[0]).toBe('ha ha ha indeed');
    const fewer = patchDoc(laugh, { putTurns: [{ ...first, words: [ha, ha] }] });
    expect(texts(mergeDocs(laugh, fewer, type(laugh, 't0', 'ha ha ha indeed')).doc)[0]).toBe('ha ha indeed');
    expect(texts(mergeDocs(laugh, fewer, fewer).doc)[0]).toBe('ha ha');
  });
  it('keeps both texts of a true conflict, marked, and reports them', () => {
    const { doc, conflicts } = mergeDocs(
      base,
      type(base, 't0', 'one MINE three four'),
      type(base, 't0', 'one THEIRS three four'),
    );
    expect(texts(doc)[0]).toBe('one THEIRS MINE three four');
    expect(
      doc.turns
        .get('t0')
        ?.words.filter(isDisputed)
        .map((w) => w.t),
    ).toEqual([' THEIRS', ' MINE']);
    expect(conflicts).toMatchObject([{ kind: 'text', where: 't0', mine: 'MINE', theirs: 'THEIRS' }]);
    const settled = resolveConflict(doc, conflicts[0]!, 'mine');
    expect(texts(settled)[0]).toBe('one MINE three four');
    expect(settled.turns.get('t0')?.words.some(isDisputed)).toBe(false);
    expect(texts(resolveConflict(doc, conflicts[0]!, 'theirs'))[0]).toBe('one THEIRS three four');
    expect(texts(resolveConflict(doc, conflicts[0]!, 'both'))[0]).toBe('one THEIRS MINE three four');
  });
  it('keeps both of two insertions at one place, and says that nobody wrote them together', () => {
    const { doc, conflicts } = mergeDocs(
      base,
      type(base, 't0', 'one MINE two three four'),
      type(base, 't0', 'one THEIRS two three four'),
    );
    expect(texts(doc)[0]).toBe('one THEIRS MINE two three four');
    expect(conflicts).toMatchObject([{ mine: 'MINE', theirs: 'THEIRS' }]);
  });
  it('takes the same edit of both once', () => {
    const { doc, conflicts } = mergeDocs(
      base,
      type(base, 't0', 'one X three four'),
      type(base, 't0', 'one X three four'),
    );
    expect(texts(doc)[0]).toBe('one X three four');
    expect(conflicts).toEqual([]);
  });
  it('follows words into the turn they were split into', () => {
    const split = splitTurn(base, 't0', 'one two '.length, 't9');
    const { doc, conflicts } = mergeDocs(base, type(base, 't0', 'one two three FOUR'), split);
    expect(texts(doc)).toEqual(['one two', 'three FOUR', 'five six seven']);
    expect(conflicts).toEqual([]);
  });
  it('follows words into the turn they were joined to', () => {
    const { doc } = mergeDocs(base, type(base, 't1', 'five SIX seven eight'), mergeWithPrevious(base, 't1'));
    expect(texts(doc)).toEqual(['one two three four five SIX seven eight']);
  });
  it('brings a removed turn back when the other side wrote in it', () => {
    for (const text of ['five SIX seven', 'five six seven eight']) {
      const { doc, conflicts } = mergeDocs(base, type(base, 't1', text), deleteTurn(base, 't1'));
      expect(texts(doc)).toEqual(['one two three four', text]);
      expect(conflicts).toHaveLength(1);
    }
    expect(texts(mergeDocs(base, deleteTurn(base, 't1'), base).doc)).toEqual(['one two three four']);
  });
  it('keeps both of two splits at one place', () => {
    const a = splitTurn(base, 't0', 4, 'ta');
    const b = splitTurn(base, 't0', 8, 'tb');
    expect(texts(mergeDocs(base, a, b).doc)).toEqual(['one', 'two', 'three four', 'five six seven']);
  });
  it("merges a turn's fields one by one", () => {
    const { doc, conflicts } = mergeDocs(base, setNote(base, 't0', 'look'), setTurnSpeaker(base, ['t0'], 's2'));
    expect(doc.turns.get('t0')).toMatchObject({ note: 'look', speaker: 's2' });
    expect(conflicts).toEqual([]);
    const both = mergeDocs(base, setNote(base, 't0', 'a'), setNote(base, 't0', 'b'));
    expect(both.doc.turns.get('t0')?.note).toBe('b\na');
    expect(both.conflicts).toMatchObject([{ kind: 'note' }]);
  });
  it('gives a turn times that enclose its words, and none that ends before it starts', () => {
    const times = (from: Doc): unknown => {
      const { start, end } = mergeDocs(from, setTimes(from, 't0', { end: 0.5 }), setTimes(from, 't0', { start: 1.5 })).doc.turns.get('t0')!;
      return [start, end];
    };
    expect(times(base)).toEqual([0, 1.9]);
    const silent = patchDoc(base, { putTurns: [{ ...base.turns.get('t0')!, words: [] }] });
    expect(times(silent)).toEqual([1.5, 1.5]);
  });
  it('keeps both names when two people rename a speaker', () => {
    const { doc } = mergeDocs(
      base,
      changeSpeaker(base, 's1', { name: 'Ann' }),
      changeSpeaker(base, 's1', { name: 'Anna' }),
    );
    expect(doc.speakers.get('s1')?.name).toBe('Anna / Ann');
  });
  it('keeps a removed speaker whom the other side gave a turn', () => {
    const { doc } = mergeDocs(base, setTurnSpeaker(base, ['t0'], 's2'), mergeSpeaker(base, 's2', 's1'));
    expect(doc.turns.get('t0')?.speaker).toBe('s2');
    expect(doc.speakers.has('s2')).toBe(true);
  });
  it('gives untouched turns back by reference', () => {
    const theirs = type(base, 't0', 'one');
    const { doc } = mergeDocs(base, type(base, 't1', 'five'), theirs);
    expect(doc.turns.get('t0')).toBe(theirs.turns.get('t0'));
  });
});
