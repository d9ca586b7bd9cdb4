import { describe, expect, it } from 'vitest';
import {
  acceptWord,
  addSpeaker,
  changeSpeaker,
  fixEverywhere,
  mergeSpeaker,
  mergeWithPrevious,
  runOf,
  setNote,
  setText,
  setTimes,
  setTurnSpeaker,
  splitTurn,
  typeOver,
  SPEAKER_COLORS,
} from './edits';
import { EMPTY_HISTORY, ENTRIES_MAX, record, redo, undo, type History } from './history';
import { LIMITS, orderedTurns, patchDoc, turnText, wordAtOffset, type Doc } from './model';
import { makeDoc } from './testing';
import { round } from './words';

const base = makeDoc('one two three', 'four five', 'six');
const texts = (doc: Doc): string[] => orderedTurns(doc).map(turnText);

describe('turns', () => {
  it('split between words and join again to the same words', () => {
    const split = splitTurn(base, 't0', 4, 'n');
    expect(texts(split)).toEqual(['one', 'two three', 'four five', 'six']);
    expect(split.turns.get('n')).toMatchObject({ speaker: 's1', start: 0.5, rev: 0 });
    expect(mergeWithPrevious(split, 'n').turns.get('t0')?.words).toEqual(base.turns.get('t0')?.words);
  });
  it('split inside a word cuts its time where the letters are', () => {
    const split = splitTurn(base, 't0', 1, 'n');
    expect(texts(split).slice(0, 2)).toEqual(['o', 'ne two three']);
    const cut = split.turns.get('t0')?.words[0];
    expect(cut?.e).toBe(split.turns.get('n')?.words[0]?.s);
    expect(cut?.e).toBeCloseTo(0.133, 3);
  });
  it('split at the ends leaves an empty turn to write in', () => {
    expect(texts(splitTurn(base, 't0', 0, 'n'))).toEqual(['', 'one two three', 'four five', 'six']);
    expect(texts(splitTurn(base, 't2', 3, 'n'))).toEqual(['one two three', 'four five', 'six', '']);
  });
  it('split a thousand times at one place without running out of positions', () => {
    let doc = base;
    for (let i = 0; i < 1_000; ++i) doc = splitTurn(doc, 't0', 3, `n${i}`);
    expect(Math.max(...[...doc.turns.values()].map((turn) => turn.pos.length))).toBeLessThanOrEqual(
      LIMITS.positionBytes,
    );
    expect(doc.order[0]).toBe('t0');
    expect(doc.order[1]).toBe('n999');
    expect(doc.order.at(-1)).toBe('t2');
  });
  it('joined take the speaker before, unless nobody said anything there', () => {
    expect(mergeWithPrevious(base, 't1').turns.get('t0')?.speaker).toBe('s1');
    const empty = patchDoc(base, { putTurns: [{ ...base.turns.get('t0')!, words: [] }] });
    expect(mergeWithPrevious(empty, 't1').turns.get('t0')?.speaker).toBe('s2');
  });
  it('joined keep Latin words apart and scripts without spaces together', () => {
    const bare = (t: string): Doc => {
      const turn = base.turns.get('t1')!;
      return patchDoc(base, { putTurns: [{ ...turn, words: [{ ...turn.words[0]!, t }] }] });
    };
    expect(texts(mergeWithPrevious(bare('four'), 't1'))[0]).toBe('one two three four');
    expect(texts(mergeWithPrevious(bare('天'), 't1'))[0]).toBe('one two three天');
  });
  it('joined keep both notes', () => {
    const noted = setNote(setNote(base, 't0', 'before'), 't1', 'after');
    expect(mergeWithPrevious(noted, 't1').turns.get('t0')?.note).toBe('before\nafter');
  });
  it('hold no more words than the server takes', () => {
    const long = setText(base, 't0', 'a '.repeat(LIMITS.wordsPerTurn + 10));
    expect(long.turns.get('t0')?.words).toHaveLength(LIMITS.wordsPerTurn);
  });
  it('are moved within the recording, and end no earlier than they start', () => {
    const times = (change: { start?: number; end?: number }): unknown => {
      const { start, end } = setTimes(base, 't0', change).turns.get('t0')!;
      return [start, end];
    };
    expect(times({ start: 2.3 })).toEqual([2.3, 2.3]);
    expect(times({ start: -5, end: 1e9 })).toEqual([0, round(base.duration)]);
  });
  it('joined would exceed what a turn may hold: stay apart', () => {
    const long = makeDoc('a '.repeat(LIMITS.wordsPerTurn), 'b');
    expect(mergeWithPrevious(long, 't1')).toBe(long);
  });
  it('keep a word that was typed against, once the space is there', () => {
    const from = base.turns.get('t0')!.words;
    let doc = base;
    for (const text of ['None two three', 'Newone two three', 'New one two three']) doc = setText(doc, 't0', text, from);
    const words = doc.turns.get('t0')!.words;
    expect(words.map((word) => word.t)).toEqual([' New', ' one', ' two', ' three']);
    expect(words[1]).toBe(from[0]);
    expect(setText(doc, 't0', 'one two three', from).turns.get('t0')?.words).toEqual(from);
  });
  it('typed in while somebody else changed them keep both', () => {
    const shown = base.turns.get('t0')!;
    const now = setText(base, 't0', 'one two THREE');
    expect(texts(typeOver(now, shown, 'ONE two three'))[0]).toBe('ONE two THREE');
  });
  it('know the word under a caret', () => {
    const turn = base.turns.get('t0')!;
    expect([0, 2, 4, 6, 8, 99].map((offset) => wordAtOffset(turn, offset))).toEqual([0, 0, 1, 1, 2, 2]);
  });
});

describe('speakers', () => {
  it('get the colour least used and are limited', () => {
    let doc = base;
    for (let i = 0; i < 80; ++i) doc = addSpeaker(doc, `P${i}`, `p${i}`);
    expect(doc.speakers.size).toBe(LIMITS.speakers);
    expect(doc.speakers.get('p0')?.color).toBe(2);
    expect(new Set([...doc.speakers.values()].map((s) => s.color)).size).toBe(SPEAKER_COLORS);
  });
  it('keep their name when an empty one is given', () => {
    expect(changeSpeaker(base, 's1', { name: ' \u0007 ' })).toBe(base);
    expect(changeSpeaker(base, 's1', { name: '', color: 5 }).speakers.get('s1')).toMatchObject({ name: 'Speaker 1', color: 5 });
  });
  it('merge into another, with all turns', () => {
    const doc = mergeSpeaker(base, 's2', 's1');
    expect([...doc.speakers.keys()]).toEqual(['s1']);
    expect(orderedTurns(doc).every((turn) => turn.speaker === 's1')).toBe(true);
  });
  it('run until somebody else speaks', () => {
    const doc = setTurnSpeaker(base, ['t1'], 's1');
    expect(runOf(doc, 't0')).toEqual(['t0', 't1', 't2']);
    expect(runOf(base, 't0')).toEqual(['t0']);
  });
});

describe('words', () => {
  it('accepted are certain', () => {
    const word = acceptWord(base, 't0', 1).turns.get('t0')?.words[1];
    expect(word).toEqual({ t: ' two', s: 0.5, e: 0.9, x: 1 });
  });
  it('fixed everywhere keep their punctuation and times', () => {
    const doc = makeDoc('Hi (Jon), Jonny', 'and Jon.');
    const fixed = fixEverywhere(doc, ' Jon.', 'J$&n');
    expect(texts(fixed)).toEqual(['Hi (J$&n), Jonny', 'and J$&n.']);
    const simple = fixEverywhere(doc, 'Jon', 'John');
    expect(simple.turns.get('t1')?.words[1]).toEqual({ t: ' John.', s: 2.4, e: 2.8, x: 1 });
  });
});

describe('history', () => {
  const step = (doc: Doc, history: History, next: Doc, tag = '', time = 0): [Doc, History] => [
    next,
    record(history, doc, next, 'edit', tag, time),
  ];
  it('undoes and redoes splits, joins and text', () => {
    let [doc, history] = step(base, EMPTY_HISTORY, splitTurn(base, 't0', 4, 'n'));
    [doc, history] = step(doc, history, setText(doc, 'n', 'TWO three'));
    const last = doc;
    const first = undo(doc, history)!;
    expect(texts(first.doc)[1]).toBe('two three');
    const second = undo(first.doc, first.history)!;
    expect(texts(second.doc)).toEqual(texts(base));
    expect(undo(second.doc, second.history)).toBeNull();
    const again = redo(second.doc, second.history)!;
    expect(texts(redo(again.doc, again.history)!.doc)).toEqual(texts(last));
  });
  it('takes typing without a pause as one step', () => {
    let [doc, history] = step(base, EMPTY_HISTORY, setText(base, 't0', 'a'), 'type:t0', 0);
    [doc, history] = step(doc, history, setText(doc, 't0', 'ab'), 'type:t0', 500);
    [doc, history] = step(doc, history, setText(doc, 't0', 'abc'), 'type:t0', 1_600);
    expect(history.done).toHaveLength(2);
    expect(texts(undo(doc, history)!.doc)[0]).toBe('ab');
  });
  it('begins a step of its own after a step was done again', () => {
    const [doc, history] = step(base, EMPTY_HISTORY, setText(base, 't0', 'a'), 'type:t0', 0);
    const back = undo(doc, history)!;
    const again = redo(back.doc, back.history)!;
    const [, after] = step(again.doc, again.history, setText(again.doc, 't0', 'ab'), 'type:t0', 100);
    expect(after.done).toHaveLength(2);
  });
  it('brings texts back and not the numbers of revisions', () => {
    const [doc, history] = step(base, EMPTY_HISTORY, setText(base, 't0', 'a'));
    const saved = { ...doc, turns: new Map(doc.turns).set('t0', { ...doc.turns.get('t0')!, rev: 9 }) };
    expect(undo(saved, history)!.doc.turns.get('t0')!.rev).toBe(9);
  });
  it('forgets what was undone when something else is done', () => {
    const [doc, history] = step(base, EMPTY_HISTORY, setText(base, 't0', 'a'));
    const back = undo(doc, history)!;
    expect(back.history.undone).toHaveLength(1);
    const [next, after] = step(back.doc, back.history, setText(back.doc, 't1', 'b'));
    expect(redo(next, after)).toBeNull();
  });
  it('keeps no more steps than it may', () => {
    let [doc, history]: [Doc, History] = [base, EMPTY_HISTORY];
    for (let n = 0; n < ENTRIES_MAX + 5; ++n) [doc, history] = step(doc, history, setText(doc, 't0', `w${n}`));
    expect(history.done).toHaveLength(ENTRIES_MAX);
    expect(texts(undo(doc, history)!.doc)[0]).toBe(`w${ENTRIES_MAX + 3}`);
  });
  it('takes no step for an edit that changes nothing', () => {
    expect(record(EMPTY_HISTORY, base, base, 'edit', '', 0)).toBe(EMPTY_HISTORY);
  });
  it('leaves alone what others wrote meanwhile', () => {
    const [mine, history] = step(base, EMPTY_HISTORY, setText(base, 't0', 'one X three'));
    const after = setText(mine, 't0', 'one X three OTHER');
    expect(texts(undo(after, history)!.doc)[0]).toBe('one two three OTHER');
    const over = setText(mine, 't0', 'one Y three');
    expect(texts(undo(over, history)!.doc)[0]).toBe('one Y three');
  });
  it('joins a split back although the second half was changed', () => {
    const [mine, history] = step(base, EMPTY_HISTORY, splitTurn(base, 't0', 4, 'n'));
    const after = setText(mine, 'n', 'two 3');
    expect(texts(undo(after, history)!.doc)).toEqual(['one two 3', 'four five', 'six']);
  });
});
