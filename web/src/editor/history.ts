// Undo and redo that survive reloads and other people's edits.
//
// An entry holds the turns and speakers an edit touched, before and after. Undoing merges "after
// became before" into the document of now (merge.ts), so what others wrote meanwhile stays; where
// they changed the very same words, theirs stays and that part is not undone.

import { mergeDocs, restrict, wordKey } from './merge';
import { patchDoc, sameSpeaker, sameTurn, type Doc, type Speaker, type Turn } from './model';

export interface Touched {
  readonly turns: readonly (readonly [string, Turn | null])[];
  readonly speakers: readonly (readonly [string, Speaker | null])[];
}

export interface Entry {
  /** What was done: a key of the catalogue of messages. */
  readonly label: string;
  readonly before: Touched;
  readonly after: Touched;
  /** Edits with the same tag that follow one another closely are undone together. */
  readonly tag: string;
  readonly time: number;
}

export interface History {
  readonly done: readonly Entry[];
  readonly undone: readonly Entry[];
}

export const EMPTY_HISTORY: History = { done: [], undone: [] };

/** Entries kept; some 20 turns each are 10 MB at most. */
export const ENTRIES_MAX = 500;
/** Typing without a longer pause is one step of undo. */
export const TYPING_PAUSE_MS = 1_000;

/** What differs between two documents that share what is equal. */
export function difference(before: Doc, after: Doc): { before: Touched; after: Touched } {
  const turns = changed(before.turns, after.turns);
  const speakers = changed(before.speakers, after.speakers);
  const state = (doc: Doc): Touched => ({
    turns: turns.map((id) => [id, doc.turns.get(id) ?? null] as const),
    speakers: speakers.map((id) => [id, doc.speakers.get(id) ?? null] as const),
  });
  return { before: state(before), after: state(after) };
}

function changed<V>(before: ReadonlyMap<string, V>, after: ReadonlyMap<string, V>): string[] {
  if (before === after) return [];
  const ids: string[] = [];
  for (const [id, value] of after) if (before.get(id) !== value) ids.push(id);
  for (const id of before.keys()) if (!after.has(id)) ids.push(id);
  return ids;
}

/** Adds an edit to the history; what had been undone can no longer be redone. */
export function record(history: History, before: Doc, after: Doc, label: string, tag: string, time: number): History {
  const delta = difference(before, after);
  if (delta.before.turns.length === 0 && delta.before.speakers.length === 0) return history;
  const last = history.done.at(-1);
  if (
    tag !== '' &&
    last &&
    last.tag === tag &&
    time - last.time < TYPING_PAUSE_MS &&
    sameIds(last.after, delta.before)
  ) {
    const joined = { ...last, after: delta.after, time };
    return { done: [...history.done.slice(0, -1), joined], undone: [] };
  }
  const done = [...history.done, { label, tag, time, ...delta }];
  return { done: done.slice(-ENTRIES_MAX), undone: [] };
}

function sameIds(a: Touched, b: Touched): boolean {
  return (
    a.turns.length === b.turns.length &&
    a.speakers.length === b.speakers.length &&
    a.turns.every(([id], index) => id === b.turns[index]?.[0]) &&
    a.speakers.every(([id], index) => id === b.speakers[index]?.[0])
  );
}

export interface Stepped {
  readonly doc: Doc;
  readonly history: History;
  readonly entry: Entry;
}

export function undo(doc: Doc, history: History): Stepped | null {
  const entry = history.done.at(-1);
  if (!entry) return null;
  return {
    doc: apply(doc, entry.after, entry.before),
    entry,
    history: { done: history.done.slice(0, -1), undone: [...history.undone, entry] },
  };
}

export function redo(doc: Doc, history: History): Stepped | null {
  const entry = history.undone.at(-1);
  if (!entry) return null;
  return {
    doc: apply(doc, entry.before, entry.after),
    entry,
    history: { done: [...history.done, { ...entry, tag: '' }], undone: history.undone.slice(0, -1) },
  };
}

function isNow(doc: Doc, state: Touched): boolean {
  return (
    state.turns.every(([id, turn]) => {
      const now = doc.turns.get(id) ?? null;
      return now === turn || (now !== null && turn !== null && sameTurn(now, turn));
    }) &&
    state.speakers.every(([id, speaker]) => {
      const now = doc.speakers.get(id) ?? null;
      return now === speaker || (now !== null && speaker !== null && sameSpeaker(now, speaker));
    })
  );
}

function apply(doc: Doc, from: Touched, target: Touched): Doc {
  const to = withoutWordsElsewhere(doc, from, target);
  if (isNow(doc, from)) return put(doc, to);
  return applyMerged(doc, from, to);
}

/**
 * Words that the step brings back but that are in another turn by now (somebody joined two turns
 * and kept them) are not brought back twice.
 */
function withoutWordsElsewhere(doc: Doc, from: Touched, to: Touched): Touched {
  const keys = (state: Touched): string[] => values(state.turns).flatMap((turn) => turn.words.map(wordKey));
  const before = new Set(keys(from));
  const returning = new Set(keys(to).filter((key) => !before.has(key)));
  if (returning.size === 0) return to;
  const touched = new Set(to.turns.map(([id]) => id));
  const elsewhere = new Set<string>();
  for (const turn of doc.turns.values()) {
    if (touched.has(turn.id)) continue;
    for (const word of turn.words) {
      const key = wordKey(word);
      if (returning.has(key)) elsewhere.add(key);
    }
  }
  if (elsewhere.size === 0) return to;
  const clean = (turn: Turn | null): Turn | null =>
    turn && { ...turn, words: turn.words.filter((word) => !elsewhere.has(wordKey(word))) };
  return { ...to, turns: to.turns.map(([id, turn]) => [id, clean(turn)] as const) };
}

/** Sets the touched items; revisions stay those of now, which is what the server compares. */
function put(doc: Doc, state: Touched): Doc {
  return patchDoc(doc, {
    putTurns: state.turns.flatMap(([id, turn]) => (turn ? [{ ...turn, rev: doc.turns.get(id)?.rev ?? 0 }] : [])),
    deleteTurns: state.turns.flatMap(([id, turn]) => (turn ? [] : [id])),
    putSpeakers: state.speakers.flatMap(([id, s]) => (s ? [{ ...s, rev: doc.speakers.get(id)?.rev ?? 0 }] : [])),
    deleteSpeakers: state.speakers.flatMap(([id, speaker]) => (speaker ? [] : [id])),
  });
}

function values<V>(list: readonly (readonly [string, V | null])[]): V[] {
  return list.flatMap(([, value]) => (value ? [value] : []));
}

/** Undo over what others did: a merge of the part of the document that the entry is about. */
function applyMerged(doc: Doc, from: Touched, to: Touched): Doc {
  const ids = new Set(from.turns.map(([id]) => id));
  const now = partAround(doc, ids, values(from.turns));
  const part = (turns: Iterable<Turn>, speakers: Iterable<Speaker>): Doc => ({
    ...restrict(doc, turns),
    speakers: new Map([...speakers].map((speaker) => [speaker.id, speaker])),
  });
  const speakerIds = new Set(from.speakers.map(([id]) => id));
  const nowSpeakers = [...doc.speakers.values()].filter((speaker) => speakerIds.has(speaker.id));
  const { doc: merged } = mergeDocs(
    part(values(from.turns), values(from.speakers)),
    part(now, nowSpeakers),
    part(values(to.turns), values(to.speakers)),
    'mine',
  );
  const gone = now.filter((turn) => !merged.turns.has(turn.id)).map((turn) => turn.id);
  return patchDoc(doc, {
    putTurns: [...merged.turns.values()].map((turn) => ({ ...turn, rev: doc.turns.get(turn.id)?.rev ?? 0 })),
    deleteTurns: gone,
    putSpeakers: [...merged.speakers.values()].map((s) => ({ ...s, rev: doc.speakers.get(s.id)?.rev ?? 0 })),
    deleteSpeakers: [...speakerIds].filter((id) => !merged.speakers.has(id)),
  });
}

/** The turns of now that hold what the entry touched, wherever others moved it, and those between. */
function partAround(doc: Doc, ids: ReadonlySet<string>, turns: readonly Turn[]): Turn[] {
  const words = new Set(turns.flatMap((turn) => turn.words.map(wordKey)));
  let first = -1;
  let last = -1;
  doc.order.forEach((id, index) => {
    const turn = doc.turns.get(id);
    if (!turn || !(ids.has(id) || turn.words.some((word) => words.has(wordKey(word))))) return;
    if (first < 0) first = index;
    last = index;
  });
  if (first < 0) return [];
  return doc.order.slice(first, last + 1).map((id) => doc.turns.get(id) as Turn);
}
