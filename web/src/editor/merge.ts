// Three-way merge of documents: what I did and what others did since the state both began from.
//
// The document is read as one line: a mark for each turn, then its words. Splitting a turn inserts
// a mark and joining two removes one, so words never move and an edit made in the old turn lands
// in the new one. A word is known by its text and times, which no edit changes on a word that
// stays; turns that nobody touched are one element each, which keeps a merge of 60,000 words small.
//
// True conflicts keep both texts, marked as disputed (see isDisputed), so every client shows them.

import {
  clipBytes,
  comparePlaces,
  isDisputed,
  LIMITS,
  patchDoc,
  sameSpeaker,
  sameTurn,
  type Doc,
  type Speaker,
  type Turn,
  type Word,
} from './model';
import { positionsInOrder } from './position';
import { mergeSequences, type Clash, type MergeRules } from './sequence';

/** A place that two people changed differently, for the page to show. */
export interface Conflict {
  readonly id: string;
  readonly kind: 'text' | 'speaker' | 'note' | 'name';
  /** The turn it is in; for names the speaker. */
  readonly where: string;
  readonly mine: string;
  readonly theirs: string;
  /** The words of each side, to be able to remove one of them. */
  readonly mineWords: readonly Word[];
  readonly theirWords: readonly Word[];
}

export interface MergedDoc {
  readonly doc: Doc;
  readonly conflicts: readonly Conflict[];
}

interface Item {
  readonly key: string;
  /** Set on marks and on whole untouched turns. */
  readonly turn?: string;
  readonly whole?: true;
  readonly word?: Word;
}

/** Separates the parts of a key; no text of a document contains it after cleaning. */
const BREAK = '\u0000';

/** What makes a word the same word in two documents. */
export function wordKey(word: Word): string {
  return `${word.t.trim()}${BREAK}${word.s}${BREAK}${word.e}`;
}

function line(doc: Doc, touched: ReadonlySet<string>): Item[] {
  const items: Item[] = [];
  const seen = new Map<string, number>();
  for (const id of doc.order) {
    if (!touched.has(id)) {
      items.push({ key: `${BREAK}T${id}`, turn: id, whole: true });
      continue;
    }
    items.push({ key: `${BREAK}M${id}`, turn: id });
    for (const word of (doc.turns.get(id) as Turn).words) {
      const name = wordKey(word);
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      items.push({ key: count === 0 ? name : `${name}${BREAK}${count}`, word });
    }
  }
  return items;
}

function touchedTurns(base: Doc, mine: Doc, theirs: Doc): Set<string> {
  const touched = new Set<string>();
  for (const side of [mine, theirs]) {
    for (const [id, turn] of side.turns) if (base.turns.get(id) !== turn) touched.add(id);
    for (const id of base.turns.keys()) if (!side.turns.has(id)) touched.add(id);
  }
  return touched;
}

/** Takes the side that changed; both changed: mine, unless they agree. */
function pick<V>(base: V, mine: V, theirs: V): V {
  return mine === base ? theirs : mine;
}

function blendWord(base: Word, mine: Word, theirs: Word): Word {
  if (mine === base || mine === theirs) return theirs;
  if (theirs === base) return mine;
  const p = pick(base.p, mine.p, theirs.p);
  const x = mine.x ?? theirs.x;
  return {
    t: pick(base.t, mine.t, theirs.t),
    s: theirs.s,
    e: theirs.e,
    ...(p !== undefined && { p }),
    ...(x && { x }),
    ...(theirs.i && { i: theirs.i }),
  };
}

function textOf(items: readonly Item[]): string {
  return items
    .map((item) => (item.word ? item.word.t : ' ¶'))
    .join('')
    .trim();
}

const sameText = (mine: readonly Item[], theirs: readonly Item[]): boolean =>
  mine.length === theirs.length &&
  mine.every((item, index) => {
    const other = theirs[index] as Item;
    return item.turn === other.turn && item.word?.t.trim() === other.word?.t.trim();
  });

/** A removal that takes a turn's mark and reaches the end of a turn has removed that turn. */
function claimsEnd(base: readonly Item[], hunk: { from: number; to: number }): boolean {
  let marks = 0;
  let words = 0;
  for (let place = hunk.from; place < hunk.to; ++place) {
    if (base[place]?.turn !== undefined) ++marks;
    else if (marks > 0) ++words;
  }
  return words > 0 && (hunk.to === base.length || base[hunk.to]?.turn !== undefined);
}

function dispute(word: Word): Word {
  return { ...word, x: 1, p: 0 };
}

function wordsOf(items: readonly Item[]): Word[] {
  return items.flatMap((item) => (item.word ? [item.word] : []));
}

/** An element that both sides put in (an undo here, a kept conflict there) is one element. */
function once(items: readonly Item[]): Item[] {
  const seen = new Set<string>();
  return items.filter((item) => !seen.has(item.key) && seen.add(item.key));
}

/** Marks the words of clashing places and makes the reports; `items` is changed in place. */
function settle(items: Item[], clashes: readonly Clash<Item>[]): Omit<Conflict, 'id'>[] {
  const reports: Omit<Conflict, 'id'>[] = [];
  for (const clash of clashes) {
    const marked = new Set([...clash.mine, ...clash.theirs].map((item) => item.key));
    let where = '';
    let found = false;
    for (let place = 0; place < items.length; ++place) {
      const item = items[place] as Item;
      if (item.turn !== undefined && !found) where = item.turn;
      if (!marked.has(item.key)) continue;
      found = true;
      if (item.word) items[place] = { ...item, word: dispute(item.word) };
    }
    if (!found) continue;
    reports.push({
      kind: 'text',
      where,
      mine: textOf(clash.mine),
      theirs: textOf(clash.theirs),
      mineWords: wordsOf(clash.mine).map(dispute),
      theirWords: wordsOf(clash.theirs).map(dispute),
    });
  }
  return reports;
}

interface Sides {
  readonly base: Doc;
  readonly mine: Doc;
  readonly theirs: Doc;
}

/** A turn's own fields; its words come from the merged line. */
function blendTurn(id: string, words: readonly Word[], sides: Sides, report: (c: Omit<Conflict, 'id'>) => void): Turn {
  const base = sides.base.turns.get(id);
  const mine = sides.mine.turns.get(id);
  const theirs = sides.theirs.turns.get(id);
  const sole = theirs ?? mine ?? base;
  if (!sole) throw new Error(`turn ${id} is in no document`);
  if (!mine || !theirs) {
    const other = mine ?? theirs ?? sole;
    return { ...other, rev: theirs?.rev ?? 0, words, ...span(other, words) };
  }
  const from = base ?? theirs;
  let note = pick(from.note, mine.note, theirs.note);
  if (mine.note !== from.note && theirs.note !== from.note && mine.note !== theirs.note) {
    const both = [theirs.note, mine.note].filter((text) => text !== '').join('\n');
    note = clipBytes(both, LIMITS.noteBytes);
    report(attribute('note', id, mine.note, theirs.note));
  }
  if (mine.speaker !== from.speaker && theirs.speaker !== from.speaker && mine.speaker !== theirs.speaker) {
    const name = (doc: Doc, speaker: string | null): string =>
      speaker === null ? '' : (doc.speakers.get(speaker)?.name ?? speaker);
    report(attribute('speaker', id, name(sides.mine, mine.speaker), name(sides.theirs, theirs.speaker)));
  }
  const made: Turn = {
    id,
    pos: theirs.pos,
    rev: theirs.rev,
    speaker: pick(from.speaker, mine.speaker, theirs.speaker),
    start: pick(from.start, mine.start, theirs.start),
    end: pick(from.end, mine.end, theirs.end),
    note,
    words,
  };
  return { ...made, ...span(made, words) };
}

/** A turn's times enclose its words: a merge may have brought some from a neighbour. */
function span(turn: Turn, words: readonly Word[]): { start: number; end: number } {
  const start = Math.min(turn.start, words[0]?.s ?? turn.start);
  // One side may have moved the start and the other the end: none begins after it has ended.
  return { start, end: Math.max(start, turn.end, words.at(-1)?.e ?? turn.end) };
}

function attribute(kind: Conflict['kind'], where: string, mine: string, theirs: string): Omit<Conflict, 'id'> {
  return { kind, where, mine, theirs, mineWords: [], theirWords: [] };
}

/** Cuts the merged line into turns. Words before any mark get the turn back that held them. */
function cut(items: readonly Item[], home: (item: Item) => string | undefined): { id: string; words: Word[] | null }[] {
  const turns: { id: string; words: Word[] | null }[] = [];
  const seen = new Set<string>();
  for (const item of items) {
    if (item.turn !== undefined) {
      if (seen.has(item.turn)) continue;
      seen.add(item.turn);
      turns.push({ id: item.turn, words: item.whole ? null : [] });
      continue;
    }
    let last = turns.at(-1);
    if (!last || last.words === null) {
      const id = home(item);
      if (id !== undefined && !seen.has(id)) {
        seen.add(id);
        last = { id, words: [] };
        turns.push(last);
      }
    }
    if (!last) continue;
    last.words ??= [];
    if (item.word) last.words.push(item.word);
  }
  return turns;
}

function mergeSpeakers(
  sides: Sides,
  used: ReadonlySet<string>,
  report: (c: Omit<Conflict, 'id'>) => void,
): Map<string, Speaker> {
  const { base, mine, theirs } = sides;
  const speakers = new Map<string, Speaker>();
  const ids = new Set([...theirs.speakers.keys(), ...mine.speakers.keys(), ...base.speakers.keys()]);
  for (const id of ids) {
    const b = base.speakers.get(id);
    const m = mine.speakers.get(id);
    const t = theirs.speakers.get(id);
    if (m && t) {
      const from = b ?? t;
      let name = pick(from.name, m.name, t.name);
      if (m.name !== from.name && t.name !== from.name && m.name !== t.name) {
        name = clipBytes(`${t.name} / ${m.name}`, LIMITS.nameBytes);
        report(attribute('name', id, m.name, t.name));
      }
      const made = { id, name, color: pick(from.color, m.color, t.color), rev: t.rev };
      speakers.set(id, sameSpeaker(made, t) ? t : made);
      continue;
    }
    const left = m ?? t;
    // One side removed it (or it is new on the other). Somebody's change or use of it wins.
    if (left && (!b || !sameSpeaker(left, b) || used.has(id))) {
      speakers.set(id, t ?? { ...left, rev: 0 });
    } else if (!left && b && used.has(id)) {
      speakers.set(id, { ...b, rev: 0 });
    }
  }
  return speakers;
}

/** Turn of the documents that holds each word of the base: where orphaned words go back to. */
function homes(sides: Sides, touched: ReadonlySet<string>): (item: Item) => string | undefined {
  let index: Map<Word, string> | null = null;
  return (item) => {
    if (!index) {
      index = new Map();
      for (const doc of [sides.base, sides.theirs, sides.mine]) {
        for (const id of touched) {
          for (const word of doc.turns.get(id)?.words ?? []) index.set(word, id);
        }
      }
    }
    return item.word && index.get(item.word);
  };
}

let conflictCount = 0;

/**
 * What both sides did to `base`. Turns equal to theirs are theirs by reference, so that the
 * difference to the server's state stays a comparison of references.
 */
export function mergeDocs(base: Doc, mine: Doc, theirs: Doc, onClash: 'both' | 'mine' = 'both'): MergedDoc {
  if (mine === base) return { doc: theirs, conflicts: [] };
  const sides = { base, mine, theirs };
  const touched = touchedTurns(base, mine, theirs);
  const rules: MergeRules<Item> = { same: sameText, claimsEnd, onClash };
  const merged = mergeSequences(line(base, touched), line(mine, touched), line(theirs, touched), blendItem, rules);
  const items = once(merged.items);
  const reports = onClash === 'both' ? settle(items, merged.clashes) : [];
  const report = (conflict: Omit<Conflict, 'id'>): void => void reports.push(conflict);
  const turns = cut(items, homes(sides, touched)).map(({ id, words }) => {
    if (words === null) return theirs.turns.get(id) as Turn;
    return blendTurn(id, words, sides, report);
  });
  const positions = positionsInOrder(turns.map((turn) => turn.pos));
  const put = turns.map((turn, index) => {
    const pos = positions[index] as string;
    const placed = turn.pos === pos ? turn : { ...turn, pos };
    const known = theirs.turns.get(turn.id);
    return known && sameTurn(known, placed) ? known : placed;
  });
  const used = new Set(put.flatMap((turn) => (turn.speaker === null ? [] : [turn.speaker])));
  const speakers = mergeSpeakers(sides, used, report);
  const byId = new Map(put.map((turn) => [turn.id, turn]));
  const doc: Doc = {
    ...theirs,
    speakers,
    turns: byId,
    order: put.map((turn) => turn.id),
  };
  return { doc, conflicts: reports.map((conflict) => ({ ...conflict, id: `c${++conflictCount}` })) };
}

function blendItem(base: Item, mine: Item, theirs: Item): Item {
  if (!base.word || !mine.word || !theirs.word) return theirs;
  const word = blendWord(base.word, mine.word, theirs.word);
  return word === theirs.word ? theirs : { ...theirs, word };
}

/** A document reduced to some turns, for merges of a part (undo). */
export function restrict(doc: Doc, turns: Iterable<Turn>): Doc {
  const map = new Map([...turns].map((turn) => [turn.id, turn]));
  return { ...doc, turns: map, order: [...map.values()].sort(comparePlaces).map((turn) => turn.id) };
}

/** Removes one side's words of a conflict; the other's become certain. */
export function resolveConflict(doc: Doc, conflict: Conflict, keep: 'mine' | 'theirs' | 'both'): Doc {
  const name = wordKey;
  const drop = new Set(keep === 'both' ? [] : (keep === 'mine' ? conflict.theirWords : conflict.mineWords).map(name));
  const all = new Set([...conflict.mineWords, ...conflict.theirWords].map(name));
  const put: Turn[] = [];
  for (const turn of doc.turns.values()) {
    if (!turn.words.some((word) => isDisputed(word) && all.has(name(word)))) continue;
    const words = turn.words.flatMap((word) => {
      if (!isDisputed(word) || !all.has(name(word))) return [word];
      if (drop.has(name(word))) return [];
      const { p: _, ...certain } = word;
      return [certain];
    });
    put.push({ ...turn, words });
  }
  return put.length > 0 ? patchDoc(doc, { putTurns: put }) : doc;
}
