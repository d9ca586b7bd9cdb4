// From typed text back to words with times.
//
// Words that the typing left alone keep their times and probability; changed ones become certain
// (x), with times shared out over the place they replace (i). The rules:
//  1. The text of the new words, joined, is the typed text without its outer white space.
//  2. A word replaced by one word keeps its own times; they are measured, not interpolated.
//  3. A change of white space alone changes no word.

import { cleanText, LIMITS, type Word } from './model';

/** Scripts written without spaces: one token is one character, as the engine splits them. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const UNSPACED_START = new RegExp(`^${UNSPACED.source}`, 'u');
const UNSPACED_END = new RegExp(`${UNSPACED.source}[\\p{M}\\p{P}]*$`, 'u');
// White space without the no-break spaces, which belong inside a word ("10 000", French quotes).
const BREAK = '[^\\S\\u00a0\\u202f\\u2007\\ufeff]';
const TOKEN = new RegExp(`${BREAK}*(?:${UNSPACED.source}\\p{M}*|[^\\s]|[\\u00a0\\u202f\\u2007\\ufeff])`, 'uy');
const STARTS_WITH_BREAK = new RegExp(`^${BREAK}`, 'u');
const ENDS_WITH_BREAK = new RegExp(`${BREAK}$`, 'u');

const encoder = new TextEncoder();

/** Cuts a token that is longer than the server takes, between code points. */
function pieces(token: string): string[] {
  if (token.length <= LIMITS.wordCharacters && token.length * 3 <= LIMITS.wordBytes) return [token];
  const list: string[] = [];
  let piece = '';
  let count = 0;
  let bytes = 0;
  for (const point of token) {
    const size = encoder.encode(point).length;
    if (count === LIMITS.wordCharacters || bytes + size > LIMITS.wordBytes) {
      list.push(piece);
      piece = '';
      count = 0;
      bytes = 0;
    }
    piece += point;
    ++count;
    bytes += size;
  }
  if (piece) list.push(piece);
  return list;
}

/** Text as tokens, each with the white space before it; trailing white space is dropped. */
export function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let token = '';
  for (;;) {
    const found = TOKEN.exec(text);
    if (!found) break;
    const piece = found[0];
    const starts =
      token === '' ||
      STARTS_WITH_BREAK.test(piece) ||
      UNSPACED_START.test(piece) ||
      (UNSPACED_END.test(token) && /^[\p{L}\p{N}]/u.test(piece));
    if (starts) {
      if (token) tokens.push(...pieces(token));
      token = piece;
    } else {
      token += piece;
    }
  }
  if (token) tokens.push(...pieces(token));
  return tokens;
}

/** Pairs (index in a, index in b) of a longest common subsequence. */
export function commonPairs(a: readonly string[], b: readonly string[]): [number, number][] {
  const pairs: [number, number][] = [];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) {
    pairs.push([start, start]);
    ++start;
  }
  let endA = a.length;
  let endB = b.length;
  const tail: [number, number][] = [];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    tail.push([--endA, --endB]);
  }
  const rows = endA - start;
  const columns = endB - start;
  // 4 million cells are 16 MB and some 10 ms; larger rewrites are taken as one replacement.
  if (rows > 0 && columns > 0 && rows * columns <= 4_000_000) {
    const width = columns + 1;
    const table = new Int32Array((rows + 1) * width);
    for (let i = rows - 1; i >= 0; --i) {
      for (let j = columns - 1; j >= 0; --j) {
        table[i * width + j] =
          a[start + i] === b[start + j]
            ? (table[(i + 1) * width + j + 1] as number) + 1
            : Math.max(table[(i + 1) * width + j] as number, table[i * width + j + 1] as number);
      }
    }
    let i = 0;
    let j = 0;
    while (i < rows && j < columns) {
      if (a[start + i] === b[start + j]) pairs.push([start + i++, start + j++]);
      else if ((table[(i + 1) * width + j] as number) >= (table[i * width + j + 1] as number)) ++i;
      else ++j;
    }
  }
  return [...pairs, ...tail.reverse()];
}

/** Shares a stretch of time out over tokens, by their length. */
function spread(tokens: readonly string[], start: number, end: number): Word[] {
  const sizes = tokens.map((token) => Math.max(1, token.trim().length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const span = Math.max(0, end - start);
  let done = 0;
  return tokens.map((t, index) => {
    const s = round(start + (span * done) / total);
    done += sizes[index] as number;
    return { t, s, e: round(start + (span * done) / total), x: 1, i: 1 };
  });
}

/** Milliseconds: what the server stores, so that an edit reads back as it was sent. */
export function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** How many words at both ends the typing cannot have touched, and the text between them. */
function untouched(old: readonly Word[], text: string): { head: number; tail: number; middle: string } {
  let from = 0;
  let head = 0;
  while (head < old.length && text.startsWith((old[head] as Word).t, from)) {
    from += (old[head++] as Word).t.length;
  }
  let to = text.length;
  let tail = 0;
  while (head + tail < old.length) {
    const word = (old[old.length - 1 - tail] as Word).t;
    if (to - word.length < from || !text.endsWith(word, to)) break;
    to -= word.length;
    ++tail;
  }
  // Letters typed against a word belong to it ("foo" + "s" is one word), and white space belongs to
  // the word after it.
  const open = (): boolean => to > from;
  while (head > 0 && open() && !STARTS_WITH_BREAK.test(text.slice(from, to))) {
    const word = (old[head - 1] as Word).t;
    if (UNSPACED_END.test(word) && UNSPACED_START.test(text.slice(from, to))) break;
    from -= word.length;
    --head;
  }
  while (tail > 0 && open()) {
    const word = (old[old.length - tail] as Word).t;
    const gap = ENDS_WITH_BREAK.test(text.slice(from, to));
    if (!gap && (STARTS_WITH_BREAK.test(word) || UNSPACED_START.test(word))) break;
    to += word.length;
    --tail;
  }
  return { head, tail, middle: text.slice(from, to) };
}

/** What bounds the times of a turn's first and last words. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** The words of `typed` (shown text, outer white space ignored), given the words before. */
export function retype(old: readonly Word[], typed: string, bounds: Bounds): readonly Word[] {
  const first = old[0]?.t ?? '';
  const lead = old.length > 0 ? first.slice(0, first.length - first.trimStart().length) : ' ';
  const trimmed = cleanText(typed).trim();
  if (trimmed === '') return [];
  const text = lead + trimmed;
  const { head, tail, middle } = untouched(old, text);
  const before = old.slice(head, old.length - tail);
  const tokens = tokenize(middle);
  const result: Word[] = old.slice(0, head);
  const left = (): number => result.at(-1)?.e ?? Math.min(bounds.start, old[0]?.s ?? bounds.start);
  const right = (index: number): number => old[index]?.s ?? Math.max(bounds.end, old.at(-1)?.e ?? bounds.end);
  let i = 0;
  let j = 0;
  const replace = (toI: number, toJ: number): void => {
    const gone = before.slice(i, toI);
    const made = tokens.slice(j, toJ);
    const only = gone[0];
    if (gone.length === 1 && made.length === 1 && only) {
      result.push({ t: made[0] as string, s: only.s, e: only.e, x: 1, ...(only.i && { i: 1 }) });
    } else if (made.length > 0) {
      const start = gone[0]?.s ?? left();
      const end = gone.at(-1)?.e ?? right(head + toI);
      result.push(...spread(made, start, Math.max(start, end)));
    }
    i = toI;
    j = toJ;
  };
  const pairs = commonPairs(
    before.map((word) => word.t.trim()),
    tokens.map((token) => token.trim()),
  );
  for (const [a, b] of pairs) {
    replace(a, b);
    const kept = before[a] as Word;
    const t = tokens[b] as string;
    result.push(kept.t === t ? kept : { ...kept, t });
    i = a + 1;
    j = b + 1;
  }
  replace(before.length, tokens.length);
  result.push(...old.slice(old.length - tail));
  return sameWords(result, old) ? old : result;
}

function sameWords(a: readonly Word[], b: readonly Word[]): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index]);
}
