// Goal: accounts in the browser (first account, wrong password, keys, one-time password, sign-out); an
// upload that is cut off, reloaded and goes on where it was; a refused file; a recording made here.
//   node tests/web/accounts_test.mjs BIN_DIR
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checks, inspect, needs, picture, startServer, watchedPage } from './harness.mjs';

const { chromium, models, playwright, axe } = needs();
const checks = new Checks();
const server = await startServer(join(process.argv[2], 'transcriber'), [], models);
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });
const folder = mkdtempSync(join(tmpdir(), 'wt-web-files-'));
// Refusals that the test causes itself are told on the console by the browser.
// 429: the test turns pages faster than people; the page waits and asks again.
const expected = ['401', '403', '429', 'ERR_INTERNET_DISCONNECTED', 'ERR_FAILED', '404', '400', '422', '415'];
const password = 'correct horse battery 7';

async function firstAccount(page) {
  await page.goto(server.url);
  await page.waitForURL(/\/setup$/);
  await picture(page, 'accounts-setup');
  await inspect(page, 'first account', checks, axe);
  const token = /set-up code: (\S+)/.exec(server.lines.join(' '))?.[1];
  checks.ok(token !== undefined, `the server prints its set-up code: ${server.lines.join(' | ')}`);
  await page.getByLabel('Set-up code').fill(token);
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL(/\/welcome$/);
  await page.getByText('Everything it needs is there.').waitFor();
}

async function signOutAndIn(page) {
  await page.getByRole('button', { name: 'ada' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL(/\/login/);
  await picture(page, 'accounts-login');
  await inspect(page, 'login', checks, axe);
  await page.getByText('From a recording to a corrected text').waitFor();
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill('wrong wrong wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: /first transcript|Library|Ready/ }).first().waitFor();
}

/** The API page takes a new key into its examples, which then work as they stand; a reload forgets it. */
async function examplesCarryTheKey(page) {
  await page.goto(`${server.url}/developers`);
  const example = page.getByRole('region', { name: 'Code' }).first();
  checks.ok((await example.innerText()).includes('$WT_API_KEY'), 'without a key the examples name a variable');
  await page.getByRole('button', { name: 'Make a key for the examples' }).click();
  await page.getByLabel('Name').fill('examples');
  await page.getByRole('button', { name: 'Create key' }).click();
  const secret = (await page.getByRole('dialog').locator('pre').innerText()).trim();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('The examples carry your new key').waitFor();
  checks.ok((await example.innerText()).includes(`Bearer ${secret}`) && (await example.innerText()).includes(server.url), 'the first example has address and key');
  for (const [tab, wanted] of [['Python', `"${secret}"`], ['JavaScript', `'${secret}'`]]) {
    await page.getByRole('tab', { name: tab }).click();
    checks.ok((await page.getByRole('tabpanel').innerText()).includes(wanted), `${tab} has the key as its language writes it`);
  }
  const reply = await fetch(`${server.url}/v1/models`, { headers: { Authorization: `Bearer ${secret}` } });
  checks.ok(reply.status === 200, `the key of the examples works: ${reply.status}`);
  await inspect(page, 'examples with key', checks, axe);
  await picture(page, 'accounts-examples');
  await page.reload();
  await example.waitFor();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  checks.ok(!(await page.locator('body').innerText()).includes(secret) && !kept.includes(secret), 'a reload forgets the key, and no storage has it');
}

async function keyIsShownOnce(page) {
  await page.goto(`${server.url}/settings/keys`);
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill('script');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Copy it now').waitFor();
  const secret = (await page.getByRole('dialog').locator('pre').innerText()).trim();
  await inspect(page, 'new key', checks, axe);
  await page.getByRole('button', { name: 'Done' }).click();
  const reply = await fetch(`${server.url}/jobs`, { headers: { Authorization: `Bearer ${secret}`, Accept: 'application/json' } });
  checks.ok(reply.status === 200, `the key works: ${reply.status}`);
  await administratorsSwitchKeysOff(page, secret);
  await page.goto(`${server.url}/settings/keys`);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('Revoked').first().waitFor();
  const after = await fetch(`${server.url}/jobs`, { headers: { Authorization: `Bearer ${secret}`, Accept: 'application/json' } });
  checks.ok(after.status === 401, `the revoked key is refused: ${after.status}`);
}

/** For a while: the key is refused, and works again after. */
async function administratorsSwitchKeysOff(page, secret) {
  const status = async () => (await fetch(`${server.url}/jobs`, { headers: { Authorization: `Bearer ${secret}`, Accept: 'application/json' } })).status;
  await page.goto(`${server.url}/admin/keys`);
  const row = page.getByRole('row').filter({ hasText: 'script' });
  for (const [item, shown, answer] of [['Switch off', 'switched off', 401], ['Switch on', 'active', 200]]) {
    await row.getByRole('button', { name: 'Actions for script' }).click();
    await page.getByRole('menuitem', { name: item }).click();
    await row.getByText(shown, { exact: true }).waitFor();
    checks.ok((await status()) === answer, `a key that is ${shown} is answered ${await status()}`);
  }
  await picture(page, 'accounts-all-keys');
  await inspect(page, 'keys of everybody', checks, axe);
}

/** A limit of her own, kept and shown when it is looked at again. */
async function herStorageIsLimited(page) {
  const open = async () => {
    await page.getByRole('button', { name: 'Actions for grace' }).click();
    await page.getByRole('menuitem', { name: 'Storage …' }).click();
    await page.getByRole('dialog', { name: 'Storage of grace' }).waitFor();
  };
  await open();
  await page.getByLabel('Limit').selectOption('At most …');
  await page.getByLabel('Gigabytes').fill('0.0001');
  await picture(page, 'accounts-quota');
  await inspect(page, 'quota', checks, axe);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await open();
  checks.ok((await page.getByLabel('Gigabytes').inputValue()) === '0.0001', 'the limit is kept');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function newPasswordIsDue(page, context) {
  await page.goto(`${server.url}/admin/users`);
  await page.getByRole('button', { name: 'New account' }).click();
  await page.getByLabel('User name').fill('grace');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByText('One-time password of grace').waitFor();
  const once = (await page.getByRole('dialog').locator('pre').innerText()).trim();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('cell', { name: 'grace', exact: true }).waitFor();
  await picture(page, 'accounts-users');
  await inspect(page, 'users', checks, axe);

  await herStorageIsLimited(page);
  const other = await context.browser().newContext({ locale: 'en-GB' });
  const hers = await watchedPage(other, server.url, checks, expected);
  await hers.goto(`${server.url}/settings/keys`);
  await hers.waitForURL(/\/login/);
  await hers.getByLabel('User name').fill('grace');
  await hers.getByLabel('Password', { exact: true }).fill(once);
  await hers.getByRole('button', { name: 'Sign in' }).click();
  await hers.waitForURL(/\/change-password$/);
  await inspect(hers, 'password is due', checks, axe);
  await hers.getByLabel('Current password').fill(once);
  await hers.getByLabel('New password', { exact: true }).fill('another good phrase 9');
  await hers.getByLabel('New password again').fill('another good phrase 9');
  await hers.getByRole('button', { name: 'Change password' }).click();
  await hers.getByRole('heading', { name: 'Library' }).waitFor();
  await hers.goto(`${server.url}/admin`);
  await hers.getByText('This is for administrators').first().waitFor();
  await hers.goto(`${server.url}/new`);
  expected.push('413');
  await hers.getByRole('button', { name: /Try the sample/ }).click();
  await hers.getByText('pass your storage quota').first().waitFor();
  await hers.getByText('ask whoever runs this server for more room').waitFor();
  await picture(hers, 'accounts-over-quota');
  await other.close();
}

/** 13 minutes of the sample again and again: enough to be stopped in the middle of. */
function longTalk(name) {
  const path = join(folder, name);
  execFileSync('ffmpeg', ['-v', 'error', '-stream_loop', '-1', '-i', fileURLToPath(new URL('../../assets/sample.flac', import.meta.url)),
    '-t', '786', '-ac', '1', '-ar', '16000', '-map_metadata', '-1', path]);
  return path;
}

/** 24 MB of a WAV file: three pieces. */
function recording(name) {
  const bytes = 24 << 20;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(bytes - 8, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(16_000, 24);
  head.writeUInt32LE(32_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes - 44, 40);
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([head, randomBytes(bytes - 44)]));
  return path;
}

async function uploadSurvivesAReload(page) {
  const path = longTalk('long talk.wav');
  const other = recording('other.wav');
  const notes = join(folder, 'notes.txt');
  writeFileSync(notes, 'not sound');
  await page.goto(`${server.url}/new`);
  await page.getByTestId('files').setInputFiles([path, notes]);
  await page.getByText('does not look like a recording').waitFor();
  await page.getByText('13:06').waitFor();
  await picture(page, 'accounts-new-files');
  await inspect(page, 'chosen files', checks, axe);
  // The first piece arrives, the second is cut off for good: only a reload helps.
  const offsets = [];
  await page.route('**/files/*', async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    offsets.push(Number(route.request().headers()['upload-offset']));
    return offsets.length > 1 ? route.abort() : route.continue();
  });
  await page.getByRole('button', { name: 'Transcribe 1 file' }).click();
  await page.getByText('Connection lost').first().waitFor({ timeout: 30_000 });
  await page.unroute('**/files/*');
  await page.reload();
  const row = page.getByRole('listitem').filter({ hasText: 'long talk.wav' }).first();
  await row.getByText('Choose the same file again').waitFor();
  await picture(page, 'accounts-upload-again');
  await row.locator('input[type=file]').setInputFiles(other);
  await page.getByText('That is another file').first().waitFor();
  await page.route('**/files/*', async (route) => {
    if (route.request().method() === 'PATCH') offsets.push(Number(route.request().headers()['upload-offset']));
    return route.continue();
  });
  const resumedFrom = offsets.length;
  await row.locator('input[type=file]').setInputFiles(path);
  await page.getByRole('link', { name: 'Open', exact: true }).click({ timeout: 60_000 });
  await page.waitForURL(/\/transcript\//);
  checks.ok(offsets[resumedFrom] === 8 << 20, `sending went on at the second piece: ${offsets}`);
  await page.getByRole('button', { name: 'Cancel' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).last().click();
  await page.getByText('This transcription was cancelled').waitFor({ timeout: 60_000 });
  await picture(page, 'accounts-cancelled');
  await inspect(page, 'cancelled job', checks, axe);
}

async function failureHasAReport(page) {
  const path = join(folder, 'broken.mp3');
  writeFileSync(path, Buffer.concat([Buffer.from('ID3'), randomBytes(200_000)]));
  await page.goto(`${server.url}/new`);
  await page.getByTestId('files').setInputFiles(path);
  await page.getByRole('button', { name: 'Transcribe 1 file' }).click();
  const row = page.getByRole('listitem').filter({ hasText: 'broken.mp3' }).first();
  // Refused once its end has come: cause, consequence, next step and a report.
  await row.getByText('broken.mp3 was not accepted').waitFor({ timeout: 30_000 });
  checks.ok(!/HTTP \d/.test(await row.innerText()), `the refusal has a cause: ${await row.innerText()}`);
  await row.getByRole('button', { name: 'Copy report' }).waitFor();
  await picture(page, 'accounts-broken');
  await inspect(page, 'broken file', checks, axe);
}

/** A recording is kept in the browser until it is sent, also over a reload. */
async function recordingSurvivesAReload(page) {
  await page.goto(`${server.url}/new`);
  await page.getByRole('radio', { name: 'Microphone' }).click();
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.getByText('0:03').waitFor({ timeout: 20_000 });
  await picture(page, 'accounts-recording');
  await inspect(page, 'recording', checks, axe);
  // No stop: the page goes away in the middle.
  await page.reload();
  checks.ok((await page.getByText('broken.mp3').count()) === 0, 'what was refused is not asked for again');
  await page.getByRole('radio', { name: 'Microphone' }).click();
  const kept = page.getByRole('listitem').filter({ hasText: /^Recording / }).first();
  await kept.waitFor();
  await picture(page, 'accounts-recordings-kept');
  await kept.getByRole('button', { name: 'Transcribe' }).click();
  await page.getByRole('heading', { name: 'Library' }).waitFor();
  await page.getByRole('link', { name: /^Recording .*webm$/ }).first().waitFor({ timeout: 30_000 });
}

/** Signing out says what would be lost, and takes nothing before it is told to. */
async function signingOutAsks(page) {
  await page.goto(`${server.url}/new`);
  await page.getByRole('radio', { name: 'Microphone' }).click();
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.getByText('0:02').waitFor({ timeout: 20_000 });
  await page.reload();
  const leave = async () => {
    await page.getByRole('button', { name: 'ada' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('dialog').getByText('1 recording of the microphone').waitFor();
  };
  await leave();
  await picture(page, 'accounts-unsent');
  await inspect(page, 'question before signing out', checks, axe);
  await page.getByRole('button', { name: 'Stay and look' }).click();
  await page.getByRole('listitem').filter({ hasText: /^Recording / }).first().waitFor();
  await leave();
  await page.getByRole('button', { name: 'Delete and sign out' }).click();
  await page.waitForURL(/\/login/);
  const left = await page.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.open('whisper-transcriber').onsuccess = ({ target: { result } }) => {
          result.transaction('recordings').objectStore('recordings').count().onsuccess = (event) => resolve(event.target.result);
        };
      }),
  );
  checks.ok(left === 0, `${left} recordings are left after signing out`);
}

try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 840 }, locale: 'en-GB' });
  const page = await watchedPage(context, server.url, checks, expected);
  await firstAccount(page);
  await signOutAndIn(page);
  await keyIsShownOnce(page);
  await examplesCarryTheKey(page);
  await newPasswordIsDue(page, context);
  await uploadSurvivesAReload(page);
  await failureHasAReport(page);
  await recordingSurvivesAReload(page);
  await signingOutAsks(page);
} catch (error) {
  checks.ok(false, `stopped by ${error.stack}`);
} finally {
  await browser.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(checks.finish());
