// Three-way merge of sequences whose elements have identities (diff3 after Khanna, Kunal, Pierce,
// "A Formal Investigation of Diff3", 2007, on unique keys, so that no alignment is guessed).
//
// Invariants of the result:
//  1. An element inserted by either side is in it exactly once.
//  2. An element of the base is in it unless a side removed it; where both sides changed the same
//     place differently, both texts are in it, theirs first, and the place is reported.

export interface Element {
  readonly key: string;
}

/** One place where a side differs: base[from, to) became `items`. */
interface Hunk<T> {
  readonly from: number;
  readonly to: number;
  readonly items: readonly T[];
}

export interface Clash<T> {
  readonly base: readonly T[];
  readonly mine: readonly T[];
  readonly theirs: readonly T[];
}

export interface MergeRules<T> {
  /** Same text, whoever wrote it: not a clash. */
  readonly same: (mine: readonly T[], theirs: readonly T[]) => boolean;
  /** Whether a removal also claims what the other side puts at its end (a removed turn). */
  readonly claimsEnd: (base: readonly T[], hunk: { readonly from: number; readonly to: number }) => boolean;
  /** "both" keeps both texts; "mine" drops theirs (an undo must not double text). */
  readonly onClash: 'both' | 'mine';
}

export interface MergedSequence<T> {
  readonly items: readonly T[];
  readonly clashes: readonly Clash<T>[];
}

/** Indices in the base of the elements of `side` that kept their order; -1 for the others. */
function matches<T extends Element>(base: ReadonlyMap<string, number>, side: readonly T[]): Int32Array {
  const found = Int32Array.from(side, (item) => base.get(item.key) ?? -1);
  const tails: number[] = [];
  const before = new Int32Array(side.length).fill(-1);
  found.forEach((value, index) => {
    if (value < 0) return;
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((found[tails[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = index;
  });
  const kept = new Int32Array(side.length).fill(-1);
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index] as number) {
    kept[index] = found[index] as number;
  }
  return kept;
}

function hunksOf<T extends Element>(
  base: readonly T[],
  index: ReadonlyMap<string, number>,
  side: readonly T[],
): { hunks: Hunk<T>[]; at: Map<number, T> } {
  const kept = matches(index, side);
  const hunks: Hunk<T>[] = [];
  const at = new Map<number, T>();
  let from = 0;
  let items: T[] = [];
  const close = (to: number): void => {
    if (to > from || items.length > 0) hunks.push({ from, to, items });
    items = [];
  };
  side.forEach((item, i) => {
    const place = kept[i] as number;
    if (place < 0) {
      items.push(item);
      return;
    }
    close(place);
    at.set(place, item);
    from = place + 1;
  });
  close(base.length);
  return { hunks, at };
}

/** The side's text of base[from, to), where no hunk crosses an end. */
function sideText<T extends Element>(
  from: number,
  to: number,
  hunks: readonly Hunk<T>[],
  at: ReadonlyMap<number, T>,
): T[] {
  const items: T[] = [];
  let place = from;
  for (const hunk of hunks) {
    for (; place < hunk.from; ++place) items.push(at.get(place) as T);
    items.push(...hunk.items);
    place = hunk.to;
  }
  for (; place < to; ++place) items.push(at.get(place) as T);
  return items;
}

function touches<T>(a: Hunk<T>, b: Hunk<T>, aClaims: boolean, bClaims: boolean): boolean {
  if (a.from < b.to && b.from < a.to) return true;
  const emptyA = a.from === a.to;
  const emptyB = b.from === b.to;
  if (emptyA && emptyB) return a.from === b.from;
  return (emptyB && aClaims && b.from === a.to) || (emptyA && bClaims && a.from === b.to);
}

/**
 * Merges two descendants of `base`. `blend` joins an element that both kept (its attributes).
 */
export function mergeSequences<T extends Element>(
  base: readonly T[],
  mine: readonly T[],
  theirs: readonly T[],
  blend: (base: T, mine: T, theirs: T) => T,
  rules: MergeRules<T>,
): MergedSequence<T> {
  const index = new Map(base.map((item, place) => [item.key, place]));
  const m = hunksOf(base, index, mine);
  const t = hunksOf(base, index, theirs);
  const items: T[] = [];
  const clashes: Clash<T>[] = [];
  let place = 0;
  let i = 0;
  let j = 0;
  const claims = (hunk: Hunk<T>): boolean => rules.claimsEnd(base, hunk);
  const copyTo = (end: number): void => {
    for (; place < end; ++place) {
      items.push(blend(base[place] as T, m.at.get(place) as T, t.at.get(place) as T));
    }
  };
  while (i < m.hunks.length || j < t.hunks.length) {
    const group = nextGroup(m.hunks, i, t.hunks, j, claims);
    copyTo(group.from);
    const a = m.hunks.slice(i, group.i);
    const b = t.hunks.slice(j, group.j);
    i = group.i;
    j = group.j;
    place = group.to;
    if (b.length === 0 || a.length === 0) {
      items.push(...sideText(group.from, group.to, a.length > 0 ? a : b, a.length > 0 ? m.at : t.at));
      continue;
    }
    const textA = sideText(group.from, group.to, a, m.at);
    const textB = sideText(group.from, group.to, b, t.at);
    if (rules.same(textA, textB)) {
      items.push(...textB);
      continue;
    }
    if (rules.onClash === 'both') items.push(...textB);
    items.push(...textA);
    clashes.push({ base: base.slice(group.from, group.to), mine: textA, theirs: textB });
  }
  copyTo(base.length);
  return { items, clashes };
}

/** The next hunks that overlap one another, transitively; both lists are in order. */
function nextGroup<T>(
  mine: readonly Hunk<T>[],
  i: number,
  theirs: readonly Hunk<T>[],
  j: number,
  claims: (hunk: Hunk<T>) => boolean,
): { from: number; to: number; i: number; j: number } {
  const a = mine[i];
  const b = theirs[j];
  const mineFirst = b === undefined || (a !== undefined && startsBefore(a, b));
  const first = (mineFirst ? a : b) as Hunk<T>;
  const lists = [mine, theirs] as const;
  const ends: [number, number] = mineFirst ? [i + 1, j] : [i, j + 1];
  let to = first.to;
  const members: Hunk<T>[][] = mineFirst ? [[first], []] : [[], [first]];
  for (let grown = true; grown;) {
    grown = false;
    for (const side of [0, 1] as const) {
      const other = members[1 - side] as Hunk<T>[];
      const next = lists[side][ends[side]];
      if (!next) continue;
      if (other.some((hunk) => touches(next, hunk, claims(next), claims(hunk)))) {
        (members[side] as Hunk<T>[]).push(next);
        ++ends[side];
        to = Math.max(to, next.to);
        grown = true;
      }
    }
  }
  return { from: first.from, to, i: ends[0], j: ends[1] };
}

function startsBefore<T>(a: Hunk<T>, b: Hunk<T>): boolean {
  // At one place an insertion comes before a removal that begins there.
  if (a.from !== b.from) return a.from < b.from;
  return a.to <= b.to;
}
