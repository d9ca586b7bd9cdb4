// Words the engine was unsure of: shades, and the walk from one to the next.

import { isDisputed, type Doc, type Word } from './model';
import { type Place, turnsInOrder } from './time';

/** Below these a word is shaded lightly, clearly, strongly. */
export const DOUBT_LEVELS = [0.6, 0.4, 0.2] as const;

/** 0: certain; 1..3: doubtful; 4: two people disagree. */
export function doubtOf(word: Word): 0 | 1 | 2 | 3 | 4 {
  if (isDisputed(word)) return 4;
  if (word.x === 1 || word.p === undefined || word.p >= DOUBT_LEVELS[0]) return 0;
  if (word.p >= DOUBT_LEVELS[1]) return 1;
  return word.p >= DOUBT_LEVELS[2] ? 2 : 3;
}

/** The next (or previous) doubtful word from a place, without going round. */
export function nextDoubt(doc: Doc, from: Place | null, step: 1 | -1): Place | null {
  const turns = turnsInOrder(doc);
  let row = from?.row ?? (step > 0 ? 0 : turns.length - 1);
  let word = from ? from.word + step : step > 0 ? 0 : (turns[row]?.words.length ?? 0) - 1;
  for (; row >= 0 && row < turns.length; row += step) {
    const turn = turns[row];
    if (!turn) return null;
    for (; word >= 0 && word < turn.words.length; word += step) {
      if (doubtOf(turn.words[word] as Word) > 0) return { turn: turn.id, row, word };
    }
    word = step > 0 ? 0 : (turns[row + step]?.words.length ?? 0) - 1;
  }
  return null;
}

export function countDoubts(doc: Doc): number {
  let count = 0;
  for (const turn of doc.turns.values()) for (const word of turn.words) if (doubtOf(word) > 0) ++count;
  return count;
}
