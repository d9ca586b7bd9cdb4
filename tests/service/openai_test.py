#!/usr/bin/env python3
"""/v1 as clients meet it besides the official ones: bodies of every kind, limits, records, leftovers.

usage: openai_test.py TRANSCRIBER SOURCE_DIR MODEL_DIR

Needs the model base; without it everything is skipped (77). tests/contract runs the official clients.
"""
import base64
import concurrent.futures
import io
import json
import os
import pathlib
import random
import re
import struct
import sys
import time
import wave

import clips
from server import Server, add_user, multipart, run, with_accounts

PROGRAM, SOURCE, MODELS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
SAMPLE = (SOURCE / "assets/sample.flac").read_bytes()
SHORT = clips.beginning(SAMPLE, 4)
TRANSCRIPTIONS = "/v1/audio/transcriptions"
CASES = []


def case(function):
    CASES.append(function)
    return function


def serve(directory, **options):
    return Server(PROGRAM, directory, MODELS, **options).start()


def wav(samples, rate=16000):
    data = io.BytesIO()
    with wave.open(data, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return data.getvalue()


def send(server, data=SHORT, fields=(("model", "whisper-1"),), headers=None, path=TRANSCRIPTIONS):
    body, kind = multipart(fields, [("file", "a", data)])
    status, got, text = server.request("POST", path, body, {"Content-Type": kind, **(headers or {})})
    return status, got, json.loads(text) if text[:1] == b"{" else text


def check_error(reply, status, code=None, param=None):
    assert reply[0] == status, reply
    assert reply[1]["Content-Type"] == "application/json" and reply[1]["x-request-id"], dict(reply[1])
    error = reply[2]["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["message"], error
    assert code is None or error["code"] == code, error
    assert param is None or error["param"] == param, error


@case
def audio_comes_in_every_kind_of_body(directory):
    server = serve(directory)
    text = send(server)[2]["text"]
    encoded = base64.b64encode(SHORT).decode()
    part = {"type": "input_audio", "input_audio": {"data": encoded, "format": "flac"}}
    old = {"type": "audio", "audio": {"data": encoded}}
    bodies = [{"audio": encoded}, {"audio": "data:audio/flac;base64," + encoded},
              {"audio_options": {"data": encoded}},
              {"messages": [{"role": "user", "content": [part]}]},
              {"messages": [{"role": "user", "content": [{"type": "text", "text": "Write it down."}, old]}]}]
    for body in bodies:
        reply = server.json("POST", TRANSCRIPTIONS, {"model": "whisper-1", "language": "auto", **body})
        assert reply["text"] == text, (list(body), reply)
        assert set(reply) == {"text", "processing_time", "model", "format"}, reply
    chat = server.json("POST", "/v1/chat/completions", {"model": "base", **bodies[3]})
    assert chat["choices"][0]["message"]["content"] == text and chat["object"] == "chat.completion", chat
    server.stop()


@case
def sizes_are_checked_at_their_edges(directory):
    server = serve(directory, environment={"MAX_AUDIO_FILE_SIZE_MB": "1"})
    silence = wav([0] * 490_000)  # 980,044 bytes.
    at_limit = silence + b"\0" * (1_000_000 - len(silence))
    assert send(server, at_limit)[0] == 200
    check_error(send(server, at_limit + b"\0"), 413, "file_too_large")
    check_error(send(server, wav([0] * 489)), 400, "unsupported_audio", "file")  # 1,022 bytes.
    assert send(server, wav([0] * 490))[0] == 200  # 1,024 bytes.
    check_error(send(server, b""), 400, "unsupported_audio", "file")

    def in_json(data):
        status, headers, body = server.request("POST", TRANSCRIPTIONS, json.dumps({"model": "base", "audio": data}),
                                               {"Content-Type": "application/json"})
        return status, headers, json.loads(body)
    encoded = base64.b64encode(at_limit).decode()
    assert in_json(encoded)[0] == 200
    check_error(in_json(base64.b64encode(at_limit + b"\0" * 9).decode()), 413, "file_too_large")
    check_error(in_json("A" * 3_000_000), 413)
    for wrong in (encoded[:-1], encoded[:-4] + "=A==", encoded[:100] + "\n" + encoded[100:], "*" * 4000, encoded[:4000] + "===="):
        check_error(in_json(wrong), 400, "unsupported_audio", "audio")
    server.stop()


@case
def what_is_no_recording_is_refused(directory):
    server = serve(directory)
    noise = random.Random(7)
    for size in (1500, 5000, 60_000):
        check_error(send(server, noise.randbytes(size)), 400, "unsupported_audio", "file")
    for data in (b"PK\x03\x04" + noise.randbytes(3000), b"<html>" + b"x" * 3000, b"MZ" + b"\0" * 3000,
                 SHORT[:2000][::-1], wav([]) + b"\0" * 2000):
        reply = send(server, data)
        assert reply[0] in (200, 400), reply
        assert reply[0] == 400 or reply[2]["text"] == "", reply
    server.stop()


@case
def errors_have_the_shape_of_the_hosted_api(directory):
    server, admin = with_accounts(PROGRAM, directory, MODELS)
    check_error(send(server, fields=(("model", "nope"),), headers=admin), 404, "model_not_found", "model")
    check_error(send(server, fields=(("model", "base"), ("temperature", "hot")), headers=admin), 400, None, "temperature")
    if not os.path.isdir(os.path.join(MODELS, "speaker")):
        check_error(send(server, fields=(("model", "base"), ("response_format", "diarized_json")), headers=admin), 400,
                    "speaker_model_not_installed", "response_format")
    check_error(send(server), 401, "invalid_api_key")
    check_error(send(server, headers={"Authorization": "Bearer wt_wrong"}), 401, "invalid_api_key")
    for method, path, status in (("GET", "/v1/nothing", 404), ("GET", TRANSCRIPTIONS, 405), ("DELETE", "/v1/models", 405)):
        code, headers, body = server.request(method, path, None, admin)
        check_error((code, headers, json.loads(body)), status)
    refused = send(server, fields=(("model", "nope"),), headers=admin)[1]
    assert refused["x-should-retry"] == "false"
    server.stop()


@case
def anonymous_is_refused_on_every_address(directory):
    """Single-user mode is for the loopback address; on others there are accounts (OAI-08)."""
    server, admin = with_accounts(PROGRAM, directory, MODELS, arguments=("--host", "0.0.0.0"))
    for path in ("/v1/models", "/v1/models/base"):
        assert server.request("GET", path)[0] == 401, path
    check_error(send(server), 401, "invalid_api_key")
    assert send(server, headers=admin)[0] == 200
    made = server.json("POST", "/keys", {"name": "v1", "permissions": ["read", "write"]}, admin, 201)
    assert send(server, headers={"Authorization": "Bearer " + made["api_key"]})[0] == 200
    server.stop()
    try:
        Server(PROGRAM, directory, MODELS, arguments=("--single-user", "--host", "0.0.0.0")).start()
        raise SystemError("it started")
    except AssertionError as refused:
        assert "SINGLE_USER_MODE" in str(refused), refused


@case
def the_eleventh_request_of_a_minute_is_refused(directory):
    server, admin = with_accounts(PROGRAM, directory, MODELS, environment={"RATE_LIMIT_ENABLED": "true"})
    user = add_user(server, admin, "ada")
    statuses, begin = [], time.monotonic()
    while 429 not in statuses and len(statuses) < 60:
        reply = send(server, b"x" * 2000, headers=user)
        statuses.append(reply[0])
    # A slow machine gets back one every six seconds.
    allowed = 10 + (time.monotonic() - begin) / 6
    assert 10 <= statuses.count(400) <= allowed + 1 and statuses[-1] == 429, (statuses, allowed)
    check_error(reply, 429, "rate_limit_exceeded")
    assert int(reply[1]["Retry-After"]) >= 1 and reply[1]["X-RateLimit-Limit"] == "10", dict(reply[1])
    assert send(server, b"x" * 2000, headers=admin)[0] == 400, "another user has another limit"
    server.stop()


@case
def nothing_is_left_over(directory):
    temporary = directory / "tmp"
    temporary.mkdir()
    server = serve(directory / "data", environment={"TMPDIR": str(temporary)})
    tiny = clips.beginning(SAMPLE, 1)
    noise = random.Random(5)
    kinds = [tiny, noise.randbytes(3000), b"", b"short", wav([0] * 2000), tiny[:1500], SHORT]

    def one(number):
        fields = [("model", "base" if number % 10 else "nope")]
        if number % 17 == 0:
            body, kind = multipart(fields, [("file", "a", tiny)])
            return server.request("POST", TRANSCRIPTIONS, body[:-40], {"Content-Type": kind})[0]
        return send(server, kinds[number % len(kinds)], fields)[0]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(one, range(100)))
    assert {200, 400, 404} <= set(statuses) and max(statuses) < 500, sorted(set(statuses))
    left = [p for p in temporary.rglob("*") if p.is_file()]
    assert not left, left
    # Files without a name would be open still.
    opened = [os.readlink(p) for p in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir() if p.is_symlink()]
    assert not [o for o in opened if o.startswith(str(temporary))], opened
    assert not list((directory / "data").rglob("*.blob")), "nothing of it is stored"
    server.stop()


@case
def requests_are_recorded_logged_and_measured(directory):
    server, admin = with_accounts(PROGRAM, directory, MODELS)
    user = add_user(server, admin, "ada")
    reply = send(server, headers={**user, "X-Request-ID": "v1-find-me"})
    assert reply[0] == 200 and reply[1]["X-Request-ID"] == "v1-find-me"
    assert send(server, b"no recording" * 200, headers=user)[0] == 400
    record = server.json("GET", "/admin/security/audit-logs?event_type=file_upload", None, admin)
    mine = [e for e in next(v for v in record.values() if isinstance(v, list)) if e["username"] == "ada"]
    assert [(e["action"], e["outcome"]) for e in mine] == [
        ("POST " + TRANSCRIPTIONS, "failure"), ("POST " + TRANSCRIPTIONS, "success")], mine
    assert mine[1]["request_id"] == "v1-find-me"
    page = server.request("GET", "/metrics", None, admin)[2].decode()
    for status in ("200", "400"):
        assert re.search(rf'whisper_http_requests_total{{[^}}]*{TRANSCRIPTIONS}[^}}]*"{status}"[^}}]*}} 1\b', page), status
    assert re.search(rf"whisper_http_request_duration_seconds_count{{[^}}]*{TRANSCRIPTIONS}[^}}]*}} 2\b", page)
    server.stop()
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if "v1-find-me" in line]
    assert any(line.get("extra", {}).get("status_code") == 200 for line in lines), lines


@case
def silence_before_speech_moves_no_time(directory):
    """What is cut out before recognition (silence, by the speech detector) does not shift times (OAI-23)."""
    try:
        import subprocess
        lead = directory / "lead.wav"
        source = directory / "clip.flac"
        directory.mkdir(exist_ok=True)
        source.write_bytes(clips.beginning(SAMPLE, 5))
        subprocess.run(["ffmpeg", "-v", "error", "-i", str(source), "-af", "adelay=8000:all=1", "-ar", "44100",
                        str(lead)], check=True, timeout=60)
    except FileNotFoundError:
        print("    skipped: ffmpeg is not installed", flush=True)
        return
    server = serve(directory / "data")
    fields = (("model", "base"), ("response_format", "verbose_json"), ("timestamp_granularities[]", "word"),
              ("timestamp_granularities[]", "segment"))
    plain = send(server, source.read_bytes(), fields)[2]
    late = send(server, lead.read_bytes(), fields)[2]
    assert abs(late["duration"] - plain["duration"] - 8) < 0.05, (late["duration"], plain["duration"])
    assert len(late["words"]) == len(plain["words"]) > 3, (late["text"], plain["text"])
    shifts = [b["start"] - a["start"] for a, b in zip(plain["words"], late["words"])]
    assert all(abs(shift - 8) < 0.35 for shift in shifts), shifts
    assert late["segments"][0]["start"] > 7.5, late["segments"][0]
    server.stop()


@case
def speakers_are_told_apart(directory):
    if not (MODELS / "speaker").exists():
        print(f"    skipped: the model speaker is not in {MODELS}", flush=True)
        return
    server = serve(directory)
    fields = (("model", "base"), ("response_format", "diarized_json"))
    whole = send(server, SAMPLE, fields)
    assert whole[0] == 200 and whole[1]["Content-Type"] == "application/json", whole
    segments = whole[2]["segments"]
    assert segments and segments[0]["speaker"] == "A", whole[2]
    assert all(set(s) == {"type", "id", "start", "end", "text", "speaker"} for s in segments), segments
    assert whole[2]["text"] == "\n".join(f"{s['speaker']}: {s['text']}" for s in segments), whole[2]["text"]

    stream = send(server, SAMPLE, fields + (("stream", "true"),))[2]
    events = [json.loads(line[6:]) for line in stream.decode().split("\n") if line.startswith("data: {")]
    kinds = [event["type"] for event in events]
    deltas, turns = kinds.count("transcript.text.delta"), kinds.count("transcript.text.segment")
    assert kinds == ["transcript.text.delta"] * deltas + ["transcript.text.segment"] * turns + ["transcript.text.done"], kinds
    assert [e for e in events if e["type"].endswith("segment")] == segments, (events, segments)
    assert "".join(e["delta"] for e in events[:deltas]) == events[-1]["text"], events
    server.stop()


def main():
    if not (MODELS / "base").exists():
        print(f"skipped: the model base is not in {MODELS}")
        sys.exit(77)
    sys.exit(run(CASES, []))


main()
