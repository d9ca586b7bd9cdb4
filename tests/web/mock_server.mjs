// A server for browser tests of the transcript page: the built app with the real content security
// policy, and the routes the page needs, in memory. The document routes keep the contract of
// GET/POST /jobs/{id}/document (revisions, if_rev, idempotent change ids, differences).
//
//   const server = await startMockServer({ words: 60_000, routes });
//   server.url, server.document, server.requests, server.online = false, await server.close()
// `routes(key, query, body)` answers first: `[status, value]`, `hang` (no answer ever), or undefined.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { extname, join } from 'node:path';

const dist = fileURLToPath(new URL('../../web/dist/', import.meta.url));
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};
export const jobId = '01890000-0000-7000-8000-000000000001';
export const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
  "media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const vocabulary =
  'the of and to in a is that for it was on are as with his they at be this from have or by one had not but what all were when we there can an your which their said if do will each about how up out them then she many some so these would other into has more her two like him see time could no make than first been its who now people my made over did down only way find use may water long little very after words called just where most know'.split(
    ' ',
  );

/** A document of so many words, in turns of some 25, at `rate` words a second. */
export function makeDocument(
  words,
  { speakers = ['Ada Lovelace', 'Grace Hopper'], language = 'en', rate = 3.33, text = null } = {},
) {
  let state = 12345;
  const random = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
  const source = text ? text.split(/(?=\s)|\|/) : null;
  const turns = [];
  let at = 0;
  for (let made = 0; made < words;) {
    const count = Math.min(words - made, 8 + Math.floor(random() * 34));
    const list = [];
    for (let i = 0; i < count; ++i, ++made) {
      const raw = source ? source[made % source.length] : vocabulary[Math.floor(random() * vocabulary.length)];
      let t = source ? raw : ` ${i === 0 ? raw[0].toUpperCase() + raw.slice(1) : raw}${i === count - 1 ? '.' : ''}`;
      if (source && i === 0 && language !== 'ja' && !t.startsWith(' ')) t = ` ${t}`;
      const s = Math.round(at * 1000) / 1000;
      at += 1 / rate;
      list.push({
        t,
        s,
        e: Math.round((at - 0.02) * 1000) / 1000,
        p: Math.round((random() < 0.06 ? random() * 0.6 : 0.75 + random() * 0.25) * 1000) / 1000,
      });
    }
    const index = turns.length;
    turns.push({
      id: `t${index}`,
      pos: `b${String(index).padStart(6, '0')}1`,
      rev: 1,
      speaker: speakers.length ? `s${(Math.floor(index / 2) % speakers.length) + 1}` : null,
      start: list[0].s,
      end: list.at(-1).e,
      note: '',
      words: list,
    });
    at += 0.3;
  }
  return {
    revision: 1,
    job_id: jobId,
    language,
    duration: Math.round(at * 1000) / 1000,
    speakers: speakers.map((name, i) => ({ id: `s${i + 1}`, name, color: i, rev: 1 })),
    turns,
  };
}

class DocumentRoutes {
  constructor(wire) {
    this.machine = structuredClone(wire);
    this.wire = wire;
    this.revision = wire.revision;
    this.turns = new Map(wire.turns.map((turn) => [turn.id, turn]));
    this.speakers = new Map(wire.speakers.map((speaker) => [speaker.id, speaker]));
    this.gone = { turns: new Map(), speakers: new Map() };
    this.answers = new Map();
    this.listeners = new Set();
    this.versions = [
      {
        version: 1,
        kind: 'machine',
        created_at: '2026-01-02T03:04:05Z',
        words: wire.turns.reduce((n, turn) => n + turn.words.length, 0),
      },
    ];
    this.kept = new Map([[1, this.machine]]);
  }

  load() {
    const turns = [...this.turns.values()].sort((a, b) =>
      a.pos < b.pos ? -1 : a.pos > b.pos ? 1 : a.id < b.id ? -1 : 1,
    );
    return { ...this.wire, revision: this.revision, speakers: [...this.speakers.values()], turns };
  }

  text() {
    return this.load()
      .turns.map((turn) =>
        turn.words
          .map((word) => word.t)
          .join('')
          .trim(),
      )
      .join('\n');
  }

  change({ change_id, changes }) {
    if (this.answers.has(change_id)) return [200, this.answers.get(change_id)];
    const conflicts = [];
    changes.forEach((change, index) => {
      const map = change.op.endsWith('turn') ? this.turns : this.speakers;
      const id = change.id ?? (change.turn ?? change.speaker).id;
      const now = map.get(id);
      if ((now?.rev ?? 0) !== change.if_rev) conflicts.push({ 'op index': index, id, current: now ?? null });
    });
    if (conflicts.length > 0) return [409, { status: 409, detail: 'conflict', revision: this.revision, conflicts }];
    const rev = ++this.revision;
    const revs = {};
    for (const change of changes) {
      const kind = change.op.endsWith('turn') ? 'turns' : 'speakers';
      const item = change.turn ?? change.speaker;
      const id = change.id ?? item.id;
      revs[id] = rev;
      if (item) {
        this[kind].set(id, { ...item, rev });
        this.gone[kind].delete(id);
      } else {
        this[kind].delete(id);
        this.gone[kind].set(id, rev);
      }
    }
    const answer = { revision: rev, revs };
    this.answers.set(change_id, answer);
    this.tell();
    return [200, answer];
  }

  tell() {
    for (const listener of this.listeners) listener(this.revision);
  }

  since(revision) {
    const newer = (map) => [...map.values()].filter((item) => item.rev > revision);
    const stones = (map) => [...map].filter(([, rev]) => rev > revision).map(([id]) => id);
    return {
      revision: this.revision,
      turns: newer(this.turns),
      speakers: newer(this.speakers),
      deleted_turns: stones(this.gone.turns),
      deleted_speakers: stones(this.gone.speakers),
    };
  }

  keep(kind) {
    const version = this.versions.length + 1;
    this.kept.set(version, structuredClone(this.load()));
    this.versions.push({
      version,
      kind,
      created_at: new Date().toISOString(),
      words: this.text().split(/\s+/).length,
      author: 'test',
    });
  }

  restore(version) {
    const old = this.kept.get(version);
    const rev = ++this.revision;
    for (const id of this.turns.keys()) if (!old.turns.some((turn) => turn.id === id)) this.gone.turns.set(id, rev);
    this.turns = new Map(old.turns.map((turn) => [turn.id, { ...turn, rev }]));
    this.speakers = new Map(old.speakers.map((speaker) => [speaker.id, { ...speaker, rev }]));
    this.keep('restore');
    this.tell();
    return { revision: rev };
  }
}

/** A quiet tone as a WAV file of so many seconds (8 kHz, 8 bit: an hour is 29 MB, made on the fly). */
function wav(seconds) {
  const samples = Math.floor(seconds * 8000);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples, 40);
  return { head, size: 44 + samples };
}

function sendAudio(request, response, seconds) {
  const { head, size } = wav(seconds);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const from = range ? Number(range[1]) : 0;
  const to = Math.min(size - 1, range?.[2] ? Number(range[2]) : from + 2_000_000);
  const body = Buffer.alloc(Math.max(0, to - from + 1), 128);
  if (from < 44) head.copy(body, 0, from, Math.min(44, to + 1));
  response.writeHead(206, {
    'Content-Type': 'audio/wav',
    'Accept-Ranges': 'bytes',
    'Content-Range': `bytes ${from}-${to}/${size}`,
    'Content-Length': body.length,
  });
  response.end(body);
}

/** The answer of a server that is too busy to give one. */
export const hang = Symbol('hang');

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return parts.length ? JSON.parse(Buffer.concat(parts).toString('utf8')) : {};
}

export async function startMockServer(options = {}) {
  const wire = options.document ?? makeDocument(options.words ?? 600, options);
  const state = {
    document: new DocumentRoutes(wire),
    routes: options.routes,
    segments: options.segments ?? [],
    online: true,
    requests: [],
    filename: options.filename ?? 'Interview about engines.mp3',
    downloads: 0,
  };
  const json = (response, status, value) => {
    response.writeHead(status, {
      'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json',
      'Cache-Control': 'no-store',
    });
    response.end(JSON.stringify(value));
  };
  const api = async (request, response, path, query) => {
    const doc = state.document;
    const job = `/jobs/${jobId}`;
    const key = `${request.method} ${path}`;
    const posted = request.method === 'POST' ? await bodyOf(request) : {};
    const own = state.routes?.(key, query, posted);
    if (own === hang) return undefined;
    if (own) return json(response, ...own);
    if (key === 'GET /auth/me')
      return json(response, 200, {
        id: 'u1',
        username: 'ada',
        is_admin: false,
        credential: 'loopback',
        permissions: [],
      });
    if (path === '/preferences') {
      if (request.method === 'PUT') state.preferences = await bodyOf(request);
      return json(response, 200, state.preferences ?? {});
    }
    if (key === 'GET /setup') return json(response, 200, { required: false });
    if (key === 'GET /jobs') return json(response, 200, { jobs: [], total: 0 });
    if (key === `GET ${job}`) {
      return json(response, 200, {
        id: jobId,
        status: 'completed',
        filename: state.filename,
        language: wire.language,
        duration: wire.duration,
        has_video: false,
        created_at: '2026-01-02T03:04:05Z',
      });
    }
    if (key === `GET ${job}/document`) return json(response, 200, doc.load());
    if (key === `POST ${job}/document/changes`) {
      const [status, body] = doc.change(posted);
      return json(response, status, body);
    }
    if (key === `GET ${job}/document/changes`) return json(response, 200, doc.since(Number(query.get('since'))));
    if (key === `GET ${job}/versions`) return json(response, 200, doc.versions);
    if (key === `POST ${job}/versions`) {
      doc.keep('edit');
      return json(response, 201, doc.versions.at(-1));
    }
    const version = new RegExp(`^(GET|POST) ${job}/versions/(\\d+)/(document|restore)$`).exec(key);
    if (version)
      return json(
        response,
        200,
        version[3] === 'document' ? doc.kept.get(Number(version[2])) : doc.restore(Number(version[2])),
      );
    if (key === `GET ${job}/peaks`) {
      const points = Number(query.get('points'));
      return json(response, 200, {
        version: 2,
        channels: 1,
        sample_rate: 16000,
        samples_per_pixel: 28800,
        bits: 8,
        length: points,
        data: Array.from(
          { length: points * 2 },
          (_, i) => (i % 2 ? 1 : -1) * Math.round(20 + 90 * Math.abs(Math.sin(i / 37) * Math.sin(i / 311))),
        ),
      });
    }
    if (key === `GET ${job}/audio`) return sendAudio(request, response, wire.duration);
    if (key === `GET ${job}/events`) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (const segment of state.segments) response.write(`event: segment\ndata: ${JSON.stringify(segment)}\n\n`);
      const tell = (revision) => response.write(`event: document\ndata: {"revision":${revision}}\n\n`);
      doc.listeners.add(tell);
      request.on('close', () => doc.listeners.delete(tell));
      return response.flushHeaders();
    }
    if (key === 'GET /admin/logs/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (let seq = 1; seq <= (options.logLines ?? 0); ++seq) {
        const record = { timestamp: '2026-01-31T09:30:00.000Z', level: ['INFO', 'INFO', 'WARNING', 'ERROR'][seq % 4], logger: 'jobs', message: `job ${seq} begins` };
        response.write(`event: log\nid: ${seq}\ndata: ${JSON.stringify({ type: 'log', seq, record })}\n\n`);
      }
      return response.flushHeaders();
    }
    if (key === `GET ${job}/log`) {
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
      return response.end(`2026-01-31T09:30:00.000Z ${jobId} log {"level":"info","message":"attempt 1 begins"}\n`);
    }
    if (key === 'GET /export/formats') {
      return json(response, 200, {
        formats: ['txt', 'srt', 'vtt', 'json'].map((name) => ({
          name,
          extension: name,
          content_type: 'text/plain',
          description: name,
        })),
      });
    }
    if (key === `GET ${job}/download`) {
      ++state.downloads;
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
      return response.end(`${query.toString()}\n${doc.text()}`);
    }
    return json(response, 404, { status: 404, detail: `no route ${key}` });
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    state.requests.push(`${request.method} ${url.pathname}${url.search}`);
    if (!state.online && url.pathname.startsWith('/api/')) return request.socket.destroy();
    if (/^\/(api\/v1|v1)\//.test(url.pathname)) {
      return api(request, response, url.pathname.replace(/^\/api\/v1/, ''), url.searchParams).catch((error) =>
        json(response, 500, { detail: String(error) }),
      );
    }
    if (url.pathname === '/metrics' && state.routes?.('GET /metrics') !== hang) {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      return response.end(`process_cpu_seconds_total ${performance.now() / 1_500}\nprocess_resident_memory_bytes 4e8\nwhisper_job_queue_depth 3\n`);
    }
    const file = extname(url.pathname) ? url.pathname : '/index.html';
    readFile(join(dist, file)).then(
      (bytes) => {
        response.writeHead(200, {
          'Content-Type': types[extname(file)] ?? 'application/octet-stream',
          'Content-Security-Policy': pagePolicy,
        });
        response.end(bytes);
      },
      () => json(response, 404, { detail: 'no file' }),
    );
    return undefined;
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${server.address().port}`,
    page: `http://127.0.0.1:${server.address().port}/transcript/${jobId}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  });
}
