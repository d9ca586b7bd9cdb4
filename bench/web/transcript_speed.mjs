// How fast the transcript page is with a recording of five hours (60,000 words): opening, waveform,
// scrolling, following the sound, typing. Prints one line a figure; exit status 1 beyond a bar.
//   node bench/web/transcript_speed.mjs [WORDS]
// Needs web/dist (tools/web) and Chromium. Figures depend on the machine: it says what else ran.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { startMockServer } from '../../tests/web/mock_server.mjs';

const require = createRequire(fileURLToPath(new URL('../../web/package.json', import.meta.url)));
const { chromium } = require('playwright-core');
const words = Number(process.argv[2] ?? 60_000);
const server = await startMockServer({ words });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
});
const page = await (await browser.newContext({ viewport: { width: 1360, height: 860 } })).newPage();
let failed = false;
const inspector = await browser.newBrowserCDPSession();
/**
 * Processor time so far of the busiest renderer's main thread, in ms (the kernel's count): what a
 * machine with nothing else to do would need.
 */
async function busy() {
  const { processInfo } = await inspector.send('SystemInfo.getProcessInfo');
  const times = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(readFileSync(`/proc/${id}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6);
  return Math.max(...times);
}

function report(name, value, unit, bar) {
  const over = bar !== undefined && value > bar;
  failed ||= over;
  console.log(
    `${name}: ${value.toFixed(unit === 'ms' ? 0 : 2)} ${unit}${bar === undefined ? '' : ` (bar ${bar})`}${over ? ' OVER' : ''}`,
  );
}

/** Lengths of all frames while `work` runs, as the page sees them. */
async function frames(work) {
  await page.evaluate(() => {
    window.frameTimes = [];
    let last = performance.now();
    const step = (now) => {
      window.frameTimes.push(now - last);
      last = now;
      window.frameStop = requestAnimationFrame(step);
    };
    window.frameStop = requestAnimationFrame(step);
  });
  await work();
  return page.evaluate(() => {
    cancelAnimationFrame(window.frameStop);
    return window.frameTimes.slice(1);
  });
}

/** Measures while `work` runs; the mean length of a frame. */
async function reportFrames(name, work) {
  const before = await busy();
  const times = await frames(work);
  const slow = times.filter((time) => time > 50).length;
  report(`${name}: frames over 50 ms`, (100 * slow) / times.length, '%', 1);
  report(`  processor time a frame (of ${times.length})`, ((await busy()) - before) / times.length, 'ms');
  return times.reduce((sum, time) => sum + time, 0) / times.length;
}

async function scroll() {
  for (let i = 0; i < 60; ++i) {
    await page.mouse.wheel(0, 700);
    await page.waitForTimeout(50);
  }
}

/** The same text in a list that can do nothing but be scrolled: what this browser needs at least. */
async function openBareList() {
  await page.goto('about:blank');
  const texts = server.document.load().turns.map((turn) => turn.words.map((word) => word.t).join('').trim());
  await page.evaluate((all) => {
    const [rowPixels, extra] = [110, 12];
    const list = document.createElement('div');
    list.style.cssText = `position:relative;height:${all.length * rowPixels}px;font:18px/1.7 serif;margin:0 auto;width:52rem`;
    document.body.append(list);
    const rows = new Map();
    const draw = () => {
      const from = Math.max(0, Math.floor(window.scrollY / rowPixels) - extra);
      const to = Math.min(all.length, Math.ceil((window.scrollY + window.innerHeight) / rowPixels) + extra);
      for (const [index, row] of rows) {
        if (index >= from && index < to) continue;
        row.remove();
        rows.delete(index);
      }
      for (let index = from; index < to; ++index) {
        if (rows.has(index)) continue;
        const row = document.createElement('p');
        row.textContent = all[index];
        row.style.cssText = `position:absolute;top:${index * rowPixels}px;margin:0`;
        list.append(row);
        rows.set(index, row);
      }
    };
    window.addEventListener('scroll', draw);
    draw();
  }, texts);
}

console.log(`${words} words, ${server.document.load().turns.length} turns, load ${loadavg()[0].toFixed(1)}`);
// Once for the browser's own start (fonts, code cache), then the figure, as for a page revisited.
for (const name of ['open, first visit', 'open, in a warm browser']) {
  await page.goto('about:blank');
  const context = page.context();
  await context.clearCookies();
  const begun = Date.now();
  const before = await busy();
  await page.goto(`${server.page}`);
  await page.waitForSelector('.turn-text:not(:empty)');
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  report(name, Date.now() - begun, 'ms', 1_500);
  report('  processor time of the page', (await busy()) - before, 'ms');
  await page.waitForSelector('[data-drawn]');
  const wave = await page.evaluate(() => {
    const peaks = performance.getEntriesByType('resource').find((entry) => entry.name.includes('/peaks'));
    return performance.getEntriesByName('waveform-drawn')[0].startTime - peaks.startTime;
  });
  report('  waveform after the page asked for it', wave, 'ms', 300);
}
await page.waitForTimeout(4_000);

const scrolled = await reportFrames('scrolling', scroll);

await page.evaluate(() => document.querySelector('audio').load());
const followed = await reportFrames('following the sound at 3x', async () => {
  await page.evaluate(() => {
    const audio = document.querySelector('audio');
    audio.currentTime = 60;
    audio.playbackRate = 3;
    void audio.play();
  });
  await page.keyboard.press('Control+g');
  await page.waitForTimeout(8_000);
  await page.evaluate(() => document.querySelector('audio').pause());
});

const paragraph = page.locator('.turn-text').nth(6);
await paragraph.scrollIntoViewIfNeeded();
await paragraph.click();
await page.evaluate(() => {
  window.keyTimes = [];
  window.addEventListener(
    'keydown',
    () => {
      const begun = performance.now();
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.keyTimes.push(performance.now() - begun);
        channel.port2.postMessage(0);
      });
    },
    { capture: true },
  );
});
const typed = 'some words typed into the middle of a long transcript while it is saved ';
const before = await busy();
await page.keyboard.type(typed, { delay: 90 });
report('processor time a keystroke, saving included', ((await busy()) - before) / typed.length, 'ms');
const keys = (await page.evaluate(() => window.keyTimes)).sort((a, b) => a - b);
report('keystroke to paint, median', keys[Math.floor(keys.length / 2)], 'ms', 50);
report('keystroke to paint, 95 of 100', keys[Math.floor(keys.length * 0.95)], 'ms', 50);
report('keystroke to paint, longest', keys.at(-1), 'ms');

await openBareList();
const bare = await reportFrames('bare list, scrolling', scroll);
report('frame while scrolling, of a bare list’s', scrolled / bare, '×', 1.5);
report('frame while following, of a bare list’s', followed / bare, '×', 1.5);

await browser.close();
await server.close();
process.exit(failed ? 1 : 0);
