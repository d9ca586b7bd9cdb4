// The figures of bench/web/run, as a table and in build/release/bench/web.json.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checks, needs, startServer } from '../../tests/web/harness.mjs';
import { largeUpload } from './large_upload.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const at = process.argv.indexOf('--program');
const program = at < 0 ? join(root, 'build/release/bin/transcriber') : process.argv[at + 1];
const { chromium, models, playwright } = needs();
/** Loads of the library; the middle one counts. */
const loads = 5;
const figures = [];

function report(name, value, unit, bar = null) {
  figures.push({ name, value, unit, bar, over: bar !== null && value > bar });
}

const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** One first visit: nothing is cached. */
async function visit(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-GB', serviceWorkers: 'block' });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const kinds = new Map();
  const bytes = { script: 0, all: 0 };
  session.on('Network.responseReceived', ({ requestId, response }) => kinds.set(requestId, response.mimeType.includes('javascript') ? 'script' : 'other'));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes.all += encodedDataLength;
    if (kinds.get(requestId) === 'script') bytes.script += encodedDataLength;
  });
  await page.addInitScript(() => {
    window.seen = { paint: 0, shift: 0 };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.seen.paint = entry.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(url);
  await page.locator('#content a, #content button').first().waitFor();
  await page.waitForLoadState('networkidle');
  const seen = await page.evaluate(() => window.seen);
  await context.close();
  return { ...seen, ...bytes };
}

async function library(browser, url, name) {
  await visit(browser, url); // The browser's own start is not the page's.
  const all = [];
  for (let i = 0; i < loads; ++i) all.push(await visit(browser, url));
  report(`${name}: largest contentful paint`, middle(all.map((one) => one.paint)), 'ms', 1_000);
  report(`${name}: layout shift`, Math.max(...all.map((one) => one.shift)), '', 0.02);
  report(`${name}: script, compressed`, all[0].script / 1024, 'KiB', 200);
  report(`${name}: everything, compressed`, all[0].all / 1024, 'KiB');
}

async function firstWords(browser, url) {
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  await page.goto(url);
  const button = page.getByRole('button', { name: 'Try the sample' });
  await button.waitFor();
  const begun = performance.now();
  await button.click();
  await page.getByText(/Welcome to Whisper/i).first().waitFor({ timeout: 300_000 });
  report('sample: first words', (performance.now() - begun) / 1_000, 's', 5);
  await page.locator('[data-turn]').first().waitFor({ timeout: 300_000 });
  report('sample: finished', (performance.now() - begun) / 1_000, 's');
  await page.context().close();
}

/** Runs transcript_speed.mjs and takes over its lines "name: value unit (bar N)". */
function transcript() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'bench/web/transcript_speed.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (part) => (printed += part));
    child.on('exit', () => {
      for (const [, name, value, unit, bar] of printed.matchAll(/^(.+): ([\d.]+) (ms|%|s|×)(?: \(bar ([\d.]+)\))?/gm)) {
        report(`5 h transcript: ${name.trim()}`, Number(value), unit, bar === undefined ? null : Number(bar));
      }
      resolve();
    });
  });
}

const server = await startServer(program, ['--single-user'], models);
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  await library(browser, server.url, 'library, empty');
  await firstWords(browser, server.url);
  await library(browser, server.url, 'library');
} finally {
  await browser.close();
  await server.stop();
}
await transcript();
if (process.argv.includes('--large')) {
  const checks = new Checks();
  const { seconds } = await largeUpload(program, 2_000_000_000, checks);
  report('2 GB, cut, killed, reloaded', seconds, 's');
  report('2 GB: faults', checks.faults.length, '', 0);
}

const shown = (value) => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3));
const width = Math.max(...figures.map(({ name }) => name.length));
console.log(`${cpus().length} processors, load ${loadavg()[0].toFixed(1)}`);
for (const { name, value, unit, bar, over } of figures) {
  console.log(`${name.padEnd(width)}  ${shown(value).padStart(8)} ${unit.padEnd(4)}${bar === null ? '' : ` bar ${bar}${over ? '  OVER' : ''}`}`);
}
mkdirSync(join(root, 'build/release/bench'), { recursive: true });
writeFileSync(join(root, 'build/release/bench/web.json'), `${JSON.stringify({ load: loadavg()[0], figures }, null, 1)}\n`);
process.exit(figures.some(({ over }) => over) ? 1 : 0);
