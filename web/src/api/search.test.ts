import { describe, expect, it } from 'vitest';
import { markedText, parts } from './search';

describe('parts', () => {
  it('cuts by code points, not by halves of a pair', () => {
    expect(parts({ text: '😀 größe x', highlights: [[2, 7]] })).toEqual([
      { text: '😀 ', marked: false },
      { text: 'größe', marked: true },
      { text: ' x', marked: false },
    ]);
  });
  it('takes no highlights, and ones that overlap', () => {
    expect(parts({ text: 'ab' })).toEqual([{ text: 'ab', marked: false }]);
    expect(parts({ text: 'abc', highlights: [[0, 2], [1, 3]] }).map((part) => part.text).join('')).toBe('abc');
  });
});

describe('markedText', () => {
  it('is the words that stand together', () => {
    expect(markedText({ text: 'your own computer and the own', highlights: [[5, 8], [9, 17], [26, 29]] })).toBe('own computer');
    expect(markedText({ text: 'none' })).toBe('');
  });
});
