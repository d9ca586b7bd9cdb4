// Goal: the transcript page keeps its word: edits are saved, survive reloads and days offline, two
// tabs agree, foreign text never runs or breaks the layout, and axe finds nothing.
// Method: the built app with the real content security policy against tests/web/mock_server.mjs.
//   node tests/web/transcript_test.mjs BIN_DIR [PARTS|-PARTS]
// BIN_DIR as for the other browser tests; no server of it is needed here.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { Checks, inspect, picture, skip, watchedPage } from './harness.mjs';
import { hostileStrings } from './hostile.mjs';
import { makeDocument, startMockServer } from './mock_server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(`${root}/web/package.json`);
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!chromium) skip('no Chromium on this machine');
if (!existsSync(`${root}/web/node_modules/playwright-core`))
  skip('playwright-core is not installed: npm --prefix web ci');
if (!existsSync(`${root}/web/dist/index.html`)) skip('the web app is not built: tools/web build/web/site');
const playwright = require('playwright-core');
const axe = require('axe-core').source;

const checks = new Checks();
const browser = await playwright.chromium.launch({
  executablePath: chromium,
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--autoplay-policy=no-user-gesture-required'],
});

async function open(server, options = {}) {
  const context =
    options.context ??
    (await browser.newContext({
      viewport: options.viewport ?? { width: 1360, height: 860 },
      colorScheme: options.dark ? 'dark' : 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    }));
  const page = await watchedPage(context, server.url, checks, ['net::ERR', 'Failed to load resource']);
  if (options.locale) await page.addInitScript((locale) => localStorage.setItem('wt.locale', locale), options.locale);
  await page.goto(server.page + (options.search ?? ''));
  await page.waitForSelector('[role=listitem]');
  return { context, page };
}

const paragraph = (page, turn) => page.locator(`[data-turn="${turn}"]`);
const textOf = async (page, turn) => (await paragraph(page, turn).textContent()).trim();
const saved = (page) => page.waitForSelector('[data-save=saved]', { state: 'attached', timeout: 15_000 });
const serverText = (server, turn) =>
  server.document.turns
    .get(turn)
    ?.words.map((word) => word.t)
    .join('')
    .trim();

/** Polls: what follows from an answer of the server comes when it comes. */
async function until(what, condition, timeout = 12_000) {
  const end = Date.now() + timeout;
  while (Date.now() < end) {
    if (await condition()) return checks.ok(true, what);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  return checks.ok(false, what);
}

/** Clicks the first letter of a word of a turn. */
async function clickWord(page, turn, word) {
  const at = await paragraph(page, turn).evaluate((element, index) => {
    const text = element.firstChild;
    const starts = [...text.data.matchAll(/\S+/g)].map((found) => found.index);
    const range = document.createRange();
    range.setStart(text, starts[index]);
    range.setEnd(text, starts[index] + 1);
    const box = range.getBoundingClientRect();
    return { x: box.left + 0.5, y: box.top + box.height / 2 };
  }, word);
  await page.mouse.click(at.x, at.y);
}

/** Notes are listed beside the text and lead back to their place; times can be put away. */
async function notesAreMarks(page) {
  const row = page.getByRole('listitem').filter({ has: paragraph(page, 't2') });
  await row.hover();
  await row.getByRole('button', { name: /^Actions for the turn/ }).click();
  await page.getByRole('menuitem', { name: 'Add note' }).click();
  await page.keyboard.type('Check this');
  await page.keyboard.press('Escape');
  const notes = page.getByRole('region', { name: 'Notes in the text' });
  await notes.getByRole('button', { name: /Check this/ }).click();
  const start = await row.locator('.turn-time').textContent();
  await until('the note leads to its second', async () => (await page.locator('[dir=ltr].figures').first().textContent()).startsWith(start.trim()));
  const more = async (item) => {
    await page.getByRole('button', { name: 'More' }).last().click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await more('Hide times');
  await row.locator('.turn-time').waitFor({ state: 'hidden' });
  await more('Show times');
  await row.locator('.turn-time').waitFor();
  await more('Copy all text');
  const whole = await page.evaluate(() => navigator.clipboard.readText());
  checks.ok(/^Ada Lovelace: /.test(whole) && whole.includes('\n\nGrace Hopper: '), `the whole text is copied: ${whole.slice(0, 60)}`);
}

async function reading() {
  const server = await startMockServer({ words: 900 });
  const { context, page } = await open(server);
  const turn = server.document.turns.get('t1');
  await clickWord(page, 't1', 3);
  const time = await page.evaluate(() => document.querySelector('audio').currentTime);
  checks.ok(Math.abs(time - turn.words[3].s) < 0.05, `a click on a word seeks to it (${time}, ${turn.words[3].s})`);
  await page.keyboard.type('XX');
  await until('what is typed at the click is saved', () => serverText(server, 't1')?.split(' ')[3].startsWith('XX'));
  const word = server.document.turns.get('t1').words[3];
  checks.ok(
    word.x === 1 && word.p === undefined && word.s === turn.words[3].s,
    'a changed word is certain and keeps its time',
  );
  checks.ok(server.document.turns.get('t1').words[2].p === turn.words[2].p, 'its neighbours are as they were');

  await page.keyboard.press('Enter');
  await until(
    'Enter splits the turn',
    () =>
      server.document.turns.size === 35 ||
      (server.document.load().turns[2].words[0].t.trim().length > 0 &&
        server.document.load().turns[1].words.length === 4),
  );
  await page.keyboard.press('Backspace');
  await until(
    'Backspace at the start joins it again',
    () => server.document.turns.get('t1').words.length >= turn.words.length,
  );
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await until(
    'undo brings the first text back',
    () =>
      serverText(server, 't1') ===
      turn.words
        .map((w) => w.t)
        .join('')
        .trim(),
  );
  checks.ok(
    (await textOf(page, 't1')) ===
      turn.words
        .map((w) => w.t)
        .join('')
        .trim(),
    'and shows it',
  );

  await page.keyboard.press('Alt+2');
  await until('Alt+2 gives the turn to the second speaker', () => server.document.turns.get('t1').speaker === 's2');
  await page.keyboard.press('Escape');
  await notesAreMarks(page);
  await page.keyboard.press('Alt+ArrowDown');
  const picked = await page.evaluate(() => document.getSelection().toString());
  checks.ok(picked.length > 0, 'Alt+Down selects the next doubtful word');
  const before = server.document
    .load()
    .turns.flatMap((t) => t.words)
    .filter((w) => w.p !== undefined && w.p < 0.6).length;
  await page.keyboard.press('Alt+Enter');
  await until(
    'Alt+Enter accepts it',
    () =>
      server.document
        .load()
        .turns.flatMap((t) => t.words)
        .filter((w) => w.p !== undefined && w.p < 0.6).length ===
      before - 1,
  );
  await inspect(page, 'transcript', checks, axe);
  await picture(page, 'transcript-wide');

  await page.keyboard.press('Control+h');
  await page.getByRole('searchbox', { name: 'Find in the transcript' }).fill('the');
  await page.getByRole('button', { name: 'Whole word' }).click();
  await page.getByRole('textbox', { name: 'Replace with' }).fill('THE');
  const count = server.document.text().match(/\bthe\b/gi).length;
  await inspect(page, 'find and replace', checks, axe);
  await page.getByRole('button', { name: 'Replace all' }).click();
  await until('all matches are replaced', () => (server.document.text().match(/\bTHE\b/g) ?? []).length === count);
  await page.getByRole('button', { name: 'Close', exact: true }).first().click();
  await page.keyboard.press('Control+z');
  await until('and undone as one', () => (server.document.text().match(/\bTHE\b/g) ?? []).length === 0);

  await page.keyboard.press('Control+s');
  await page.locator('[data-preview=txt]').filter({ hasText: 'format=txt' }).waitFor();
  checks.ok(
    (await page.locator('[data-preview]').textContent()).includes(server.document.text().slice(0, 60)),
    'the preview is the file',
  );
  await page.getByLabel('Format').selectOption('srt');
  await page.locator('[data-preview=srt]').filter({ hasText: 'max_line_width=42' }).waitFor();
  await inspect(page, 'export', checks, axe);
  await picture(page, 'transcript-export');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Versions' }).click();
  await page.getByText('As transcribed').waitFor();
  await inspect(page, 'versions', checks, axe);
  await page.getByRole('button', { name: 'Restore this version' }).click();
  await until(
    'restoring brings the machine text back',
    async () => server.document.turns.get('t1').speaker === server.document.machine.turns[1].speaker,
  );
  await page.keyboard.press('Escape');
  await until('and the page shows it', () =>
    page.evaluate(
      (name) =>
        document.querySelector('[data-turn=t1]').closest('[role=listitem]').getAttribute('aria-label').startsWith(name),
      'Ada',
    ),
  );
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await inspect(page, 'keys', checks, axe);
  await page.getByLabel('Habits from').selectOption('noscribe');
  await until('the keys are kept by the server', () => server.preferences?.keymap?.profile === 'noscribe');
  await page.getByRole('button', { name: 'Close' }).click();

  // The dialog gives the focus back first; Space on a focused button would press that button.
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('Space');
  await until('Space plays', () => page.evaluate(() => !document.querySelector('audio').paused));
  await page.mouse.wheel(0, 1_500);
  await page.getByRole('button', { name: 'Back to now' }).click();
  checks.ok(
    (await page.getByRole('button', { name: 'Back to now' }).count()) === 0,
    'following goes on after "back to now"',
  );
  await page.keyboard.press('k');
  await until('K pauses', () => page.evaluate(() => document.querySelector('audio').paused));
  await context.close();
  await server.close();
}

async function offline() {
  const server = await startMockServer({ words: 300 });
  const { context, page } = await open(server);
  await page.waitForTimeout(3_600);
  server.online = false;
  await clickWord(page, 't1', 2);
  await page.keyboard.type('OFFLINE');
  await page.waitForSelector('[data-save=offline]', { state: 'attached' });
  checks.ok(!server.document.text().includes('OFFLINE'), 'nothing reached the server');
  await page.waitForTimeout(600);
  await page.reload();
  // The job itself is asked for by the page around; the text comes from this browser.
  server.online = true;
  await page.reload();
  await page.waitForSelector('[role=listitem]');
  await until('an edit made offline is there after a reload, and saved', () =>
    server.document.text().includes('OFFLINE'),
  );
  await saved(page);
  await page.locator('body').press('Control+z');
  await until('undo reaches over the reload', () => !server.document.text().includes('OFFLINE'));
  await context.close();
  await server.close();
}

async function twoTabs() {
  const server = await startMockServer({ words: 300 });
  const { context, page: a } = await open(server);
  const { page: b } = await open(server, { context });
  await clickWord(a, 't0', 2);
  await a.keyboard.type('AAA');
  await until('the other tab hears of it', async () => (await textOf(b, 't0')).includes('AAA'));
  await a.keyboard.press('Escape');
  server.online = false;
  await a.waitForTimeout(100);
  await clickWord(a, 't1', 1);
  await a.keyboard.press('Control+Shift+ArrowRight');
  await a.keyboard.type('MINE ');
  await clickWord(b, 't1', 1);
  await b.keyboard.press('Control+Shift+ArrowRight');
  await b.keyboard.type('YOURS ');
  await clickWord(b, 't2', 1);
  await b.keyboard.type('Q');
  await a.waitForSelector('[data-save=offline]', { state: 'attached' });
  server.online = true;
  await until(
    'a conflict keeps both texts',
    () => serverText(server, 't1')?.includes('MINE') && serverText(server, 't1')?.includes('YOURS'),
    30_000,
  );
  await until(
    'both tabs show the same',
    async () =>
      (await textOf(a, 't1')) === (await textOf(b, 't1')) && (await textOf(a, 't2')) === (await textOf(b, 't2')),
    30_000,
  );
  const shown = await Promise.all([a, b].map((page) => page.getByText('Two people changed the same place').count()));
  checks.ok(shown[0] + shown[1] === 1, 'the conflict is shown where it was found');
  const page = shown[0] ? a : b;
  await inspect(page, 'conflict', checks, axe);
  await picture(page, 'transcript-conflict');
  await page.getByRole('button', { name: 'Keep yours' }).click();
  await until(
    'and settled with one press',
    () => serverText(server, 't1')?.includes('MINE') !== serverText(server, 't1')?.includes('YOURS'),
  );
  await context.close();
  await server.close();
}

async function hostile() {
  const strings = hostileStrings();
  const document = makeDocument(400, { speakers: strings.slice(0, 40) });
  document.turns = strings.map((text, i) => ({
    id: `t${i}`,
    pos: `b${String(i).padStart(4, '0')}1`,
    rev: 1,
    speaker: `s${(i % 40) + 1}`,
    start: i,
    end: i + 0.9,
    note: text,
    words: [{ t: ` ${text}`, s: i, e: i + 0.9, p: 0.5 }],
  }));
  const server = await startMockServer({ document, filename: strings[1] + strings[15] });
  for (const viewport of [
    { width: 1360, height: 860 },
    { width: 360, height: 740 },
  ]) {
    const { context, page } = await open(server, { viewport });
    const seen = new Set();
    for (let i = 0; i < 400 && seen.size < strings.length; ++i) {
      for (const [id, text] of await page.evaluate(() =>
        [...document.querySelectorAll('[data-turn]')].map((p) => [p.dataset.turn, p.textContent]),
      )) {
        if (!seen.has(id))
          checks.ok(text === strings[Number(id.slice(1))].trim(), `hostile text ${id} is shown as it is`);
        seen.add(id);
      }
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wide > 0) checks.ok(false, `hostile text at step ${i} makes the page ${wide} px too wide`);
      await page.evaluate(() => window.scrollBy(0, 500));
      await page.waitForTimeout(30);
    }
    checks.ok(seen.size === strings.length, `all ${strings.length} hostile texts were drawn (${seen.size})`);
    const overlap = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('[role=listitem]')]
        .map((item) => item.getBoundingClientRect())
        .sort((a, b) => a.top - b.top);
      return boxes.some((box, i) => i > 0 && box.top < boxes[i - 1].bottom - 1);
    });
    checks.ok(!overlap, 'hostile turns do not overlap');
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.waitForTimeout(200);
    await paragraph(page, 't0').click();
    await page.keyboard.press('End');
    await page.evaluate((text) => navigator.clipboard.writeText(text), strings.slice(0, 30).join('\n'));
    await page.keyboard.press('Control+v');
    await until('pasted foreign text is saved as text', () =>
      serverText(server, 't0')?.includes('onerror=window.hacked=1'),
    );
    checks.ok((await page.evaluate(() => window.hacked)) === undefined, 'no foreign text ran');
    checks.ok((await page.evaluate(() => window.violations.length)) === 0, 'no foreign text tried to');
    await picture(page, `transcript-hostile-${viewport.width}`);
    await context.close();
    server.document.turns.set('t0', { ...document.turns[0], rev: ++server.document.revision });
  }
  await server.close();
}

async function languages() {
  const hebrew = makeDocument(200, {
    language: 'he',
    speakers: ['דוברת', 'שני'],
    text: 'שלום עולם זה תמלול של שיחה עם Whisper ומספרים 123 באמצע המשפט',
  });
  let server = await startMockServer({ document: hebrew });
  let { context, page } = await open(server);
  const direction = await paragraph(page, 't0').evaluate((p) => [
    getComputedStyle(p).direction,
    p.getBoundingClientRect().right,
    (() => {
      const r = document.createRange();
      r.setStart(p.firstChild, 0);
      r.setEnd(p.firstChild, 1);
      return r.getBoundingClientRect().right;
    })(),
  ]);
  checks.ok(direction[0] === 'rtl' && direction[1] - direction[2] < 30, `Hebrew begins at the right (${direction})`);
  await picture(page, 'transcript-hebrew');
  await context.close();
  ({ context, page } = await open(server, { locale: 'pseudo' }));
  await inspect(page, 'right-to-left page', checks, axe);
  await picture(page, 'transcript-right-to-left');
  await context.close();
  await server.close();

  const japanese = makeDocument(200, {
    language: 'ja',
    speakers: ['話者'],
    text: '今|日|は|良|い|天|気|で|す|ね|。|散|歩|に|行|き|ま|し|ょ|う|。',
  });
  server = await startMockServer({ document: japanese });
  ({ context, page } = await open(server));
  const first = server.document.turns
    .get('t0')
    .words.map((word) => word.t)
    .join('');
  await paragraph(page, 't0').click({ position: { x: 3, y: 12 } });
  await page.keyboard.press('Home');
  // A composition is one edit; its half-made letters are never saved.
  const cdp = await context.newCDPSession(page);
  await cdp.send('Input.imeSetComposition', { text: 'とう', selectionStart: 2, selectionEnd: 2 });
  await page.waitForTimeout(900);
  checks.ok(serverText(server, 't0') === first.trim(), 'a composition under way is not saved');
  await cdp.send('Input.imeSetComposition', { text: 'とうきょう', selectionStart: 5, selectionEnd: 5 });
  await cdp.send('Input.insertText', { text: '東京' });
  await until('what was composed is saved', () => serverText(server, 't0') === `東京${first.trim()}`);
  const made = server.document.turns.get('t0').words;
  checks.ok(
    made.filter((word) => word.x).length === 2 && made.length === [...first.trim()].length + 2,
    'two characters became two words, the others are untouched',
  );
  await picture(page, 'transcript-japanese');
  await context.close();
  await server.close();
}

async function phone() {
  const server = await startMockServer({ words: 600 });
  const { context, page } = await open(server, { viewport: { width: 360, height: 740 }, dark: true, locale: 'de' });
  await inspect(page, 'phone', checks, axe);
  await page.getByRole('button', { name: 'Sprecher', exact: true }).click();
  const name = page.getByRole('textbox', { name: 'Name von Ada Lovelace' });
  await name.fill('Augusta Ada');
  await name.press('Enter');
  await until('a speaker is renamed', () => server.document.speakers.get('s1').name === 'Augusta Ada');
  await inspect(page, 'speakers sheet', checks, axe);
  await picture(page, 'transcript-phone-speakers');
  await page.keyboard.press('Escape');
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, a')]
      .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 24)
      .map((e) => e.outerHTML.slice(0, 80)),
  );
  checks.ok(small.length === 0, `buttons are large enough to hit: ${small}`);
  await picture(page, 'transcript-phone');
  await context.close();
  await server.close();
}

async function links() {
  const server = await startMockServer({ words: 3_000 });
  const { context, page } = await open(server, { search: '?t=600' });
  const seen = server.document.load().turns.findLast((turn) => turn.start <= 600);
  await until('a link to a second shows that place', () =>
    paragraph(page, seen.id)
      .isVisible()
      .catch(() => false),
  );
  await page.evaluate(() => {
    const [first, second] = document.querySelectorAll('[data-turn]');
    document.getSelection().setBaseAndExtent(first.firstChild, 0, second.firstChild, 5);
  });
  await page.keyboard.press('Control+c');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  checks.ok(
    /^(Ada|Grace) \w+ \(\d+:\d\d\): .+\n.+\nhttp.+\/transcript\/.+\?t=\d+$/.test(copied),
    `a passage is copied with speaker, time and link: ${copied}`,
  );
  await context.close();
  await server.close();
}

const parts = { reading, offline, twoTabs, hostile, languages, phone, links };
// "-NAMES": all but these, so that two runs together are all of them.
const [, others, names] = /^(-?)(.*)$/.exec(process.argv[3] ?? '-');
const listed = names.split(',').filter(Boolean);
checks.ok(listed.every((name) => name in parts), `parts are ${Object.keys(parts)}`);
for (const [name, part] of Object.entries(parts)) {
  if (listed.includes(name) === (others === '-')) continue;
  try {
    await part();
  } catch (error) {
    checks.ok(false, `${name}: ${error.stack}`);
  }
}
await browser.close();
process.exitCode = checks.finish();
