// Goal: a conversation becomes a transcript that says who speaks: asked for with the options, told apart by the
// server, shown in colours, heard, renamed, reassigned by keys, merged, undone, and found in the library by name.
//   node tests/web/speakers_test.mjs BIN_DIR
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checks, inspect, named, needs, outside, picture, skip, startServer, until, watchedPage } from './harness.mjs';

const { chromium, models, playwright, axe } = needs();
const shared = process.env.WT_SHARED_DIR ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const recording = join(shared, 'speech/diar/conv-2spk-dev.flac');
if (!existsSync(recording)) skip('the recordings of conversations are not here: WT_SHARED_DIR');
if (!existsSync(join(models, 'speaker'))) skip('the model for speakers is not installed: transcriber models pull speaker');
const checks = new Checks();
const server = await startServer(join(process.argv[2], 'transcriber'), ['--single-user'], models);
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

async function look(page, name) {
  await inspect(page, name, checks, axe);
  await named(page, name, checks);
  const beyond = await outside(page);
  checks.ok(beyond.length === 0, `${name}: beside the window: ${beyond}`);
  await picture(page, `speakers-${name.replaceAll(' ', '-')}`);
}

const documentOf = async (page) => (await fetch(`${server.url}/api/v1/jobs/${page.url().split('/').pop()}/document`)).json();
const first = (page) => page.locator('[data-turn]').first();

async function isTranscribed(page) {
  await page.goto(`${server.url}/new`);
  await page.getByTestId('files').setInputFiles(recording);
  await page.getByText('0:33', { exact: false }).first().waitFor();
  await page.getByRole('button', { name: /^Options/ }).click();
  await page.getByRole('switch', { name: /Tell speakers apart/ }).click();
  await page.getByLabel('How many speak').selectOption('2');
  await look(page, 'options');
  await page.getByRole('button', { name: 'Transcribe 1 file' }).click();
  await page.getByRole('link', { name: 'Library' }).first().click();
  // The list hears of the end, and within seconds of who speaks.
  await page.getByText('2 speakers').waitFor({ timeout: 120_000 });
  await page.getByRole('link', { name: 'conv-2spk-dev.flac', exact: true }).click();
  await first(page).waitFor();
  const { turns, speakers } = await documentOf(page);
  checks.ok(speakers.length === 2 && new Set(turns.map((turn) => turn.speaker)).size === 2, `two people have turns: ${JSON.stringify(speakers)}`);
  const colours = await page.locator('aside .voice-dot').evaluateAll((dots) => dots.map((dot) => getComputedStyle(dot).backgroundColor));
  checks.ok(new Set(colours).size === 2, `each has a colour of their own: ${colours}`);
  await look(page, 'transcript');
}

async function areNamed(page) {
  const name = page.getByRole('textbox', { name: 'Name of S1' });
  await name.fill('Anna Köhler');
  await page.keyboard.press('Enter');
  await until(async () => (await documentOf(page)).speakers.some((speaker) => speaker.name === 'Anna Köhler'), 'the name is stored');
  const playing = () => page.evaluate(() => { const media = document.querySelector('audio'); return { on: !media.paused, at: media.currentTime }; });
  await page.getByRole('button', { name: 'Listen to S2' }).click();
  await until(async () => (await playing()).on, 'a turn of that person is heard');
  const { turns, speakers } = await documentOf(page);
  const second = speakers.find((speaker) => speaker.name === 'S2').id;
  const own = turns.filter((turn) => turn.speaker === second);
  const { at } = await playing();
  checks.ok(own.some((turn) => at >= turn.start - 0.3 && at <= turn.end + 1), `at ${at} the second person speaks`);
  await page.evaluate(() => document.querySelector('audio').pause());
}

async function areReassigned(page) {
  const before = await documentOf(page);
  const [one, other] = before.speakers.map((speaker) => speaker.id);
  const was = before.turns[0].speaker;
  const to = was === one ? other : one;
  await first(page).click();
  await page.keyboard.press(`Alt+${before.speakers.findIndex((speaker) => speaker.id === to) + 1}`);
  await until(async () => (await documentOf(page)).turns[0].speaker === to, 'Alt and a digit give the turn to that person');
  await page.keyboard.press('Control+z');
  await until(async () => (await documentOf(page)).turns[0].speaker === was, 'undo gives it back');
  await page.keyboard.press('Escape');
}

async function areMerged(page) {
  const count = (await documentOf(page)).turns.length;
  await page.getByRole('button', { name: 'Actions for S2' }).click();
  await look(page, 'actions');
  await page.getByRole('menuitem', { name: 'Anna Köhler' }).click();
  await until(async () => (await documentOf(page)).turns.every((turn, _, all) => turn.speaker === all[0].speaker), 'all turns are one person’s');
  checks.ok((await documentOf(page)).turns.length === count, 'no turn is lost');
  await page.locator('body').press('Control+z');
  await until(async () => new Set((await documentOf(page)).turns.map((turn) => turn.speaker)).size === 2, 'undo parts them again');
}

/** The menu of colours goes by arrows as all menus do. */
async function areColoured(page) {
  const dot = page.locator('aside .voice-dot').first();
  const before = await dot.evaluate((element) => getComputedStyle(element).backgroundColor);
  await page.getByRole('button', { name: 'Actions for Anna Köhler' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitemradio', { name: 'Colour 1' }).waitFor();
  // The focus follows a key when it follows: a second key before that would pass the colour by.
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);
  for (let stop = 0; stop < 20 && (await focused()) !== 'Colour 5'; ++stop) {
    const last = await focused();
    await page.keyboard.press('ArrowDown');
    await until(async () => (await focused()) !== last, `an arrow leads on from ${last}`);
  }
  await page.keyboard.press('Enter');
  await until(async () => (await dot.evaluate((element) => getComputedStyle(element).backgroundColor)) !== before, 'the colour changes');
  await until(async () => (await documentOf(page)).speakers.some((speaker) => speaker.color === 4), 'the colour is stored');
}

async function areFound(page) {
  await page.goto(server.url);
  await page.getByText('Anna Köhler +1').waitFor({ timeout: 30_000 });
  const box = page.getByRole('combobox', { name: 'Search names and texts' });
  await box.pressSequentially('kohl');
  await page.getByRole('option', { name: /Anna Köhler/ }).waitFor();
  await look(page, 'suggestions');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('q') === 'Anna Köhler');
  await page.getByRole('link', { name: 'conv-2spk-dev.flac', exact: true }).waitFor();
  checks.ok((await page.getByRole('listbox', { name: 'Suggestions' }).count()) === 0, 'what was taken closes the list');
  await page.getByRole('button', { name: 'Clear search' }).click();
  await box.click();
  await page.getByRole('option', { name: /Anna Köhler.*Searched before/ }).waitFor();
  await page.keyboard.press('Escape');
  checks.ok((await page.getByRole('listbox', { name: 'Suggestions' }).count()) === 0, 'Escape closes the list');
}

const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
const page = await watchedPage(context, server.url, checks);
for (const part of [isTranscribed, areNamed, areReassigned, areMerged, areColoured, areFound]) {
  try {
    await part(page);
  } catch (error) {
    checks.ok(false, `${part.name}: ${error.stack}`);
    await picture(page, `speakers-broken-${part.name}`);
    break;
  }
}
await browser.close();
await server.stop();
process.exit(checks.finish());
