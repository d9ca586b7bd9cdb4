import { describe, expect, it } from 'vitest';
import { compareDocs } from './compare';
import { countDoubts, doubtOf, nextDoubt } from './doubt';
import { deleteTurn, setText, setTimes, setTurnSpeaker } from './edits';
import { findAll, MATCHES_MAX, replaceAll, replaceOne } from './find';
import { actionOf, chordOf, clashOf, flatKeys, readFlatKeys, DEFAULT_KEYS, keymapOf, type KeyPress, readKeys, speakerKey } from './keymap';
import { cleanText, clipBytes, LIMITS, orderedTurns, patchDoc, turnText } from './model';
import { passageText, wholeText } from './passage';
import { clock, parseClock, placeAt } from './time';
import { makeDoc } from './testing';

const doc = makeDoc('One two three', 'four (Five) six', 'seven');
const plain = { matchCase: false, wholeWord: false };

describe('time', () => {
  it('finds the word that sounds, at its very start, in gaps and at the ends', () => {
    const at = (seconds: number): unknown => {
      const place = placeAt(doc, seconds);
      return place && [place.turn, place.word];
    };
    expect(at(0)).toEqual(['t0', 0]);
    expect(at(0.499)).toEqual(['t0', 0]);
    expect(at(0.5)).toEqual(['t0', 1]);
    expect(at(1.45)).toEqual(['t0', 2]);
    expect(at(1.9)).toEqual(['t1', 0]);
    expect(at(99)).toEqual(['t2', 0]);
    expect(placeAt(setTimes(doc, 't0', { start: 0.2 }), 0.1)).toBeNull();
  });
  it('agrees with a search through all words, for turns whose starts fall back', () => {
    let moved = makeDoc('a b', 'c d', 'e f', 'g h');
    for (const [id, start] of [['t1', 4], ['t2', 1], ['t3', 2]] as const) moved = setTimes(moved, id, { start });
    for (let t = 0; t < 5; t += 0.05) {
      let wanted: string | null = null;
      let latest = 0;
      for (const turn of orderedTurns(moved)) {
        latest = Math.max(latest, turn.start);
        if (latest <= t) wanted = turn.id;
      }
      expect(placeAt(moved, t)?.turn ?? null).toBe(wanted);
    }
  });
  it('writes and reads clocks', () => {
    expect([clock(0), clock(65.9), clock(3725.44, true), clock(-1)]).toEqual(['0:00', '1:05', '1:02:05.4', '0:00']);
    for (const seconds of [0, 59, 60, 3599, 3600, 36_000]) expect(parseClock(clock(seconds))).toBe(seconds);
    expect([parseClock('1h2m5s'), parseClock('90'), parseClock('62:05'), parseClock('1,5')]).toEqual([
      3725, 90, 3725, 1.5,
    ]);
    for (const bad of ['', 'x', '1:2:3:4', '-1', '1::2']) expect(parseClock(bad)).toBeNull();
  });
});

describe('doubts', () => {
  it('are shaded by probability; people are certain unless they disagree', () => {
    const word = { t: ' a', s: 0, e: 1 };
    expect([0.6, 0.59, 0.39, 0.19].map((p) => doubtOf({ ...word, p }))).toEqual([0, 1, 2, 3]);
    expect([doubtOf(word), doubtOf({ ...word, p: 0.1, x: 1 }), doubtOf({ ...word, p: 0, x: 1 })]).toEqual([0, 0, 4]);
  });
  it('are walked through forwards and backwards', () => {
    const turn = doc.turns.get('t1')!;
    const words = turn.words.map((word, index) => (index === 1 ? word : { ...word, p: 0.3 }));
    const shaky = patchDoc(doc, { putTurns: [{ ...turn, words }] });
    expect(countDoubts(shaky)).toBe(2);
    const first = nextDoubt(shaky, null, 1)!;
    const second = nextDoubt(shaky, first, 1)!;
    expect([first.word, second.word, nextDoubt(shaky, second, 1)]).toEqual([0, 2, null]);
    expect(nextDoubt(shaky, null, -1)).toEqual(second);
    expect(nextDoubt(shaky, second, -1)).toEqual(first);
  });
});

describe('limits of find', () => {
  const full = makeDoc(...Array.from({ length: 5 }, () => 'a '.repeat(LIMITS.wordsPerTurn).trim()));
  it('lists no more matches than it may, and replaces them all', () => {
    expect(findAll(full, 'a', plain)).toHaveLength(MATCHES_MAX);
    expect(findAll(replaceAll(full, 'a', plain, 'b'), 'a', plain)).toEqual([]);
  });
  it('leaves a turn as it is that would get too many words', () => {
    const [first] = findAll(full, 'a', plain);
    expect(replaceOne(full, first!, 'b c')).toBe(full);
    expect(replaceOne(full, first!, 'b')).not.toBe(full);
    expect(replaceAll(full, 'a', plain, 'b c')).toBe(full);
  });
});

describe('find', () => {
  it('takes the query literally, with case and whole words on demand', () => {
    expect(findAll(doc, 'o', plain).map((m) => [m.turn, m.from])).toEqual([
      ['t0', 0],
      ['t0', 6],
      ['t1', 1],
    ]);
    expect(findAll(doc, 'O', { ...plain, matchCase: true })).toHaveLength(1);
    expect(findAll(doc, '(five)', plain)).toHaveLength(1);
    expect(findAll(doc, 'fiv', { ...plain, wholeWord: true })).toHaveLength(0);
    expect(findAll(doc, 'four  (', plain)).toHaveLength(1);
    expect(findAll(doc, '.*', plain)).toEqual([]);
    expect(findAll(doc, '', plain)).toEqual([]);
  });
  it('replaces one or all; untouched words keep their times', () => {
    const all = replaceAll(doc, 'e', plain, '$&$&');
    expect(turnText(all.turns.get('t1')!)).toBe('four (Fiv$&$&) six');
    expect(all.turns.get('t1')!.words[2]).toBe(doc.turns.get('t1')!.words[2]);
    const [, second] = findAll(doc, 't', plain);
    expect(turnText(replaceOne(doc, second!, 'X').turns.get('t0')!)).toBe('One two Xhree');
  });
});

describe('keys', () => {
  const press = (key: string, part: Partial<KeyPress> = {}): KeyPress => ({
    key,
    code: '',
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...part,
  });
  it('are named alike on all machines', () => {
    expect(chordOf(press('z', { ctrlKey: true, shiftKey: true }))).toBe('Ctrl+Shift+Z');
    expect(chordOf(press('z', { metaKey: true }))).toBe('Ctrl+Z');
    expect(chordOf(press('?', { shiftKey: true }))).toBe('?');
    expect(chordOf(press('¡', { altKey: true, code: 'Digit1' }))).toBe('Alt+1');
    expect(chordOf(press('Shift', { shiftKey: true }))).toBe('');
    expect(speakerKey(press('9', { altKey: true, code: 'Digit9' }))).toBe(8);
  });
  it('mean other things while typing', () => {
    const act = (event: KeyPress, typing: boolean): unknown => actionOf(DEFAULT_KEYS, event, typing, 0, null);
    expect([act(press(' '), false), act(press(' '), true), act(press(' ', { ctrlKey: true }), true)]).toEqual([
      'playPause',
      null,
      'playPause',
    ]);
    expect([act(press('l'), false), act(press('L', { shiftKey: true }), false)]).toEqual(['forward', 'loop']);
  });
  it('can be pressed twice', () => {
    const map = keymapOf('transcribee');
    const last = { chord: 'Tab', time: 100 };
    expect(actionOf(map, press('Tab'), true, 300, last)).toBe('back');
    expect(actionOf(map, press('Tab'), true, 600, last)).toBe('playPause');
  });
  it('have no two meanings, in any profile', () => {
    for (const profile of ['default', 'otranscribe', 'noscribe', 'transcribee'] as const) {
      const map = keymapOf(profile);
      for (const [action, { text, page }] of Object.entries(map)) {
        for (const chord of [...text, ...page]) expect(clashOf(map, action as never, chord)).toBeNull();
      }
    }
  });
  it('are kept by the server as flat texts, and read back the same', () => {
    const settings = { profile: 'noscribe' as const, own: { loop: { text: [], page: ['Shift+L', 'P'] } } };
    expect(flatKeys(settings)).toEqual({ profile: 'noscribe', 'loop.text': '', 'loop.page': 'Shift+L P' });
    expect(readFlatKeys(flatKeys(settings))).toEqual(settings);
    expect(readFlatKeys({ 'loop.text': 7, evil: 'x' })).toEqual({ profile: 'default', own: {} });
  });
  it('are read from files with care', () => {
    expect(
      readKeys({ profile: 'evil', own: { playPause: { text: ['F9', 7, 'x'.repeat(99)], page: 'no' }, nothing: {} } }),
    ).toEqual({
      profile: 'default',
      own: { playPause: { text: ['F9'], page: [] } },
    });
    expect(readKeys(null)).toEqual({ profile: 'default', own: {} });
  });
});

describe('texts', () => {
  it('are copied with speaker, time and link', () => {
    const text = passageText(
      doc,
      [
        { turn: 't0', text: 'two  three', at: 65 },
        { turn: 't1', text: '', at: 70 },
      ],
      'nobody',
      (s) => `L${s}`,
    );
    expect(text).toBe('Speaker 1 (1:05): two three\nSpeaker 2 (1:10): four (Five) six\nL65');
  });
  it('are copied whole, a paragraph for each who speaks', () => {
    expect(wholeText(doc)).toBe('Speaker 1: One two three\n\nSpeaker 2: four (Five) six\n\nSpeaker 1: seven');
    const joined = setTurnSpeaker(doc, ['t1'], doc.turns.get('t0')?.speaker ?? null);
    expect(wholeText(joined)).toBe('Speaker 1: One two three four (Five) six seven');
    const unnamed = setTurnSpeaker(setText(doc, 't1', ''), ['t0', 't2'], null);
    expect(wholeText(unnamed)).toBe('One two three seven');
    const spaced = patchDoc(makeDoc('a'), { putTurns: [{ ...makeDoc('a').turns.get('t0')!, words: [{ t: ' a', s: 0, e: 1 }, { t: ' \n b', s: 1, e: 2 }] }] });
    expect(wholeText(spaced)).toBe('Speaker 1: a b');
  });
  it('are clean and short enough for the server', () => {
    expect(cleanText('a\u0000b\u001bc\n\td\u007f\ud800')).toBe('abc\n\td\ufffd');
    expect(clipBytes('é😀é', 6)).toBe('é😀');
    expect(clipBytes('é😀é', 5)).toBe('é');
  });
  it('are compared word by word, over moved turns and removals', () => {
    const edited = deleteTurn(setText(doc, 't1', 'four 5 six'), 't2');
    expect(compareDocs(doc, edited).map((d) => [d.removed, d.added])).toEqual([
      ['(Five)', '5'],
      ['seven', ''],
    ]);
    expect(compareDocs(doc, doc)).toEqual([]);
    // The last turn comes first now: one removal and one addition, no word in both.
    const moved = patchDoc(doc, { putTurns: [{ ...doc.turns.get('t2')!, pos: 'a' }] });
    expect(compareDocs(doc, moved).map((d) => [d.removed, d.added])).toEqual([
      ['One two three four (Five) six', ''],
      ['', 'One two three four (Five) six'],
    ]);
  });
});
