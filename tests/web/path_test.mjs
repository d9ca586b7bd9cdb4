// Goal: somebody with a fresh server gets from the empty library to a corrected and exported transcript
// in at most five actions (a click, a drop or a run of typing each), on a wide screen and on a phone;
// the same, and a session of corrections, with the keyboard alone; everything on the way has a name.
//   node tests/web/path_test.mjs BIN_DIR [PARTS]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checks, inspect, named, needs, outside, picture, startServer, until, watchedPage } from './harness.mjs';

const { chromium, models, playwright, axe } = needs();
const checks = new Checks();
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const actionsMax = 5;
const greeting = /Welcome to Whisper/i;

/** What a person did, in words. */
class Actions {
  constructor(name) {
    this.name = name;
    this.done = [];
  }
  async act(what, run) {
    this.done.push(what);
    await run();
  }
  finish() {
    console.log(`${this.name}: ${this.done.length} actions: ${this.done.join(', ')}`);
    checks.ok(this.done.length <= actionsMax, `${this.name}: at most ${actionsMax} actions, not ${this.done.length}`);
  }
}

/** All that is asked of a page on the way. */
async function look(page, name) {
  await inspect(page, name, checks, axe);
  await named(page, name, checks);
  const beyond = await outside(page);
  checks.ok(beyond.length === 0, `${name}: beside the window: ${beyond}`);
  await picture(page, `path-${name.replaceAll(' ', '-')}`);
}

async function fresh(options, part) {
  const server = await startServer(join(process.argv[2], 'transcriber'), ['--single-user'], models);
  const context = await browser.newContext({ locale: 'en-GB', acceptDownloads: true, ...options });
  try {
    const page = await watchedPage(context, server.url, checks);
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Try the sample' }).waitFor();
    await part(page, server);
  } finally {
    await context.close();
    await server.stop();
  }
}

/** From the press on the sample: its first words, then the editor. */
async function wordsCome(page, name, begun) {
  await page.getByText(greeting).first().waitFor({ timeout: 120_000 });
  console.log(`${name}: first words after ${((Date.now() - begun) / 1_000).toFixed(2)} s (bar 5 s)`);
  await page.locator('[data-turn]').first().waitFor({ timeout: 180_000 });
  console.log(`${name}: finished after ${((Date.now() - begun) / 1_000).toFixed(2)} s`);
}

/** Where a word of the first paragraph ends, and how long it is. */
async function endOfWord(page, wanted) {
  return page.locator('[data-turn]').first().evaluate((element, word) => {
    const text = element.firstChild;
    const from = text.data.indexOf(word);
    const range = document.createRange();
    range.setStart(text, from + word.length - 1);
    range.setEnd(text, from + word.length);
    const box = range.getBoundingClientRect();
    return { x: box.right - 0.5, y: box.top + box.height / 2 };
  }, wanted);
}

async function savedFile(download) {
  return readFileSync(await download.path(), 'utf8');
}

async function byPointer(name, options) {
  await fresh(options, async (page) => {
    const actions = new Actions(name);
    const press = (locator) => (options.hasTouch ? locator.tap() : locator.click());
    await look(page, `${name} empty library`);
    const begun = Date.now();
    await actions.act('the sample', () => press(page.getByRole('button', { name: 'Try the sample' })));
    await wordsCome(page, name, begun);
    await look(page, `${name} transcript`);
    const wrong = (await page.locator('[data-turn]').first().textContent()).match(/\p{L}{3,}/u)[0];
    const at = await endOfWord(page, wrong);
    await actions.act(`a word (${wrong})`, () => (options.hasTouch ? page.touchscreen.tap(at.x, at.y) : page.mouse.click(at.x, at.y)));
    await actions.act('typing', async () => {
      for (const _ of wrong) await page.keyboard.press('Backspace');
      await page.keyboard.type('Greetings');
    });
    await actions.act('Export', () => press(page.getByRole('button', { name: 'Export', exact: true })));
    await page.getByRole('menuitem', { name: /SRT/ }).waitFor();
    await look(page, `${name} export`);
    const coming = page.waitForEvent('download');
    await actions.act('SRT', () => press(page.getByRole('menuitem', { name: /SRT/ })));
    const download = await coming;
    const file = await savedFile(download);
    checks.ok(download.suggestedFilename() === 'sample.srt', `the file is called sample.srt: ${download.suggestedFilename()}`);
    checks.ok(/^1\r?\n00:00:0\d,\d{3} --> 00:00:/.test(file), `it is SubRip: ${file.slice(0, 80)}`);
    checks.ok(file.includes('Greetings') && !file.slice(0, 120).includes(wrong), `it has the corrected word: ${file.slice(0, 160)}`);
    actions.finish();
  });
}

/** What has the focus, as screen readers name it. */
function focused(page) {
  return page.evaluate(() => {
    const here = document.activeElement;
    if (!here || here === document.body) return { name: '', ring: true, inside: true };
    const box = here.getBoundingClientRect();
    const style = getComputedStyle(here);
    const name = here.getAttribute('aria-label') ?? here.labels?.[0]?.textContent ?? here.textContent ?? '';
    return {
      name: name.trim(),
      ring: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0,
      inside: box.bottom > 0 && box.top < window.innerHeight && box.right > 0 && box.left < window.innerWidth,
    };
  });
}

/** Goes on by the Tab key until something of that name has the focus; each stop can be seen. */
async function tabTo(page, wanted, key = 'Tab', stopsMax = 80) {
  for (let stop = 0; stop < stopsMax; ++stop) {
    await page.keyboard.press(key);
    const here = await focused(page);
    checks.ok(here.ring && here.inside, `the focus is seen on "${here.name.slice(0, 60)}"`);
    if (wanted.test(here.name)) return;
  }
  throw new Error(`${stopsMax} times ${key} and never at ${wanted}`);
}

async function byKeyboard() {
  await fresh({ viewport: { width: 1360, height: 860 } }, async (page, server) => {
    const begun = Date.now();
    await tabTo(page, /^Try the sample$/);
    await page.keyboard.press('Enter');
    await wordsCome(page, 'keyboard', begun);
    const text = async () => (await page.locator('[data-turn]').first().textContent()).trim();
    const before = await text();
    await tabTo(page, /^Text at 0:0/);
    await page.keyboard.press('Home');
    await page.keyboard.press('Control+Shift+ArrowRight');
    await page.keyboard.type('Greetings ');
    await until(async () => (await text()).startsWith('Greetings '), 'what is typed is in the text');
    await page.keyboard.press('Escape');
    await tabTo(page, /^Export$/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: /SRT/ }).waitFor();
    checks.ok(/SRT/.test((await focused(page)).name), 'the menu begins at its first item');
    const coming = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    checks.ok((await savedFile(await coming)).includes('Greetings'), 'the exported file has the corrected word');
    await until(async () => (await focused(page)).name === 'Export', 'the focus is back at Export');
    await corrects(page, server, text, before);
  });
}

/** A session of corrections: undone, redone, split, joined, found, and the list of keys. */
async function corrects(page, server, text, before) {
  const saved = async () => {
    const id = page.url().split('/').pop();
    const document = await (await fetch(`${server.url}/api/v1/jobs/${id}/document`)).json();
    return document.turns.map((turn) => turn.words.map((word) => word.t).join('').trim());
  };
  const turns = (await saved()).length;
  await page.keyboard.press('Control+z');
  await until(async () => (await text()) === before, 'undo brings the word back');
  await page.keyboard.press('Control+Shift+Z');
  await until(async () => (await text()).startsWith('Greetings '), 'redo takes it again');
  await tabTo(page, /^Text at 0:0/);
  await page.keyboard.press('Home');
  for (let i = 0; i < 'Greetings '.length; ++i) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await until(async () => (await saved()).length === turns + 1, 'Enter splits the turn');
  await page.keyboard.press('Backspace');
  await until(async () => (await saved()).length === turns && (await saved())[0].startsWith('Greetings '), 'Backspace joins it again');
  await page.keyboard.press('Control+f');
  await page.getByRole('searchbox', { name: 'Find in the transcript' }).waitFor();
  await page.keyboard.type('Greetings');
  await page.getByText('1 of 1').waitFor();
  await look(page, 'keyboard find');
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox', { name: 'Find in the transcript' }).waitFor({ state: 'detached' });
  await page.keyboard.press('Control+s');
  await page.getByRole('dialog', { name: 'Export' }).waitFor();
  await page.locator('[data-preview]').waitFor();
  await look(page, 'keyboard export dialog');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await look(page, 'keyboard list of keys');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

const parts = {
  wide: () => byPointer('wide', { viewport: { width: 1360, height: 860 } }),
  phone: () => byPointer('phone', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }),
  keyboard: byKeyboard,
};
for (const [name, part] of Object.entries(parts)) {
  if (process.argv[3] && !process.argv[3].split(',').includes(name)) continue;
  try {
    await part();
  } catch (error) {
    checks.ok(false, `${name}: ${error.stack}`);
  }
}
await browser.close();
process.exit(checks.finish());
