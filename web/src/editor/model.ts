// The editable transcript as values: turns of words, speakers, and the order of turns.
//
// A Doc is immutable. Every edit makes a new one that shares all untouched turns with the old one,
// so "has this turn changed" is a comparison of references, and undo, merge and sync need no flags.
// Field names are those of the wire (docs: GET /jobs/{id}/document).

/** One word. `t` carries its leading space; times are seconds. */
export interface Word {
  readonly t: string;
  readonly s: number;
  readonly e: number;
  /** Probability 0..1; absent: unknown. */
  readonly p?: number;
  /** A person changed or accepted it. With `p: 0` two people disagree about it. */
  readonly x?: 1;
  /** Its times are interpolated from its neighbours. */
  readonly i?: 1;
}

export interface Turn {
  readonly id: string;
  /** Fractional index; turns are ordered by (pos, id). */
  readonly pos: string;
  /** The server's revision of this turn; 0 when the server has never seen it. */
  readonly rev: number;
  readonly speaker: string | null;
  readonly start: number;
  readonly end: number;
  readonly note: string;
  readonly words: readonly Word[];
}

export interface Speaker {
  readonly id: string;
  readonly name: string;
  readonly color: number;
  readonly rev: number;
}

export interface Doc {
  readonly revision: number;
  readonly jobId: string;
  readonly language: string;
  readonly duration: number;
  readonly speakers: ReadonlyMap<string, Speaker>;
  readonly turns: ReadonlyMap<string, Turn>;
  /** Ids of all turns in reading order. */
  readonly order: readonly string[];
}

/** The document as the server sends it. */
export interface WireDoc {
  readonly revision: number;
  readonly job_id: string;
  readonly language: string;
  readonly duration: number;
  readonly speakers: readonly Speaker[];
  readonly turns: readonly Turn[];
}

/** The limits the server names; the editor keeps within them so that no save is ever refused. */
export const LIMITS = {
  changesPerCall: 2_000,
  wordsPerTurn: 5_000,
  wordCharacters: 64,
  wordBytes: 1_024,
  noteBytes: 4_000,
  nameBytes: 200,
  positionBytes: 128,
  /** In one call, so that its body stays far below what the server reads. */
  wordsPerCall: 50_000,
  wordsPerDocument: 400_000,
  speakers: 64,
} as const;

const encoder = new TextEncoder();

/** Text as the server takes it: whole characters, no control characters. */
export function cleanText(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '').replace(/\p{Surrogate}/gu, '\ufffd');
}

/** The beginning of a text that fits into so many bytes of UTF-8, whole code points only. */
export function clipBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  let used = 0;
  let clipped = '';
  for (const point of text) {
    used += encoder.encode(point).length;
    if (used > bytes) break;
    clipped += point;
  }
  return clipped;
}

export function comparePlaces(
  a: { readonly pos: string; readonly id: string },
  b: { readonly pos: string; readonly id: string },
): number {
  // Plain code-unit order: the alphabet of positions is ASCII and sorted by it.
  if (a.pos !== b.pos) return a.pos < b.pos ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function sortedIds(turns: ReadonlyMap<string, Turn>): string[] {
  return [...turns.values()].sort(comparePlaces).map((turn) => turn.id);
}

export function docFromWire(wire: WireDoc): Doc {
  const turns = new Map(wire.turns.map((turn) => [turn.id, turn]));
  return {
    revision: wire.revision,
    jobId: wire.job_id,
    language: wire.language,
    duration: wire.duration,
    speakers: new Map(wire.speakers.map((speaker) => [speaker.id, speaker])),
    turns,
    order: sortedIds(turns),
  };
}

export interface Patch {
  readonly putTurns?: Iterable<Turn>;
  readonly deleteTurns?: Iterable<string>;
  readonly putSpeakers?: Iterable<Speaker>;
  readonly deleteSpeakers?: Iterable<string>;
  readonly revision?: number;
}

/** The document with some turns and speakers put or removed; shares everything else. */
export function patchDoc(doc: Doc, patch: Patch): Doc {
  const turns = new Map(doc.turns);
  let moved = false;
  for (const id of patch.deleteTurns ?? []) moved = turns.delete(id) || moved;
  for (const turn of patch.putTurns ?? []) {
    moved ||= turns.get(turn.id)?.pos !== turn.pos;
    turns.set(turn.id, turn);
  }
  let speakers = doc.speakers;
  if (patch.putSpeakers || patch.deleteSpeakers) {
    const next = new Map(doc.speakers);
    for (const id of patch.deleteSpeakers ?? []) next.delete(id);
    for (const speaker of patch.putSpeakers ?? []) next.set(speaker.id, speaker);
    speakers = next;
  }
  return {
    ...doc,
    revision: patch.revision ?? doc.revision,
    speakers,
    turns,
    order: moved ? sortedIds(turns) : doc.order,
  };
}

export function orderedTurns(doc: Doc): Turn[] {
  const list: Turn[] = [];
  for (const id of doc.order) {
    const turn = doc.turns.get(id);
    if (turn) list.push(turn);
  }
  return list;
}

export function sameWord(a: Word, b: Word): boolean {
  return a === b || (a.t === b.t && a.s === b.s && a.e === b.e && a.p === b.p && a.x === b.x && a.i === b.i);
}

/** Equal in everything a person can change; the server's revision is not part of it. */
export function sameTurn(a: Turn, b: Turn): boolean {
  if (a === b) return true;
  if (a.id !== b.id || a.pos !== b.pos || a.speaker !== b.speaker || a.note !== b.note) return false;
  if (a.start !== b.start || a.end !== b.end || a.words.length !== b.words.length) return false;
  return a.words.every((word, index) => sameWord(word, b.words[index] as Word));
}

export function sameSpeaker(a: Speaker, b: Speaker): boolean {
  return a === b || (a.id === b.id && a.name === b.name && a.color === b.color);
}

/** The text of a turn as it is shown: the first word's leading space is not. */
export function turnText(turn: Turn): string {
  let text = '';
  for (const word of turn.words) text += word.t;
  return text.trim();
}

/** How many characters of the first word's leading space are not shown. */
export function hiddenLead(turn: Turn): number {
  const first = turn.words[0]?.t ?? '';
  return first.length - first.trimStart().length;
}

/** Where each word's letters begin in turnText(); without its leading space. */
export function wordOffsets(turn: Turn): Uint32Array {
  const offsets = new Uint32Array(turn.words.length + 1);
  let at = -hiddenLead(turn);
  turn.words.forEach((word, index) => {
    offsets[index] = Math.max(0, at + word.t.length - word.t.trimStart().length);
    at += word.t.length;
  });
  offsets[turn.words.length] = Math.max(0, at);
  return offsets;
}

/** The word at a caret offset of turnText(): the last that begins at or before it; -1 if none. */
export function wordAtOffset(turn: Turn, offset: number): number {
  const offsets = wordOffsets(turn);
  let low = 0;
  let high = turn.words.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - 1, turn.words.length > 0 ? 0 : -1);
}

export function countWords(doc: Doc): number {
  let count = 0;
  for (const turn of doc.turns.values()) count += turn.words.length;
  return count;
}

export function isDisputed(word: Word): boolean {
  return word.x === 1 && word.p === 0;
}

/** A fresh id in the alphabet and length that the server takes. */
export function newId(prefix: string, random: () => number = Math.random): string {
  let id = prefix;
  for (let i = 0; i < 14; ++i) id += Math.floor(random() * 36).toString(36);
  return id;
}
