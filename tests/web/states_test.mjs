// Goal: every screen in every state it can be in (empty, loading, failed, offline, one item, ten
// thousand) is as designed: the state is told, axe finds nothing, everything has a name, nothing
// leaves the window; wide, on a phone in dark German, and right-to-left.
// Method: the built app with the real policy against tests/web/mock_server.mjs, which answers as a
// server with so many items would (fixtures.mjs).
//   node tests/web/states_test.mjs BIN_DIR wide|phone|rtl [PART/PARTS|NAMES]      names of screens, with commas
import { Checks, inspect, named, needs, outside, picture, watchedPage } from './harness.mjs';
import { admin, answers, failing, loading } from './fixtures.mjs';
import { hang, jobId, makeDocument, startMockServer } from './mock_server.mjs';

const { chromium, playwright, axe } = needs({ mock: true });
const checks = new Checks();
const look = process.argv[3] ?? 'wide';
// "2/3": every third state, from the second on, so that the parts together are all of them.
const [share, shares] = /^(\d+)\/(\d+)$/.exec(process.argv[4] ?? '')?.slice(1).map(Number) ?? [1, 1];
const only = process.argv[4]?.includes('/') ? undefined : process.argv[4]?.split(',');
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const alone = { ...admin, credential: 'loopback' };

const looks = {
  wide: { viewport: { width: 1360, height: 860 }, locale: 'en-GB' },
  phone: { viewport: { width: 360, height: 740 }, locale: 'de-DE', colorScheme: 'dark', isMobile: true, hasTouch: true },
  rtl: { viewport: { width: 1100, height: 760 }, locale: 'en-GB' },
};

// A state is `[routes, what proves it]`. The proof is a role, or text where it is English.
const told = {
  loading: (page) => page.getByRole('status').filter({ has: page.locator('.sr-only') }).first(),
  error: (page) => page.locator('#content [role=alert], main [role=alert]').first(),
};
const empty = (text, options) => [answers({ total: 0, ...options }), (page) => page.getByText(text).first()];
const content = (total, selector, options) => [answers({ total, ...options }), (page) => page.locator(selector).first()];
const hangs = (options) => [loading(answers(options)), told.loading];
const fails = (options) => [failing(answers(options)), told.error];
const away = (options) => [answers(options), told.error, 'offline'];

/** States of a page that shows a list, by what an item of it is. */
function listed(item, nothing, options) {
  return {
    ...(nothing ? { empty: empty(nothing, options) } : {}),
    loading: hangs(options),
    error: fails(options),
    offline: away(options),
    one: content(1, item, options),
    many: content(10_000, item, options),
  };
}
const transcript = `/transcript/${jobId}`;
const still = { shown: content(10, 'h1') };

const screens = {
  library: ['/', listed('#content a[href^="/transcript/"]', 'Your first transcript', { usable: 2 })],
  'library-no-model': ['/', { empty: empty('One thing is missing: a model', { usable: 0 }) }],
  'library-search': ['/?q=engine', { empty: empty('Nothing matches'), loading: hangs(), error: fails(), offline: away(), one: content(1, 'mark'), many: content(10_000, 'mark') }],
  'library-tag': ['/?tag=research', { shown: content(10, '#content a[href^="/transcript/"]') }],
  new: ['/new', { shown: content(10, 'h1'), 'no-model': content(0, 'h1'), loading: [loading(answers()), (page) => page.locator('h1')], error: [failing(answers()), (page) => page.locator('h1')] }],
  'job-queued': [transcript, { shown: content(10, '#content [role=progressbar]', { job: 'queued' }) }],
  'job-working': [transcript, { shown: content(10, '#content [role=progressbar]', { job: 'processing' }) }],
  'job-failed': [transcript, { shown: [answers({ job: 'failed' }), told.error] }],
  'job-cancelled': [transcript, { shown: content(10, '#content h2', { job: 'cancelled' }) }],
  transcript: [transcript, { shown: content(10, '[data-turn]', { job: 'completed' }), loading: hangs(), error: fails(), offline: away() }],
  'transcript-empty': [transcript, { empty: [answers({ job: 'completed' }), (page) => page.locator('#content h2').first()] }],
  'settings-general': ['/settings', still],
  'settings-profile': ['/settings/profile', { shown: content(10, '#content [role=progressbar]') }],
  'settings-alone': ['/settings/profile', { shown: content(10, 'h1', { me: alone }) }],
  'settings-password': ['/settings/password', still],
  'settings-sessions': ['/settings/sessions', { loading: hangs(), error: fails(), offline: away(), one: content(1, '#content li'), many: content(10_000, '#content li') }],
  'settings-keys': ['/settings/keys', listed('#content li', 'No API keys yet')],
  'admin-overview': ['/admin', { empty: content(0, 'dl'), loading: hangs(), error: fails(), offline: away(), many: content(10_000, 'dl') }],
  'admin-queue': ['/admin/queue', listed('#content a[href^="/transcript/"]', 'Nothing is being transcribed')],
  'admin-jobs': ['/admin/jobs', listed('tbody tr', 'No jobs')],
  'admin-users': ['/admin/users', { loading: hangs(), error: fails(), offline: away(), one: content(1, 'tbody tr'), many: content(10_000, 'tbody tr') }],
  'admin-usage': ['/admin/usage', listed('tbody tr', 'Nobody has used it yet')],
  'admin-monitor': ['/admin/monitor', { loading: hangs(), shown: content(10, '#content figure') }],
  'admin-log': ['/admin/log', { loading: hangs(), empty: content(0, '#content h2'), many: content(10_000, '#content ol li') }],
  'admin-keys': ['/admin/keys', listed('tbody tr', 'Nobody has an API key')],
  'admin-models': ['/admin/models', { loading: hangs(), error: fails(), offline: away(), one: content(1, '#content li'), many: content(10, '#content li') }],
  'admin-storage': ['/admin/storage', { empty: content(0, 'dl'), loading: hangs(), error: fails(), offline: away(), many: content(10_000, 'dl') }],
  'admin-audit': ['/admin/audit', listed('tbody tr', 'No entries')],
  'admin-refused': ['/admin', { shown: content(10, '#content h2', { me: { ...admin, is_admin: false, role: 'user' } }) }],
  developers: ['/developers', still],
  'developers-alone': ['/developers', { shown: content(10, 'h1', { me: alone }) }],
  help: ['/help', still],
  welcome: ['/welcome', { shown: content(10, 'h1'), 'no-model': content(0, 'h1') }],
  missing: ['/no/such/page', { shown: content(10, 'h2') }],
  login: ['/login', { shown: content(0, 'form', { me: null }) }],
  register: ['/register', { shown: content(0, 'form', { me: null }) }],
  setup: ['/setup', { shown: content(0, 'form', { me: null, setup: true }) }],
  'change-password': ['/change-password', { shown: content(0, 'form', { me: { ...admin, must_change_password: true } }) }],
  gate: ['/', { loading: [() => hang, told.loading] }],
};

const bare = makeDocument(0);
const short = makeDocument(300);
const segments = short.turns.slice(0, 4).map(({ words, start, end }, id) => ({ id, attempt: 1, start, end, text: words.map((word) => word.t).join('') }));

async function show(name, path, state, [routes, proof, kind]) {
  const server = await startMockServer({ document: name === 'transcript-empty' ? bare : short, routes, segments, logLines: state === 'many' ? 300 : 0 });
  const context = await browser.newContext({ ...looks[look], serviceWorkers: 'block' });
  try {
    if (look === 'rtl') await context.addInitScript(() => localStorage.setItem('wt.locale', 'pseudo'));
    // The mock server has no sockets: pages that use them ask instead.
    const page = await watchedPage(context, server.url, checks, ['net::ERR', 'Failed to load resource', 'WebSocket connection']);
    // Requests that fail are asked again after seconds; the clock of the page goes there at once.
    await page.clock.install();
    if (kind === 'offline') await page.route(/\/(api\/)?v1\/(?!auth\/me|auth\/refresh|setup|preferences)/, (route) => route.abort());
    await page.goto(server.url + path);
    const seen = proof(page);
    for (let skipped = 0; skipped < 40 && !(await seen.isVisible()); ++skipped) {
      await page.clock.fastForward(500);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await seen.waitFor({ timeout: 10_000 });
    if (kind === 'offline') await page.getByRole('status').filter({ has: page.locator('p.text-warn') }).first().waitFor({ timeout: 10_000 });
    const label = `${look} ${name} ${state}`;
    await inspect(page, label, checks, axe);
    await named(page, label, checks);
    const beyond = await outside(page);
    checks.ok(beyond.length === 0, `${label}: beside the window: ${beyond}`);
    await picture(page, `state-${look}-${name}-${state}`);
  } catch (error) {
    checks.ok(false, `${look} ${name} ${state}: ${error.stack}`);
  } finally {
    await context.close();
    await server.close();
  }
}

/**
 * What was read stays while the server is away, and says so; and a browser that believes itself
 * offline still asks a server that is on this machine.
 */
async function outages() {
  const server = await startMockServer({ words: 30, routes: answers({ total: 10 }) });
  const context = await browser.newContext({ ...looks.wide, serviceWorkers: 'block' });
  try {
    const page = await watchedPage(context, server.url, checks, ['net::ERR', 'Failed to load resource']);
    await page.clock.install();
    await page.goto(server.url);
    const row = page.locator('#content a[href^="/transcript/"]').first();
    await row.waitFor();
    await page.evaluate(() => window.dispatchEvent(new Event('offline')));
    await page.getByRole('link', { name: 'Administration' }).click();
    await page.locator('#content dl').first().waitFor();
    await page.getByRole('link', { name: 'Library' }).click();
    await row.waitFor();
    await page.route(/\/(api\/)?v1\//, (route) => route.abort());
    const banner = page.getByText('The server cannot be reached');
    for (let skipped = 0; skipped < 60 && !(await banner.isVisible()); ++skipped) {
      await page.clock.fastForward(1_000);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await banner.waitFor();
    // Until the page has given up asking again.
    for (let skipped = 0; skipped < 15; ++skipped) {
      await page.clock.fastForward(1_000);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    checks.ok(await row.isVisible(), 'the rows that were read are still there');
    checks.ok((await page.getByRole('alert').count()) === 0, 'and nothing says that they could not be read');
  } catch (error) {
    checks.ok(false, `outages: ${error.stack}`);
  } finally {
    await context.close();
    await server.close();
  }
}

/** Who asked for it is told of what ended while the page was in the background, and only then. */
async function notices() {
  let working = true;
  const usual = answers({ total: 10 });
  const routes = (request, query, body) => {
    if (request === 'GET /jobs' && !working && (query.get('status') ?? '').startsWith('queued')) return [200, { jobs: [], total: 0 }];
    const id = /^GET \/jobs\/(0{8}-.*)$/.exec(request)?.[1];
    return id ? [200, { id, job_id: id, filename: `${id.at(-1)}.mp3`, model: 'base', status: ['completed', 'failed', 'cancelled'][Number(id.at(-1))], created_at: new Date().toISOString() }] : usual(request, query, body);
  };
  const server = await startMockServer({ words: 30, routes });
  const context = await browser.newContext({ ...looks.wide, serviceWorkers: 'block' });
  try {
    const page = await watchedPage(context, server.url, checks, ['text/event-stream']);
    await page.addInitScript(() => {
      window.told = [];
      window.Notification = class {
        static permission = 'default';
        static requestPermission() {
          this.permission = 'granted';
          return Promise.resolve('granted');
        }
        constructor(title, { body }) {
          window.told.push(`${title}: ${body}`);
        }
      };
      Object.defineProperty(document, 'hidden', { get: () => window.away === true });
    });
    await page.clock.install();
    await page.goto(`${server.url}/settings`);
    await page.getByLabel('Tell me when a transcription ends').click();
    await page.getByRole('button', { name: '3 in progress' }).waitFor();
    await page.evaluate(() => (window.away = true));
    working = false;
    for (let skipped = 0; skipped < 40 && (await page.evaluate(() => window.told.length)) < 2; ++skipped) {
      await page.clock.fastForward(1_000);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const told = await page.evaluate(() => window.told.sort());
    checks.ok(told.join('; ') === 'The transcript is finished: 0.mp3; The transcription failed: 1.mp3', `what ended is told once, what was cancelled is not: ${told.join('; ')}`);
  } catch (error) {
    checks.ok(false, `notices: ${error.stack}`);
  } finally {
    await context.close();
    await server.close();
  }
}

// Proofs by text are English; the other looks show what does not need them.
const all = Object.entries(screens)
  .filter(([name]) => !only || only.includes(name))
  .flatMap(([name, [path, states]]) => Object.entries(states).map(([state, parts]) => ({ name, path, state, parts })))
  .filter(({ state }) => look === 'wide' || only || !['one', 'empty', 'offline', 'loading'].includes(state));
const wanted = all.filter((_, index) => index % shares === share - 1);
const waiting = [...wanted];
async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) await show(next.name, next.path, next.state, next.parts);
}
// Most of the time is spent on waiting for each other's answers.
await Promise.all([work(), work(), work()]);
if (look === 'wide' && !only && share === shares) await outages();
if (look === 'wide' && !only && share === 1) await notices();
console.log(`${wanted.length} of ${all.length} states of ${Object.keys(screens).length} screens, ${look}`);
await browser.close();
process.exit(checks.finish());
