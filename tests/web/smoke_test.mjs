// Goal: a person with a fresh server gets from the empty library to a finished transcript, on a wide
// screen and on a phone, without an error, a violation of the policy or a fault that axe finds.
//   node tests/web/smoke_test.mjs BIN_DIR [first|use|phone|rtl]      one part; all without
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checks, inspect, needs, picture, startServer, until, watchedPage } from './harness.mjs';

const { chromium, models, playwright, axe } = needs();
const checks = new Checks();
const server = await startServer(join(process.argv[2], 'transcriber'), ['--single-user'], models);
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

const sample = fileURLToPath(new URL('../../assets/sample.flac', import.meta.url));
const screens = [
  ['library', '/'],
  ['new', '/new'],
  ['settings', '/settings'],
  ['settings-profile', '/settings/profile'],
  ['settings-keys', '/settings/keys'],
  ['admin', '/admin'],
  ['admin-queue', '/admin/queue'],
  ['admin-usage', '/admin/usage'],
  ['admin-users', '/admin/users'],
  ['admin-jobs', '/admin/jobs'],
  ['admin-models', '/admin/models'],
  ['admin-audit', '/admin/audit'],
  ['admin-storage', '/admin/storage'],
  ['admin-monitor', '/admin/monitor'],
  ['admin-log', '/admin/log'],
  ['admin-keys', '/admin/keys'],
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

/**
 * A speaker is named and renamed in the page: every file has the name of now, in the preview and in
 * what is downloaded, unless names are not wanted.
 */
async function namesAreInEveryFile(page, transcript) {
  await page.goto(server.url + transcript);
  await page.getByRole('button', { name: 'Add speaker' }).click();
  const field = page.getByRole('textbox', { name: /^Name of / });
  const rename = async (name) => {
    await field.fill(name);
    await field.press('Enter');
  };
  await rename('Ann Other');
  await page.locator('.turn-text').first().click();
  await page.keyboard.press('Alt+1');
  await page.keyboard.press('Escape');
  const dialog = page.getByRole('dialog');
  const preview = async () => ((await dialog.locator('[data-preview]').count()) > 0 ? dialog.locator('[data-preview]').innerText() : '');
  const file = async () => {
    const link = await dialog.getByRole('link', { name: 'Download' }).getAttribute('href');
    return page.evaluate(async (url) => (await fetch(url)).text(), link);
  };
  for (const [name, gone] of [['Ann Other', 'Augusta King'], ['Augusta King', 'Ann Other']]) {
    await rename(name);
    await page.locator('body').press('Control+s');
    for (const format of ['txt', 'srt', 'vtt', 'json', 'tsv', 'csv', 'lrc', 'md']) {
      await dialog.getByLabel('Format').selectOption(format);
      await until(async () => (await preview()).includes(name), `the preview of ${format} has ${name}`);
      const text = await file();
      checks.ok(text.includes(name) && !text.includes(gone), `${format} has ${name}: ${text.slice(0, 80)}`);
    }
    await dialog.getByLabel('Format').selectOption('vtt');
    await until(async () => (await preview()).includes(`<v ${name}>`), 'a voice of WebVTT');
    await picture(page, 'wide-export');
    await inspect(page, 'export', checks, axe);
    await dialog.getByLabel('Names of the speakers').click();
    await until(async () => !(await preview()).includes(name), 'the preview without names');
    checks.ok(!(await file()).includes(name), 'nor has the file');
    await dialog.getByLabel('Names of the speakers').click();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }
}

/** Figures move, told by the socket; the log and a job's log can be read. */
async function watchesTheServer(page, transcript) {
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${server.url}/admin/monitor`);
  const chart = page.locator('[data-chart*=L]').first();
  await chart.waitFor({ timeout: 15_000 });
  const first = await chart.getAttribute('data-chart');
  await until(async () => (await chart.getAttribute('data-chart')) !== first, 'the chart moves');
  checks.ok(!asked.includes('/metrics'), 'the socket tells it, nothing is asked for');
  await picture(page, 'wide-admin-live');
  await page.goto(`${server.url}/admin/log`);
  await page.getByText('live', { exact: true }).waitFor();
  const job = transcript.split('/').pop();
  const log = await (await fetch(`${server.url}/jobs/${job}/log`)).text();
  checks.ok(/attempt 1 begins/.test(log), `the job has a log: ${log.slice(0, 80)}`);
}

/** Renamed, tagged, starred and put away, each with its way back; found by a word and opened there. */
async function ordersTheLibrary(page) {
  await page.goto(`${server.url}/`);
  const menu = async (name, item) => {
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await menu('sample.flac', 'Rename');
  await page.getByRole('textbox', { name: 'Title of sample.flac' }).fill('Board meeting');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Board meeting' }).waitFor();
  await menu('Board meeting', 'Tags …');
  await page.getByLabel('New tag').fill('minutes, <b>alpha</b>');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await inspect(page, 'tags', checks, axe);
  await page.getByRole('button', { name: 'Apply' }).click();
  const filters = page.getByRole('group', { name: 'Stars, archive and tags' });
  await filters.getByRole('button', { name: /^minutes/ }).click();
  await page.waitForURL(/tag=minutes/);
  await page.getByRole('link', { name: 'Board meeting' }).waitFor();
  await filters.getByRole('button', { name: /^minutes/ }).click();
  await page.getByRole('button', { name: 'Star for Board meeting' }).click();
  await filters.getByRole('button', { name: /^Starred/ }).waitFor();
  await menu('Board meeting', 'Archive');
  await page.getByRole('link', { name: 'Board meeting' }).waitFor({ state: 'detached' });
  await page.getByText('Archived').first().locator('..').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'Board meeting' }).waitFor();
  await page.getByRole('combobox', { name: 'Search names and texts' }).fill('computer');
  await page.locator('mark', { hasText: 'computer' }).waitFor();
  await picture(page, 'wide-search');
  await inspect(page, 'search in texts', checks, axe);
  await page.locator('mark').first().click();
  await page.waitForURL(/\/transcript\/.*find=computer/);
  await page.getByText('1 of 1').waitFor();
  await picture(page, 'wide-found');
  await page.keyboard.press('Control+Shift+F');
  await page.waitForURL((url) => url.pathname === '/' && url.searchParams.get('q') === 'computer');
  await page.locator('mark', { hasText: 'computer' }).waitFor();
}

/** Every option that the server describes and the page knows can be chosen, and becomes a chip. */
async function optionsAreOffered(page) {
  await page.goto(`${server.url}/new`);
  await page.getByRole('button', { name: /^Options/ }).click();
  for (const [label, chip] of [['Tell speakers apart', 'Speakers'], ['Several languages', 'Several languages'], ['Quiet parts too', 'Quiet parts too']]) {
    await page.getByLabel(label).click();
    await page.getByRole('button', { name: /^Options/ }).getByText(chip, { exact: true }).waitFor();
  }
  await page.getByLabel('How many speak').selectOption('2');
  await page.getByLabel('Sound').selectOption('1');
  await page.getByRole('button', { name: /^Options/ }).getByText('Right channel').waitFor();
  await picture(page, 'wide-options');
  await inspect(page, 'options', checks, axe);
}

/** What one browser sets is found by another one, before its first paint the next time. */
async function preferencesTravel(page, context) {
  await page.goto(`${server.url}/settings`);
  await page.getByLabel('My vocabulary').fill('Wójcik\ntachycardia');
  const stored = page.waitForResponse((reply) => reply.url().endsWith('/preferences') && reply.request().method() === 'PUT');
  await page.getByLabel('My vocabulary').blur();
  await stored;
  const darkStored = page.waitForResponse((reply) => reply.url().endsWith('/preferences') && reply.request().method() === 'PUT');
  await page.getByLabel('Appearance').selectOption('dark');
  await darkStored;
  const other = await watchedPage(context, server.url, checks);
  await other.goto(`${server.url}/new`);
  await other.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  await other.getByText('2 words of yours').waitFor();
  await other.close();
  const back = page.waitForResponse((reply) => reply.url().endsWith('/preferences') && reply.request().method() === 'PUT');
  await page.getByLabel('Appearance').selectOption('system');
  await back;
}

/** A small film, made here: the pane shows its pictures and plays. */
async function filmHasAPane(page) {
  const folder = mkdtempSync(join(tmpdir(), 'wt-film-'));
  const film = join(folder, 'film.webm');
  const made = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=10', '-i', sample, '-t', '6', '-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus', film]);
  if (made.error || made.status !== 0) {
    console.log('no ffmpeg that writes WebM here: the video pane is not tested');
    rmSync(folder, { recursive: true });
    return;
  }
  await page.goto(`${server.url}/new`);
  await page.getByTestId('files').setInputFiles(film);
  await page.getByRole('button', { name: 'Transcribe 1 file' }).click();
  await page.getByRole('link', { name: 'Open' }).first().click({ timeout: 30_000 });
  const video = page.locator('video');
  await video.waitFor({ timeout: 120_000 });
  await page.waitForFunction(() => document.querySelector('video')?.videoWidth === 320);
  await page.getByRole('button', { name: 'Play' }).click();
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0.2);
  await picture(page, 'wide-film');
  await inspect(page, 'film', checks, axe);
  rmSync(folder, { recursive: true });
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
  await page.getByText('Board meeting').first().waitFor();
  await page.route('**/api/**', (route) => route.abort());
  await page.getByRole('combobox', { name: 'Sort' }).selectOption('name');
  await page.getByText('The server cannot be reached').waitFor({ timeout: 20_000 });
  await page.getByText('The library could not be read').waitFor({ timeout: 20_000 });
  await picture(page, 'wide-outage');
  await inspect(page, 'outage', checks, axe);
  await page.unroute('**/api/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Board meeting').first().waitFor();
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

/** The way of the first test, shortened: the sample as a finished transcript with a title. */
async function withASample() {
  const form = new FormData();
  form.set('file', new Blob([readFileSync(sample)]), 'sample.flac');
  form.set('word_timestamps', 'true');
  const { job_id: id } = await (await fetch(`${server.url}/jobs`, { method: 'POST', body: form })).json();
  const job = async () => (await fetch(`${server.url}/jobs/${id}`, { headers: { Accept: 'application/json' } })).json();
  await until(async () => (await job()).status === 'completed', 'the sample is transcribed', 120_000);
  await fetch(`${server.url}/jobs/${id}`, { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"title":"Board meeting"}' });
  return `/transcript/${id}`;
}

/** From nothing to a transcript, its order in the library, and every screen on a wide window. */
async function first() {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-GB' });
  const kilobytes = await firstLoadKilobytes(context);
  console.log(`first load of the library: ${kilobytes.toFixed(1)} KiB of script, compressed`);
  checks.ok(kilobytes > 50 && kilobytes <= 200, `first load is ${kilobytes.toFixed(1)} KiB of script, at most 200`);
  const page = await watchedPage(context, server.url, checks, ['net::ERR_INTERNET_DISCONNECTED', 'Failed to load resource']);
  const transcript = await fromSampleToText(page);
  await ordersTheLibrary(page);
  await walk(page, 'wide');
  await deepLinksAndPaths();
  await typesAreUpToDate();
  await keyboardAlone(page);
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  checks.ok(!/token|secret|password/i.test(stored), `no credential is kept by scripts: ${stored}`);
  await staysReadableOffline(context, page, transcript);
  await context.close();
}

/** What a day of use brings: names, files, films, a thousand recordings, a server that goes away. */
async function use() {
  const transcript = await withASample();
  // Without the service worker, which would answer in the place of what the tests put there.
  const plain = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-GB', serviceWorkers: 'block' });
  const plainPage = await watchedPage(plain, server.url, checks);
  await namesAreInEveryFile(plainPage, transcript);
  await watchesTheServer(plainPage, transcript);
  await optionsAreOffered(plainPage);
  const elsewhere = await browser.newContext({ locale: 'en-GB', colorScheme: 'light', serviceWorkers: 'block' });
  await preferencesTravel(plainPage, elsewhere);
  await elsewhere.close();
  await filmHasAPane(plainPage);
  await plainPage.close();
  await manyRecordings(plain);
  await outage(plain);
  await plain.close();
}

/** Every screen on a phone, in dark German. */
async function phone() {
  const transcript = await withASample();
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: 'de-DE', colorScheme: 'dark' });
  const phonePage = await watchedPage(context, server.url, checks);
  await walk(phonePage, 'phone-dark-de');
  await phonePage.goto(server.url + transcript);
  await phonePage.getByText(/Welcome to Whisper/i).first().waitFor();
  await picture(phonePage, 'phone-dark-de-transcript');
  await inspect(phonePage, 'transcript on a phone', checks, axe);
  await context.close();
}

/** Every screen right-to-left. */
async function rtl() {
  await withASample();
  const mirrored = await browser.newContext({ viewport: { width: 1100, height: 760 }, locale: 'en-GB' });
  await mirrored.addInitScript(() => localStorage.setItem('wt.locale', 'pseudo'));
  const mirroredPage = await watchedPage(mirrored, server.url, checks);
  await walk(mirroredPage, 'rtl');
  checks.ok((await mirroredPage.evaluate(() => getComputedStyle(document.body).direction)) === 'rtl', 'the pseudo-locale is right-to-left');
  await mirrored.close();
}

const parts = { first, use, phone, rtl };
try {
  for (const name of process.argv[3] ? [process.argv[3]] : Object.keys(parts)) await parts[name]();
} catch (error) {
  checks.ok(false, `stopped by ${error.stack}`);
} finally {
  await browser.close();
  await server.stop();
}
process.exit(checks.finish());
