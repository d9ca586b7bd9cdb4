// Goal: somebody with a server that has nothing yet (no model, no network) gets to a first transcript: the
// machine is named, a model is recommended with its size, a file of weights is dropped, checked and
// installed, its speed is measured, not made up; where the model for speakers is missing, it is offered.
//   node tests/web/first_run_test.mjs BIN_DIR
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checks, inspect, named, needs, outside, picture, startServer, until, watchedPage } from './harness.mjs';

const { chromium, models, playwright, axe } = needs();
const checks = new Checks();
const program = join(process.argv[2], 'transcriber');
const folder = mkdtempSync(join(tmpdir(), 'wt-web-first-'));
const empty = mkdtempSync(join(tmpdir(), 'wt-web-models-'));
const weights = join(folder, 'ggml-base.bin');
execFileSync(program, ['models', 'convert', join(models, 'base'), weights, '--to', 'ggml', '--type', 'q8_0']);
// Models of the person who runs the test are looked for below these folders.
const server = await startServer(program, ['--single-user'], empty, undefined, { XDG_DATA_HOME: folder, HOME: folder, MODEL_DIR: empty });
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

async function look(page, name) {
  await inspect(page, name, checks, axe);
  await named(page, name, checks);
  const beyond = await outside(page);
  checks.ok(beyond.length === 0, `${name}: beside the window: ${beyond}`);
  await picture(page, `first-${name.replaceAll(' ', '-')}`);
}

/** A drop as the browser makes it: one file, onto the area for models. */
async function dropModel(page, name, bytes) {
  const data = await page.evaluateHandle(([text, called]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], called));
    return transfer;
  }, [bytes, name]);
  for (const kind of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('[data-model-drop]', kind, { dataTransfer: data });
}

async function noModelYet(page) {
  await page.goto(server.url);
  await page.getByRole('heading', { name: 'One thing is missing: a model' }).waitFor();
  await look(page, 'no model');
  await page.getByRole('link', { name: 'Set up' }).click();
  await page.waitForURL(/\/welcome$/);
  await page.getByText(/\d+ processor cores, .* of memory/).waitFor();
  await page.getByText('Recommended here').waitFor();
  await page.getByText(/to fetch · needs/).first().waitFor();
  await page.getByText('Its speed is measured here as soon as it is installed.').waitFor();
  checks.ok((await page.getByText('real time').count()) === 0, 'no speed is named before it was measured');
  checks.ok(await page.getByRole('button', { name: 'Transcribe the sample' }).isDisabled(), 'without a model the sample cannot be sent');
  await look(page, 'welcome');
}

async function aFileIsDropped(page) {
  await dropModel(page, 'talk.mp3', 'no model');
  await page.getByText('This is no model file').waitFor();
  await dropModel(page, 'mine.bin', 'these are no weights');
  await page.getByRole('button', { name: 'Install' }).click();
  await page.getByRole('alert').filter({ hasText: 'This is no model that can be read; nothing was added' }).waitFor();
  checks.ok(!(await page.getByRole('alert').innerText()).includes(empty), 'the message names no path of the server');
  await look(page, 'no such model');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByTestId('model-file').setInputFiles(weights);
  const name = page.getByRole('textbox', { name: 'Name of the model' });
  checks.ok((await name.inputValue()) === 'base', `the name is taken from the file: ${await name.inputValue()}`);
  await name.fill('../base');
  await page.getByText('it begins with a letter or digit').waitFor();
  checks.ok(await page.getByRole('button', { name: 'Install' }).isDisabled(), 'a name that the server refuses is not sent');
  await name.fill('base');
  await look(page, 'model file');
  await page.getByRole('button', { name: 'Install' }).click();
  await page.getByText('base is installed', { exact: true }).waitFor({ timeout: 60_000 });
}

/** The figure on the page is the one that the server measured. */
async function speedIsMeasured(page) {
  await page.getByText(/× real time, measured here/).waitFor({ timeout: 120_000 });
  const { models: list } = await (await fetch(`${server.url}/api/v1/system/hardware`)).json();
  const { speed } = list.find((model) => model.name === 'base');
  checks.ok(speed.audio_seconds > 34 && speed.audio_seconds < 35 && Math.abs(speed.times - speed.audio_seconds / speed.seconds) < 0.05, `what was measured is the sample: ${JSON.stringify(speed)}`);
  const shown = Number(/([\d.]+)× real time/.exec(await page.locator('#content').innerText())[1]);
  checks.ok(Math.abs(shown - speed.times) <= (speed.times < 10 ? 0.051 : 0.51), `the page shows ${speed.times}: ${shown}`);
  console.log(`base (q8_0): ${speed.times} times real time over ${speed.audio_seconds} s`);
  // A notice that goes by itself is none of the page's.
  await page.getByText('base is installed', { exact: true }).waitFor({ state: 'detached' });
  await page.getByText('Everything it needs is there.').waitFor();
  await look(page, 'measured');
  const before = speed.measured_at;
  await page.getByRole('button', { name: 'Measure again : base' }).click();
  await until(async () => {
    const again = (await (await fetch(`${server.url}/api/v1/system/hardware`)).json()).models.find((model) => model.name === 'base');
    return again.speed.measured_at !== before;
  }, 'it is measured again', 60_000);
}

/** The model for speakers is offered where it is missing; its download is the server's, played here. */
async function speakersAreOffered(page) {
  await page.goto(`${server.url}/new`);
  await page.locator('section button[aria-expanded]').last().click();
  await page.getByRole('switch', { name: /Tell speakers apart/ }).click();
  await page.getByText('is not installed on this server yet').waitFor();
  await look(page, 'speakers missing');
  let state = null;
  await page.route('**/api/v1/admin/models/speaker/download', (route) => {
    state = 'running';
    return route.fulfill({ status: 202, contentType: 'application/json', body: '{"model":"speaker","state":"running"}' });
  });
  const played = async (route) => {
    const answer = await (await route.fetch()).json();
    const helper = answer.helpers.find((one) => one.kind === 'speakers');
    helper.installed = state === 'done';
    if (state === 'running') helper.download = { model: 'speaker', state, bytes_done: 40e6, bytes_total: 81e6, message: '' };
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify(answer) });
  };
  await page.route('**/api/v1/admin/models', played);
  await page.route('**/api/v1/system/hardware', played);
  await page.getByRole('button', { name: 'Fetch it now' }).click();
  await page.getByRole('progressbar', { name: 'The model is being fetched' }).waitFor();
  await look(page, 'speakers fetched');
  state = 'done';
  await page.getByText('is not installed on this server yet').waitFor({ state: 'detached' });
  await page.getByLabel('How many speak').selectOption('2');
  await page.getByText('2 speakers', { exact: true }).waitFor();
  await page.unrouteAll({ behavior: 'wait' });
}

const looks = { viewport: { width: 1360, height: 860 }, locale: 'en-GB' };
const context = await browser.newContext(looks);
// What the test sends on purpose is refused, and the browser says so.
const page = await watchedPage(context, server.url, checks, ['400', '409', '503']);
for (const part of [noModelYet, aFileIsDropped, speedIsMeasured, speakersAreOffered]) {
  try {
    await part(page);
  } catch (error) {
    checks.ok(false, `${part.name}: ${error.stack}`);
    await picture(page, `first-broken-${part.name}`);
    break;
  }
}
checks.ok(readFileSync(weights).length > 0, 'the file is where it was');
await browser.close();
await server.stop();
rmSync(folder, { recursive: true, force: true });
rmSync(empty, { recursive: true, force: true });
process.exit(checks.finish());
