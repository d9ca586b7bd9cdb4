// What a person can do to a document: pure functions from a document to the next one.
//
// Each returns the document itself when there is nothing to do. None exceeds the server's limits.

import {
  cleanText,
  clipBytes,
  LIMITS,
  newId,
  patchDoc,
  wordOffsets,
  type Doc,
  type Speaker,
  type Turn,
  type Word,
} from './model';
import { mergeDocs, restrict } from './merge';
import { positionBetween, positionsInOrder } from './position';
import { retype, round } from './words';

function putTurns(doc: Doc, turns: readonly Turn[], deleted: readonly string[] = []): Doc {
  return patchDoc(doc, { putTurns: turns, deleteTurns: deleted });
}

export function neighbour(doc: Doc, id: string, step: -1 | 1): Turn | undefined {
  const index = doc.order.indexOf(id);
  if (index < 0) return undefined;
  const other = doc.order[index + step];
  return other === undefined ? undefined : doc.turns.get(other);
}

/**
 * The turn's text becomes `text`. Text beyond the words a turn can hold is cut off. `from`: the
 * words as they were when typing began. Letters typed against a word change it until the space
 * comes; compared with the beginning, the word is the one it was.
 */
export function setText(doc: Doc, id: string, text: string, from?: readonly Word[]): Doc {
  const turn = doc.turns.get(id);
  if (!turn) return doc;
  const words = retype(from ?? turn.words, text, turn);
  if (words === turn.words) return doc;
  return putTurns(doc, [{ ...turn, words: words.slice(0, LIMITS.wordsPerTurn) }]);
}

/**
 * As setText, for text that was typed over `shown`. Where others have changed the turn since (while
 * a composition was under way), both are merged.
 */
export function typeOver(doc: Doc, shown: Turn, text: string, from?: readonly Word[]): Doc {
  const now = doc.turns.get(shown.id);
  if (!now || now.words === shown.words) return setText(doc, shown.id, text, from);
  const base = restrict(doc, [shown]);
  const merged = mergeDocs(base, setText(base, shown.id, text), restrict(doc, [now])).doc.turns.get(shown.id);
  return merged ? putTurns(doc, [merged]) : doc;
}

/** Positions longer than this are made anew; the server takes 128. */
const POSITION_LONG = 64;
/** Turns that get a new position then. */
const CROWD = 40;

/** Puts a new turn behind another, moving the positions of later ones only when there is no room. */
function insertAfter(doc: Doc, turn: Turn, made: Turn): Doc {
  const next = neighbour(doc, turn.id, 1);
  const pos = positionBetween(turn.pos, next?.pos ?? null);
  if (pos !== null && pos.length <= POSITION_LONG) return putTurns(doc, [turn, { ...made, pos }]);
  const at = doc.order.indexOf(turn.id);
  const later = doc.order.slice(at + 1).map((id) => doc.turns.get(id) as Turn);
  // No room, or hundreds of splits at one place: the next ones move on as well.
  const crowded = pos === null ? 0 : CROWD;
  const positions = positionsInOrder([
    turn.pos,
    null,
    ...later.map((other, index) => (index < crowded ? null : other.pos)),
  ]);
  const moved = later.flatMap((other, index) => {
    const place = positions[index + 2] as string;
    return place === other.pos ? [] : [{ ...other, pos: place }];
  });
  return putTurns(doc, [turn, { ...made, pos: positions[1] as string }, ...moved]);
}

/** Splits a turn at a caret offset of its text; a word under the caret is cut in two. */
export function splitTurn(doc: Doc, id: string, offset: number, madeId = newId('t')): Doc {
  const whole = doc.turns.get(id);
  if (!whole) return doc;
  const { head, tail } = splitWords(whole, offset);
  const start = tail[0]?.s ?? head.at(-1)?.e ?? whole.end;
  const end = head.at(-1)?.e ?? whole.start;
  const first: Turn = { ...whole, words: head, end: Math.max(whole.start, end) };
  // Words of a joined or disputed turn may run past its last one.
  const second: Turn = { ...whole, id: madeId, rev: 0, note: '', words: tail, start, end: Math.max(start, whole.end) };
  return insertAfter(doc, first, second);
}

function splitWords(turn: Turn, offset: number): { head: Word[]; tail: Word[] } {
  const offsets = wordOffsets(turn);
  let index = 0;
  while (index < turn.words.length && (offsets[index] as number) < offset) ++index;
  const head = turn.words.slice(0, index);
  const tail = turn.words.slice(index);
  const last = head.at(-1);
  const inside = last ? offset - (offsets[index - 1] as number) : 0;
  const letters = last ? last.t.trimStart().length : 0;
  if (last && inside < letters) {
    // The time is cut where the letters are.
    const lead = last.t.length - letters;
    const middle = Math.round((last.s + ((last.e - last.s) * inside) / letters) * 1000) / 1000;
    head[head.length - 1] = { t: last.t.slice(0, lead + inside), s: last.s, e: middle, x: 1, i: 1 };
    tail.unshift({ t: ` ${last.t.slice(lead + inside)}`, s: middle, e: last.e, x: 1, i: 1 });
  }
  return { head, tail };
}

/** Joins a turn to the one before it, whose speaker it takes. */
export function mergeWithPrevious(doc: Doc, id: string): Doc {
  const turn = doc.turns.get(id);
  const before = neighbour(doc, id, -1);
  if (!turn || !before) return doc;
  if (before.words.length + turn.words.length > LIMITS.wordsPerTurn) return doc;
  const note = clipBytes([before.note, turn.note].filter((text) => text !== '').join('\n'), LIMITS.noteBytes);
  const first = turn.words[0];
  // Two Latin words must not grow together; a first word without a space gets one.
  const words =
    first && before.words.length > 0 && !/^\s/.test(first.t) && /[\p{Script=Latin}\d]/u.test(first.t.charAt(0))
      ? [{ ...first, t: ` ${first.t}` }, ...turn.words.slice(1)]
      : turn.words;
  const speaker = before.words.length > 0 ? before.speaker : turn.speaker;
  const joined = { ...before, speaker, words: [...before.words, ...words], end: Math.max(before.end, turn.end), note };
  return putTurns(doc, [joined], [id]);
}

export function deleteTurn(doc: Doc, id: string): Doc {
  return doc.turns.has(id) ? putTurns(doc, [], [id]) : doc;
}

export function setTurnSpeaker(doc: Doc, ids: Iterable<string>, speaker: string | null): Doc {
  const put: Turn[] = [];
  for (const id of ids) {
    const turn = doc.turns.get(id);
    if (turn && turn.speaker !== speaker) put.push({ ...turn, speaker });
  }
  return put.length > 0 ? putTurns(doc, put) : doc;
}

/** The turn and those that follow it without a break by the same speaker. */
export function runOf(doc: Doc, id: string): string[] {
  const start = doc.order.indexOf(id);
  const speaker = doc.turns.get(id)?.speaker;
  const run: string[] = [];
  for (let index = start; index >= 0 && index < doc.order.length; ++index) {
    const other = doc.order[index] as string;
    if (doc.turns.get(other)?.speaker !== speaker) break;
    run.push(other);
  }
  return run;
}

export function setNote(doc: Doc, id: string, note: string): Doc {
  const turn = doc.turns.get(id);
  const clean = clipBytes(cleanText(note), LIMITS.noteBytes);
  return !turn || turn.note === clean ? doc : putTurns(doc, [{ ...turn, note: clean }]);
}

/** Colours are given out in turn; the least used comes next. */
export function addSpeaker(doc: Doc, name: string, id = newId('s')): Doc {
  if (doc.speakers.size >= LIMITS.speakers) return doc;
  const used = new Map<number, number>();
  for (const speaker of doc.speakers.values()) used.set(speaker.color, (used.get(speaker.color) ?? 0) + 1);
  let color = 0;
  for (let candidate = 0; candidate < SPEAKER_COLORS; ++candidate) {
    if ((used.get(candidate) ?? 0) < (used.get(color) ?? 0)) color = candidate;
  }
  return patchDoc(doc, { putSpeakers: [{ id, name, color, rev: 0 }] });
}

/** As many as the page has distinguishable colours for. */
export const SPEAKER_COLORS = 8;

export function changeSpeaker(doc: Doc, id: string, change: Partial<Pick<Speaker, 'name' | 'color'>>): Doc {
  const speaker = doc.speakers.get(id);
  if (!speaker) return doc;
  const made = { ...speaker, ...change };
  made.name = clipBytes(cleanText(made.name).trim(), LIMITS.nameBytes) || speaker.name;
  if (made.name === speaker.name && made.color === speaker.color) return doc;
  return patchDoc(doc, { putSpeakers: [made] });
}

/** All turns of `from` become turns of `into` (null: of nobody); `from` is removed. */
export function mergeSpeaker(doc: Doc, from: string, into: string | null): Doc {
  if (!doc.speakers.has(from) || from === into) return doc;
  const put: Turn[] = [];
  for (const turn of doc.turns.values()) if (turn.speaker === from) put.push({ ...turn, speaker: into });
  return patchDoc(doc, { putTurns: put, deleteSpeakers: [from] });
}

function certain(word: Word): Word {
  const { p: _, ...rest } = word;
  return { ...rest, x: 1 };
}

/** A person looked at the word and it is right. */
export function acceptWord(doc: Doc, id: string, index: number): Doc {
  const turn = doc.turns.get(id);
  const word = turn?.words[index];
  if (!turn || !word || (word.x === 1 && word.p === undefined)) return doc;
  return putTurns(doc, [{ ...turn, words: turn.words.map((other) => (other === word ? certain(word) : other)) }]);
}

/** A word without its punctuation, for "the same word elsewhere". */
export function bareWord(text: string): string {
  return text.trim().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
}

/** Every word that is `from` (apart from punctuation around it) becomes `to`; undone as one. */
export function fixEverywhere(doc: Doc, from: string, to: string): Doc {
  const bare = bareWord(from);
  const wanted = bareWord(to);
  if (bare === '' || wanted === '' || bare === wanted) return doc;
  const put: Turn[] = [];
  for (const turn of doc.turns.values()) {
    if (!turn.words.some((word) => bareWord(word.t) === bare)) continue;
    const words = turn.words.flatMap((word) => {
      if (bareWord(word.t) !== bare) return [word];
      const t = word.t.replace(bare, () => wanted);
      return retype([word], t, { start: word.s, end: word.e });
    });
    if (words.length <= LIMITS.wordsPerTurn) put.push({ ...turn, words });
  }
  return put.length > 0 ? putTurns(doc, put) : doc;
}

/** Moves a turn's own times; its words keep theirs. */
export function setTimes(doc: Doc, id: string, times: { start?: number; end?: number }): Doc {
  const turn = doc.turns.get(id);
  if (!turn) return doc;
  const within = (seconds: number): number => round(Math.min(Math.max(0, seconds), doc.duration));
  const start = times.start === undefined ? turn.start : within(times.start);
  const end = Math.max(start, times.end === undefined ? turn.end : within(times.end));
  return start === turn.start && end === turn.end ? doc : putTurns(doc, [{ ...turn, start, end }]);
}
