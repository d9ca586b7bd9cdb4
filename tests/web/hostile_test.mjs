// Goal: 200 foreign strings as names, titles, tags, texts, people, keys, reasons and answers of errors:
// each is shown as text, none runs, none breaks the layout, none violates the policy.
// Method: the built app with the real policy against the mock server; the transcript page has its own
// test of the same strings (transcript_test.mjs).
//   node tests/web/hostile_test.mjs BIN_DIR
import { answers, failing, idOf } from './fixtures.mjs';
import { Checks, needs, outside, picture, until, watchedPage } from './harness.mjs';
import { hostileStrings } from './hostile.mjs';
import { jobId, startMockServer } from './mock_server.mjs';

const { chromium, playwright } = needs({ mock: true });
const checks = new Checks();
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const strings = hostileStrings();
const one = (n) => strings[n % strings.length];
const words = { filename: one, title: (n) => (n % 2 ? one(n + 7) : null), tag: one, person: one, text: one, reason: one, key: one, agent: one };
const normal = answers({ total: strings.length, words });

const lists = [
  ['library', '/', '#content a[href^="/transcript/"]'],
  ['library with a tag', `/?tag=${encodeURIComponent(one(1))}`, '#content a[href^="/transcript/"]'],
  ['search', '/?q=engine', 'mark'],
  ['settings', '/settings', 'textarea'],
  ['keys', '/settings/keys', '#content li'],
  ['sessions', '/settings/sessions', '#content li'],
  ['overview', '/admin', 'dl'],
  ['queue', '/admin/queue', '#content li'],
  ['jobs', '/admin/jobs', 'tbody tr'],
  ['people', '/admin/users', 'tbody tr'],
  ['usage', '/admin/usage', 'tbody tr'],
  ['keys of everybody', '/admin/keys', 'tbody tr'],
  ['log', '/admin/log', '#content ol li'],
  ['audit', '/admin/audit', 'tbody tr'],
];

/** What holds wherever foreign text is. */
async function holds(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  checks.ok(wide <= 0, `${where}: ${wide} px wider than the window`);
  const beyond = await outside(page);
  checks.ok(beyond.length === 0, `${where}: beside the window: ${beyond}`);
  const [hacked, violations] = await page.evaluate(() => [window.hacked, window.violations]);
  checks.ok(hacked === undefined, `${where}: foreign text ran`);
  checks.ok(violations.length === 0, `${where}: it tried to: ${violations}`);
}

/** All rows of the library, scrolled through: each name stands there letter by letter. */
async function allNames(page, where) {
  const seen = new Map();
  await until(async () => {
    for (const [id, text] of await page.evaluate(() => [...document.querySelectorAll('#content a[href^="/transcript/"]')].map((a) => [a.pathname.split('/').pop(), a.textContent]))) seen.set(id, text);
    await page.evaluate(() => window.scrollBy(0, 600));
    // Rows are measured in the frame in which they come.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve)))));
    const rows = await page.evaluate(() => [...document.querySelectorAll('main li')].map((row) => row.getBoundingClientRect()).sort((a, b) => a.top - b.top).map(({ top, bottom }) => [top, bottom]));
    checks.ok(rows.every(([top], n) => n === 0 || top >= rows[n - 1][1] - 1), `${where}: rows do not lie on each other`);
    await holds(page, where);
    return seen.size >= strings.length;
  }, `${where}: all names (${seen.size})`, 40_000);
  for (let n = 0; n < strings.length; ++n) {
    const wanted = words.title(n) || one(n);
    checks.ok(seen.get(idOf(n)) === wanted, `${where}: name ${n} as it is: ${JSON.stringify(seen.get(idOf(n))?.slice(0, 60))}`);
  }
}

async function menusAndDialogs(page, server, where) {
  await page.goto(server.url);
  const menu = page.getByRole('button', { name: /^Actions for/ });
  await menu.nth(1).click();
  await page.getByRole('menu').waitFor();
  await holds(page, `${where} menu`);
  await page.getByRole('menuitem', { name: 'Tags …' }).click();
  await page.getByRole('dialog').waitFor();
  await holds(page, `${where} tags`);
  await picture(page, `hostile-${where}-tags`);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await menu.nth(0).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').waitFor();
  await holds(page, `${where} question`);
  // Refused, with a foreign reason: the notice tells it.
  server.routes = failing(normal, one(1) + one(15));
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.locator('[data-radix-collection-item], [role=status]').filter({ hasText: 'onerror' }).first().waitFor();
  await holds(page, `${where} notice`);
  server.routes = normal;
}

/** Every second string as the reason of a failed job, the others as that of a refusal; `first` is 0 or 1. */
async function reasons(page, server, where, first) {
  await page.clock.install();
  for (let n = 0; n < 30; ++n) {
    const failed = n % 2 === first;
    const odd = { ...words, reason: () => one(n), filename: () => one(n + 3) };
    server.routes = failed ? answers({ words: odd, job: 'failed' }) : failing(normal, one(n));
    await page.goto(failed ? `${server.url}/transcript/${jobId}` : `${server.url}/admin/users`);
    const told = page.getByRole('alert').first();
    for (let skipped = 0; skipped < 40 && !(await told.isVisible()); ++skipped) {
      await page.clock.fastForward(500);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await told.waitFor();
    await holds(page, `${where} reason ${n}`);
    checks.ok((await told.innerText()).length > 0, `${where}: reason ${n} is told`);
  }
  server.routes = normal;
}

/** Names of files on this person's own disk. */
async function filesOfThatName(page, server, where) {
  await page.goto(`${server.url}/new`);
  const named = strings.filter((text) => !/[\0/\\]/.test(text)).slice(0, 60);
  await page.getByTestId('files').setInputFiles(named.map((name) => ({ name: `${name}.mp3`, mimeType: 'audio/mpeg', buffer: Buffer.from('ID3 nothing') })));
  await page.getByRole('button', { name: /^Transcribe \d+ files/ }).waitFor();
  await holds(page, `${where} chosen files`);
  await picture(page, `hostile-${where}-files`);
}

for (const [where, viewport] of [['wide', { width: 1360, height: 860 }], ['phone', { width: 360, height: 740 }]]) {
  const server = await startMockServer({ words: 30, routes: normal, logLines: strings.length, logText: one });
  const context = await browser.newContext({ viewport, locale: 'en-GB', serviceWorkers: 'block' });
  try {
    const page = await watchedPage(context, server.url, checks, ['Failed to load resource']);
    for (const [name, path, proof] of lists) {
      await page.goto(server.url + path);
      await page.locator(proof).first().waitFor();
      await holds(page, `${where} ${name}`);
      await picture(page, `hostile-${where}-${name.replaceAll(' ', '-')}`);
    }
    await page.goto(server.url);
    await allNames(page, `${where} library`);
    await menusAndDialogs(page, server, where);
    await filesOfThatName(page, server, where);
    await reasons(page, server, where, where === 'wide' ? 0 : 1);
  } catch (error) {
    checks.ok(false, `${where}: ${error.stack}`);
  } finally {
    await context.close();
    await server.close();
  }
}
console.log(`${strings.length} foreign strings`);
await browser.close();
process.exit(checks.finish());
