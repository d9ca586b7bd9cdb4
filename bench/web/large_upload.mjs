// A large recording sent by the page through a connection that is cut, a server that is killed and
// started again, and a reload of the page: it arrives whole, its hash equal.
//   node bench/web/large_upload.mjs [--size BYTES] [--program BIN/transcriber]
// The default is 2 GB; needs twice that on the disk of the temporary files, and removes it.
// tests/web/upload_test.mjs does the same with a small one.
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checks, needs, startServer, until, watchedPage } from '../../tests/web/harness.mjs';

const blockBytes = 1 << 20;

/** A WAV file of so many bytes, no two of its pages alike. */
function writeRecording(path, bytes) {
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
  const noise = randomBytes(blockBytes);
  const file = openSync(path, 'w');
  for (let at = 0, block = 0; at < bytes; at += blockBytes, ++block) {
    for (let page = 0; page < blockBytes; page += 4_096) noise.writeUInt32LE(block, page);
    if (at === 0) head.copy(noise);
    writeSync(file, noise, 0, Math.min(blockBytes, bytes - at));
  }
  closeSync(file);
}

function hashOf(path) {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(path).on('data', (part) => hash.update(part)).on('end', () => resolve(hash.digest('hex'))).on('error', reject);
  });
}

/** A connection to the server that can be cut: one address for the page, whatever server is behind it. */
async function startLine() {
  const line = { port: 0, up: true, passed: 0, sockets: new Set(), url: '', marks: [] };
  const server = createServer((near) => {
    if (!line.up) {
      near.destroy();
      return;
    }
    const far = connect(line.port, '127.0.0.1');
    for (const [socket, other] of [[near, far], [far, near]]) {
      line.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        line.sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (part) => {
      line.passed += part.length;
      if (line.marks.length > 0 && line.passed >= line.marks[0].at) line.marks.shift().reached();
    });
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  line.url = `http://127.0.0.1:${server.address().port}`;
  line.cut = () => {
    for (const socket of [...line.sockets]) socket.destroy();
  };
  /** Resolves once so many bytes in all have gone to the server. */
  line.after = (at) => new Promise((reached) => line.marks.push({ at, reached }));
  line.close = () => new Promise((resolve) => {
    line.cut();
    server.close(resolve);
  });
  return line;
}

/** `{ seconds, resumed }`; faults go to `checks`. */
export async function largeUpload(program, bytes, checks) {
  const { chromium, models, playwright } = needs();
  const folder = mkdtempSync(join(tmpdir(), 'wt-large-'));
  const path = join(folder, 'long recording.wav');
  const args = ['--single-user'];
  let server = await startServer(program, args, models);
  const line = await startLine();
  const browser = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  try {
    writeRecording(path, bytes);
    const expected = await hashOf(path);
    line.port = Number(new URL(server.url).port);
    const context = await browser.newContext({ locale: 'en-GB' });
    // What the test itself does is told on the console by the browser.
    const page = await watchedPage(context, line.url, checks, ['net::ERR', 'Failed to load resource']);
    await page.goto(`${line.url}/new`);
    await page.getByTestId('files').setInputFiles(path);
    const cut = line.after(bytes * 0.25);
    const killed = line.after(bytes * 0.5);
    const reloaded = line.after(bytes * 0.8);
    const begun = performance.now();
    await page.getByRole('button', { name: 'Transcribe 1 file' }).click();

    await cut;
    line.cut();
    await killed;
    line.up = false;
    line.cut();
    await server.kill();
    await page.getByText('Connection lost').first().waitFor({ timeout: 30_000 });
    server = await startServer(program, args, models, server.data);
    line.port = Number(new URL(server.url).port);
    line.up = true;
    await reloaded;
    await page.reload();

    const row = page.getByRole('listitem').filter({ hasText: 'long recording.wav' }).first();
    await row.getByText('Choose the same file again').waitFor({ timeout: 30_000 });
    const before = line.passed;
    await row.locator('input[type=file]').setInputFiles(path);
    const open = page.getByRole('link', { name: 'Open', exact: true });
    await open.waitFor({ timeout: 600_000 });
    const seconds = (performance.now() - begun) / 1_000;
    const resumed = line.passed - before;
    checks.ok(resumed < bytes * 0.6, `after the reload only the rest was sent: ${resumed} of ${bytes} bytes`);
    const id = (await open.getAttribute('href')).split('/').pop();
    const job = async () => (await fetch(`${server.url}/api/v1/jobs/${id}`)).json();
    await fetch(`${server.url}/api/v1/jobs/${id}/cancel`, { method: 'POST', headers: { 'X-Requested-With': 'fetch' } });
    const { sha256, file_size: size } = await job();
    checks.ok(size === bytes, `${size} bytes arrived, ${bytes} were sent`);
    checks.ok(sha256 === expected, `the hash is equal: ${sha256}, ${expected}`);
    await until(async () => (await job()).status === 'cancelled', 'the job is cancelled', 60_000);
    return { seconds, passed: line.passed };
  } finally {
    await browser.close();
    await line.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, standard) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? standard : process.argv[at + 1];
  };
  const bytes = Number(option('size', 2_000_000_000));
  const program = option('program', fileURLToPath(new URL('../../build/release/bin/transcriber', import.meta.url)));
  const disk = statfsSync(tmpdir());
  if (disk.bavail * disk.bsize < 2.5 * bytes) {
    console.error(`large_upload: ${tmpdir()} has too little room for ${bytes} bytes twice`);
    process.exit(1);
  }
  const checks = new Checks();
  const { seconds, passed } = await largeUpload(program, bytes, checks);
  console.log(`${(bytes / 1e6).toFixed(0)} MB through a cut, a killed server and a reload: ${seconds.toFixed(1)} s, ${(passed / bytes).toFixed(2)} times its size sent`);
  process.exit(checks.finish());
}
