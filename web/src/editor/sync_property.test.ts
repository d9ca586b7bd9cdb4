// Goal: no edit is ever lost and all clients agree, whatever the network does.
// Method: two or three clients with random edits (writers.ts) against the fake server; requests and
// answers are lost, repeated and delayed, clients go offline and reload. tests/web/edits_test.mjs does
// it with the real server.

import { describe, expect, it } from 'vitest';
import { docFromWire } from './model';
import { heardOf, isSaved, onAccepted, onConflict, onDelta, onGone, onLoaded, request, startSync, type Request } from './sync';
import { FakeServer, makeWire } from './testing';
import { type Client, contents, edit, faultsOf, Writers } from './writers';

// vite hands on no environment to the page; vitest has it on import.meta.
const environment = import.meta.env as Readonly<Record<string, string | undefined>>;
const SEEDS = Number(environment['VITE_SEEDS'] ?? 8);
const FIRST = Number(environment['VITE_SEED'] ?? 1);
const EDITS = 1_000;

function makeTexts(random: () => number): string[] {
  return Array.from({ length: 12 }, (_, turn) =>
    Array.from({ length: 3 + Math.floor(random() * 12) }, (__, word) => `m${turn}x${word}`).join(' '),
  );
}

class World extends Writers {
  readonly server: FakeServer;

  constructor(seed: number) {
    let server: FakeServer | undefined;
    super(seed, 2 + (seed % 2), (random) => {
      server = new FakeServer(makeWire(makeTexts(random)));
      return server.load();
    });
    this.server = server as unknown as FakeServer;
  }
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
      expect(faultsOf(world, truth)).toEqual([]);
    },
  );
});
