// What a server with so many items of everything answers, for tests of screens: jobs in every state,
// people, keys, figures. `text(kind, n)` gives the words that people would have written.
import { hang, jobId } from './mock_server.mjs';

const now = Date.now();
const ago = (seconds) => new Date(now - seconds * 1_000).toISOString();
export const idOf = (n) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

const plain = {
  filename: (n) => `${['Board meeting', 'Interview with Ada', 'Lecture 4, engines', 'Voice note'][n % 4]} ${n}.mp3`,
  title: () => null,
  tag: (n) => ['minutes', 'research', 'customer', 'to check', 'Q3'][n % 5],
  person: (n) => ['ada', 'grace', 'linus', 'margaret'][n % 4] + (n < 4 ? '' : n),
  text: () => 'and the engine computes whatever we know how to order it to perform',
  reason: () => 'The recording ends in the middle of a block.',
  key: (n) => `script ${n}`,
  agent: () => 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
};

export const admin = { id: 'u1', username: 'ada', email: 'ada@example.org', role: 'admin', is_admin: true, is_active: true, roles: ['admin'],
  created_at: ago(9e6), credential: 'session', permissions: [] };

function makeJob(n, words, status) {
  const state = status ?? ['completed', 'completed', 'completed', 'failed', 'completed', 'cancelled', 'completed', 'queued', 'processing', 'completed'][n % 10];
  const working = state === 'processing';
  return {
    id: idOf(n), job_id: idOf(n), filename: words.filename(n), title: words.title(n), status: state, model: 'base', language: 'auto', detected_language: n % 3 ? 'en' : 'de',
    duration: 61 + (n * 37) % 7_000, seconds_total: 61 + (n * 37) % 7_000, seconds_done: working ? 40 : 0, progress: working ? 41 : state === 'completed' ? 100 : 0,
    speed: working ? 11.3 : undefined, estimated_time_remaining: working ? 240 : null, queue_position: state === 'queued' ? 2 : null,
    created_at: ago(n * 3_700), tags: n % 2 ? [words.tag(n), words.tag(n + 1)] : [], starred: n % 4 === 1, archived: false, has_video: n % 5 === 2,
    speakers: [[words.person(n), words.person(n + 1), words.person(n + 2), 'S4'], ['S1', 'S2'], []][n % 3],
    file_size: 4_000_000 + n, error_code: state === 'failed' ? 'MEDIA_CORRUPT' : null, error_message: state === 'failed' ? words.reason(n) : null,
  };
}

function page(total, query, make, name, sizeKey = 'limit') {
  const [skip, limit] = [Number(query.get('skip') ?? 0), Number(query.get(sizeKey) ?? 50)];
  const count = Math.max(0, Math.min(limit, total - skip));
  return { [name]: Array.from({ length: count }, (_, i) => make(skip + i)), total, skip, limit };
}

function search(total, body, words) {
  const [number, size] = [body.page ?? 1, body.page_size ?? 20];
  const from = (number - 1) * size;
  const results = Array.from({ length: Math.max(0, Math.min(size, total - from)) }, (_, i) => {
    const text = words.text(from + i);
    const at = Math.max(0, text.indexOf('engine'));
    const matches = [12, 95].map((start) => ({ turn: `t${start}`, start, end: start + 5, text, highlights: [[at, Math.min(at + 6, [...text].length)]] }));
    return { score: 1, job: makeJob(from + i, words, 'completed'), matches };
  });
  return { results, total, skip: from, limit: size };
}

const catalogue = ['base', 'tiny', 'small', 'medium', 'large-v3-turbo', 'large-v3'];
const helpers = [
  { name: 'silero-vad', kind: 'voice_activity', installed: true, bytes: 1e6, licence: 'MIT', download: null },
  { name: 'speaker', kind: 'speakers', installed: false, bytes: 81e6, licence: 'MIT', download: null },
];

function models(total) {
  return catalogue.slice(0, Math.max(total, 0)).map((name, n) => ({
    name, bytes: 75e6 * 2 ** n, installed: n === 0, default: n === 0, languages: 99, translates: n !== 4, memory_bytes: 3e8 * 2 ** n, state: n === 0 ? 'ready' : 'absent', fits: n < 5,
    download: n === 2 ? { model: name, state: 'running', bytes_done: 2e8, bytes_total: 4.8e8 } : n === 3 ? { model: name, state: 'failed', message: 'The mirror closed the connection.' } : null,
  }));
}

const entry = (n, words) => ({ seq: n, timestamp: ago(n * 60), event_type: 'login', outcome: n % 5 ? 'success' : 'failure', action: words.text(n).slice(0, 60), username: words.person(n), ip_address: '192.0.2.7' });
const user = (n, words) => ({ ...admin, id: `u${n + 1}`, username: words.person(n), email: `${n}@example.org`, is_admin: n === 0, is_active: n % 7 !== 3, last_login_at: n % 3 ? ago(n * 999) : null });
const key = (n, words) => ({ id: `k${n}`, name: words.key(n), prefix: 'wt_a1b2', permissions: ['read', 'write'], status: ['active', 'revoked', 'expired'][n % 3], created_at: ago(9e5), last_used_at: n % 2 ? ago(5_000) : null, expires_at: ago(-9e6) });
const session = (n, words) => ({ id: `s${n}`, current: n === 0, last_seen_at: ago(n * 700), created_at: ago(9e5), address: '192.0.2.7', user_agent: words.agent(n) });

/** Answers of a server with `total` of everything. `me`: who asks; null is nobody. */
export function answers({ total = 10, me = admin, words = plain, job = null, setup = false, usable } = {}) {
  const list = Math.min(total, 200);
  const table = {
    'GET /auth/me': () => (me ? me : [401, { status: 401, detail: 'Not signed in', error_code: 'UNAUTHORIZED' }]),
    'POST /auth/refresh': () => [401, { status: 401, detail: 'Not signed in' }],
    'GET /setup': () => ({ required: setup, awaits_setup: setup }),
    'GET /preferences': () => ({ vocabulary: Array.from({ length: Math.min(total, 40) }, (_, n) => words.text(n).slice(0, 40)) }),
    'GET /jobs': (query) => {
      const wanted = query.get('status') ?? '';
      if (wanted.startsWith('queued')) {
        const active = Math.min(total, 3);
        return { jobs: Array.from({ length: active }, (_, n) => makeJob(n, words, n === 0 ? 'processing' : 'queued')), total: active };
      }
      return page(wanted || query.get('search') ? 0 : total, query, (n) => makeJob(n, words), 'jobs');
    },
    'GET /jobs/stats': () => ({ total, starred: Math.floor(total / 4), archived: Math.min(total, 3), by_status: {}, tags: Array.from({ length: Math.min(total, 20) }, (_, n) => ({ tag: words.tag(n), jobs: total - n })).filter((one, n, all) => all.findIndex((other) => other.tag === one.tag) === n) }),
    [`GET /jobs/${jobId}`]: () => (job ? { ...makeJob(1, words, job), id: jobId, job_id: jobId } : undefined),
    'POST /search': (_, body) => search(total, body, words),
    'GET /v1/models': () => ({ data: catalogue.slice(0, usable ?? Math.min(total, 2)).map((id) => ({ id, owned_by: 'here' })) }),
    'GET /system/hardware': () => ({ cores: 8, memory_bytes: 16e9, instruction_sets: ['AVX2', 'AVX-512'], models: models(total), helpers, recommended: { model: 'small' } }),
    'GET /admin/models': () => ({ models: models(total), helpers }),
    'GET /usage': () => ({ bytes: 3e9, quota_bytes: 10e9, jobs: total, jobs_created: total, active_jobs: 1, active_jobs_max: 4, audio_seconds: 86_400 }),
    'GET /keys': () => ({ keys: Array.from({ length: Math.min(list, 100) }, (_, n) => key(n, words)) }),
    'GET /keys/permissions/available': () => ({ permissions: ['read', 'write', 'delete', 'batch'].map((name) => ({ name, description: `May ${name}`, admin_only: false })) }),
    'GET /auth/sessions': () => ({ sessions: Array.from({ length: Math.max(1, Math.min(list, 50)) }, (_, n) => session(n, words)) }),
    'GET /admin/stats': () => ({ version: '1.0.0', uptime_seconds: 7_200, users: total, queue: { length: total }, jobs: { total_jobs: total, recent_jobs_24h: Math.min(total, 24), success_rate: total ? 0.97 : null, average_seconds: total ? 12 : null },
      workers: Array.from({ length: Math.min(total, 3) }, (_, n) => ({ worker_id: `w${n}`, host: `host-${n}`, process_id: 100 + n, slots: 2, job_ids: [], status: n === 2 ? 'stale' : 'alive' })), system: { memory_bytes: 16e9, disk_free_bytes: 5e11 } }),
    'GET /health/readyz': () => ({ status: 'ready', checks: { database: true, storage: true, model: total > 0 } }),
    'GET /health/readyz/details': () => ({ status: total ? 'ready' : 'not_ready', checks: { database: { ok: true, required: true, reason: '' }, model: { ok: total > 0, required: true, reason: words.reason(0) } } }),
    'GET /admin/concurrency': () => ({ max_concurrent_jobs: 2, configured: 2, source: 'runtime' }),
    'GET /admin/queue': () => ({ waiting: total, running: Math.min(total, 2), slots: 2, oldest_waiting_seconds: total ? 340 : null, running_jobs: Array.from({ length: Math.min(total, 4) }, (_, n) => makeJob(n, words, 'processing')) }),
    'GET /admin/usage': () => ({ users: Array.from({ length: list }, (_, n) => ({ user_id: `u${n + 1}`, bytes: 3e9 / (n + 1), quota_bytes: n % 2 ? 10e9 : null, jobs: 40, jobs_created: 55, active_jobs: n % 3, active_jobs_max: n % 2 ? 4 : null, audio_seconds: 4_000 * n })) }),
    'GET /admin/api-keys': (query) => page(total, query, (n) => ({ ...key(n, words), user_id: `u${(n % 4) + 1}`, status: ['active', 'revoked', 'suspended', 'expired'][n % 4] }), 'keys'),
    'GET /users': (query) => page(total, query, (n) => user(n, words), 'users'),
    'GET /admin/storage': () => ({ recordings: total, recording_bytes: total * 5e6, transcripts: total, transcript_bytes: total * 1e4, edited_transcripts: Math.floor(total / 3), audio_seconds: total * 600, database_bytes: 5e7, model_bytes: 1.5e8, waiting_for_deletion: 0, free_bytes: 5e11 }),
    'GET /admin/jobs': (query) => page(total, query, (n) => ({ ...makeJob(n, words), user_id: `u${(n % 4) + 1}` }), 'jobs'),
    'GET /admin/security/audit-logs': (query) => page(total, query, (n) => entry(n, words), 'entries'),
  };
  return (request, query, body) => {
    const answer = table[request]?.(query, body);
    return answer === undefined || Array.isArray(answer) ? answer : [200, answer];
  };
}

/** Who is there is always known: the frame stands while its content is awaited, missing or refused. */
const frame = new Set(['GET /auth/me', 'POST /auth/refresh', 'GET /setup', 'GET /preferences']);

export const loading = (routes) => (request, query, body) => (frame.has(request) ? routes(request, query, body) : hang);
export const failing = (routes, detail = 'The store does not answer.') => (request, query, body) =>
  frame.has(request) ? routes(request, query, body) : [500, { status: 500, title: 'Internal error', detail, error_code: 'INTERNAL', request_id: 'r-17' }];
