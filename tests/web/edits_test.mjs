// Goal: two tabs, one of them offline for long stretches, and 1,000 random edits between them: through
// the real server none is lost, and both come to the same text as the server has.
// Method: the app's own editor and sync machine (web/src/editor, as the page loads them) and the random
// writers of its property test, over HTTP; answers are lost after the server has acted.
//   node tests/web/edits_test.mjs BIN_DIR [SEED]
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Checks, needs, startServer, until } from './harness.mjs';

const { models } = needs();
const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(join(root, 'web/package.json'));
const checks = new Checks();
const editsWanted = 1_000;
const seed = Number(process.argv[3] ?? 1);

/** The app's modules, compiled as the page's are. */
async function appModules() {
  const { createServer } = await import(pathToFileURL(require.resolve('vite')).href);
  const vite = await createServer({ root: join(root, 'web'), configFile: false, appType: 'custom', logLevel: 'error', optimizeDeps: { noDiscovery: true }, server: { middlewareMode: true, hmr: false, ws: false, watch: null } });
  const load = (name) => vite.ssrLoadModule(`/src/editor/${name}.ts`);
  const [sync, writers, model] = [await load('sync'), await load('writers'), await load('model')];
  return { sync, writers, model, close: () => vite.close() };
}

async function finishedJob(server) {
  const form = new FormData();
  form.append('file', new Blob([readFileSync(join(root, 'assets/sample.flac'))]), 'sample.flac');
  form.append('word_timestamps', 'true');
  const made = await fetch(`${server.url}/api/v1/jobs`, { method: 'POST', body: form, headers: { 'X-Requested-With': 'fetch' } });
  const { id, job_id: old } = await made.json();
  const path = `${server.url}/api/v1/jobs/${id ?? old}`;
  await until(async () => (await (await fetch(path)).json()).status === 'completed', 'the sample is transcribed', 120_000);
  return path;
}

class Network {
  constructor(path, sync) {
    this.path = path;
    this.sync = sync;
    this.calls = 0;
  }

  async ask(request) {
    ++this.calls;
    const options = { headers: { 'X-Requested-With': 'fetch', 'Content-Type': 'application/json' } };
    for (;;) {
      const answer = await (request.kind === 'change'
        ? fetch(`${this.path}/document/changes`, { ...options, method: 'POST', body: JSON.stringify(request.body) })
        : fetch(request.kind === 'since' ? `${this.path}/document/changes?since=${request.revision}` : `${this.path}/document`, options));
      const body = await answer.json();
      if (answer.status !== 429) return { status: answer.status, body };
      await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(answer.headers.get('Retry-After') ?? 1)));
    }
  }

  /** One request of a client and its answer, which may be lost on the way back. */
  async step(client, lost) {
    const next = this.sync.request(client.state, randomUUID);
    client.state = next.state;
    if (!next.request) return false;
    const { status, body } = await this.ask(next.request);
    if (lost) return true;
    const take = { change: 'onAccepted', since: 'onDelta', load: 'onLoaded' }[next.request.kind];
    if (status === 200) client.state = this.sync[take](client.state, body);
    else if (status === 409) client.state = this.sync.onConflict(client.state, body.revision);
    else if (status === 410) client.state = this.sync.onGone(client.state);
    else throw new Error(`${next.request.kind}: ${status} ${JSON.stringify(body).slice(0, 400)}`);
    return true;
  }
}

async function run(server, { sync, writers, model }) {
  const path = await finishedJob(server);
  const network = new Network(path, sync);
  const load = async () => (await network.ask({ kind: 'load' })).body;
  const wire = await load();
  const world = new writers.Writers(seed, 2, () => wire);
  const [near, far] = world.clients;
  let conflicts = 0;
  for (let done = 0; done < editsWanted;) {
    const client = world.pick(world.clients);
    if (world.random() < 0.5) {
      writers.edit(world, client);
      ++done;
      // One of the two is away for a hundred edits at a time, first the one, then the other.
      far.online = Math.floor(done / 100) % 2 === 1;
      near.online = Math.floor(done / 100) % 4 !== 3;
    } else if (client.online) {
      if (world.random() < 0.3) client.state = { ...client.state, pull: client.state.pull === 'no' ? 'since' : client.state.pull };
      await network.step(client, world.random() < 0.1);
    }
  }
  for (let round = 0; round < 200; ++round) {
    let moved = false;
    for (const client of world.clients) {
      client.state = { ...client.state, pull: client.state.pull === 'no' ? 'since' : client.state.pull };
      while (await network.step(client, false)) moved = moved || !sync.isSaved(client.state);
    }
    const [a, b] = world.clients.map((client) => client.state);
    if (!moved && a.base.revision === b.base.revision && world.clients.every((client) => sync.isSaved(client.state))) break;
  }
  const truth = model.docFromWire(await load());
  for (const client of world.clients) {
    checks.ok(sync.isSaved(client.state), `${client.name} has nothing unsaved`);
    const [mine, theirs] = [writers.contents(client.state.local), writers.contents(truth)];
    const at = [...mine].findIndex((letter, index) => letter !== theirs[index]);
    checks.ok(mine === theirs, `${client.name} shows what the server has: ${mine.slice(at - 80, at + 80)} | ${theirs.slice(at - 80, at + 80)}`);
    conflicts += client.state.conflicts.length;
  }
  const faults = writers.faultsOf(world, truth);
  checks.ok(faults.length === 0, `no word is lost or doubled: ${faults.slice(0, 5)}`);
  checks.ok(world.written.size > editsWanted / 2, `${world.written.size} words were written`);
  console.log(`${editsWanted} edits, ${world.written.size} words written, ${network.calls} requests, ${conflicts} conflicts shown, seed ${seed}`);
}

const server = await startServer(join(process.argv[2], 'transcriber'), ['--single-user'], models);
const app = await appModules();
try {
  await run(server, app);
} catch (error) {
  checks.ok(false, `stopped by ${error.stack}`);
} finally {
  await app.close();
  await server.stop();
}
process.exit(checks.finish());
