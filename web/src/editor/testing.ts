// Helpers for tests: a seeded random source, documents, and a server that keeps the contract.

import { comparePlaces, docFromWire, type Doc, type Speaker, type Turn, type WireDoc, type Word } from './model';
import type { ChangeSet, Delta } from './sync';
import { round } from './words';

/** Mulberry32: 32 bits of state, the same sequence for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function makeTurn(id: string, pos: string, start: number, text: string, speaker: string | null = 's1'): Turn {
  const words: Word[] = text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => ({ t: ` ${word}`, s: start + index * 0.5, e: start + index * 0.5 + 0.4, p: 0.9 }));
  return { id, pos, rev: 1, speaker, start, end: words.at(-1)?.e ?? start, note: '', words };
}

export function makeWire(texts: readonly string[]): WireDoc {
  let start = 0;
  const turns = texts.map((text, index) => {
    const turn = makeTurn(`t${index}`, `b${String(index).padStart(5, '0')}1`, start, text, index % 2 ? 's2' : 's1');
    start = turn.end + 0.5;
    return turn;
  });
  return {
    revision: 1,
    job_id: 'j',
    language: 'en',
    duration: start,
    speakers: [
      { id: 's1', name: 'Speaker 1', color: 0, rev: 1 },
      { id: 's2', name: 'Speaker 2', color: 1, rev: 1 },
    ],
    turns,
  };
}

export const makeDoc = (...texts: string[]): Doc => docFromWire(makeWire(texts));

export type Answer =
  | { readonly status: 200; readonly revision: number; readonly revs: Record<string, number> }
  | { readonly status: 409; readonly revision: number };

interface Stone {
  readonly rev: number;
}

/** The document routes of the contract in memory. */
export class FakeServer {
  revision: number;
  readonly turns = new Map<string, Turn>();
  readonly speakers = new Map<string, Speaker>();
  private readonly gone = { turns: new Map<string, Stone>(), speakers: new Map<string, Stone>() };
  private readonly answers = new Map<string, Answer>();
  /** Revisions before this one have no difference any more (410). */
  oldest = 0;

  constructor(private readonly wire: WireDoc) {
    this.revision = wire.revision;
    for (const turn of wire.turns) this.turns.set(turn.id, turn);
    for (const speaker of wire.speakers) this.speakers.set(speaker.id, speaker);
  }

  load(): WireDoc {
    return {
      ...this.wire,
      revision: this.revision,
      speakers: [...this.speakers.values()],
      turns: [...this.turns.values()].sort(comparePlaces),
    };
  }

  private revOf(change: ChangeSet['changes'][number]): number {
    switch (change.op) {
      case 'put_turn':
        return this.turns.get(change.turn.id)?.rev ?? 0;
      case 'delete_turn':
        return this.turns.get(change.id)?.rev ?? 0;
      case 'put_speaker':
        return this.speakers.get(change.speaker.id)?.rev ?? 0;
      case 'delete_speaker':
        return this.speakers.get(change.id)?.rev ?? 0;
    }
  }

  change(set: ChangeSet): Answer {
    const before = this.answers.get(set.change_id);
    if (before) return before;
    for (const change of set.changes) if (change.op === 'put_turn') this.refuse(change.turn);
    if (set.changes.some((change) => this.revOf(change) !== change.if_rev)) {
      // A refusal is not remembered: nothing was applied.
      return { status: 409, revision: this.revision };
    }
    const rev = ++this.revision;
    const revs: Record<string, number> = {};
    for (const change of set.changes) revs[this.applyOne(change, rev)] = rev;
    const answer: Answer = { status: 200, revision: rev, revs };
    this.answers.set(set.change_id, answer);
    return answer;
  }

  /** What the server answers with 400; the editor must never send it. */
  private refuse({ id, start, end, words }: Omit<Turn, 'rev'>): void {
    const bad = (from: number, to: number): boolean => {
      const [a, b] = [round(from), round(to)];
      return !(a >= 0 && a <= b && b <= round(this.wire.duration));
    };
    if (bad(start, end)) throw new Error(`turn ${id}: times ${start} to ${end} of ${this.wire.duration}`);
    const word = words.find(({ s, e }) => bad(s, e));
    if (word) throw new Error(`turn ${id}: word ${word.t} at ${word.s} to ${word.e} of ${this.wire.duration}`);
  }

  private applyOne(change: ChangeSet['changes'][number], rev: number): string {
    // Through JSON, as on the wire: nothing may depend on shared references.
    switch (change.op) {
      case 'put_turn':
        this.turns.set(change.turn.id, { ...(JSON.parse(JSON.stringify(change.turn)) as Turn), rev });
        this.gone.turns.delete(change.turn.id);
        return change.turn.id;
      case 'delete_turn':
        this.turns.delete(change.id);
        this.gone.turns.set(change.id, { rev });
        return change.id;
      case 'put_speaker':
        this.speakers.set(change.speaker.id, { ...change.speaker, rev });
        this.gone.speakers.delete(change.speaker.id);
        return change.speaker.id;
      case 'delete_speaker':
        this.speakers.delete(change.id);
        this.gone.speakers.set(change.id, { rev });
        return change.id;
    }
  }

  since(revision: number): Delta | null {
    if (revision < this.oldest) return null;
    const after = <V extends { readonly rev: number }>(items: Iterable<V>): V[] =>
      [...items].filter((item) => item.rev > revision);
    const stones = (map: ReadonlyMap<string, Stone>): string[] =>
      [...map].filter(([, stone]) => stone.rev > revision).map(([id]) => id);
    return {
      revision: this.revision,
      turns: after(this.turns.values()),
      speakers: after(this.speakers.values()),
      deleted_turns: stones(this.gone.turns),
      deleted_speakers: stones(this.gone.speakers),
    };
  }
}
