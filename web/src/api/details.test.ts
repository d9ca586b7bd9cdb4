import { describe, expect, it } from 'vitest';
import { changeTags, nameOf, tagsMax } from './details';

describe('changeTags', () => {
  it('adds once, removes, and keeps the order', () => {
    expect(changeTags(['a', 'b', 'c'], ['c', 'd'], ['b'])).toEqual(['a', 'c', 'd']);
  });
  it('keeps to the number the server takes', () => {
    expect(changeTags([], Array.from({ length: 60 }, (_, i) => `${i}`), [])).toHaveLength(tagsMax);
  });
});

describe('nameOf', () => {
  it('is the title, else the name of the file', () => {
    expect(nameOf({ title: 'Talk', filename: 'a.mp3' })).toBe('Talk');
    expect(nameOf({ title: null, filename: 'a.mp3' })).toBe('a.mp3');
    expect(nameOf(undefined)).toBe('');
  });
});
