// The official OpenAI Node client against a running server, case by case.
//
// usage: node openai_node.mjs BASE_URL KEY SPEECH.wav      (NODE_PATH or node_modules: openai)
//
// Prints a line per case; exit status 1 when one fails.
import fs from "node:fs";
import OpenAI, { toFile } from "openai";

const [base, key, speech] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: key, maxRetries: 0, timeout: 300000 });
const bytes = fs.readFileSync(speech);
const model = "whisper-1";
const cases = [];
const add = (name, run) => cases.push([name, run]);

function check(condition, detail) {
  if (!condition) throw new Error(`not as expected: ${detail}`);
}

async function transcribe(options = {}) {
  return client.audio.transcriptions.create({ file: await toFile(bytes, "speech.wav"), model, ...options });
}

async function rejects(type, promise) {
  try {
    await promise;
  } catch (error) {
    check(error instanceof type, `${error.constructor.name}: ${error.message}`);
    return error;
  }
  throw new Error(`${type.name} was expected`);
}

function wav(samples) {
  const data = Buffer.alloc(44 + samples * 2);
  data.write("RIFF", 0); data.writeUInt32LE(36 + samples * 2, 4); data.write("WAVEfmt ", 8);
  data.writeUInt32LE(16, 16); data.writeUInt16LE(1, 20); data.writeUInt16LE(1, 22);
  data.writeUInt32LE(16000, 24); data.writeUInt32LE(32000, 28); data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34); data.write("data", 36); data.writeUInt32LE(samples * 2, 40);
  return data;
}

add("json has text", async () => check((await transcribe()).text.trim(), "text"));
add("text, srt and vtt are strings", async () => {
  for (const [format, mark] of [["text", " "], ["srt", "-->"], ["vtt", "WEBVTT"]]) {
    const result = await transcribe({ response_format: format });
    check(typeof result === "string" && result.includes(mark), `${format}: ${JSON.stringify(result)}`);
  }
});
add("verbose_json with words and segments", async () => {
  const segments = await transcribe({ response_format: "verbose_json" });
  check(segments.language === "english" && typeof segments.duration === "number", JSON.stringify(segments));
  check(segments.segments.length > 0 && segments.words === undefined, "segments alone");
  const words = await transcribe({ response_format: "verbose_json", timestamp_granularities: ["word"] });
  check(words.words.length > 0 && words.segments === undefined, "words alone");
  const both = await transcribe({ response_format: "verbose_json", timestamp_granularities: ["word", "segment"] });
  check(both.words.length > 0 && both.segments.length > 0, "both");
});
add("diarized_json says who speaks", async () => {
  const result = await transcribe({ response_format: "diarized_json", chunking_strategy: "auto" });
  check(result.task === "transcribe" && typeof result.duration === "number" && result.segments.length > 0, JSON.stringify(result));
  for (const segment of result.segments) {
    check(segment.type === "transcript.text.segment" && typeof segment.id === "string", JSON.stringify(segment));
    check(segment.speaker === "A" && segment.end > segment.start && segment.text.trim() !== "", JSON.stringify(segment));
  }
  const turns = [];
  for await (const event of await transcribe({ response_format: "diarized_json", stream: true })) {
    if (event.type === "transcript.text.segment") turns.push(event.text);
  }
  check(JSON.stringify(turns) === JSON.stringify(result.segments.map((segment) => segment.text)), JSON.stringify(turns));
});
add("logprobs spell the text", async () => {
  const result = await transcribe({ include: ["logprobs"] });
  const spelt = Buffer.from(result.logprobs.flatMap((token) => token.bytes)).toString();
  check(spelt.trim() === result.text, `${spelt} | ${result.text}`);
  check(result.logprobs.every((token) => token.logprob <= 0), "at most 0");
});
add("translations in every format", async () => {
  for (const format of ["json", "text", "srt", "verbose_json", "vtt"]) {
    check(await client.audio.translations.create({ file: await toFile(bytes, "s.wav"), model, response_format: format }), format);
  }
});
add("streamed deltas join to the text", async () => {
  let joined = "";
  const done = [];
  for await (const event of await transcribe({ stream: true })) {
    if (event.type === "transcript.text.delta") joined += event.delta;
    if (event.type === "transcript.text.done") done.push(event.text);
  }
  check(done.length === 1 && done[0] === joined, JSON.stringify([joined, done]));
});
add("diarized_json names speakers", async () => {
  let result;
  try {
    result = await transcribe({ response_format: "diarized_json" });
  } catch (error) {
    check(error.code === "speaker_model_not_installed" && error.param === "response_format", String(error));
    return;  // This machine has no speaker model, and says so.
  }
  check(result.segments[0].speaker === "A" && result.segments[0].id === "seg_001", JSON.stringify(result));
  const turns = [];
  for await (const event of await transcribe({ response_format: "diarized_json", stream: true })) {
    if (event.type === "transcript.text.segment") turns.push(event);
  }
  check(JSON.stringify(turns) === JSON.stringify(result.segments), JSON.stringify([turns, result.segments]));
});
add("aborting a stream leaves the server working", async () => {
  const stream = await transcribe({ stream: true });
  for await (const _ of stream) { stream.controller.abort(); break; }
  check((await transcribe()).text.trim(), "text after an abort");
});
add("wrong key", async () => {
  if (process.env.CONTRACT_ACCOUNTS === "0") return;  // Without accounts there are no keys.
  const other = new OpenAI({ baseURL: `${base}/v1`, apiKey: "wt_wrong", maxRetries: 0 });
  await rejects(OpenAI.AuthenticationError, other.models.list());
});
add("unknown model names its parameter", async () => {
  const error = await rejects(OpenAI.NotFoundError, transcribe({ model: "no-such-model" }));
  check(error.param === "model" && error.code === "model_not_found", JSON.stringify(error));
});
add("bad files are bad requests", async () => {
  for (const [name, data] of [["empty.wav", Buffer.alloc(0)], ["text.wav", Buffer.from("hello ".repeat(400))], ["none.wav", wav(0)]]) {
    await rejects(OpenAI.BadRequestError, transcribe({ file: await toFile(data, name) }));
  }
});
add("too large is 413 with its message", async () => {
  const error = await rejects(OpenAI.APIError, transcribe({ file: await toFile(Buffer.alloc(26300000), "b.wav") }));
  check(error.status === 413 && /bytes|MB/.test(error.message), error.message);
});
add("silence is empty in every format", async () => {
  const file = () => toFile(wav(48000), "silence.wav");
  check((await transcribe({ file: await file() })).text === "", "json");
  for (const format of ["text", "srt"]) {
    check((await transcribe({ file: await file(), response_format: format })).trim() === "", format);
  }
  check((await transcribe({ file: await file(), response_format: "vtt" })).trim() === "WEBVTT", "vtt");
});
add("names and prompts in other scripts", async () => {
  check((await transcribe({ file: await toFile(bytes, "запись “ä” 音声.wav"), prompt: "Grüße, 東京" })).text.trim(), "text");
});
add("a stream as the file, so that it is not the first part", async () => {
  check((await transcribe({ file: fs.createReadStream(speech) })).text.trim(), "text");
});
add("models are listed and found", async () => {
  const ids = (await client.models.list()).data.map((m) => m.id);
  check(ids.includes(model), ids.join());
  check((await client.models.retrieve(model)).id === model, "retrieve");
  await rejects(OpenAI.NotFoundError, client.models.retrieve("a/b"));
});

let failed = 0;
for (const [name, run] of cases) {
  try {
    await run();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message.slice(0, 400)}`);
  }
}
console.log(`openai for Node: ${cases.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
