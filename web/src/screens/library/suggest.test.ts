import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetSearches, isNamed, noteSearch, recentSearches, suggest } from './suggest';

const known = { recent: ['budget 2027', 'Köln'], tags: ['Research', 'Board meeting', 'budget'], speakers: ['Anna Köhler', 'S1', 'Anna Köhler', 'Ben'] };
const texts = (typed: string) => suggest(typed, known).map(({ kind, text }) => `${kind} ${text}`);

describe('suggest', () => {
  it('offers what was looked for before, then tags and people that begin so', () => {
    expect(texts('')).toEqual(['recent budget 2027', 'recent Köln']);
    expect(texts('bu')).toEqual(['recent budget 2027', 'tag budget']);
    expect(texts('b')).toEqual(['recent budget 2027', 'tag Board meeting', 'tag budget', 'speaker Ben']);
  });
  it('takes any word, without case and marks', () => {
    expect(texts('KO')).toEqual(['recent Köln', 'speaker Anna Köhler']);
    expect(texts('meet')).toEqual(['tag Board meeting']);
    expect(texts('eeting')).toEqual([]);
  });
  it('does not offer what is typed already, or the names that machines give', () => {
    expect(texts('budget')).toEqual(['recent budget 2027']);
    expect(texts('s')).toEqual([]);
    expect(isNamed('S12')).toBe(false);
    expect(isNamed('Sara')).toBe(true);
  });
  it('stays short', () => {
    const many = Array.from({ length: 50 }, (_, i) => `tag ${i}`);
    expect(suggest('tag', { recent: many, tags: many, speakers: many })).toHaveLength(8);
  });
});

describe('searches of before', () => {
  beforeEach(() => {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it('are kept, the latest first and none twice', () => {
    for (const text of ['budget', 'Köln', ' BUDGET ']) noteSearch(text);
    expect(recentSearches()).toEqual(['BUDGET', 'Köln']);
    noteSearch('x');
    expect(recentSearches()).toEqual(['BUDGET', 'Köln']);
  });
  it('are few, and forgotten when asked', () => {
    for (let i = 0; i < 30; ++i) noteSearch(`search ${i}`);
    expect(recentSearches()).toHaveLength(20);
    forgetSearches();
    expect(recentSearches()).toEqual([]);
  });
  it('are none where the browser keeps nothing', () => {
    vi.stubGlobal('localStorage', undefined);
    noteSearch('budget');
    expect(recentSearches()).toEqual([]);
    forgetSearches();
  });
});
