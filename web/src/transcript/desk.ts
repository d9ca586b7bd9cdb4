// What the parts of the transcript page share: the session, the player, where the caret and the
// sound are, what is searched for. Rows subscribe to the one thing they show, so that a playing
// recording renders nothing but the row that begins or stops to sound.

import {
  acceptWord,
  bareWord,
  fixEverywhere,
  mergeWithPrevious,
  setText,
  setTurnSpeaker,
  splitTurn,
  typeOver,
} from '../editor/edits';
import { nextDoubt } from '../editor/doubt';
import { cachedText, findAll, type FindOptions, type Match } from '../editor/find';
import { newId, type Turn, type Word, wordAtOffset, wordOffsets } from '../editor/model';
import type { EditorSession } from '../editor/session';
import { type Place, placeAt, turnsInOrder } from '../editor/time';
import type { Player } from './player';

export type Panel = 'find' | 'export' | 'versions' | 'keys' | 'speakers' | 'jump' | 'notes' | null;

export interface DeskView {
  /** The turn that sounds. */
  readonly sounding: string | null;
  readonly following: boolean;
  readonly panel: Panel;
  readonly replacing: boolean;
  readonly query: string;
  readonly options: FindOptions;
  readonly matches: readonly Match[];
  readonly hit: number;
  /** Turns say when they begin. */
  readonly times: boolean;
}

/** A mounted paragraph. */
export interface Paragraph {
  readonly element: HTMLElement;
  /** Puts the caret there. */
  focus(offset: number): void;
  /** Selects a part without starting to edit. */
  select(from: number, to: number): void;
  /** The caret's offset, if it is in here. */
  caret(): number | null;
}

const TIMES_KEPT = 'wt.times';

function keptTimes(): boolean {
  try {
    return localStorage.getItem(TIMES_KEPT) !== 'off';
  } catch {
    return true;
  }
}

/** For the next transcript as well; gives back what it was given. */
export function keepTimes(times: boolean): boolean {
  try {
    if (times) localStorage.removeItem(TIMES_KEPT);
    else localStorage.setItem(TIMES_KEPT, 'off');
  } catch {
    // It then holds until the page is left.
  }
  return times;
}

export class Desk {
  view: DeskView = {
    sounding: null,
    following: true,
    panel: null,
    replacing: false,
    query: '',
    options: { matchCase: false, wholeWord: false },
    matches: [],
    hit: 0,
    times: keptTimes(),
  };
  private readonly listeners = new Set<() => void>();
  private readonly paragraphs = new Map<string, Paragraph>();
  private waiting: { turn: string; act: (paragraph: Paragraph) => void } | null = null;
  /** The last place of the caret, of the walk through doubts, or of the search. */
  place: Place | null = null;
  /** What was typed last, for "fix everywhere". */
  private lastFix: { turn: string; from: string; word: number } | null = null;
  /** A turn that is being typed in: its words at the beginning, and as the last letter left them. */
  private typing: { turn: string; from: readonly Word[]; last: readonly Word[] } | null = null;
  scrollToRow: (row: number) => void = () => {};

  constructor(
    readonly session: EditorSession,
    readonly player: Player,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  getView = (): DeskView => this.view;

  set(change: Partial<DeskView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of [...this.listeners]) listener();
  }

  mount(turn: string, paragraph: Paragraph): () => void {
    this.paragraphs.set(turn, paragraph);
    if (this.waiting?.turn === turn) {
      const { act } = this.waiting;
      this.waiting = null;
      act(paragraph);
    }
    return () => {
      if (this.paragraphs.get(turn) === paragraph) this.paragraphs.delete(turn);
    };
  }

  paragraph(turn: string): Paragraph | undefined {
    return this.paragraphs.get(turn);
  }

  private row(turn: string): number {
    return turnsInOrder(this.session.doc).findIndex((other) => other.id === turn);
  }

  /** Brings a turn into view and does something with it once it is drawn. */
  show(turn: string, act: (paragraph: Paragraph) => void = () => {}): void {
    const mounted = this.paragraphs.get(turn);
    const box = mounted?.element.getBoundingClientRect();
    // Phones have the player, and what is looked for, at the thumb.
    const below = matchMedia('(max-width: 767px)').matches ? 300 : 120;
    if (mounted && box && box.top > 140 && box.bottom < window.innerHeight - below) {
      act(mounted);
      return;
    }
    const row = this.row(turn);
    if (row < 0) return;
    this.suspend();
    this.scrollToRow(row);
    if (mounted) act(mounted);
    else this.waiting = { turn, act };
  }

  /** A person scrolls or edits: the text stays where it is until they ask for the sound's place. */
  suspend(): void {
    if (this.view.following) this.set({ following: false });
  }

  follow(): void {
    this.set({ following: true });
    const place = placeAt(this.session.doc, this.player.time);
    if (place) this.scrollToRow(place.row);
  }

  /** The caret's turn and offset, if one is in the text. */
  caret(): { turn: Turn; offset: number; paragraph: Paragraph } | null {
    for (const [id, paragraph] of this.paragraphs) {
      const offset = paragraph.caret();
      const turn = this.session.doc.turns.get(id);
      if (offset !== null && turn) return { turn, offset, paragraph };
    }
    return null;
  }

  placeOf(turn: string, word: number): Place {
    return { turn, row: this.row(turn), word };
  }

  /** A click on a letter: the sound goes to its word. */
  clicked(turn: Turn, offset: number): void {
    const word = wordAtOffset(turn, offset);
    const at = turn.words[word]?.s ?? turn.start;
    this.place = this.placeOf(turn.id, word);
    this.player.seek(at);
  }

  /** `turn`: as it was on the screen when its text was typed over. */
  type(turn: Turn, text: string): void {
    const before = turn;
    if (this.typing?.turn !== turn.id || this.typing.last !== turn.words) {
      this.typing = { turn: turn.id, from: turn.words, last: turn.words };
    }
    const next = typeOver(this.session.doc, turn, text, this.typing.from);
    this.session.commit(next, 'type', `type:${turn.id}`);
    const after = next.turns.get(turn.id);
    if (after) this.typing.last = after.words;
    if (!after || after === before) return;
    const word = after.words.findIndex((other, index) => other !== before.words[index]);
    const old = before.words[word];
    if (word < 0 || !old || after.words.length !== before.words.length) {
      if (word >= 0 && this.lastFix?.turn === turn.id && this.lastFix.word === word) return;
      this.lastFix = null;
      return;
    }
    // While one word is being typed its first form is what would be fixed elsewhere.
    if (this.lastFix?.turn !== turn.id || this.lastFix.word !== word)
      this.lastFix = { turn: turn.id, from: old.t, word };
  }

  split(turn: Turn, offset: number): void {
    const made = newId('t');
    this.session.commit(splitTurn(this.session.doc, turn.id, offset, made), 'split');
    this.show(made, (paragraph) => paragraph.focus(0));
  }

  /** Backspace at the start: true when there was a turn to join with. */
  join(turn: Turn): boolean {
    const row = this.row(turn.id);
    const before = turnsInOrder(this.session.doc)[row - 1];
    if (!before) return false;
    const at = cachedText(before).length;
    const next = mergeWithPrevious(this.session.doc, turn.id);
    if (next === this.session.doc) return false;
    const gap =
      cachedText(before) !== '' && cachedText(turn) !== '' && cachedText(next.turns.get(before.id) as Turn)[at] === ' '
        ? 1
        : 0;
    this.session.commit(next, 'merge');
    this.show(before.id, (paragraph) => paragraph.focus(at + gap));
    return true;
  }

  /** From one turn's text to the next with the arrow keys. */
  neighbour(turn: Turn, step: 1 | -1): boolean {
    const other = turnsInOrder(this.session.doc)[this.row(turn.id) + step];
    if (!other) return false;
    this.show(other.id, (paragraph) => paragraph.focus(step > 0 ? 0 : cachedText(other).length));
    return true;
  }

  assign(index: number): void {
    const speaker = [...this.session.doc.speakers.keys()][index];
    const turn = this.caret()?.turn.id ?? this.view.sounding ?? this.place?.turn;
    if (speaker === undefined || turn === undefined) return;
    this.session.commit(setTurnSpeaker(this.session.doc, [turn], speaker), 'speaker');
  }

  private here(): Place | null {
    const caret = this.caret();
    if (caret) {
      const word = wordAtOffset(caret.turn, caret.offset);
      return this.placeOf(caret.turn.id, word);
    }
    if (this.place && this.session.doc.turns.has(this.place.turn))
      return this.placeOf(this.place.turn, this.place.word);
    return placeAt(this.session.doc, this.player.time);
  }

  walk(step: 1 | -1): boolean {
    const place = nextDoubt(this.session.doc, this.here(), step);
    if (!place) return false;
    this.goToWord(place);
    return true;
  }

  private goToWord(place: Place): void {
    const turn = this.session.doc.turns.get(place.turn);
    if (!turn) return;
    this.place = place;
    const from = wordOffsets(turn)[place.word] as number;
    const word = turn.words[place.word];
    const to = from + (word?.t.trim().length ?? 0);
    this.player.seek(word?.s ?? turn.start);
    this.show(place.turn, (paragraph) => paragraph.select(from, to));
  }

  accept(): void {
    const place = this.here();
    if (!place) return;
    this.session.commit(acceptWord(this.session.doc, place.turn, place.word), 'accept');
    this.place = place;
    const next = nextDoubt(this.session.doc, place, 1);
    if (next) this.goToWord(next);
  }

  /** Makes the last typed correction at all other places as well; how many there were. */
  fixEverywhere(): number {
    const fix = this.lastFix;
    const to = fix && this.session.doc.turns.get(fix.turn)?.words[fix.word]?.t;
    if (!fix || !to) return 0;
    const { doc } = this.session;
    const from = bareWord(fix.from);
    let count = 0;
    for (const turn of doc.turns.values()) for (const word of turn.words) if (bareWord(word.t) === from) ++count;
    this.session.commit(fixEverywhere(doc, fix.from, to), 'fix');
    return count;
  }

  search(query: string, options: FindOptions = this.view.options): void {
    const matches = findAll(this.session.doc, query, options);
    const from = this.here()?.row ?? 0;
    const hit = Math.max(
      0,
      matches.findIndex((match) => match.row >= from),
    );
    this.set({ query, options, matches, hit });
    if (matches[hit]) this.showHit(hit);
  }

  /** From outside: the first hit not before a second of the recording. */
  searchFrom(query: string, seconds: number): void {
    this.search(query);
    const { matches } = this.view;
    const hit = matches.findIndex((match) => (this.session.doc.turns.get(match.turn)?.end ?? 0) > seconds);
    if (hit < 0) return;
    // Rows are as high as they are only once they are there: the place is looked for again then.
    let frames = 3;
    const again = (): void => {
      this.showHit(hit);
      if (--frames > 0) requestAnimationFrame(again);
    };
    requestAnimationFrame(again);
  }

  /** After an edit: the same search, the same place. */
  searchAgain(): void {
    const { query, options, hit } = this.view;
    if (query === '') return;
    const matches = findAll(this.session.doc, query, options);
    this.set({ matches, hit: Math.min(hit, Math.max(0, matches.length - 1)) });
  }

  stepHit(step: 1 | -1): void {
    const { matches, hit } = this.view;
    if (matches.length > 0) this.showHit((hit + step + matches.length) % matches.length);
  }

  private showHit(hit: number): void {
    const match = this.view.matches[hit];
    if (!match) return;
    this.set({ hit });
    this.show(match.turn);
  }

  insertTime(text: string): void {
    const caret = this.caret();
    if (!caret) return;
    const { turn, offset, paragraph } = caret;
    const now = cachedText(turn);
    const before = offset > 0 && !/\s$/.test(now.slice(0, offset)) ? ' ' : '';
    const after = /^\s/.test(now.slice(offset)) ? '' : ' ';
    this.session.commit(
      setText(this.session.doc, turn.id, now.slice(0, offset) + before + text + after + now.slice(offset)),
      'type',
    );
    requestAnimationFrame(() => paragraph.focus(offset + before.length + text.length + after.length));
  }
}
