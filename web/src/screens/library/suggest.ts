// What the search box offers while somebody types: tags, people who speak, and what was looked for here
// before. The last is kept in this browser and forgotten at sign-out.

export interface Suggestion {
  kind: 'recent' | 'tag' | 'speaker';
  text: string;
}

export interface Known {
  recent: readonly string[];
  tags: readonly string[];
  speakers: readonly string[];
}

const shownMax = 8;
const recentMax = 20;
const recentShown = 5;
const lengthMax = 200;
const storageKey = 'wt.searches';

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Words begin like what was typed; the whole of it is no suggestion any more. */
function fits(text: string, typed: string): boolean {
  const folded = fold(text);
  if (typed === '') return true;
  return folded !== typed && (folded.startsWith(typed) || folded.split(/[\s._-]+/).some((word) => word.startsWith(typed)));
}

/** The name that a machine gave ("S1") says nothing. */
export const isNamed = (speaker: string) => !/^S\d{1,2}$/.test(speaker);

export function suggest(typed: string, known: Known): Suggestion[] {
  const wanted = fold(typed.trim());
  const found: Suggestion[] = [];
  const add = (kind: Suggestion['kind'], texts: readonly string[], max: number) => {
    for (const text of texts.filter((one) => fits(one, wanted)).slice(0, max)) found.push({ kind, text });
  };
  add('recent', known.recent, recentShown);
  // Before anything is typed, what was looked for last is enough; tags stand below the box.
  if (wanted !== '') {
    add('tag', known.tags, shownMax);
    add('speaker', [...new Set(known.speakers.filter(isNamed))], shownMax);
  }
  return found.slice(0, shownMax);
}

export function recentSearches(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(kept) ? kept.filter((text): text is string => typeof text === 'string').slice(0, recentMax) : [];
  } catch {
    return [];
  }
}

/** The latest first, none twice. */
export function noteSearch(text: string): void {
  const wanted = text.trim().slice(0, lengthMax);
  if (wanted.length < 2) return;
  try {
    localStorage.setItem(storageKey, JSON.stringify([wanted, ...recentSearches().filter((one) => fold(one) !== fold(wanted))].slice(0, recentMax)));
  } catch {
    // Then nothing is offered the next time.
  }
}

export function forgetSearches(): void {
  try {
    localStorage.removeItem(storageKey);
  } catch {
    // Nothing was kept either.
  }
}
