#!/usr/bin/env python3
"""What settings do to a server that runs: each value by its effect, wrong ones by a start that fails.

usage: settings_test.py TRANSCRIBER SOURCE_DIR MODEL_DIR

That each one is read, has its default and its old names is SettingsValuesTest's and LoaderTest's. Needs
the model base; without it everything is skipped (77).
"""
import datetime
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import clips
from server import PASSWORD, Server, add_user, multipart, run, with_accounts

PROGRAM, SOURCE, MODELS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
SAMPLE = (SOURCE / "assets/sample.flac").read_bytes()
SHORT = clips.beginning(SAMPLE, 3)
CASES = []


def case(function):
    CASES.append(function)
    return function


def serve(directory, environment=None, models=MODELS, arguments=("--single-user",)):
    return Server(PROGRAM, directory, models, arguments=arguments, environment=environment).start()


def refused(directory, environment, arguments=()):
    """(exit status, what it said) of a server that has to refuse its start."""
    done = subprocess.run([PROGRAM, "serve", "--port", "0", "--data-dir", str(directory / "refused"), *arguments],
                          env={"PATH": os.environ["PATH"], "HOME": str(directory), **environment},
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode not in (0, None) and "Ready:" not in done.stderr, done
    return done.stderr


def submit(server, data=SHORT, fields=(("model", "base"),), headers=None, expect=200):
    return server.upload("/jobs", fields, [("file", "a.flac", data)], expect, headers)


@case
def everything_wrong_is_named_at_once_and_nothing_starts(directory):
    said = refused(directory, {
        "HOST": "http://x", "ENVIRONMENT": "live", "LOG_TO_STDOUT": "false", "MAX_FILE_SIZE": "0", "MAX_AUDIO_FILE_SIZE_MB": "x",
        "UPLOAD_CHUNK_SIZE": "1", "MAX_QUEUE_DEPTH": "0", "MAX_CONCURRENT_JOBS": "0", "WORKER_CONCURRENCY": "0", "WHISPER_THREADS": "999",
        "WHISPER_INFERENCE_DEVICE": "cuda", "STORAGE_BACKEND": "cloud", "ACCESS_TOKEN_EXPIRE_MINUTES": "0", "COOKIE_SAMESITE": "no",
        "RATE_LIMIT_USER": "many", "AUTO_MIGRATE": "perhaps", "DB_CONNECT_ATTEMPTS": "0", "UPLOAD_DIR": "/x"})
    for name in ("HOST", "ENVIRONMENT", "LOG_TO_STDOUT", "MAX_FILE_SIZE", "MAX_AUDIO_FILE_SIZE_MB", "UPLOAD_CHUNK_SIZE",
                 "MAX_QUEUE_DEPTH", "MAX_CONCURRENT_JOBS", "WORKER_CONCURRENCY", "WHISPER_THREADS", "WHISPER_INFERENCE_DEVICE",
                 "STORAGE_BACKEND", "ACCESS_TOKEN_EXPIRE_MINUTES", "COOKIE_SAMESITE", "RATE_LIMIT_USER", "AUTO_MIGRATE",
                 "DB_CONNECT_ATTEMPTS", "UPLOAD_DIR"):
        assert f"error: {name}" in said, (name, said)
    assert not (directory / "refused").exists(), "no half start"
    assert "WHISPER_LANGUAGE" in refused(directory, {"WHISPER_LANGUAGE": "klingon"})


@case
def production_is_strict_under_both_names(directory):
    for name in ("ENVIRONMENT", "APP_ENV"):
        said = refused(directory, {name: "production"})
        for wanted in ("SECRET_KEY", "JWT_SECRET_KEY", "ADMIN_METRICS_TOKEN", "ALLOWED_HOSTS"):
            assert f"error: {wanted}" in said, (name, wanted, said)
    server = serve(directory, {"ENVIRONMENT": "development"}, arguments=())
    made = server.json("POST", "/register", {"username": "ada", "email": "ada@example.org", "password": PASSWORD}, expect=201)
    assert made, "registration is open in development"
    server.stop()


@case
def the_address_is_the_one_of_host(directory):
    server = serve(directory, {"HOST": "127.0.0.2", "ALLOWED_HOSTS": "127.0.0.2"})
    connection = http.client.HTTPConnection("127.0.0.2", server.port, timeout=10)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=2).close()
        raise AssertionError("it listens elsewhere, too")
    except ConnectionRefusedError:
        pass
    server.stop()


@case
def sizes_of_uploads_are_limited(directory):
    server = serve(directory, {"MAX_FILE_SIZE": str(len(SHORT)), "MAX_UPLOAD_SIZE": "1000000", "UPLOAD_CHUNK_SIZE": "65536",
                               "UPLOAD_SESSION_TTL_HOURS": "2", "UPLOAD_MAX_PARALLEL_CHUNKS": "7", "BATCH_MAX_FILES": "2",
                               "BATCH_MAX_TOTAL_BYTES": str(2 * len(SHORT) - 1)})
    assert submit(server)["job_id"]
    error = submit(server, SHORT + b"\0", expect=413)
    assert error["error_code"] == "FILE_TOO_LARGE" and error["code"] == 40002, error
    session = server.json("POST", "/uploads/initialize", {"filename": "a.wav", "file_size": 200_000, "model_name": "base"})
    assert session["chunk_size"] == 65536 and session["total_chunks"] == 4 and session["parallel_chunks"] == 7, session
    parsed = [datetime.datetime.fromisoformat(session[name].replace("Z", "+00:00")) for name in ("created_at", "expires_at")]
    assert abs((parsed[1] - parsed[0]).total_seconds() - 7200) < 2, session
    too_large = server.json("POST", "/uploads/initialize", {"filename": "a.wav", "file_size": 1_000_001, "model_name": "base"}, expect=413)
    assert too_large["error_code"] == "FILE_TOO_LARGE", too_large
    for count, status in ((1, (200, 201)), (2, (400, 413)), (3, (400, 413))):
        body, kind = multipart([("batch_name", "b"), ("model", "base")], [("files", f"{i}.flac", SHORT) for i in range(count)])
        got, _, text = server.request("POST", "/api/v1/batch/upload", body, {"Content-Type": kind})
        assert got in status, (count, got, text[:200])
    server.stop()
    server = serve(directory, {"MAX_FILE_SIZE_MB": "1"})
    assert submit(server, b"RIFF" + b"\0" * (1 << 20), expect=413)["error_code"] == "FILE_TOO_LARGE"
    server.stop()


@case
def the_openai_endpoint_has_limits_of_its_own(directory):
    server = serve(directory, {"MAX_AUDIO_FILE_SIZE_MB": "1", "MIN_AUDIO_FILE_SIZE_BYTES": "50000"})
    for data, status in ((b"RIFF" + b"\0" * 1_000_000, 413), (SHORT[:40_000], 400)):
        body, kind = multipart([("model", "base")], [("file", "a", data)])
        got, _, text = server.request("POST", "/v1/audio/transcriptions", body, {"Content-Type": kind})
        assert got == status, (got, text)
        assert status != 413 or b"MAX_AUDIO_FILE_SIZE_MB" in text, text
    server.stop()


@case
def the_queue_has_its_bounds(directory):
    server = serve(directory, {"MAX_QUEUE_DEPTH": "2", "JOB_MAX_ATTEMPTS": "5", "MAX_CONCURRENT_JOBS": "1"})
    statuses = []
    for _ in range(12):
        body, kind = multipart([("model", "base")], [("file", "a.flac", SAMPLE)])
        got, headers, text = server.request("POST", "/jobs", body, {"Content-Type": kind})
        statuses.append(got)
        if got == 503:
            assert json.loads(text)["error_code"] == "QUEUE_FULL" and int(headers["Retry-After"]) > 0, text
        else:
            assert server.json("GET", "/jobs/" + json.loads(text)["job_id"])["max_attempts"] == 5
    assert set(statuses) == {200, 503}, statuses
    assert len([p for p in (directory / "blobs").rglob("*.data") if "media" in str(p)]) == statuses.count(200), "refused ones are not kept"
    server.stop()
    server = serve(directory / "b", {"MAX_JOBS_PER_USER": "1"})
    replies = [submit(server, SAMPLE, expect=expect) for expect in (200, 429)]
    assert replies[1]["error_code"] == "JOB_LIMIT", replies
    server.stop()


@case
def concurrency_is_that_of_the_settings_and_of_the_administrator(directory):
    server = serve(directory, {"MAX_CONCURRENT_JOBS": "2"})
    assert server.json("GET", "/admin/concurrency")["max_concurrent_jobs"] == 2
    assert server.json("POST", "/admin/concurrency", {"max_concurrent_jobs": 3})["max_concurrent_jobs"] == 3

    def slots(kind):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            workers = server.json("GET", "/heartbeat")["workers"]
            found = [w["slots"] for w in workers if (w["process_id"] == server.process.pid) == (kind == "server") and w["status"] == "alive"]
            yield found
            time.sleep(0.1)
    assert any(found == [3] for found in slots("server")), server.json("GET", "/heartbeat")
    worker = subprocess.Popen([PROGRAM, "worker", "--data-dir", str(directory), "--model-dir", str(MODELS)],
                              env=dict(os.environ, CELERY_CONCURRENCY="5"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert any(found == [5] for found in slots("worker")), server.json("GET", "/heartbeat")
    finally:
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=60)
    assert "CELERY_CONCURRENCY" in said and "WORKER_CONCURRENCY" in said, "the old name is warned about"
    server.stop()


@case
def models_are_those_of_the_settings(directory):
    for name in ("MODEL_DIR", "WHISPER_MODEL_DIR", "WHISPER_MODELS_DIR", "MODELS_DIR"):
        server = serve(directory, {name: str(MODELS), "DEFAULT_WHISPER_MODEL": "base", "AVAILABLE_MODELS": "base", "WHISPER_LANGUAGE": "de",
                                   "WHISPER_PRELOAD_MODELS": "base", "MODEL_CACHE_SIZE": "1", "WHISPER_THREADS": "2"}, models=None)
        ids = {m["id"] for m in server.json("GET", "/v1/models")["data"]}
        assert "base" in ids and "whisper-1" in ids and "tiny" not in ids, ids
        if name == "MODEL_DIR":
            made = submit(server, fields=())
            assert made["model"] == "base", made
            job = server.wait_for(made["job_id"])
            assert job["detected_language"] == "de", job
            assert submit(server, fields=(("model", "tiny"),), expect=400)["error_code"] in ("INVALID_MODEL", "MODEL_NOT_INSTALLED")
            end = time.monotonic() + 60
            while server.request("GET", "/readyz")[0] != 200 and time.monotonic() < end:
                time.sleep(0.05)
            threads = [pathlib.Path(f"/proc/{server.process.pid}/task/{t}/comm").read_text().strip()
                       for t in os.listdir(f"/proc/{server.process.pid}/task")]
            assert threads.count("wt-compute") == 1, threads  # One of the two is the scheduler's own.
        server.stop()


@case
def content_goes_where_the_settings_say(directory):
    content, cache, logs = directory / "content", directory / "cache", directory / "logs"
    server = serve(directory / "data", {"LOCAL_STORAGE_DIR": str(content), "CACHE_DIR": str(cache), "LOG_DIR": str(logs),
                                        "LOG_TO_STDOUT": "false", "STORAGE_BACKEND": "filesystem", "OTEL_SERVICE_NAME": "speech-7",
                                        "DATA_ENCRYPTION_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH",
                                        "VITE_API_HOST": "http://no-such-host.invalid:1"})
    job = server.wait_for(submit(server, SAMPLE)["job_id"])
    assert server.json("GET", "/health")["status"] == "ok"
    assert server.request("GET", f"/jobs/{job['id']}/audio")[2] == SAMPLE
    text = server.request("GET", f"/transcripts/{job['id']}/raw")[2]
    assert len(text) > 40
    server.stop()
    stored = [p for p in content.rglob("*") if p.is_file()]
    assert len([p for p in stored if p.suffix == ".data"]) >= 2, stored
    assert not list((directory / "data").rglob("*.data")), "nothing beside it"
    for path in stored:
        data = path.read_bytes()
        assert SAMPLE[100:164] not in data and text[5:25] not in data, path
    assert any(cache.rglob("*")), "converted models"
    lines = (logs / "service.log").read_text()
    assert "speech-7" in lines and "ready" in lines and (logs / "access.log").exists()
    assert (directory / "data/test-server.log").read_text() == "", "nothing on standard output"


@case
def accounts_follow_their_settings(directory):
    server, admin = with_accounts(PROGRAM, directory, MODELS, environment={
        "PASSWORD_MIN_LENGTH": "20", "AUTH_MAX_ATTEMPTS": "2", "AUTH_LOCKOUT_SECONDS": "40", "ACCESS_TOKEN_EXPIRE_MINUTES": "7",
        "REFRESH_TOKEN_EXPIRE_DAYS": "3", "SESSION_TIMEOUT": "120", "COOKIE_SECURE": "false", "COOKIE_SAMESITE": "lax"})
    short = server.json("POST", "/users", {"username": "eve", "email": "eve@example.org", "password": "x7!kd92msqp4lz0a"}, admin, 422)
    assert "20" in json.dumps(short), short
    add_user(server, admin, "ada")
    status, headers, body = server.request("POST", "/auth/login", json.dumps({"username": "ada", "password": PASSWORD}),
                                           {"Content-Type": "application/json"})
    assert status == 200, body
    reply = json.loads(body)
    assert reply["expires_in"] == 420 and reply.get("refresh_expires_in", 259200) == 259200, reply
    cookies = headers.get_all("Set-Cookie")
    access = next(c for c in cookies if c.startswith("auth_token="))
    assert "samesite=lax" in access.lower() and "secure" not in access.lower() and "max-age=120" in access.lower(), access
    wrong = [server.request("POST", "/auth/login", json.dumps({"username": "ada", "password": "wrong password, long"}),
                            {"Content-Type": "application/json"}) for _ in range(4)]
    assert [w[0] for w in wrong[:2]] == [401, 401] and wrong[3][0] == 429, [w[0] for w in wrong]
    assert 0 < int(wrong[3][1]["Retry-After"]) <= 40, wrong[3][1]
    right = server.request("POST", "/auth/login", json.dumps({"username": "ada", "password": PASSWORD}), {"Content-Type": "application/json"})
    assert right[0] == 429, "locked for the right one as well"
    server.stop()


@case
def rates_are_those_of_the_settings(directory):
    server, admin = with_accounts(PROGRAM, directory, MODELS, environment={
        "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_USER": "4/1 hour", "RATE_LIMIT_BURST": "4", "RATE_LIMIT_REQUESTS": "3",
        "RATE_LIMIT_WINDOW": "1 hour", "RATE_LIMIT_ADMIN": "1000/1 minute"})
    user = add_user(server, admin, "ada")
    statuses = [server.request("GET", "/jobs", None, user)[0] for _ in range(6)]
    assert statuses == [200] * 4 + [429] * 2, statuses
    asked = [server.request("POST", "/v1/audio/transcriptions", "{}", {"Content-Type": "application/json", **user})[0] for _ in range(5)]
    assert asked == [400] * 3 + [429] * 2, asked
    server.stop()
    server, admin = with_accounts(PROGRAM, directory / "b", MODELS, environment={"RATE_LIMIT_USER": "1/1 hour", "RATE_LIMIT_BURST": "1"})
    assert {server.request("GET", "/jobs", None, admin)[0] for _ in range(20)} == {200}, "RATE_LIMIT_ENABLED=false"
    server.stop()


@case
def migrations_run_only_where_they_may(directory):
    said = refused(directory, {"AUTO_MIGRATE": "false"}, ("--single-user", "--model-dir", str(MODELS)))
    assert "migrate" in said, said
    place = ["--data-dir", str(directory / "refused")]
    subprocess.run([PROGRAM, "migrate", "up", *place], check=True, capture_output=True, timeout=60)
    server = Server(PROGRAM, directory / "refused", MODELS, environment={"AUTO_MIGRATE": "false"}).start()
    assert server.json("GET", "/jobs")["total"] == 0
    server.stop()


@case
def a_database_that_does_not_come_ends_the_start_clearly(directory):
    taken = directory / "app.db"
    taken.mkdir()  # No file can be opened there.
    begin = time.monotonic()
    said = refused(directory, {"DATABASE_URL": f"sqlite:///{taken}", "DB_CONNECT_ATTEMPTS": "3"},
                   ("--single-user", "--model-dir", str(MODELS)))
    assert "3 attempts (DB_CONNECT_ATTEMPTS)" in said and "database" in said, said
    assert time.monotonic() - begin < 30
    old = directory / "old.db"
    subprocess.run([sys.executable, "-c", "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute('create table jobs(id)'); d.commit()",
                    str(old)], check=True)
    before = old.read_bytes()
    said = refused(directory, {"DATABASE_URL": f"sqlite:///{old}"}, ("--single-user", "--model-dir", str(MODELS)))
    assert "belongs to another program" in said, said
    assert old.read_bytes() == before, "data of older versions is left alone"


def main():
    if not (MODELS / "base").exists():
        print(f"skipped: the model base is not in {MODELS}")
        sys.exit(77)
    sys.exit(run(CASES, []))


main()
