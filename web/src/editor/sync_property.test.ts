// Goal: no edit is ever lost and all clients agree, whatever the network does.
// Method: two or three clients with random edits against the fake server; requests and answers are
// lost, repeated and delayed, clients go offline and reload. Every inserted word is unique, so one
// can ask at the end whether it is there, once, unless somebody who saw it removed it.

import { describe, expect, it } from 'vitest';
import {
  addSpeaker,
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
import { comparePlaces, docFromWire, orderedTurns, turnText, wordOffsets, type Doc } from './model';
import {
  edited,
  heardOf,
  isSaved,
  onAccepted,
  onConflict,
  onDelta,
  onGone,
  onLoaded,
  request,
  startSync,
  type Request,
  type SyncState,
} from './sync';
import { FakeServer, makeWire, seeded } from './testing';

// vite hands on no environment to the page; vitest has it on import.meta.
const environment = import.meta.env as Readonly<Record<string, string | undefined>>;
const SEEDS = Number(environment['VITE_SEEDS'] ?? 8);
const FIRST = Number(environment['VITE_SEED'] ?? 1);
const EDITS = 1_000;

interface Client {
  name: string;
  state: SyncState;
  history: History;
  online: boolean;
  /** The one request on the wire. */
  sent: Request | null;
}

class World {
  readonly random: () => number;
  readonly server: FakeServer;
  readonly clients: Client[];
  /** Every unique word written, and who saw it and removed it. */
  readonly written = new Map<string, Set<Client>>();
  /** Words put into several places at once. */
  readonly many = new Set<string>();
  private words = 0;
  private ids = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    const texts = Array.from({ length: 12 }, (_, turn) =>
      Array.from({ length: 3 + Math.floor(this.random() * 12) }, (_, word) => `m${turn}x${word}`).join(' '),
    );
    this.server = new FakeServer(makeWire(texts));
    this.clients = Array.from({ length: 2 + (seed % 2) }, (_, index) => ({
      name: `c${index}`,
      state: startSync(docFromWire(this.server.load())),
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
    for (const word of seen.keys()) {
      if (!left.has(word)) this.written.get(word)?.add(client);
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

function words(doc: Doc): Map<string, number> {
  const count = new Map<string, number>();
  for (const turn of doc.turns.values()) {
    for (const word of turnText(turn).split(/\s+/)) count.set(word, (count.get(word) ?? 0) + 1);
  }
  return count;
}

function typeSomething(world: World, client: Client): void {
  const doc = client.state.local;
  const turn = doc.turns.get(world.pick(doc.order));
  if (!turn) return;
  const list = turnText(turn)
    .split(' ')
    .filter((word) => word !== '');
  const at = world.int(list.length + 1);
  const gone = world.random() < 0.5 ? 0 : world.int(3);
  const added = Array.from({ length: 1 + world.int(2) }, () => world.word(client));
  list.splice(at, gone, ...added);
  world.commit(client, setText(doc, turn.id, list.join(' ')), 'type');
}

function editStructure(world: World, client: Client): void {
  const doc = client.state.local;
  const id = world.pick(doc.order);
  const turn = doc.turns.get(id);
  if (!turn) return;
  const dice = world.random();
  if (dice < 0.35) {
    // At a word: half a word would no longer be the unique word that is looked for.
    const offsets = wordOffsets(turn);
    world.commit(
      client,
      splitTurn(doc, id, offsets[world.int(turn.words.length + 1)] as number, world.id('n')),
      'split',
    );
  } else if (dice < 0.65) {
    world.commit(client, mergeWithPrevious(doc, id), 'merge');
  } else if (dice < 0.75) {
    world.commit(client, setNote(doc, id, `${turn.note} ${world.id('note')}`.trim()), 'note');
  } else if (dice < 0.8 && doc.order.length > 6) {
    world.commit(client, deleteTurn(doc, id), 'delete');
  } else {
    const word = world.pick(turn.words)?.t ?? 'm0x0';
    const made = world.word(client);
    const next = fixEverywhere(doc, word, made);
    world.many.add(made);
    if (next === doc) world.written.delete(made);
    else world.commit(client, next, 'fix');
  }
}

function editSpeakers(world: World, client: Client): void {
  const doc = client.state.local;
  const ids = [...doc.speakers.keys()];
  const dice = world.random();
  if (dice < 0.3 || ids.length < 2) world.commit(client, addSpeaker(doc, world.id('Name'), world.id('p')), 'speaker');
  else if (dice < 0.6) world.commit(client, changeSpeaker(doc, world.pick(ids), { name: world.id('Name') }), 'rename');
  else if (dice < 0.7) world.commit(client, mergeSpeaker(doc, world.pick(ids), world.pick(ids)), 'join');
  else world.commit(client, setTurnSpeaker(doc, [world.pick(doc.order)], world.pick(ids)), 'assign');
}

function stepHistory(world: World, client: Client): void {
  const step = (world.random() < 0.7 ? undo : redo)(client.state.local, client.history);
  if (!step) return;
  world.commit(client, step.doc, 'undo');
  client.history = step.history;
}

function edit(world: World, client: Client): void {
  const dice = world.random();
  if (dice < 0.6) typeSomething(world, client);
  else if (dice < 0.82) editStructure(world, client);
  else if (dice < 0.92) editSpeakers(world, client);
  else stepHistory(world, client);
}

/** The server does what was asked; the answer is given to the client only if it arrives. */
function deliver(world: World, client: Client, sent: Request, arrives: boolean): void {
  const { server } = world;
  if (sent.kind === 'change') {
    const answer = server.change(sent.body);
    if (!arrives) return;
    client.state = answer.status === 200 ? onAccepted(client.state, answer) : onConflict(client.state, answer.revision);
  } else if (sent.kind === 'since') {
    const delta = server.since(sent.revision);
    if (!arrives) return;
    client.state = delta ? onDelta(client.state, structuredClone(delta)) : onGone(client.state);
  } else if (arrives) {
    client.state = onLoaded(client.state, structuredClone(server.load()));
  }
}

function network(world: World, client: Client, perfect: boolean): void {
  if (client.sent) {
    const sent = client.sent;
    client.sent = null;
    if (!client.online || (!perfect && world.random() < 0.15)) {
      // Lost on the way there or on the way back.
      if (world.random() < 0.5) deliver(world, client, sent, false);
      return;
    }
    if (!perfect && world.random() < 0.1) deliver(world, client, sent, false);
    deliver(world, client, sent, true);
    return;
  }
  if (!client.online) return;
  if (perfect || world.random() < 0.3) client.state = heardOf(client.state, world.server.revision);
  const next = request(client.state, () => world.id('change'));
  client.state = next.state;
  client.sent = next.request;
}

/** As after closing and opening the page: everything through the store, no shared references. */
function reload(client: Client): void {
  const { base, local, underway } = client.state;
  client.state = startSync(structuredClone(base), structuredClone(local), structuredClone(underway));
  client.history = structuredClone(client.history);
  client.sent = null;
}

function settle(world: World): void {
  for (let round = 0; round < 400; ++round) {
    for (const client of world.clients) {
      client.online = true;
      network(world, client, true);
    }
    const quiet = world.clients.every(
      (c) => c.sent === null && isSaved(c.state) && c.state.base.revision === world.server.revision,
    );
    if (quiet) return;
  }
  throw new Error('the clients did not come to rest');
}

const contents = (doc: Doc): string =>
  JSON.stringify([
    orderedTurns(doc).map(({ rev: _, ...turn }) => turn),
    [...doc.speakers.values()].map(({ rev: _, ...s }) => s).sort((a, b) => (a.id < b.id ? -1 : 1)),
  ]);

function run(seed: number): World {
  const world = new World(seed);
  for (let done = 0; done < EDITS;) {
    const client = world.pick(world.clients);
    const dice = world.random();
    if (dice < 0.45) {
      edit(world, client);
      ++done;
    } else if (dice < 0.97) network(world, client, false);
    else if (dice < 0.985) client.online = !client.online;
    else if (dice < 0.995) reload(client);
    else world.server.oldest = Math.max(0, world.server.revision - 3);
  }
  settle(world);
  return world;
}

describe('many clients on a bad network', () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => FIRST + index))(
    'loses no word and converges (seed %i)',
    (seed) => {
      const world = run(seed);
      const truth = docFromWire(world.server.load());
      for (const client of world.clients) expect(contents(client.state.local)).toBe(contents(truth));
      const left = words(truth);
      const lost = [...world.written].filter(([word, removers]) => removers.size === 0 && !left.has(word));
      expect(lost).toEqual([]);
      const doubled = [...left].filter(([word, n]) => n > 1 && !world.many.has(word) && word !== '');
      expect(doubled).toEqual([]);
      const places = orderedTurns(truth);
      expect([...places].sort(comparePlaces)).toEqual(places);
      for (const turn of places) {
        expect(turn.speaker === null || truth.speakers.has(turn.speaker)).toBe(true);
      }
    },
  );
});
