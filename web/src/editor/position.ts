// Fractional positions: a string between two others, so that inserting a turn renumbers nothing.
//
// A position is read as a fraction in base 62 (0-9A-Za-z, the order of ASCII). Never ends in '0',
// because "a" and "a0" would leave no room between them. See D. Greenspan, "Implementing
// Fractional Indexing" (2020).

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = DIGITS.length;

function digitAt(text: string, index: number): number {
  const digit = index < text.length ? DIGITS.indexOf(text.charAt(index)) : 0;
  return digit < 0 ? 0 : digit;
}

/**
 * A position strictly between two; null at an end means no bound there. Null when there is none
 * (the two are equal, out of order, or "a" and "a0").
 */
export function positionBetween(low: string | null, high: string | null): string | null {
  const a = low ?? '';
  if (high !== null && a >= high) return null;
  let prefix = '';
  for (let index = 0; ; ++index) {
    const from = digitAt(a, index);
    // Past the end of `high` nothing is below it; without an upper bound the digit is 62.
    if (high !== null && index >= high.length) return null;
    const to = high === null ? BASE : digitAt(high, index);
    if (to - from > 1) return prefix + DIGITS.charAt((from + to) >>> 1);
    prefix += DIGITS.charAt(from);
    if (to - from === 1) return prefix + above(a, index + 1);
  }
}

/** The shortest digits that make `a` larger from `index` on, without an upper bound. */
function above(a: string, index: number): string {
  let digits = '';
  for (; ; ++index) {
    const from = digitAt(a, index);
    if (from < BASE - 1) return digits + DIGITS.charAt((from + BASE) >>> 1);
    digits += DIGITS.charAt(from);
  }
}

/**
 * Positions for a whole list. Entries keep theirs where they are in order already; the others get
 * a new one between their neighbours. Given `null`, an entry has none yet.
 */
export function positionsInOrder(current: readonly (string | null)[]): string[] {
  const kept = longestIncreasing(current);
  const result = current.map((position, index) => (kept[index] ? position : null));
  for (let index = 0; index < result.length; ++index) {
    if (result[index] !== null) continue;
    const low = index > 0 ? (result[index - 1] as string) : null;
    for (;;) {
      let next = index + 1;
      while (next < result.length && result[next] === null) ++next;
      const high = next < result.length ? (result[next] as string) : null;
      const made = positionBetween(low, high);
      if (made !== null) {
        result[index] = made;
        break;
      }
      // No room before the next one that was to stay: it gets a new position as well.
      result[next] = null;
    }
  }
  return result as string[];
}

/** Marks a longest strictly increasing subsequence (Fredman 1975, patience sorting). */
function longestIncreasing(values: readonly (string | null)[]): boolean[] {
  const tails: number[] = [];
  const before = new Array<number>(values.length).fill(-1);
  values.forEach((value, index) => {
    if (value === null) return;
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[tails[middle] as number] as string) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = index;
  });
  const kept = new Array<boolean>(values.length).fill(false);
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index] as number) {
    kept[index] = true;
  }
  return kept;
}
