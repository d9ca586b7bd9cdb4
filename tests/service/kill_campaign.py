#!/usr/bin/env python3
"""Kills the server and its workers at random moments and at named points, under clients that record
what they were told; then reads the disk and checks that nothing acknowledged was lost (invariants.py).

usage: kill_campaign.py TRANSCRIBER SOURCE_DIR MODEL_DIR [--kills N] [--seed S]

60 kills by default, about 3 minutes on two processors. The seed is printed; with it the plan of
kills repeats. Exit status 77: the model base is not there.
"""
import argparse
import collections
import hashlib
import http.client
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import clips
import invariants
from server import Server, multipart

POINTS = re.compile(r'CrashPoint\("([a-z_]+\.[a-z_]+)"|Commit\("([a-z_]+)"\)')
# Points that need a state of their own; everything else comes by itself under the clients.
SCENES = ("migrate.", "sweep.", "release.", "fail.", "expire.", "drop_part.", "orphan.")
KILLS_PER_CHECK = 15
LEASE_S = 5
# A server that has not died at its point by then is killed where it stands.
POINT_WAIT_S = 4
# At work on jobs: the lease of the one that was killed before must end first.
JOB_POINTS = ("claim.", "heartbeat.", "progress.", "checkpoint.", "events.", "succeed.", "rescue.", "finish_cancelled.")
JOB_POINT_WAIT_S = LEASE_S + 4
SESSION_POINTS = ("session_", "chunk.", "finalize.", "forget_parts.")
# What a client does to bring the server to a point.
WISHES = ((("blob.before_delete", "blob.sidecar_deleted", "blob.content_deleted", "delete.", "bury."), "delete"),
          (("blob.", "submit.", "create.", "session_", "chunk.", "finalize.", "forget_parts."), "submit"),
          (("cancel.", "finish_cancelled."), "cancel"), (("restart.",), "restart"), (JOB_POINTS, "submit"))
GRACE_MS = 3_600_000
SETTINGS = {"JOB_LEASE_SECONDS": str(LEASE_S), "JOB_RETRY_BASE_SECONDS": "1", "LOG_LEVEL": "warning",
            "MIN_FREE_DISK_BYTES": "0", "RATE_LIMIT_ENABLED": "false"}


def points_in(source):
    """Every crash point of the sources, in order."""
    found = set()
    for path in (source / "src").rglob("*.cc"):
        if path.name.endswith("_test.cc"):
            continue
        for point, part in POINTS.findall(path.read_text()):
            found |= {point} if point else {part + ".before_commit", part + ".after_commit"}
    return sorted(found)


class Clients:
    """Asks for things, one at a time in each thread, and remembers every answer."""

    def __init__(self, server, recordings, seed):
        self.server, self.recordings = server, recordings
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.jobs = {}
        self.tries = {}  # Idempotency key -> clip, not yet acknowledged.
        self.expected = {}  # Clip -> text of an undisturbed run.
        self.begun = {}  # Idempotency key -> upload session.
        self.sessions = False
        self.wish = None  # What the next thing shall be.
        self.stopping = threading.Event()
        self.counts = collections.Counter()
        self.wrong = []
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(2)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def work(self):
        while not self.stopping.is_set():
            self.stopping.wait(0.05)
            try:
                self.one_thing()
            except OSError:
                self.counts["requests without an answer"] += 1
            except Exception as error:  # pylint: disable=broad-except
                if not isinstance(error, (http.client.HTTPException, json.JSONDecodeError)):
                    self.wrong.append(f"client: {type(error).__name__}: {error}")
                self.counts["requests without an answer"] += 1

    def one_thing(self):
        with self.lock:
            open_jobs = [i for i, j in self.jobs.items() if j["state"] == "open"]
            ended = [i for i, j in self.jobs.items() if j["state"] == "ended" and j["deleted"] == "no"]
            choice = self.random.random()
            wish, self.wish = self.wish, None
        if wish == "submit" or (wish and not (open_jobs if wish == "cancel" else ended)):
            self.submit()
        elif wish:
            self.change(wish, self.random.choice(open_jobs if wish == "cancel" else ended))
        elif len(open_jobs) >= 4 or (open_jobs and choice < 0.35):
            self.look(self.random.choice(open_jobs))
        elif open_jobs and choice < 0.42:
            self.change("cancel", self.random.choice(open_jobs))
        elif ended and choice < 0.52:
            self.change("delete", self.random.choice(ended))
        elif ended and choice < 0.58:
            self.change("restart", self.random.choice(ended))
        elif choice < 0.80 or self.tries:
            self.submit()
        else:
            self.stopping.wait(0.1)

    def submit(self):
        with self.lock:
            # What got no answer is asked again with its key, as a careful client does.
            if self.tries:
                key, clip = self.tries.popitem()
            else:
                key, clip = f"key-{self.random.getrandbits(64):016x}", self.random.choice(sorted(self.recordings))
        answered = False
        try:
            by_session = self.sessions and int(key[-1], 16) % 3 == 0
            job_id = self.send_in_chunks(key, clip) if by_session else self.send(key, clip)
            answered = True
        finally:
            if not answered:
                with self.lock:
                    self.tries[key] = clip
        if job_id is None:
            with self.lock:
                self.tries[key] = clip
            return
        with self.lock:
            self.counts["acknowledged uploads"] += 1
            if job_id in self.jobs and self.jobs[job_id]["clip"] != clip:
                self.wrong.append(f"{job_id} was given for two recordings")
            self.jobs.setdefault(job_id, {"clip": clip, "state": "open", "deleted": "no", "cancelled": False})

    def send(self, key, clip):
        status, answer = self.ask_upload("/jobs", [("model", "base"), ("language", "en")],
                                         [("file", "talk.flac", self.recordings[clip])], {"Idempotency-Key": key})
        if status in (503, 429, 500):
            return None
        assert status in (200, 201, 202), (status, answer)
        return answer["job_id"]

    def ask_upload(self, path, fields, files, headers):
        body, kind = multipart(fields, files)
        status, _, text = self.server.request("POST", path, body, {"Content-Type": kind, **headers})
        return status, json.loads(text)

    def send_in_chunks(self, key, clip):
        """A session of its own; one that got no answer is continued, or its job is found again."""
        data = self.recordings[clip]
        session = self.begun.get(key)
        if session is None:
            begin = {"filename": "talk.flac", "file_size": len(data), "model_name": "base", "language": "en",
                     "file_hash": hashlib.sha256(data).hexdigest()}
            status, _, text = self.server.request("POST", "/uploads/initialize", json.dumps(begin),
                                                  {"Content-Type": "application/json"})
            if status >= 500 or status == 429:
                return None
            assert status in (200, 201), (status, text)
            session = json.loads(text)["session_id"]
            self.begun[key] = session
        status, _, text = self.server.request("POST", f"/uploads/{session}/chunks/0", data,
                                              {"Content-Type": "application/octet-stream"})
        if status >= 500 or status == 429:
            return None
        assert status in (200, 409), (status, text)
        status, _, text = self.server.request("POST", f"/uploads/{session}/finalize")
        if status >= 500 or status == 429:
            return None
        assert status in (200, 201, 202), (status, text)
        return json.loads(text)["job_id"]

    def look(self, job_id):
        status, _, text = self.server.request("GET", f"/jobs/{job_id}")
        told = self.jobs[job_id]
        if status == 404 and told["deleted"] == "no":
            self.wrong.append(f"{job_id} was acknowledged and is not found")
        if status != 200:
            return
        job = json.loads(text)
        if job["status"] in ("queued", "processing", "enriching"):
            return
        with self.lock:
            told["state"] = "ended"
            self.counts["ends seen"] += 1
            text = self.expected.get(told["clip"])
            if job["status"] == "completed" and text and job["transcript"].strip() != text:
                self.wrong.append(f"{job_id}: {job['transcript']!r}")

    def change(self, what, job_id):
        told = self.jobs[job_id]
        with self.lock:
            if what == "cancel":
                told["cancelled"] = True
            elif what == "delete":
                told["deleted"] = "maybe"
            else:
                told["state"] = "open"
        method, path = ("DELETE", f"/jobs/{job_id}") if what == "delete" else ("POST", f"/jobs/{job_id}/{what}")
        status, _, text = self.server.request(method, path)
        if status in (200, 202, 204):
            self.counts[f"acknowledged {what}s"] += 1
            if what == "delete":
                told["deleted"] = "yes"
        elif status == 409 and what == "delete":
            told["deleted"], told["state"] = "no", "open"
        elif status not in (404, 409, 429, 500, 503):
            self.wrong.append(f"{what} {job_id}: {status} {text[:200]!r}")
        elif status == 404 and told["deleted"] == "no":
            self.wrong.append(f"{what} {job_id}: not found")

    def history(self, quiet, swept=False):
        with self.lock:
            clips_told = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
                                 "text": self.expected.get(name)} for name, data in self.recordings.items()}
            return {"clips": clips_told, "jobs": json.loads(json.dumps(self.jobs)), "quiet": quiet, "swept": swept}


class Campaign:
    def __init__(self, arguments, directory):
        self.arguments = arguments
        self.random = random.Random(arguments.seed)
        self.directory = directory
        source = pathlib.Path(arguments.source)
        self.server = Server(arguments.program, directory, arguments.models, environment=SETTINGS)
        flac = (source / "assets/sample.flac").read_bytes()
        recordings = {f"{s} s": clips.beginning(flac, s) for s in (1, 2, 3)}
        self.clients = Clients(self.server, recordings, arguments.seed + 1)
        self.points = points_in(source)
        self.reached = collections.Counter()
        self.kinds = collections.Counter()
        self.worker = None
        self.baseline = None
        self.sessions = set()
        self.tried = collections.Counter()

    # Processes.

    def start_server(self, point=None):
        self.server.environment.pop("WT_CRASH_POINT", None)
        if point:
            self.server.environment["WT_CRASH_POINT"] = point
        try:
            self.server.start()
            self.sessions.add(self.server.process.pid)
        except AssertionError:
            # Died at its point before it was ready.
            if not point or self.server.process.wait(10) != -signal.SIGKILL:
                raise
            return False
        return True

    def start_worker(self, point=None):
        environment = {k: v for k, v in self.server.environment.items() if k != "WT_CRASH_POINT"}
        if point:
            environment["WT_CRASH_POINT"] = point
        log = (self.directory / "test-worker.log").open("a")
        self.worker = subprocess.Popen(
            [self.arguments.program, "worker", "--data-dir", str(self.directory), "--model-dir", self.arguments.models],
            env=environment, stdout=log, stderr=log, start_new_session=True)
        self.sessions.add(self.worker.pid)

    def stop_worker(self):
        if self.worker:
            self.worker.send_signal(signal.SIGTERM)
            assert self.worker.wait(60) == 0
            self.worker = None

    def children(self):
        """Processes that the killed ones left: each server and worker began a session."""
        mine = {self.server.process.pid, self.worker and self.worker.pid}
        left = []
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                session = int(path.read_text().rpartition(")")[2].split()[3])
            except OSError:
                continue
            if session in self.sessions and int(path.parent.name) not in mine:
                left.append(int(path.parent.name))
        return left

    # One kill.

    def kill_once(self):
        if self.arguments.verbose:
            print(f"{time.monotonic() - self.begin:.1f} s: {dict(self.kinds)} {dict(self.clients.counts)}", flush=True)
        mode = self.random.choices(("point", "server", "worker", "both"), (5, 3, 2, 1))[0]
        point = None
        if mode == "point":
            away = SCENES if self.clients.sessions else SCENES + SESSION_POINTS
            usual = [p for p in self.points if not p.startswith(away)]
            fewest = min(self.reached[p] + self.tried[p] / 3 for p in usual)
            point = self.random.choice([p for p in usual if self.reached[p] + self.tried[p] / 3 <= fewest])
            self.tried[point] += 1
        armed = f"{point}:1" if point else None
        patience = POINT_WAIT_S
        if point and point.startswith(JOB_POINTS):
            # Nobody else may take the job.
            if self.worker:
                self.worker.kill()
                self.worker.wait()
                self.worker = None
            patience = JOB_POINT_WAIT_S
        if not self.start_server(armed):
            self.reached[point] += 1
            self.kinds["at a point"] += 1
            return
        if mode in ("worker", "both") and not self.worker:
            self.start_worker()
        if point:
            self.clients.wish = next((what for parts, what in WISHES if point.startswith(parts)), None)
        self.check_quickly()
        if mode == "point":
            try:
                self.server.process.wait(patience)
                assert self.server.process.returncode == -signal.SIGKILL, self.server.process.returncode
                self.reached[point] += 1
                self.kinds["at a point"] += 1
                return
            except subprocess.TimeoutExpired:
                self.kinds["server, its point not reached"] += 1
        else:
            time.sleep(self.random.uniform(0.05, 2.0))
            self.kinds[mode + ", at random"] += 1
        if mode in ("worker", "both"):
            self.worker.kill()
            self.worker.wait()
            self.worker = None
        self.server.kill()

    def check_quickly(self):
        self.fail_if(invariants.check(self.directory, self.clients.history(quiet=False)))

    def fail_if(self, broken):
        broken = broken + self.clients.wrong
        if broken:
            raise AssertionError("\n  " + "\n  ".join(broken[:20]))

    # Rest.

    def settle(self):
        """Nothing is killed until every job has ended; then everything is checked."""
        self.clients.stop()
        if not self.server.running():
            self.start_server()
        threads = Clients(self.server, self.clients.recordings, self.random.getrandbits(32))
        for name in ("jobs", "tries", "expected", "counts", "wrong", "sessions", "begun"):
            setattr(threads, name, getattr(self.clients, name))
        self.clients = threads
        end = time.monotonic() + 180
        while self.clients.tries:
            assert time.monotonic() < end, f"uploads that get no answer: {self.clients.tries}"
            self.clients.submit()
        for job_id in [i for i, j in self.clients.jobs.items() if j["deleted"] == "maybe"]:
            self.clients.change("delete", job_id)
            if self.clients.jobs[job_id]["deleted"] == "maybe":
                self.clients.jobs[job_id]["deleted"] = "yes"
        self.wait_for_all(end)
        self.restart_lost(end)
        self.fail_if(invariants.check(self.directory, self.clients.history(quiet=True)))
        self.check_handles()
        self.stop_worker()
        assert self.server.stop() == 0
        self.sweep()

    def wait_for_all(self, end):
        for job_id, told in self.clients.jobs.items():
            while told["deleted"] == "no":
                job = self.server.json("GET", f"/jobs/{job_id}")
                if job["status"] not in ("queued", "processing", "enriching"):
                    told["state"] = "ended"
                    break
                assert time.monotonic() < end, f"{job_id} does not end: {job}"
                time.sleep(0.05)

    def restart_lost(self, end):
        """Jobs that lost their worker three times are restarted by their owner."""
        lost = [i for i, j in self.clients.jobs.items() if j["deleted"] == "no"
                and self.server.json("GET", f"/jobs/{i}")["status"].startswith("failed")]
        self.clients.counts["jobs given up after three lost workers"] += len(lost)
        for job_id in lost:
            self.server.json("POST", f"/jobs/{job_id}/restart")
            self.clients.jobs[job_id]["state"] = "open"
        self.wait_for_all(end)

    def check_handles(self):  # I8
        end = time.monotonic() + 20
        while True:
            count = len(os.listdir(f"/proc/{self.server.process.pid}/fd"))
            left = self.children()
            if self.baseline is None:
                self.baseline = count + 12
            if count <= self.baseline and not left:
                return
            assert time.monotonic() < end, f"I8: {count} descriptors (at first {self.baseline - 12}), processes {left}"
            time.sleep(0.1)

    def sweep(self):
        """I4: everything on the disk becomes two hours old; a start of the server must tidy up."""
        root = invariants.blob_root(self.directory)
        old = time.time() - 2 * GRACE_MS / 1000
        for path in root.rglob("*.blob"):
            raw = bytearray(path.read_bytes()[:-32])
            raw[invariants.CREATED_AT:invariants.CREATED_AT + 8] = int(old * 1000).to_bytes(8, "little")
            path.write_bytes(raw + hashlib.sha256(raw).digest())
        garbage = [root / "media" / "local" / f"gone.{i:016x}.data" for i in range(3)]
        for path in garbage:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"the content of an upload that was never finished")
        for path in root.rglob("*"):
            if path.is_file():
                os.utime(path, (old, old))
        # Killed while it tidies up, and again.
        for point in [p for p in self.points if p.startswith(("sweep.", "orphan."))]:
            if self.start_server(point + ":1"):
                try:
                    self.server.process.wait(3)
                except subprocess.TimeoutExpired:
                    self.server.kill()
                    continue
            self.reached[point] += 1
            self.kinds["at a point"] += 1
        self.start_server()
        end = time.monotonic() + 20
        while True:
            broken = invariants.check(self.directory, self.clients.history(quiet=True, swept=True))
            if not broken:
                break
            if time.monotonic() > end:
                self.fail_if(broken)
            time.sleep(0.1)
        self.server.kill()

    def run(self):
        self.migrate_killed()
        self.start_server()
        self.clients.sessions = "/uploads/initialize" in self.server.json("GET", "/openapi.json")["paths"]
        for clip, data in self.clients.recordings.items():
            job_id = self.clients.send("undisturbed-" + clip, clip)
            self.clients.jobs[job_id] = {"clip": clip, "state": "ended", "deleted": "no", "cancelled": False}
            self.clients.expected[clip] = self.server.wait_for(job_id)["transcript"].strip()
        self.check_handles()
        self.release_killed()
        kills = 0
        while kills < self.arguments.kills:
            self.clients.stopping.clear()
            self.clients.start()
            for _ in range(min(KILLS_PER_CHECK, self.arguments.kills - kills)):
                self.kill_once()
                kills = sum(self.kinds.values())
            self.settle()
            kills = sum(self.kinds.values())
            print(f"{kills} kills, {time.monotonic() - self.begin:.0f} s", flush=True)

    def migrate_killed(self):
        """The first starts of a new installation."""
        for point in [p for p in reversed(self.points) if p.startswith("migrate.")]:
            for count in (1, 2):
                if not self.start_server(f"{point}:{count}"):
                    self.reached[point] += 1
                    self.kinds["at a point"] += 1
                else:
                    self.server.kill()

    def release_killed(self):
        """SIGTERM while a job is worked on, and death while it is handed back."""
        self.server.kill()
        for point in [p for p in self.points if p.startswith("release.")]:
            self.server.environment["SHUTDOWN_GRACE_SECONDS"] = "0"
            self.start_server(point + ":1")
            job_id = self.clients.send(point, "3 s")
            self.clients.jobs[job_id] = {"clip": "3 s", "state": "open", "deleted": "no", "cancelled": False}
            try:
                self.server.wait_for(job_id, ("processing", "enriching", "completed"))
                died = self.server.stop() == -signal.SIGKILL
            finally:
                self.server.environment.pop("SHUTDOWN_GRACE_SECONDS")
            self.reached[point] += died
            self.kinds["at a point"] += died

    def report(self):
        missed = [p for p in self.points if not self.reached[p]]
        print(f"seed {self.arguments.seed}: {sum(self.kinds.values())} kills: " +
              ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items())))
        print(f"{len(self.points) - len(missed)} of {len(self.points)} points reached; not: {', '.join(missed)}")
        print(", ".join(f"{count} {name}" for name, count in sorted(self.clients.counts.items())))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("source")
    parser.add_argument("models")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--keep", help="directory for the data, which stays")
    arguments = parser.parse_args()
    if not pathlib.Path(arguments.models, "base").exists():
        print(f"skipped: the model base is not in {arguments.models}")
        sys.exit(77)
    # Ended from outside, it leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(arguments.keep or temporary)
        campaign = Campaign(arguments, directory)
        campaign.begin = time.monotonic()
        failed = None
        try:
            campaign.run()
        except BaseException as error:  # pylint: disable=broad-except
            failed = error
            print(f"FAILED: {type(error).__name__}: {error}", flush=True)
            if not isinstance(error, AssertionError):
                traceback.print_exc()
        finally:
            campaign.clients.stopping.set()
            for process in (campaign.server.process, campaign.worker):
                if process and process.poll() is None:
                    process.kill()
                    process.wait()
        campaign.report()
        sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
