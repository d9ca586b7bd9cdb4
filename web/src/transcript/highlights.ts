// Paints words without touching the document's elements: named sets of ranges (CSS Custom
// Highlight API). Where a browser has no such thing, the text is simply not painted.

export type Paint = 'doubt1' | 'doubt2' | 'doubt3' | 'disputed' | 'edited' | 'hit' | 'hitnow' | 'sounding';

/** What lies over what, from the lowest. */
const ORDER: readonly Paint[] = ['edited', 'doubt1', 'doubt2', 'doubt3', 'disputed', 'hit', 'hitnow', 'sounding'];

const sets = new Map<Paint, Highlight>();

function setOf(paint: Paint): Highlight | null {
  if (typeof Highlight === 'undefined' || !CSS.highlights) return null;
  if (sets.size === 0) {
    ORDER.forEach((name, priority) => {
      const set = new Highlight();
      set.priority = priority;
      sets.set(name, set);
      CSS.highlights.set(name, set);
    });
  }
  return sets.get(paint) ?? null;
}

export interface Stroke {
  readonly paint: Paint;
  readonly from: number;
  readonly to: number;
}

/** Paints parts of one text node; the function that is given back wipes them off. */
export function paint(node: Text | null, strokes: readonly Stroke[]): () => void {
  const made: [Highlight, Range][] = [];
  const length = node?.length ?? 0;
  for (const { paint: name, from, to } of strokes) {
    const set = setOf(name);
    if (!set || !node || from >= to || from >= length) continue;
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, Math.min(to, length));
    set.add(range);
    made.push([set, range]);
  }
  return () => {
    for (const [set, range] of made) set.delete(range);
  };
}
