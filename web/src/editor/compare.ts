// What differs between two states of a transcript, as places with the words around them.

import { wordKey } from './merge';
import { type Doc, orderedTurns, type Word } from './model';

export interface Difference {
  /** Seconds at which the place is. */
  readonly at: number;
  readonly before: string;
  readonly removed: string;
  readonly added: string;
  readonly after: string;
}

/** Words shown on either side of a change. */
const CONTEXT = 4;

interface Flat {
  readonly keys: readonly string[];
  readonly words: readonly Word[];
}

function flat(doc: Doc): Flat {
  const words = orderedTurns(doc).flatMap((turn) => turn.words);
  return { words, keys: words.map(wordKey) };
}

function text(words: readonly Word[], from: number, to: number): string {
  let joined = '';
  for (let index = Math.max(0, from); index < Math.min(words.length, to); ++index) joined += words[index]?.t ?? '';
  return joined.trim();
}

/** Changed places from `old` to `now`, in the order of the text. */
export function compareDocs(old: Doc, now: Doc): Difference[] {
  const a = flat(old);
  const b = flat(now);
  const places = new Map<string, number[]>();
  a.keys.forEach((key, index) => {
    const list = places.get(key);
    if (list) list.push(index);
    else places.set(key, [index]);
  });
  const differences: Difference[] = [];
  let i = 0;
  let j = 0;
  const close = (toI: number, toJ: number): void => {
    const removed = text(a.words, i, toI);
    const added = text(b.words, j, toJ);
    if (removed !== added) {
      differences.push({
        at: b.words[j]?.s ?? a.words[i]?.s ?? 0,
        before: text(b.words, j - CONTEXT, j),
        removed,
        added,
        after: text(b.words, toJ, toJ + CONTEXT),
      });
    }
    i = toI;
    j = toJ;
  };
  b.keys.forEach((key, index) => {
    // Words keep their order, so the first one not yet passed is the same word.
    const place = places.get(key)?.find((candidate) => candidate >= i);
    if (place === undefined) return;
    close(place, index);
    i = place + 1;
    j = index + 1;
  });
  close(a.words.length, b.words.length);
  return differences;
}
