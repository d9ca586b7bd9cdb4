// Goal: a person with a fresh server gets from the empty library to a finished transcript, on a wide
// screen and on a phone, without an error, a violation of the policy or a fault that axe finds.
//   node tests/web/smoke_test.mjs BIN_DIR
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checks, inspect, needs, picture, startServer, watchedPage } from './harness.mjs';

const { chromium, models, playwright, axe } = needs();
const checks = new Checks();
const server = await startServer(join(process.argv[2], 'transcriber'), ['--single-user'], models);
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

const screens = [
  ['library', '/'],
  ['new', '/new'],
  ['settings', '/settings'],
  ['settings-profile', '/settings/profile'],
  ['settings-keys', '/settings/keys'],
  ['admin', '/admin'],
  ['admin-users', '/admin/users'],
  ['admin-jobs', '/admin/jobs'],
  ['admin-models', '/admin/models'],
  ['admin-audit', '/admin/audit'],
  ['admin-storage', '/admin/storage'],
  ['developers', '/developers'],
  ['help', '/help'],
  ['welcome', '/welcome'],
];

async function firstLoadKilobytes(context) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const scripts = new Set();
  let bytes = 0;
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (response.mimeType.includes('javascript') && !response.url.endsWith('/sw.js')) scripts.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(`${server.url}/`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  await page.close();
  return bytes / 1024;
}

async function fromSampleToText(page) {
  await page.goto(`${server.url}/`);
  await page.getByRole('button', { name: 'Try the sample' }).waitFor();
  await picture(page, 'wide-library-empty');
  await inspect(page, 'empty library', checks, axe);
  await page.getByRole('button', { name: 'Try the sample' }).click();
  await page.waitForURL(/\/transcript\//);
  const firstWords = page.getByText(/Welcome to Whisper/i).first();
  await firstWords.waitFor({ timeout: 120_000 });
  await picture(page, 'wide-job-first-words');
  await inspect(page, 'job in progress', checks, axe);
  await page.getByText(/It runs on your own computer/).first().waitFor({ timeout: 180_000 });
  await page.waitForFunction(async () => {
    const id = location.pathname.split('/').pop();
    return (await (await fetch(`/api/v1/jobs/${id}`)).json()).status === 'completed';
  }, undefined, { timeout: 180_000, polling: 500 });
  // The end is told once to screen readers; the words were not.
  await page.getByRole('status').filter({ hasText: 'The transcript of sample.flac is finished.' }).waitFor({ state: 'attached' });
  await firstWords.waitFor({ timeout: 30_000 });
  await picture(page, 'wide-transcript');
  await inspect(page, 'finished transcript', checks, axe);
  return new URL(page.url()).pathname;
}

async function walk(page, prefix) {
  for (const [name, path] of screens) {
    await page.goto(server.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await picture(page, `${prefix}-${name}`);
    await inspect(page, `${prefix} ${name}`, checks, axe);
  }
}

/** A thousand recordings, made up here: few rows are in the document, the last one can be reached. */
async function manyRecordings(context) {
  const page = await watchedPage(context, server.url, checks);
  const total = 1_000;
  const job = (n) => ({
    id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    filename: `<img src=x onerror=alert(1)> ${n}.mp3`,
    status: 'completed',
    model: 'base',
    duration: 60 + n,
    created_at: new Date(Date.now() - n * 3_600_000).toISOString(),
  });
  await page.route(/\/api\/v1\/jobs\?/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [skip, limit] = [Number(query.get('skip') ?? 0), Number(query.get('limit'))];
    const count = query.get('status') ? 0 : Math.max(0, Math.min(limit, total - skip));
    const jobs = Array.from({ length: count }, (_, i) => job(skip + i));
    return route.fulfill({ json: { jobs, total: query.get('status') ? 0 : total, skip, limit } });
  });
  await page.goto(`${server.url}/`);
  await page.getByText('onerror=alert(1)> 0.mp3').waitFor();
  await picture(page, 'wide-library-many');
  await inspect(page, 'many recordings', checks, axe);
  for (let i = 0; i < 60 && !(await page.getByText(' 999.mp3').isVisible()); ++i) {
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForTimeout(100);
  }
  checks.ok(await page.getByText(' 999.mp3').isVisible(), 'the last of a thousand recordings is reached');
  const rows = await page.locator('main li').count();
  checks.ok(rows < 80, `${rows} rows in the document for a thousand recordings`);
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.getByRole('button', { name: 'Select' }).click();
  await page.getByRole('checkbox').nth(1).click();
  await page.getByRole('checkbox').nth(4).click({ modifiers: ['Shift'] });
  await page.getByRole('toolbar').getByText('4 selected').waitFor();
  await picture(page, 'wide-library-selected');
  await inspect(page, 'selection', checks, axe);
  await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByText('Delete 4 recordings?').waitFor();
  await inspect(page, 'question before deleting', checks, axe);
  await page.keyboard.press('Escape');
  await page.close();
}

async function keyboardAlone(page) {
  await page.goto(`${server.url}/help`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Tab');
  checks.ok((await page.evaluate(() => document.activeElement?.textContent)) === 'Skip to content', 'the first stop is the skip link');
  await page.keyboard.press('Enter');
  checks.ok((await page.evaluate(() => document.activeElement?.id)) === 'content', 'the skip link leads to the content');
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.getAttribute('type') === 'search');
  await page.keyboard.type('n?');
  checks.ok(new URL(page.url()).pathname === '/', 'keys are letters while somebody types');
  await page.keyboard.press('Tab');
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('n');
  await page.waitForURL(/\/new$/);
}

/** The server is away: the page says so, and recovers. */
async function outage(context) {
  const page = await watchedPage(context, server.url, checks, ['net::ERR_FAILED']);
  await page.goto(`${server.url}/`);
  await page.getByText('sample.flac').first().waitFor();
  await page.route('**/api/**', (route) => route.abort());
  await page.getByRole('combobox', { name: 'Sort' }).selectOption('name');
  await page.getByText('The server cannot be reached').waitFor({ timeout: 20_000 });
  await page.getByText('The library could not be read').waitFor({ timeout: 20_000 });
  await picture(page, 'wide-outage');
  await inspect(page, 'outage', checks, axe);
  await page.unroute('**/api/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('sample.flac').first().waitFor();
  await page.getByText('The server cannot be reached').waitFor({ state: 'detached' });
  await page.close();
}

/** The committed types are those of this server. */
async function typesAreUpToDate() {
  const folder = mkdtempSync(join(tmpdir(), 'wt-openapi-'));
  const file = join(folder, 'openapi.json');
  writeFileSync(file, await (await fetch(`${server.url}/openapi.json`)).text());
  const tool = fileURLToPath(new URL('../../web/tools/apiTypes.mjs', import.meta.url));
  const run = spawnSync(process.execPath, [tool, file, '--check'], { encoding: 'utf8' });
  checks.ok(run.status === 0, `types of the API: ${run.stderr}`);
  rmSync(folder, { recursive: true });
}

async function deepLinksAndPaths() {
  const html = { headers: { Accept: 'text/html' } };
  for (const path of ['/jobs', '/upload', '/admin/users', '/settings/keys', '/transcript/x', '/search']) {
    const reply = await fetch(server.url + path, html);
    checks.ok(reply.ok && reply.headers.get('content-type').startsWith('text/html'), `${path} is a page for browsers`);
  }
  const list = await fetch(`${server.url}/jobs`, { headers: { Accept: 'application/json' } });
  checks.ok(list.headers.get('content-type').startsWith('application/json'), '/jobs is JSON for programs');
  const nothing = await fetch(`${server.url}/api/nope`, html);
  checks.ok(nothing.status === 404 && nothing.headers.get('content-type').includes('json'), '/api/nope is a JSON 404');
}

async function staysReadableOffline(context, page, transcript) {
  await page.goto(server.url + transcript);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.reload();
  await page.getByText(/Welcome to Whisper/i).first().waitFor();
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await context.setOffline(true);
  await page.reload();
  await page.getByText(/Welcome to Whisper/i).first().waitFor({ timeout: 15_000 });
  checks.ok(true, 'a finished transcript opens without a connection');
  await picture(page, 'wide-offline');
  await context.setOffline(false);
}

try {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-GB' });
  const kilobytes = await firstLoadKilobytes(context);
  console.log(`first load of the library: ${kilobytes.toFixed(1)} KiB of script, compressed`);
  checks.ok(kilobytes > 50 && kilobytes <= 200, `first load is ${kilobytes.toFixed(1)} KiB of script, at most 200`);
  const page = await watchedPage(context, server.url, checks, ['net::ERR_INTERNET_DISCONNECTED', 'Failed to load resource']);
  const transcript = await fromSampleToText(page);
  await walk(page, 'wide');
  await deepLinksAndPaths();
  await typesAreUpToDate();
  await keyboardAlone(page);
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  checks.ok(!/token|secret|password/i.test(stored), `no credential is kept by scripts: ${stored}`);
  await staysReadableOffline(context, page, transcript);
  await context.close();

  // Without the service worker, which would answer in the place of what the tests put there.
  const plain = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-GB', serviceWorkers: 'block' });
  await manyRecordings(plain);
  await outage(plain);
  await plain.close();

  const phone = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: 'de-DE', colorScheme: 'dark' });
  const phonePage = await watchedPage(phone, server.url, checks);
  await walk(phonePage, 'phone-dark-de');
  await phonePage.goto(server.url + transcript);
  await phonePage.getByText(/Welcome to Whisper/i).first().waitFor();
  await picture(phonePage, 'phone-dark-de-transcript');
  await inspect(phonePage, 'transcript on a phone', checks, axe);
  await phone.close();

  const mirrored = await browser.newContext({ viewport: { width: 1100, height: 760 }, locale: 'en-GB' });
  await mirrored.addInitScript(() => localStorage.setItem('wt.locale', 'pseudo'));
  const mirroredPage = await watchedPage(mirrored, server.url, checks);
  await walk(mirroredPage, 'rtl');
  checks.ok((await mirroredPage.evaluate(() => getComputedStyle(document.body).direction)) === 'rtl', 'the pseudo-locale is right-to-left');
  await mirrored.close();
} catch (error) {
  checks.ok(false, `stopped by ${error.stack}`);
} finally {
  await browser.close();
  await server.stop();
}
process.exit(checks.finish());
