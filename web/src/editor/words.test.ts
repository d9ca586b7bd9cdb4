import { describe, expect, it } from 'vitest';
import type { Word } from './model';
import { retype, tokenize } from './words';

const word = (t: string, s: number, e: number): Word => ({ t, s, e, p: 0.5 });
const line: readonly Word[] = [
  word(' The', 0, 0.2),
  word(' quick', 0.2, 0.6),
  word(' brown', 0.6, 1),
  word(' fox.', 1, 1.5),
];
const bounds = { start: 0, end: 2 };
const joined = (words: readonly Word[]): string =>
  words
    .map((w) => w.t)
    .join('')
    .trim();

describe('tokenize', () => {
  it('keeps the white space before each word and drops the last', () => {
    expect(tokenize('  a  bc d ')).toEqual(['  a', '  bc', ' d']);
  });
  it('splits scripts without spaces by character, with their marks and punctuation', () => {
    expect(tokenize('今日は、good天気')).toEqual(['今', '日', 'は、', 'good', '天', '気']);
    expect(tokenize('か\u3099き')).toEqual(['か\u3099', 'き']);
  });
  it('does not break at a no-break space', () => {
    expect(tokenize('10\u00a0000 euros\u202f!')).toEqual(['10\u00a0000', ' euros\u202f!']);
  });
  it('cuts what is longer than a word may be, between code points', () => {
    const tokens = tokenize('😀'.repeat(600));
    expect(tokens.join('')).toBe('😀'.repeat(600));
    expect(Math.max(...tokens.map((t) => [...t].length))).toBe(64);
    expect(tokenize(` ${'x'.repeat(63)}`)).toHaveLength(1);
    expect(tokenize(` ${'x'.repeat(64)}`)).toHaveLength(2);
  });
});

describe('retype', () => {
  it('gives the same words back when nothing changed', () => {
    expect(retype(line, 'The quick brown fox.', bounds)).toBe(line);
    expect(retype(line, '  The quick brown fox. ', bounds)).toBe(line);
  });
  it('keeps the times of a word replaced by one word, and makes it certain', () => {
    const words = retype(line, 'The quick red fox.', bounds);
    expect(words[2]).toEqual({ t: ' red', s: 0.6, e: 1, x: 1 });
    expect([words[0], words[1], words[3]]).toEqual([line[0], line[1], line[3]]);
  });
  it('shares the time of replaced words out by length', () => {
    const words = retype(line, 'The quick ab abcdef fox.', bounds);
    expect(words.slice(2, 4)).toEqual([
      { t: ' ab', s: 0.6, e: 0.7, x: 1, i: 1 },
      { t: ' abcdef', s: 0.7, e: 1, x: 1, i: 1 },
    ]);
  });
  it("puts words at the ends inside the turn's bounds", () => {
    const words = retype(line, 'Oh The quick brown fox. Yes', bounds);
    expect(words[0]).toEqual({ t: ' Oh', s: 0, e: 0, x: 1, i: 1 });
    expect(words.at(-1)).toEqual({ t: ' Yes', s: 1.5, e: 2, x: 1, i: 1 });
  });
  it('takes letters typed against a word as part of it', () => {
    const words = retype(line, 'The quick browns fox.', bounds);
    expect(words.map((w) => w.t)).toEqual([' The', ' quick', ' browns', ' fox.']);
    expect(words[2]).toEqual({ t: ' browns', s: 0.6, e: 1, x: 1 });
  });
  it('joins two words when the space between them goes', () => {
    expect(retype(line, 'The quickbrown fox.', bounds).slice(1, 2)).toEqual([
      { t: ' quickbrown', s: 0.2, e: 1, x: 1, i: 1 },
    ]);
  });
  it('changes no word for a change of white space', () => {
    const words = retype(line, 'The quick  brown fox.', bounds);
    expect(joined(words)).toBe('The quick  brown fox.');
    expect(words.some((w) => w.x)).toBe(false);
    expect(words[2]).toEqual({ ...line[2], t: '  brown' });
  });
  it('drops control characters and halves of characters', () => {
    expect(joined(retype(line, 'The\u0000 qu\u0007ick \ud800brown fox.', bounds))).toBe('The quick \ufffdbrown fox.');
  });
  it('is empty for empty text and starts anew from nothing', () => {
    expect(retype(line, '  ', bounds)).toEqual([]);
    expect(retype([], 'new text', { start: 3, end: 5 })).toEqual([
      { t: ' new', s: 3, e: 3.857, x: 1, i: 1 },
      { t: ' text', s: 3.857, e: 5, x: 1, i: 1 },
    ]);
  });
  it('edits unspaced text in the middle without touching the rest', () => {
    const zh = [...'今天天气好'].map((t, i) => word(t, i, i + 1));
    const words = retype(zh, '今天的天气好', { start: 0, end: 5 });
    expect(words.map((w) => w.t).join('|')).toBe('今|天|的|天|气|好');
    expect(words.filter((w) => w.x).map((w) => w.t)).toEqual(['的']);
  });
  it('always reads back as what was typed', () => {
    const texts = ['a', 'Th e quick', 'x The quick brown fox. y', 'The\u00a0quick  brown\tfox', 'שלום The fox.', '...'];
    for (const text of texts) expect(joined(retype(line, text, bounds))).toBe(text.trim());
  });
});
