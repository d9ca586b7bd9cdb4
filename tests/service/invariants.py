#!/usr/bin/env python3
"""Reads a data directory as it lies on the disk and says which promises it breaks.

usage: invariants.py DATA_DIR HISTORY.json

Shares no code with the product: SQLite and the blob files are read directly. HISTORY is what the
clients were told: {"clips": {NAME: {"sha256", "bytes", "text"}}, "jobs": {ID: {"clip",
"deleted": "no"|"maybe"|"yes", "cancelled": bool}}, "quiet": bool, "swept": bool}. With "quiet" every job must have ended;
with "swept" no blob may be there that nothing refers to. Exit status 1 and a line per violation.
"""
import collections
import contextlib
import hashlib
import json
import pathlib
import sqlite3
import struct
import sys

TERMINAL = ("succeeded", "failed", "cancelled", "expired")
TERMINAL_STATUS = ("completed", "cancelled", "failed_timeout")
# A worker that is killed three times in one job leaves the job as failed; nothing else may fail.
ALLOWED_FAILURES = ("POISON_JOB", "WORKER_LOST")
# magic 8, flags 4, block size 4, content bytes 8, generation 8; then created_at, key length, key.
CREATED_AT = 32


class Sidecar:
    def __init__(self, path):
        raw = path.read_bytes()
        self.path = path
        self.intact = hashlib.sha256(raw[:-32]).digest() == raw[-32:] and raw[:8] == b"WTBLOB1\n"
        self.bytes, generation, self.created_at = struct.unpack_from("<QQq", raw, 16)
        key_bytes, = struct.unpack_from("<H", raw, 40)
        self.key = raw[42:42 + key_bytes].decode()
        self.content = path.with_name(f"{path.name.removesuffix('.blob')}.{generation:016x}.data")


def blob_root(data_dir):
    found = [path for path in pathlib.Path(data_dir).rglob("blobs") if path.is_dir()]
    assert len(found) == 1, found
    return found[0]


def database_of(data_dir):
    for path in sorted(pathlib.Path(data_dir).iterdir()):
        if path.is_file() and path.open("rb").read(16) == b"SQLite format 3\0":
            return path
    raise AssertionError(f"no database in {data_dir}")


class Checker:
    def __init__(self, data_dir, history):
        self.root = blob_root(data_dir)
        self.address = f"file:{database_of(data_dir)}?mode=ro"
        self.database = sqlite3.connect(self.address, uri=True, timeout=30)
        self.history = history
        self.broken = []

    def wrong(self, invariant, text):
        self.broken.append(f"{invariant}: {text}")

    def rows(self, sql):
        cursor = self.database.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor]

    def check(self):
        # One snapshot, and the list of files after it: whatever a row names must be there.
        self.database.execute("BEGIN")
        self.jobs = {row["id"]: row for row in self.rows("SELECT * FROM jobs")}
        self.media = {row["id"]: row for row in self.rows("SELECT * FROM media")}
        self.results = self.rows("SELECT * FROM results")
        for line in self.database.execute("PRAGMA integrity_check(5)"):
            if line[0] != "ok":
                self.wrong("database", line[0])
        if list(self.database.execute("PRAGMA foreign_key_check")):
            self.wrong("database", "a reference to a missing row")
        self.check_jobs()
        self.check_recordings()
        self.check_results()
        self.check_events()
        self.check_counters()
        self.check_files()
        self.database.rollback()
        return self.broken

    def check_jobs(self):  # I2
        for job_id, told in self.history["jobs"].items():
            job = self.jobs.get(job_id)
            if told["deleted"] == "yes" and job:
                self.wrong("I2", f"{job_id} was deleted and is there ({job['state']})")
            if told["deleted"] == "no" and not job:
                self.wrong("I2", f"{job_id} was acknowledged and is missing")
            if not job or not self.history["quiet"]:
                continue
            if job["state"] not in TERMINAL:
                self.wrong("I2", f"{job_id} has not ended: {job['state']}, attempt {job['attempt']}")
            if job["state"] == "cancelled" and not told["cancelled"]:
                self.wrong("I2", f"{job_id} is cancelled, and nobody asked for it")
            if job["state"] == "expired" or (job["state"] == "failed" and job["error_code"] not in ALLOWED_FAILURES):
                self.wrong("I2", f"{job_id} is {job['state']}: {job['error_code']} {job['error_message']}")
        if self.history["quiet"]:
            for job_id in self.jobs.keys() - self.history["jobs"].keys():
                self.wrong("I2", f"{job_id} is there and no client knows it: doubled")

    def content_of(self, invariant, what, key, sha256, size):
        path = self.root / (key + ".blob")
        try:
            sidecar = Sidecar(path)
            if not sidecar.intact or sidecar.key != key:
                return self.wrong(invariant, f"{what}: its blob {key} is damaged")
            content = sidecar.content.read_bytes()
        except FileNotFoundError as error:
            # A deletion takes the row first, then the files: the snapshot may be of before it.
            if self.is_named_still(key):
                self.wrong(invariant, f"{what}: its blob {key} is missing: {error.filename}")
            return None
        if len(content) != size or hashlib.sha256(content).hexdigest() != sha256:
            return self.wrong(invariant, f"{what}: the blob {key} has other content")
        return content

    def is_named_still(self, key):
        with contextlib.closing(sqlite3.connect(self.address, uri=True, timeout=30)) as now:
            return any(now.execute(f"SELECT 1 FROM {table} WHERE blob_key = ?", (key,)).fetchone()
                       for table in ("media", "results"))

    def check_recordings(self):  # I1
        for job_id, job in self.jobs.items():
            media = self.media[job["media_id"]]
            told = self.history["jobs"].get(job_id)
            sha256, size = media["sha256"], media["bytes"]
            if told:
                clip = self.history["clips"][told["clip"]]
                sha256, size = clip["sha256"], clip["bytes"]
            self.content_of("I1", job_id, media["blob_key"], sha256, size)

    def check_results(self):  # I5
        for result in self.results:
            content = self.content_of("I5", result["job_id"], result["blob_key"], result["sha256"], result["bytes"])
            told = self.history["jobs"].get(result["job_id"])
            expected = told and self.history["clips"][told["clip"]].get("text")
            if content is None or expected is None:
                continue
            if json.loads(content)["text"].strip() != expected or result["text"] != expected:
                self.wrong("I5", f"{result['job_id']}: {result['text']!r} is not {expected!r}")

    def check_events(self):  # I3
        ended = collections.defaultdict(list)
        for row in self.rows("SELECT job_id, seq, data_json FROM job_events WHERE type = 'status' ORDER BY job_id, seq"):
            event = json.loads(row["data_json"])
            run = (row["job_id"], event["run"])
            if ended[run]:
                self.wrong("I3", f"{run}: {event['status']} after the end {ended[run]}")
            if event["status"] in TERMINAL_STATUS or event["status"].startswith("failed"):
                ended[run].append(event["status"])
        for job in self.jobs.values():
            # The run that goes on has no end yet.
            runs = range(1, job["run"] + (1 if job["state"] in TERMINAL else 0))
            for run in runs:
                if len(ended[job["id"], run]) != 1:
                    self.wrong("I3", f"{job['id']} run {run} ended {len(ended[job['id'], run])} times")

    def check_counters(self):  # I7
        counted = collections.Counter((job["owner"], job["status"]) for job in self.jobs.values())
        stored = {(r["owner"], r["status"]): r["jobs"] for r in self.rows("SELECT * FROM job_counts") if r["jobs"]}
        if stored != dict(counted):
            self.wrong("I7", f"job_counts says {stored}, the rows say {dict(counted)}")
        size = collections.Counter()
        for row in [*self.media.values(), *self.results]:
            size[row["owner"]] += row["bytes"]
        for row in self.rows("SELECT owner, bytes FROM job_owners"):
            if row["bytes"] != size[row["owner"]]:
                self.wrong("I7", f"{row['owner']!r} has {row['bytes']} bytes on account, {size[row['owner']]} stored")

    def unreferenced(self):
        """(sidecars, other files) that no row accounts for."""
        known = {row["blob_key"] for row in [*self.media.values(), *self.results]}
        for table in ("upload_parts", "blob_tombstones"):
            known |= {row["blob_key"] for row in self.rows(f"SELECT blob_key FROM {table}")}
        sidecars = [Sidecar(path) for path in self.root.rglob("*.blob")]
        contents = {sidecar.content for sidecar in sidecars}
        loose = [path for path in self.root.rglob("*") if path.is_file() and path.suffix != ".blob" and path not in contents]
        return [sidecar for sidecar in sidecars if sidecar.key not in known], loose

    def check_files(self):  # I4
        if not self.history.get("swept"):
            return
        sidecars, loose = self.unreferenced()
        for sidecar in sidecars:
            self.wrong("I4", f"nothing refers to {sidecar.key}, older than the grace period")
        for path in loose:
            self.wrong("I4", f"{path.relative_to(self.root)} belongs to no blob, older than the grace period")


def check(data_dir, history):
    checker = Checker(data_dir, history)
    try:
        return checker.check()
    finally:
        checker.database.close()


def main():
    broken = check(sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text()))
    print("\n".join(broken) or "every promise holds")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
