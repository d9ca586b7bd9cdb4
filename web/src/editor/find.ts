// Find and replace over the whole transcript. Patterns are literal text, so no input can make the
// search slow or mean something else.

import { LIMITS, patchDoc, turnText, type Doc, type Turn } from './model';
import { turnsInOrder } from './time';
import { retype } from './words';

export interface FindOptions {
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
}

export interface Match {
  readonly turn: string;
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** More are not listed one by one; replacing everything still takes all. */
export const MATCHES_MAX = 20_000;
export const QUERY_MAX = 1_000;

const texts = new WeakMap<Turn, string>();

export function cachedText(turn: Turn): string {
  let text = texts.get(turn);
  if (text === undefined) {
    text = turnText(turn);
    texts.set(turn, text);
  }
  return text;
}

function pattern(query: string, options: FindOptions): RegExp | null {
  if (query === '' || query.length > QUERY_MAX) return null;
  const literal = query.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/\s+/g, '\\s+');
  const edges = options.wholeWord ? [`(?<![\\p{L}\\p{N}_])`, `(?![\\p{L}\\p{N}_])`] : ['', ''];
  return new RegExp(`${edges[0]}${literal}${edges[1]}`, options.matchCase ? 'gu' : 'giu');
}

export function findAll(doc: Doc, query: string, options: FindOptions): Match[] {
  const wanted = pattern(query, options);
  const matches: Match[] = [];
  if (!wanted) return matches;
  for (const [row, turn] of turnsInOrder(doc).entries()) {
    for (const found of cachedText(turn).matchAll(wanted)) {
      if (found[0] === '') continue;
      matches.push({ turn: turn.id, row, from: found.index, to: found.index + found[0].length });
      if (matches.length >= MATCHES_MAX) return matches;
    }
  }
  return matches;
}

function replaceIn(turn: Turn, text: string): Turn | null {
  const words = retype(turn.words, text, turn);
  return words === turn.words || words.length > LIMITS.wordsPerTurn ? null : { ...turn, words };
}

/** All matches in all turns; one edit, so one step of undo. */
export function replaceAll(doc: Doc, query: string, options: FindOptions, replacement: string): Doc {
  const wanted = pattern(query, options);
  if (!wanted) return doc;
  const put: Turn[] = [];
  for (const turn of doc.turns.values()) {
    const text = cachedText(turn);
    const next = text.replace(wanted, () => replacement);
    const made = next === text ? null : replaceIn(turn, next);
    if (made) put.push(made);
  }
  return put.length > 0 ? patchDoc(doc, { putTurns: put }) : doc;
}

export function replaceOne(doc: Doc, match: Match, replacement: string): Doc {
  const turn = doc.turns.get(match.turn);
  if (!turn) return doc;
  const text = cachedText(turn);
  const made = replaceIn(turn, text.slice(0, match.from) + replacement + text.slice(match.to));
  return made ? patchDoc(doc, { putTurns: [made] }) : doc;
}
