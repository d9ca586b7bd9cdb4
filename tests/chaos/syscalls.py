#!/usr/bin/env python3
"""Fails and kills chaos_driver at its system calls, and checks what it had acknowledged.

  syscalls.py DRIVER [--points N]      N points chosen evenly; without it, every one

Each point is one call (the N-th write, fsync, ...) and one fault: an error, or SIGKILL before it.
File-size limits give short writes. Exit status 0: every promise held; 77: strace does not work here.
"""
import argparse
import collections
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

# System call -> errors that it may give.
FAULTS = {
    "write": ["EIO", "ENOSPC", "EINTR"],
    "pwrite64": ["EIO", "ENOSPC", "EINTR"],
    "fsync": ["EIO", "ENOSPC", "EINTR"],
    "fdatasync": ["EIO", "ENOSPC", "EINTR"],
    "openat": ["EIO", "ENOSPC", "EMFILE"],
    "renameat2": ["EIO", "ENOSPC"],
    "mkdir": ["EIO", "ENOSPC"],
    "unlink": ["EIO"],
    "ftruncate": ["EIO"],
    "flock": ["EIO"],
    "pread64": ["EIO", "EINTR"],
}
SIZES = [20_000, 65_536, 66_000, 100_000, 140_001, 200_000]


def run_driver(driver, folder, strace=(), limit=None):
    """Standard output of one upload, whatever became of it."""
    def before():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    done = subprocess.run([*strace, driver, "upload", folder], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, preexec_fn=before, timeout=120)
    return done.stdout, done.returncode


def check(driver, folder, lines):
    done = subprocess.run([driver, "check", folder], input=lines, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, timeout=120)
    return None if done.returncode == 0 else done.stderr.decode().strip() or f"rc {done.returncode}"


def tracer(*options):
    return ["strace", "-f", "-qq", *options]


def points(driver, scratch):
    """Every (call, N, fault) of an undisturbed run."""
    folder, log = scratch / "count", scratch / "count.log"
    folder.mkdir()
    trace = "trace=" + ",".join(FAULTS)
    _, code = run_driver(driver, str(folder), tracer("-e", trace, "-o", str(log)))
    if code != 0:
        return None
    calls = collections.Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.M))
    return [(call, n, fault) for call in FAULTS for n in range(1, calls[call] + 1)
            for fault in (*(f"error={e}" for e in FAULTS[call]), "signal=SIGKILL")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--points", type=int)
    options = parser.parse_args()
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"  # It cannot run under another tracer.
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="wt-chaos-"))
    try:
        every = points(options.driver, scratch) if shutil.which("strace") else None
        if every is None:
            print("chaos: strace does not work here")
            return 77
        count = min(options.points or len(every), len(every))
        chosen = [every[i * len(every) // count] for i in range(count)]
        tasks = [(f"{call} {n} {fault}",
                  tracer("-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={n}"),
                  None) for call, n, fault in chosen]
        tasks += [(f"file size {size}", (), size) for size in SIZES]
        faults = 0
        for number, (name, strace, limit) in enumerate(tasks):
            folder = scratch / str(number)
            folder.mkdir()
            lines, _ = run_driver(options.driver, str(folder), strace, limit)
            fault = check(options.driver, str(folder), lines)
            if fault:
                faults += 1
                print(f"chaos: {name}: {fault}")
            shutil.rmtree(folder)
        print(f"chaos: {len(tasks)} of {len(every) + len(SIZES)} points, {faults} broke a promise")
        return 1 if faults else 0
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


sys.exit(main())
