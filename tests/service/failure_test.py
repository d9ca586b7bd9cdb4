#!/usr/bin/env python3
"""What the server does when something under it fails: a clear error, life, and recovery by itself.

usage: failure_test.py TRANSCRIBER SOURCE_DIR MODEL_DIR

Exit status 77: the model base is not there. Cases whose tool is missing (strace) say so and pass.
"""
import contextlib
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import clips
import invariants
from server import Server, multipart, run

PROGRAM, SOURCE, MODELS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
CLIP = clips.beginning((SOURCE / "assets/sample.flac").read_bytes(), 2)
SETTINGS = {"JOB_LEASE_SECONDS": "5", "JOB_RETRY_BASE_SECONDS": "1", "MIN_FREE_DISK_BYTES": "0",
            "MAX_CONCURRENT_JOBS": "1", "RATE_LIMIT_ENABLED": "false"}
RECOVERY_S = 10
CASES = []


def case(function):
    CASES.append(function)
    return function


@contextlib.contextmanager
def serving(directory, program=PROGRAM, models=MODELS, **settings):
    server = Server(program, directory, models, environment={**SETTINGS, **settings}).start()
    try:
        yield server
    finally:
        if server.running():
            server.process.send_signal(signal.SIGCONT)
            server.kill()


def upload(server, model="base"):
    """(status, answer)."""
    body, kind = multipart([("model", model)], [("file", "talk.flac", CLIP)])
    status, _, text = server.request("POST", "/jobs", body, {"Content-Type": kind})
    return status, json.loads(text)


def expect_error(answered, statuses, *words):
    status, answer = answered
    assert status in statuses and answer.get("error_code"), (status, answer)
    text = json.dumps(answer)
    assert any(word in text for word in words), answer
    return answer


def expect_recovery(server):
    """Within the time that is promised, an upload is taken again; its job ends well."""
    end = time.monotonic() + RECOVERY_S
    while True:
        status, answer = upload(server)
        if status == 200:
            break
        assert time.monotonic() < end, f"after {RECOVERY_S} s: {status} {answer}"
        time.sleep(0.1)
    server.wait_for(answer["job_id"])
    assert server.request("GET", "/health")[0] == 200
    return answer["job_id"]


def expect_promises(directory, job_ids):
    told = {"bytes": len(CLIP), "sha256": hashlib.sha256(CLIP).hexdigest()}
    jobs = {job_id: {"clip": "clip", "deleted": "no", "cancelled": False} for job_id in job_ids}
    broken = invariants.check(directory, {"clips": {"clip": told}, "jobs": jobs, "quiet": True})
    assert not broken, broken


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition was not met"
        time.sleep(0.05)


@case
def a_full_disk_refuses_uploads_and_nothing_else(directory):
    with serving(directory) as server:
        first = expect_recovery(server)
        _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        # No file grows: neither recordings nor the database.
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, hard))
        expect_error(upload(server), (503, 507), "full", "later", "again")
        assert server.json("GET", f"/jobs/{first}")["status"] == "completed"
        assert server.json("GET", "/jobs")["total"] == 1
        assert server.request("GET", "/livez")[0] == 200
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        second = expect_recovery(server)
        expect_promises(directory, [first, second])


@case
def the_floor_of_free_space_refuses_uploads(directory):
    with serving(directory, MIN_FREE_DISK_BYTES=str(1 << 49)) as server:
        expect_error(upload(server), (507,), "full")
        assert server.request("GET", "/health/readyz")[0] == 503
        assert server.request("GET", "/jobs")[0] == 200


@case
def a_failed_sync_acknowledges_nothing(directory):
    if not shutil.which("strace"):
        print("        (strace is not here)")
        return
    with serving(directory) as server:
        first = expect_recovery(server)
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e",
                                   "inject=fsync,fdatasync:error=EIO", "-p", str(server.process.pid)],
                                  stderr=subprocess.PIPE)
        threads = pathlib.Path(f"/proc/{server.process.pid}/task")
        until(lambda: tracer.poll() is not None or all(
            "TracerPid:\t0" not in (task / "status").read_text() for task in threads.iterdir()))
        if tracer.poll() is not None:
            print(f"        (strace cannot attach: {tracer.stderr.read().decode().strip()})")
            return
        try:
            expect_error(upload(server), (503, 507), "later", "again")
        finally:
            tracer.terminate()
            tracer.wait()
        assert server.json("GET", "/jobs")["total"] == 1
        second = expect_recovery(server)
        expect_promises(directory, [first, second])


@case
def a_locked_database_is_waited_for_and_named(directory):
    with serving(directory) as server:
        first = expect_recovery(server)
        other = sqlite3.connect(invariants.database_of(directory), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        expect_error(upload(server), (503,), "again", "later", "moment")
        assert time.monotonic() - begin < 30
        assert server.json("GET", f"/jobs/{first}")["status"] == "completed"
        assert server.request("GET", "/livez")[0] == 200
        other.execute("ROLLBACK")
        other.close()
        second = expect_recovery(server)
        expect_promises(directory, [first, second])


@case
def a_model_that_went_away_fails_its_job_and_only_that(directory):
    models = directory / "linked-models"
    models.mkdir()
    for name in ("base", "second"):
        (models / name).symlink_to(MODELS / "base")
    with serving(directory, models=models, DEFAULT_MODEL="base") as server:
        first = upload(server)[1]["job_id"]  # Keeps the only slot busy.
        status, answer = upload(server, model="second")
        assert status == 200, answer
        (models / "second").unlink()
        job = server.wait_for(answer["job_id"], ("failed_launch_error",))
        assert "second" in job["error_message"] or "model" in job["error_message"], job
        server.wait_for(first)
        expect_error(upload(server, model="second"), (400, 404, 503), "second", "model")
        (models / "second").symlink_to(MODELS / "base")
        server.json("POST", f"/jobs/{answer['job_id']}/restart")
        server.wait_for(answer["job_id"])


HELPER = """#!/bin/sh
case "$(cat '{mode}')" in
  crash) kill -KILL $$ ;;
  hang) kill -STOP $$ ;;
esac
exec '{real}' "$@"
"""


def with_helper(directory):
    """A copy of the program whose decoder does what the file `mode` says."""
    folder = directory / "bin"
    folder.mkdir()
    shutil.copy(PROGRAM, folder / "transcriber")
    mode = directory / "mode"
    mode.write_text("work")
    helper = folder / "transcriber-media"
    helper.write_text(HELPER.format(mode=mode, real=pathlib.Path(PROGRAM).resolve().with_name("transcriber-media")))
    helper.chmod(0o755)
    return str(folder / "transcriber"), mode


@case
def a_decoder_that_crashes_costs_its_upload_only(directory):
    program, mode = with_helper(directory)
    with serving(directory, program=program) as server:
        mode.write_text("crash")
        expect_error(upload(server), (400, 415, 422, 503), "UNSUPPORTED_MEDIA", "decode", "recording")
        assert server.json("GET", "/jobs")["total"] == 0
        mode.write_text("work")
        expect_recovery(server)


@case
def a_decoder_that_crashes_at_work_fails_its_job_only(directory):
    program, mode = with_helper(directory)
    with serving(directory, program=program) as server:
        first = expect_recovery(server)  # Keeps the only slot busy for a while, the second time.
        busy = upload(server)[1]["job_id"]
        job_id = upload(server)[1]["job_id"]
        mode.write_text("crash")
        until(lambda: server.json("GET", f"/jobs/{job_id}")["status"] not in ("queued", "processing", "enriching"))
        job = server.json("GET", f"/jobs/{job_id}")
        assert job["status"].startswith("failed") and job["error_message"], job
        mode.write_text("work")
        expect_recovery(server)
        del first, busy


@case
def a_decoder_that_hangs_is_ended(directory):
    program, mode = with_helper(directory)
    with serving(directory, program=program) as server:
        mode.write_text("hang")
        begin = time.monotonic()
        status, answer = upload(server)
        took = time.monotonic() - begin
        assert status in (400, 422, 503, 504) and took < 90, (status, answer, took)
        assert server.request("GET", "/livez")[0] == 200
        mode.write_text("work")
        expect_recovery(server)


@case
def a_stop_while_working_keeps_the_work(directory):
    with serving(directory, SHUTDOWN_GRACE_SECONDS="1") as server:
        job_ids = [upload(server)[1]["job_id"] for _ in range(3)]
        server.wait_for(job_ids[0], ("processing", "enriching", "completed"))
        begin = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begin < 20, "the stop took longer than its grace and some seconds"
        database = sqlite3.connect(invariants.database_of(directory))
        assert not list(database.execute("SELECT id FROM jobs WHERE state = 'running'")), "a lease was not given back"
        database.close()
        server.start()
        for job_id in job_ids:
            assert server.wait_for(job_id)["attempts"] == 1
        expect_promises(directory, job_ids)


@case
def a_worker_that_slept_past_its_lease_changes_nothing(directory):
    with serving(directory) as server:
        worker = subprocess.Popen([PROGRAM, "worker", "--data-dir", str(directory), "--model-dir", str(MODELS)],
                                  env=server.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        database = sqlite3.connect(f"file:{invariants.database_of(directory)}?mode=ro", uri=True, timeout=30)
        held = ("SELECT jobs.id FROM jobs JOIN workers ON workers.id = lease_owner"
                f" WHERE state = 'running' AND process_id = {worker.pid}")
        job_ids = []
        try:
            end = time.monotonic() + 60
            while True:
                if len([i for i in job_ids if server.json("GET", f"/jobs/{i}")["status"] == "queued"]) < 2:
                    job_ids.append(upload(server)[1]["job_id"])
                found = list(database.execute(held))
                if found:
                    worker.send_signal(signal.SIGSTOP)
                    if list(database.execute(held)):
                        break
                    worker.send_signal(signal.SIGCONT)
                assert time.monotonic() < end, "the worker took no job"
            slept = list(database.execute(held))[0][0]
            assert server.wait_for(slept)["attempts"] == 2
            worker.send_signal(signal.SIGCONT)
            for job_id in job_ids:
                server.wait_for(job_id)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0
            assert list(database.execute(f"SELECT count(*) FROM results WHERE job_id = '{slept}'")) == [(1,)]
        finally:
            worker.kill()
            worker.wait()
            database.close()
        expect_promises(directory, job_ids)


def main():
    if not (MODELS / "base").exists():
        print(f"skipped: the model base is not in {MODELS}")
        sys.exit(77)
    sys.exit(run(CASES, []))


main()
