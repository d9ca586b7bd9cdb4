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

/** What a test needs of this machine; those against the mock server need no model but the built app. */
export function needs({ mock = false } = {}) {
  const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (!chromium) skip('no Chromium on this machine');
  for (const name of ['playwright-core', 'axe-core']) {
    if (!existsSync(join(root, 'web/node_modules', name))) skip(`${name} is not installed: npm --prefix web ci`);
  }
  const models = process.env.MODEL_DIR ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'whisper-transcriber/models');
  if (!mock && !existsSync(join(models, 'base'))) skip('the base model is not installed: transcriber models pull base silero-vad');
  if (mock && !existsSync(join(root, 'web/dist/index.html'))) skip('the web app is not built: tools/web build/web/site');
  return { chromium, models, playwright: require('playwright-core'), axe: require('axe-core').source };
}

/**
 * `{ url, lines, data, stop, kill }`; lines is everything that the server printed. `stop` removes the
 * data; after `kill`, which lets it finish nothing, another server can be started over them.
 */
export async function startServer(binary, args, models, data = mkdtempSync(join(tmpdir(), 'wt-web-')), env = {}) {
  const server = spawn(binary, ['serve', '--port', '0', '--data-dir', data, '--model-dir', models, ...args], {
    env: { ...process.env, LOG_FORMAT: 'plain', LOG_LEVEL: 'WARNING', ...env },
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
  const end = (signal) =>
    new Promise((resolve) => {
      server.removeAllListeners('exit');
      server.on('exit', resolve);
      server.kill(signal);
    });
  const stop = async () => {
    await end('SIGTERM');
    rmSync(data, { recursive: true, force: true });
  };
  return { url, lines, data, stop, kill: () => end('SIGKILL') };
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
    // A test that looked at nothing (a part by a name that there is not, say) has shown nothing.
    return this.faults.length === 0 && this.passed > 0 ? 0 : 1;
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

/** Elements that leave the window at its sides, unless something that scrolls or cuts holds them. */
export function outside(page) {
  return page.evaluate(() => {
    const held = (element) => {
      for (let parent = element.parentElement; parent && parent !== document.body; parent = parent.parentElement) {
        if (getComputedStyle(parent).overflowX !== 'visible') return true;
      }
      return false;
    };
    const width = document.documentElement.clientWidth;
    return [...document.querySelectorAll('body *')]
      .filter((element) => {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || box.height === 0 || (box.right <= width + 1 && box.left >= -1)) return false;
        // What only screen readers see lies beside the page on purpose.
        return !held(element) && getComputedStyle(element).clipPath === 'none' && box.height > 1;
      })
      .slice(0, 3)
      .map((element) => element.outerHTML.slice(0, 160));
  });
}

const interactive = new Set(['button', 'link', 'textbox', 'searchbox', 'combobox', 'listbox', 'option', 'checkbox', 'radio', 'switch', 'slider',
  'spinbutton', 'tab', 'menuitem', 'menuitemradio', 'menuitemcheckbox', 'treeitem', 'dialog', 'alertdialog', 'progressbar']);

/** Every element that can be reached or pressed has a role and a name in the tree that screen readers get. */
export async function named(page, name, checks) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  // Elements that only pass the focus on to the other end of an open menu or dialog.
  const passesOn = async ({ backendDOMNodeId }) => {
    const { node } = await session.send('DOM.describeNode', { backendNodeId: backendDOMNodeId });
    return node.attributes?.includes('data-radix-focus-guard') ?? false;
  };
  const valueOf = (part) => String(part?.value ?? '');
  const wanted = nodes.filter((node) => {
    if (node.ignored) return false;
    const role = valueOf(node.role);
    const focusable = node.properties?.some((one) => one.name === 'focusable' && one.value.value === true);
    // The page, and its main part, which a new page puts the focus on to be read from its beginning.
    return interactive.has(role) || (focusable && !['RootWebArea', 'main'].includes(role));
  });
  const found = { roleless: [], nameless: [] };
  for (const node of wanted) {
    const roleless = ['', 'generic', 'none', 'GenericContainer'].includes(valueOf(node.role));
    if (roleless && (await passesOn(node))) continue;
    if (roleless) found.roleless.push(valueOf(node.name));
    if (valueOf(node.name).trim() === '') found.nameless.push(valueOf(node.role));
  }
  await session.detach();
  checks.ok(found.roleless.length === 0, `${name}: ${found.roleless.length} without a role: ${found.roleless.slice(0, 3)}`);
  checks.ok(found.nameless.length === 0, `${name}: without a name: ${found.nameless.slice(0, 5)}`);
}

/** Polls until `condition`: what follows from an answer comes when it comes. */
export async function until(condition, what, timeout = 15_000) {
  const end = Date.now() + timeout;
  while (Date.now() < end) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  throw new Error(`not within ${timeout} ms: ${what}`);
}

/** A picture for people, where WT_SCREENSHOTS names a folder. */
export async function picture(page, name) {
  const folder = process.env.WT_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
