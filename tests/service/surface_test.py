#!/usr/bin/env python3
"""What the interface promises everywhere: paths, formats, errors, times, files, records, examples.

usage: surface_test.py TRANSCRIBER SOURCE_DIR MODEL_DIR

Needs the model base; without it everything is skipped (77). Recordings in other formats are made by
ffmpeg, other languages are taken from WT_SHARED_DIR; without them those cases say so and pass.
"""
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile

import clips
from server import DEADLINE_S, Server, add_user, run, with_accounts

PROGRAM, SOURCE, MODELS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
SAMPLE = (SOURCE / "assets/sample.flac").read_bytes()
SHARED = pathlib.Path(os.environ.get("WT_SHARED_DIR", SOURCE.parent / "shared"))
CASES = []
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
# Text that stands in the inside of the program only.
INSIDE = re.compile(rb"/home/|/root/|/var/|/tmp/|/usr/|\.cc:\d|SELECT |INSERT |sqlite3?_|terminate called|"
                    rb"std::|nlohmann|basic_string|Traceback")


def case(function):
    CASES.append(function)
    return function


def serve(directory, **options):
    return Server(PROGRAM, directory, MODELS, **options).start()


def submit(server, data=SAMPLE, name="talk.flac", fields=(("model", "base"),), headers=None, path="/jobs"):
    return server.upload(path, fields, [("file", name, data)], 200, headers)["job_id"]


def finished(server, headers=None, **options):
    job_id = submit(server, headers=headers, **options)
    return server.wait_for(job_id, headers=headers)


@case
def a_slash_at_the_end_makes_no_difference(directory):
    server = serve(directory)
    for path in ("/jobs", "/metrics", "/health", "/version", "/export/formats", "/uploads", "/v1/models"):
        plain, slash = server.request("GET", path), server.request("GET", path + "/")
        assert plain[0] == slash[0] == 200, (path, plain[0], slash[0])
        assert plain[1]["Content-Type"] == slash[1]["Content-Type"], path
    for path in ("/search", "/search/"):
        body = server.json("POST", path, {"query": "engine"})
        assert body["total"] == 0, body
    for path in ("/jobs", "/jobs/", "/upload/", "/api/jobs/"):
        assert submit(server, path=path), path
    server.stop()


# Containers and codecs of ING-04, and what ffmpeg is told to make them.
FORMATS = {
    "wav": [], "mp3": [], "m4a": ["-c:a", "aac"], "flac": [], "ogg": ["-c:a", "libvorbis"], "aac": [],
    "webm": ["-c:a", "libopus"], "opus": ["-c:a", "libopus"], "wma": ["-c:a", "wmav2"], "mp4": ["-c:a", "aac"],
}
VIDEOS = {"mp4": ["-c:v", "mpeg4", "-c:a", "aac"], "mov": ["-c:v", "mpeg4", "-c:a", "pcm_s16le"],
          "mkv": ["-c:v", "mpeg4", "-c:a", "libvorbis"], "avi": ["-c:v", "mpeg4", "-c:a", "mp3"]}


@case
def every_format_becomes_text(directory):
    if not shutil.which("ffmpeg"):
        print("    skipped: ffmpeg is not installed", flush=True)
        return
    server = serve(directory / "data")
    source = directory / "clip.flac"
    source.write_bytes(clips.beginning(SAMPLE, 5))
    made = []
    for kinds, picture in ((FORMATS, []), (VIDEOS, ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=5"])):
        for extension, options in kinds.items():
            target = directory / f"{'video' if picture else 'sound'}.{extension}"
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(source), *picture, *options, "-shortest",
                            str(target)], check=True, timeout=60)
            made.append(target)
    jobs = {file.name: submit(server, file.read_bytes(), file.name) for file in made}
    texts = {}
    for name, job_id in jobs.items():
        job = server.wait_for(job_id)
        assert len(job["transcript"]) > 15, (name, job["transcript"])
        assert job["has_video"] == name.startswith("video"), (name, job["has_video"])
        texts[name] = job["transcript"]
    print(f"    {len(texts)} formats, {len(set(texts.values()))} different texts", flush=True)
    # A wrong extension on a good recording is taken, and nothing else is.
    assert server.wait_for(submit(server, (directory / "sound.mp3").read_bytes(), "x.wav"))["transcript"]
    listed = server.upload("/jobs", [("model", "base")], [("file", "a.wav", b"MZ" + b"\0" * 5000)], 400)
    assert listed["error_code"] == "UNSUPPORTED_MEDIA" and listed["code"] == 40001, listed
    for name in ("wav", "mp3", "m4a", "flac", "ogg"):
        assert name in listed["message"].lower(), listed["message"]
    server.stop()


@case
def the_operators_formats_are_listed_in_the_refusal(directory):
    server = serve(directory, environment={"ALLOWED_FILE_TYPES": "mp3,wav"})
    error = server.upload("/jobs", [], [("file", "a.flac", SAMPLE)], 400)
    assert error["error_code"] == "UNSUPPORTED_MEDIA" and "mp3" in error["message"], error
    assert server.json("GET", "/jobs")["total"] == 0
    server.stop()


@case
def the_language_is_kept_and_used(directory):
    recording = SHARED / "speech/multi/fr/css10-fr.flac"
    server = serve(directory)
    job = finished(server, fields=(("model", "base"), ("language", "de")), data=clips.beginning(SAMPLE, 5))
    assert job["language"] == "de" and job["detected_language"] == "de", job
    assert server.json("GET", f"/jobs/{job['id']}/download?format=json")["language"] == "de"
    automatic = finished(server, data=clips.beginning(SAMPLE, 5))
    assert automatic["language"] is None and automatic["detected_language"] == "en", automatic
    if recording.exists():
        french = finished(server, data=recording.read_bytes(), fields=(("model", "base"), ("language", "fr")))
        assert french["language"] == "fr" and "maison" in french["transcript"], french["transcript"]
    else:
        print("    without a French recording", flush=True)
    server.stop()


@case
def the_text_is_the_same_on_every_way(directory):
    server = serve(directory)
    job = finished(server)
    other = server.json("GET", f"/transcripts/{job['id']}")
    for name in ("job_id", "status", "transcript", "created_at", "completed_at", "model", "language",
                 "original_filename"):
        assert other[name] == job[name], name
    status, headers, raw = server.request("GET", f"/transcripts/{job['id']}/raw")
    assert status == 200 and headers["Content-Type"].startswith("text/plain"), headers
    assert raw.decode() == job["transcript"] and len(job["transcript"]) > 40
    server.stop()


# What a reader of each format needs to see.
MARKS = {
    "txt": ("text/plain", lambda b: b" " in b), "srt": ("application/x-subrip", lambda b: b"-->" in b),
    "vtt": ("text/vtt", lambda b: b.startswith(b"WEBVTT")), "tsv": ("text/tab-separated-values", lambda b: b"\t" in b),
    "json": ("application/json", lambda b: json.loads(b)["segments"]), "lrc": ("text/plain", lambda b: b"[0" in b),
    "csv": ("text/csv", lambda b: b"," in b), "md": ("text/markdown", lambda b: b"#" in b),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",
             lambda b: "word/document.xml" in zipfile.ZipFile(io.BytesIO(b)).namelist()),
}


@case
def every_format_is_downloaded_with_its_type_and_name(directory):
    server = serve(directory, environment={"DEFAULT_TRANSCRIPT_FORMAT": "vtt"})
    job = finished(server, name="Gr\u00fc\u00dfe.flac")
    formats = server.json("GET", "/export/formats")["formats"]
    assert {f["name"] for f in formats} == set(MARKS), formats
    for entry in formats:
        name = entry["name"]
        status, headers, body = server.request("GET", f"/jobs/{job['id']}/download?format={name}")
        kind, mark = MARKS[name]
        assert status == 200 and headers["Content-Type"].split(";")[0] == kind, (name, headers["Content-Type"])
        assert headers["Content-Type"] == entry["content_type"], name
        assert mark(body), (name, body[:80])
        disposition = headers["Content-Disposition"]
        assert disposition.startswith("attachment") and f".{entry['extension']}" in disposition, disposition
        assert "filename*=UTF-8''Gr%C3%BC%C3%9Fe." in disposition, disposition
        for path in (f"/transcripts/{job['id']}/download?format={name}", f"/export/download/{job['id']}/{name}"):
            assert server.request("GET", path)[2] == body, path
    assert server.request("GET", f"/jobs/{job['id']}/download")[2].startswith(b"WEBVTT")
    # What is not there is said, with what is; nothing pretends.
    status, _, body = server.request("GET", f"/jobs/{job['id']}/download?format=pdf")
    error = json.loads(body)
    assert status == 400 and error["error_code"] == "INVALID_FORMAT" and "docx" in error["message"], error
    server.stop()


def seconds(text):
    hours, minutes, rest = text.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


@case
def subtitles_have_the_times_of_the_segments(directory):
    server = serve(directory)
    job = finished(server, fields=(("model", "base"), ("word_timestamps", "true")))
    document = server.json("GET", f"/jobs/{job['id']}/download?format=json")
    for name in ("segments", "language", "model", "duration", "text", "language_probability"):
        assert document[name], name
    for segment in document["segments"]:
        assert {"start", "end", "text", "avg_logprob", "no_speech_prob", "words"} <= set(segment), segment
        assert all(0 <= word["probability"] <= 1 for word in segment["words"])
    starts = {round(word["start"], 3) for s in document["segments"] for word in s["words"]}
    starts |= {round(s["start"], 3) for s in document["segments"]}
    for name in ("srt", "vtt"):
        text = server.request("GET", f"/jobs/{job['id']}/download?format={name}")[2].decode()
        cues = re.findall(r"([\d:.,]+) --> ([\d:.,]+)", text)
        times = [(seconds(a if a.count(":") == 2 else "0:" + a), seconds(b if b.count(":") == 2 else "0:" + b))
                 for a, b in cues]
        assert times and times == sorted(times), times
        assert all(a < b <= document["duration"] + 0.001 for a, b in times), times
        assert all(any(abs(a - s) < 0.002 for s in starts) for a, _ in times), (times, sorted(starts))
    server.stop()


@case
def what_is_not_ready_or_gone_is_not_an_empty_answer(directory):
    server = serve(directory)
    wave = clips.beginning(SAMPLE, 5)
    server.json("POST", "/admin/concurrency", {"max_concurrent_jobs": 1}, expect=200)
    waiting = [submit(server, name=f"{i}.flac") for i in range(4)]
    error = server.json("GET", f"/transcripts/{waiting[-1]}", expect=409)
    assert error["error_code"] == "TRANSCRIPT_NOT_READY", error
    for path in ("/raw", "/download"):
        assert server.json("GET", f"/transcripts/{waiting[-1]}{path}", expect=409)["error_code"] == "TRANSCRIPT_NOT_READY"
    missing = server.json("GET", f"/transcripts/{uuid.uuid4()}", expect=404)
    assert missing["code"] == 40401, missing
    job = finished(server, data=wave)
    assert server.json("GET", f"/transcripts/{job['id']}?version=99", expect=404)
    for blob in (directory / "blobs").rglob("*.blob"):
        blob.unlink()
    gone = server.json("GET", f"/jobs/{job['id']}/audio", expect=410)
    assert gone["code"] == 50002, gone
    lost = server.json("GET", f"/transcripts/{job['id']}/raw", expect=404)
    assert lost["error_code"] == "TRANSCRIPT_NOT_FOUND" and lost["code"] == 40402, lost
    server.stop()


@case
def stored_files_are_served_to_nobody(directory):
    server, admin = with_accounts(PROGRAM, directory, MODELS)
    job = finished(server, admin)
    files = [p for p in (directory / "blobs").rglob("*") if p.is_file()]
    assert len(files) >= 4, files
    names = {p.name for p in files} | {p.relative_to(directory).as_posix() for p in files} | {"app.db", "secrets/secret_key"}
    for name in names:
        for prefix in ("/", "/uploads/", "/transcripts/", "/blobs/", "/static/", "/assets/", "/media/", "/data/"):
            for who in ({}, admin):
                status, headers, body = server.request("GET", prefix + name, None, {"Accept": "*/*", **who})
                assert status in (401, 404), (prefix + name, status)
                assert job["sha256"].encode() not in body and "Content-Range" not in headers
    assert server.request("GET", f"/jobs/{job['id']}/audio")[0] == 401
    status, headers, body = server.request("GET", f"/jobs/{job['id']}/audio", None, {**admin, "Range": "bytes=4-7"})
    assert (status, body) == (206, SAMPLE[4:8]) and headers["Content-Range"] == f"bytes 4-7/{len(SAMPLE)}"
    server.stop()


def metric(server, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", server.request("GET", "/metrics")[2].decode(), re.M)
    return float(found.group(1)) if found else None


def measured(server, name):
    """The metric once housekeeping, which runs beside the start, has set it."""
    end = time.monotonic() + DEADLINE_S
    while (value := metric(server, name)) is None:
        assert time.monotonic() < end, f"{name} was never set"
        time.sleep(0.05)
    return value


@case
def space_is_measured(directory):
    server = serve(directory)
    free = measured(server, "whisper_storage_free_bytes")
    real = shutil.disk_usage(directory).free
    assert free is not None and 0 < free <= real * 1.01, (free, real)
    finished(server)
    server.stop()
    server.start()
    assert measured(server, "whisper_storage_used_bytes") >= len(SAMPLE)
    server.stop()


@case
def downloads_are_counted_recorded_and_limited(directory):
    server, admin = with_accounts(PROGRAM, directory, MODELS, environment={
        "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_USER": "300/1 minute", "RATE_LIMIT_BURST": "600"})
    user = add_user(server, admin, "ada")
    job = finished(server, user, data=clips.beginning(SAMPLE, 3))
    for name in ("txt", "srt"):
        assert server.request("GET", f"/jobs/{job['id']}/download?format={name}", None, user)[0] == 200
    entries = server.json("GET", "/admin/security/audit-logs?event_type=data_export", None, admin)
    found = [e for e in entries["entries" if "entries" in entries else "logs"] if job["id"] in json.dumps(e)]
    assert len(found) == 2 and all("ada" in json.dumps(e) for e in found), entries
    page = server.request("GET", "/metrics", None, admin)[2].decode()
    counted = re.search(r'whisper_http_requests_total\{[^}]*endpoint="/jobs/\{job_id\}/download"[^}]*status_code="200"[^}]*\} (\d+)', page)
    assert counted and counted.group(1) == "2", counted
    statuses = [server.request("GET", f"/jobs/{job['id']}/download", None, user)[0] for _ in range(700)]
    assert 429 in statuses and set(statuses) <= {200, 429}, set(statuses)
    server.stop()


def times_in(value, path=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from times_in(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from times_in(inner, path + "[]")
    elif isinstance(value, str) and (path.endswith(("_at", ".timestamp", ".updated", ".time"))
                                     or re.fullmatch(r"\d{4}-\d\d-\d\d[T ].*", value)):
        yield path, value


@case
def every_route_works_and_says_times_in_utc(directory):
    """Each GET of the document, with things that are there: no route is a stub (API-17, DB-11, API-03)."""
    server, admin = with_accounts(PROGRAM, directory, MODELS)
    job = finished(server, admin)
    key = server.json("POST", "/keys", {"name": "walk", "permissions": ["read"]}, admin, 201)
    session = server.json("POST", "/uploads/initialize", {"filename": "a.wav", "file_size": 5000, "model_name": "base"}, admin)
    me = server.json("GET", "/auth/me", None, admin)
    document = server.json("GET", "/openapi.json")
    values = {"job_id": job["id"], "key_id": key["id"], "session_id": session["session_id"], "model": "base",
              "version": "1", "format": "txt", "user_id": me.get("id") or me["user"]["id"]}
    revision = server.json("GET", f"/jobs/{job['id']}/document", None, admin)["revision"]
    known_absent = set()
    asked = seen_times = 0
    for pattern, operations in document["paths"].items():
        if "get" not in operations or pattern.startswith("/ws") or pattern.endswith(("/events",)):
            continue
        path = re.sub(r"\{(\w+)\}", lambda m: values.get(m.group(1), "missing"), pattern)
        if "/sessions/" in pattern or "missing" in path:
            known_absent.add(pattern)
            continue
        if pattern.endswith("/document/changes"):
            path += f"?since={revision}"
        if pattern == "/search/quick":
            path += "?q=engine"
        who = {"X-API-Key": key["api_key"]} if pattern.endswith("/test") else admin
        status, headers, body = server.request("GET", path, None, who)
        asked += 1
        assert status in (200, 204), (pattern, status, body[:200])
        assert headers["X-Request-ID"], pattern
        assert not INSIDE.search(body) or pattern in ("/docs/docs.js", "/openapi.json"), (pattern, INSIDE.search(body))
        if headers.get("Content-Type", "").startswith("application/json") and pattern != "/openapi.json":
            for where, text in times_in(json.loads(body)):
                seen_times += 1
                assert TIME.fullmatch(text), (pattern, where, text)
    print(f"    {asked} routes, {seen_times} times; not asked: {sorted(known_absent)}", flush=True)
    assert asked > 60 and seen_times > 40
    server.stop()


@case
def the_version_is_that_of_the_build(directory):
    server = serve(directory)
    version = server.json("GET", "/version")
    said = subprocess.run([PROGRAM, "version"], capture_output=True, text=True, check=True).stdout
    assert version["version"] and version["version"] in said, (version, said)
    assert {"version", "build_sha", "build_date"} <= set(version)
    assert server.json("GET", "/health") == {"status": "ok", "service": "whisper-transcriber"}
    server.stop()


@case
def a_request_id_comes_back_and_is_in_the_log(directory):
    server = serve(directory)
    _, headers, _ = server.request("GET", "/jobs", None, {"X-Request-ID": "find-me-7"})
    assert headers["X-Request-ID"] == "find-me-7"
    made = server.request("GET", "/nowhere")[1]["X-Request-ID"]
    refused = server.request("GET", "/jobs", None, {"X-Request-ID": "a b"})[1]["X-Request-ID"]
    assert made and refused and refused != "a b"
    server.stop()
    log = server.log.read_text()
    assert "find-me-7" in log and made in log and '"a b"' not in log


def main():
    if not (MODELS / "base").exists():
        print(f"skipped: the model base is not in {MODELS}")
        sys.exit(77)
    sys.exit(run(CASES, []))


main()
