// A server of one's own and a browser that notes everything that must not happen: errors, violations
// of the content security policy, requests to elsewhere. Exit status 77: something is missing here.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(join(root, 'web/package.json'));

export function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}

export function needs() {
  const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (!chromium) skip('no Chromium on this machine');
  for (const name of ['playwright-core', 'axe-core']) {
    if (!existsSync(join(root, 'web/node_modules', name))) skip(`${name} is not installed: npm --prefix web ci`);
  }
  const models = process.env.MODEL_DIR ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'whisper-transcriber/models');
  if (!existsSync(join(models, 'base'))) skip('the base model is not installed: transcriber models pull base silero-vad');
  return { chromium, models, playwright: require('playwright-core'), axe: require('axe-core').source };
}

/** `{ url, lines, stop }`; lines is everything that the server printed. */
export async function startServer(binary, args, models) {
  const data = mkdtempSync(join(tmpdir(), 'wt-web-'));
  const server = spawn(binary, ['serve', '--port', '0', '--data-dir', data, '--model-dir', models, ...args], {
    env: { ...process.env, LOG_FORMAT: 'plain', LOG_LEVEL: 'WARNING' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = [];
  const url = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      lines.push(...String(chunk).split('\n'));
      const ready = /Ready: (http\S+)/.exec(lines.join('\n'));
      if (ready) resolve(ready[1]);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${lines.join('\n')}`)));
  });
  const stop = () =>
    new Promise((resolve) => {
      server.removeAllListeners('exit');
      server.on('exit', () => {
        rmSync(data, { recursive: true, force: true });
        resolve();
      });
      server.kill('SIGTERM');
    });
  return { url, lines, stop };
}

export class Checks {
  constructor() {
    this.faults = [];
    this.passed = 0;
  }
  ok(condition, what) {
    if (condition) {
      this.passed += 1;
    } else {
      this.faults.push(what);
      console.error(`NOT OK: ${what}`);
    }
  }
  finish() {
    console.log(`${this.passed} checks fine, ${this.faults.length} not`);
    return this.faults.length === 0 ? 0 : 1;
  }
}

/** A page whose wrongs become faults. `allow`: texts of console errors that the test causes itself. */
export async function watchedPage(context, origin, checks, allow = []) {
  await context.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() !== 'error' || allow.some((text) => message.text().includes(text))) return;
    checks.ok(false, `console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => checks.ok(false, `page error: ${error.stack}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('blob:') && !url.startsWith('data:')) checks.ok(false, `request to elsewhere: ${url}`);
  });
  return page;
}

/** Automatic accessibility rules up to WCAG 2.2 AA, nothing wider than the window, no violations. */
export async function inspect(page, name, checks, axe) {
  const violations = await page.evaluate(() => window.violations.splice(0));
  checks.ok(violations.length === 0, `${name}: content security policy: ${violations.join('; ')}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  checks.ok(wide <= 0, `${name}: ${wide} px wider than the window`);
  // A dialog that is still fading in is paler than its colours: rules are for what stays.
  await page.evaluate(() => Promise.allSettled(document.getAnimations()
    .filter((a) => a.effect?.getComputedTiming().endTime !== Infinity).map((a) => a.finished)));
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} (${n.failureSummary?.split('\n')[1]?.trim()})`).slice(0, 3).join(' | ')}`);
  });
  checks.ok(found.length === 0, `${name}: axe: ${found.join('; ')}`);
  await page.evaluate(() => window.violations.splice(0));
}

/** A picture for people, where WT_SCREENSHOTS names a folder. */
export async function picture(page, name) {
  const folder = process.env.WT_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
