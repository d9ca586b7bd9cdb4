// Which word sounds at a moment, and the other way round. Two binary searches: over turns, then
// over the words of one turn; 60,000 words are some 25 comparisons.

import { type Doc, orderedTurns, type Turn, type Word } from './model';

export interface Place {
  readonly turn: string;
  /** Index of the turn in reading order. */
  readonly row: number;
  readonly word: number;
}

interface Starts {
  readonly turns: readonly Turn[];
  /** Where each turn begins; never falling, although people may have moved times. */
  readonly starts: Float64Array;
}

const cache = new WeakMap<Doc['turns'], Starts>();

function startsOf(doc: Doc): Starts {
  let known = cache.get(doc.turns);
  if (!known) {
    const turns = orderedTurns(doc);
    const starts = new Float64Array(turns.length);
    let latest = 0;
    turns.forEach((turn, row) => {
      latest = Math.max(latest, turn.start);
      starts[row] = latest;
    });
    known = { turns, starts };
    cache.set(doc.turns, known);
  }
  return known;
}

/** The last index whose value is at most `wanted`; -1 if there is none. */
export function lastAtMost(length: number, value: (index: number) => number, wanted: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function turnsInOrder(doc: Doc): readonly Turn[] {
  return startsOf(doc).turns;
}

/** The word that sounds (or sounded last) at `seconds`; null before the first. */
export function placeAt(doc: Doc, seconds: number): Place | null {
  const { turns, starts } = startsOf(doc);
  const row = lastAtMost(turns.length, (index) => starts[index] as number, seconds);
  const turn = turns[row];
  if (!turn) return null;
  const word = lastAtMost(turn.words.length, (index) => (turn.words[index] as Word).s, seconds);
  return { turn: turn.id, row, word };
}

/** 3725.4 -> "1:02:05"; with tenths "1:02:05.4". */
export function clock(seconds: number, tenths = false): string {
  const units = tenths ? 10 : 1;
  const whole = Math.max(0, Math.floor(seconds * units + 1e-6));
  const all = Math.floor(whole / units);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(all / 3600);
  const rest = `${pad(Math.floor(all / 60) % 60)}:${pad(all % 60)}`;
  return (hours > 0 ? `${hours}:${rest}` : rest.replace(/^0(?=\d)/, '')) + (tenths ? `.${whole % 10}` : '');
}

/** "1:02:05.4", "62:05", "90", "1h2m5s" -> seconds; null when it is none of them. */
export function parseClock(text: string): number | null {
  const trimmed = text.trim().replace(',', '.');
  const units = /^(?:(\d{1,4})h)?\s*(?:(\d{1,5})m)?\s*(?:(\d{1,6}(?:\.\d+)?)s)?$/i.exec(trimmed);
  if (trimmed !== '' && units) {
    return Number(units[1] ?? 0) * 3600 + Number(units[2] ?? 0) * 60 + Number(units[3] ?? 0);
  }
  if (!/^\d{1,6}(?::\d{1,2}){0,2}(?:\.\d{1,6})?$/.test(trimmed)) return null;
  return trimmed.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
