// The tus client for JavaScript (tus-js-client) against a running server.
//
// usage: node tus_node.mjs BASE_URL KEY RECORDING      (node_modules: tus-js-client)
//
// Uploads whole and in chunks, over a connection that is cut, and goes on with an upload that was
// aborted. Prints a line per case; exit status 1 when one fails.
import crypto from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import * as tus from "tus-js-client";

const [base, key, recording] = process.argv.slice(2);
const data = fs.readFileSync(recording);
const headers = { Authorization: `Bearer ${key}` };
const cases = [];
const add = (name, run) => cases.push([name, run]);

function check(condition, detail) {
  if (!condition) throw new Error(`not as expected: ${detail}`);
}

async function checkJob(url) {
  const path = new URL(url, base).pathname;
  const head = await fetch(base + path, { method: "HEAD", headers: { ...headers, "Tus-Resumable": "1.0.0" } });
  check(head.headers.get("upload-offset") === String(data.length), head.headers.get("upload-offset"));
  const job = await (await fetch(`${base}/jobs/${head.headers.get("x-job-id")}`, { headers })).json();
  check(job.sha256 === crypto.createHash("sha256").update(data).digest("hex"), JSON.stringify(job));
  check(job.filename === "Grüße 2.flac" && job.model === "base", JSON.stringify(job));
}

/** Runs an upload to its end; `stopAt`: aborts it after so many bytes. Gives its URL. */
function send(options, stopAt) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(data, {
      endpoint: `${base}/files`, headers, metadata: { filename: "Grüße 2.flac", model: "base" },
      retryDelays: [20, 50, 100, 200, 400], ...options,
      onError: reject,
      onSuccess: () => resolve(upload.url),
      onChunkComplete: (_, accepted) => {
        if (stopAt && accepted >= stopAt) upload.abort().then(() => resolve(upload.url), reject);
      },
    });
    upload.start();
  });
}

/** A proxy that cuts its first connections after so many bytes from the client. */
function cuttingProxy(cuts, bytesEach) {
  const state = { cut: 0 };
  const server = net.createServer((client) => {
    const target = net.connect(Number(new URL(base).port), "127.0.0.1");
    let seen = 0;
    client.on("data", (chunk) => {
      seen += chunk.length;
      if (seen > bytesEach && state.cut < cuts) {
        state.cut += 1;
        client.destroy();
        target.destroy();
      } else target.write(chunk);
    });
    target.on("data", (chunk) => client.write(chunk));
    for (const [one, other] of [[client, target], [target, client]]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.end());
    }
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => {
    resolve({ state, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() });
  }));
}

add("whole in one request", async () => checkJob(await send({})));
add("in chunks", async () => checkJob(await send({ chunkSize: 30000 })));
add("with the content in the creation", async () => checkJob(await send({ uploadDataDuringCreation: true })));
add("over a connection that is cut", async () => {
  const proxy = await cuttingProxy(3, Math.floor(data.length / 3));
  try {
    const url = await send({ endpoint: `${proxy.url}/files` });
    check(proxy.state.cut >= 2, `${proxy.state.cut} cuts`);
    await checkJob(url);
  } finally {
    proxy.close();
  }
});
add("an aborted upload goes on", async () => {
  const url = await send({ chunkSize: 40000 }, 80000);
  check(await send({ uploadUrl: url }) === url, url);
  await checkJob(url);
});

let failed = 0;
for (const [name, run] of cases) {
  try {
    await run();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${String(error.message ?? error).slice(0, 400)}`);
  }
}
console.log(`tus-js-client: ${cases.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
