// People who write at once, for tests: random edits of every kind. Every inserted word is unique, so
// one can ask at the end whether it is there, once, unless somebody who saw it removed it.

import {
  addSpeaker,
  bareWord,
  changeSpeaker,
  deleteTurn,
  fixEverywhere,
  mergeSpeaker,
  mergeWithPrevious,
  setNote,
  setText,
  setTurnSpeaker,
  splitTurn,
} from './edits';
import { EMPTY_HISTORY, record, redo, undo, type History } from './history';
import { comparePlaces, docFromWire, orderedTurns, turnText, wordOffsets, type Doc, type WireDoc } from './model';
import { edited, startSync, type Request, type SyncState } from './sync';
import { seeded } from './testing';

export interface Client {
  name: string;
  state: SyncState;
  history: History;
  online: boolean;
  /** The one request on the wire. */
  sent: Request | null;
}

export class Writers {
  readonly random: () => number;
  readonly clients: Client[];
  /** Every unique word written, and who saw it and removed it. */
  readonly written = new Map<string, Set<Client>>();
  /** Words put into several places at once. */
  readonly many = new Set<string>();
  /** Words of the beginning and how often each was there. */
  readonly first: ReadonlyMap<string, number>;
  private words = 0;
  private ids = 0;

  constructor(seed: number, count: number, load: (random: () => number) => WireDoc) {
    this.random = seeded(seed);
    const wire = load(this.random);
    this.first = words(docFromWire(wire));
    this.clients = Array.from({ length: count }, (_, index) => ({
      name: `c${index}`,
      state: startSync(docFromWire(structuredClone(wire))),
      history: EMPTY_HISTORY,
      online: true,
      sent: null,
    }));
  }

  int(below: number): number {
    return Math.floor(this.random() * below);
  }

  pick<V>(list: readonly V[]): V {
    return list[this.int(list.length)] as V;
  }

  word(client: Client): string {
    const word = `${client.name}w${++this.words}`;
    this.written.set(word, new Set());
    return word;
  }

  id(prefix: string): string {
    return `${prefix}${++this.ids}`;
  }

  /** Notes which unique words an edit removed on purpose. */
  commit(client: Client, next: Doc, label: string): void {
    const before = client.state.local;
    const seen = words(before);
    const left = words(next);
    // Of a word in several places each may be removed by another.
    for (const [word, count] of seen) {
      if ((left.get(word) ?? 0) < count) this.written.get(word)?.add(client);
    }
    if (label === 'undo') {
      for (const word of left.keys()) {
        if (!seen.has(word)) this.written.get(word)?.delete(client);
      }
    } else {
      client.history = record(client.history, before, next, label, '', 0);
    }
    client.state = edited(client.state, next);
  }
}

export function words(doc: Doc): Map<string, number> {
  const count = new Map<string, number>();
  for (const turn of doc.turns.values()) {
    // A word may have got the punctuation of the one it replaced.
    for (const word of turnText(turn).split(/\s+/).map(bareWord)) count.set(word, (count.get(word) ?? 0) + 1);
  }
  return count;
}

function typeSomething(writers: Writers, client: Client): void {
  const doc = client.state.local;
  const turn = doc.turns.get(writers.pick(doc.order));
  if (!turn) return;
  const list = turnText(turn)
    .split(' ')
    .filter((word) => word !== '');
  const at = writers.int(list.length + 1);
  const gone = writers.random() < 0.5 ? 0 : writers.int(3);
  const added = Array.from({ length: 1 + writers.int(2) }, () => writers.word(client));
  list.splice(at, gone, ...added);
  writers.commit(client, setText(doc, turn.id, list.join(' ')), 'type');
}

function editStructure(writers: Writers, client: Client): void {
  const doc = client.state.local;
  const id = writers.pick(doc.order);
  const turn = doc.turns.get(id);
  if (!turn) return;
  const dice = writers.random();
  if (dice < 0.35) {
    // At a word: half a word would no longer be the unique word that is looked for.
    const offsets = wordOffsets(turn);
    writers.commit(
      client,
      splitTurn(doc, id, offsets[writers.int(turn.words.length + 1)] as number, writers.id('n')),
      'split',
    );
  } else if (dice < 0.65) {
    writers.commit(client, mergeWithPrevious(doc, id), 'merge');
  } else if (dice < 0.75) {
    writers.commit(client, setNote(doc, id, `${turn.note} ${writers.id('note')}`.trim()), 'note');
  } else if (dice < 0.8 && doc.order.length > 6) {
    writers.commit(client, deleteTurn(doc, id), 'delete');
  } else {
    const word = writers.pick(turn.words)?.t ?? 'm0x0';
    const made = writers.word(client);
    const next = fixEverywhere(doc, word, made);
    writers.many.add(made);
    if (next === doc) writers.written.delete(made);
    else writers.commit(client, next, 'fix');
  }
}

function editSpeakers(writers: Writers, client: Client): void {
  const doc = client.state.local;
  const ids = [...doc.speakers.keys()];
  const dice = writers.random();
  if (dice < 0.3 || ids.length < 2) writers.commit(client, addSpeaker(doc, writers.id('Name'), writers.id('p')), 'speaker');
  else if (dice < 0.6) writers.commit(client, changeSpeaker(doc, writers.pick(ids), { name: writers.id('Name') }), 'rename');
  else if (dice < 0.7) writers.commit(client, mergeSpeaker(doc, writers.pick(ids), writers.pick(ids)), 'join');
  else writers.commit(client, setTurnSpeaker(doc, [writers.pick(doc.order)], writers.pick(ids)), 'assign');
}

function stepHistory(writers: Writers, client: Client): void {
  const step = (writers.random() < 0.7 ? undo : redo)(client.state.local, client.history);
  if (!step) return;
  writers.commit(client, step.doc, 'undo');
  client.history = step.history;
}

/** One random edit, as people make them: mostly typing. */
export function edit(writers: Writers, client: Client): void {
  const dice = writers.random();
  if (dice < 0.6) typeSomething(writers, client);
  else if (dice < 0.82) editStructure(writers, client);
  else if (dice < 0.92) editSpeakers(writers, client);
  else stepHistory(writers, client);
}

/** All that a person can see of a document, for comparison: no revisions, members in one order. */
export const contents = (doc: Doc): string =>
  JSON.stringify(
    [orderedTurns(doc), [...doc.speakers.values()].sort((a, b) => (a.id < b.id ? -1 : 1))],
    (_, value: unknown) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      const members = Object.entries(value).filter(([name]) => name !== 'rev');
      return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  );

/** What is wrong with the document that all came to: words lost or doubled, an order or a speaker that is not. */
export function faultsOf(writers: Writers, truth: Doc): string[] {
  const left = words(truth);
  const lost = [...writers.written].filter(([word, removers]) => removers.size === 0 && !left.has(word));
  const doubled = [...left].filter(
    ([word, n]) => n > Math.max(1, writers.first.get(word) ?? 0) && !writers.many.has(word) && word !== '',
  );
  const places = orderedTurns(truth);
  const sorted = [...places].sort(comparePlaces);
  const strangers = places.filter((turn) => turn.speaker !== null && !truth.speakers.has(turn.speaker));
  return [
    ...lost.map(([word]) => `lost: ${word}`),
    ...doubled.map(([word]) => `doubled: ${word}`),
    ...(sorted.every((turn, index) => turn === places[index]) ? [] : ['turns out of order']),
    ...strangers.map((turn) => `turn ${turn.id} of nobody known`),
  ];
}
