#!/usr/bin/env python3
"""Cuts the power of an ext4 file system under chaos_driver, and checks what it had acknowledged.

  power_cut.py DRIVER [--cuts N] [--seed S]

A file of a small FUSE file system, served here, is the disk of a loop device. Every block write and
flush is logged, and so is every line that the driver prints: its standard output is a second file of
the same file system, so the order is exact. Replayed are prefixes of the log, prefixes that lack some
writes since the last flush, and a torn last write; each is mounted and checked by the driver.
The store with a planted fault (no sync of directories, no sync of files) must be found out.
Needs root. Exit status 0: every promise held; 77: FUSE or loop devices do not work here.
"""
import argparse
import ctypes
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import threading

DISK_BYTES = 64 << 20
LIBC = ctypes.CDLL(None, use_errno=True)
# Node ids: 1 is the root, 2 the disk, 3 the marks.
NODES = {b"disk": 2, b"mark": 3}
LOOKUP, FORGET, GETATTR, SETATTR, OPEN, READ, WRITE, STATFS, RELEASE, FSYNC, FLUSH, INIT, OPENDIR = (
    1, 2, 3, 4, 14, 15, 16, 17, 18, 20, 25, 26, 27)
BATCH_FORGET, DESTROY, RELEASEDIR = 42, 38, 29


class Recorder:
    """Serves the two files. `log` has ("write", offset, bytes), ("flush",) and ("mark", line)."""

    def __init__(self, image):
        self.image = bytearray(image)
        self.log = []
        self.fd = os.open("/dev/fuse", os.O_RDWR)

    def mount(self, where):
        options = f"fd={self.fd},rootmode=40000,user_id=0,group_id=0"
        if LIBC.mount(b"wt-chaos", where.encode(), b"fuse", 0, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mount")
        threading.Thread(target=self.serve, daemon=True).start()

    def attributes(self, node):
        mode, size = (0o40755, 0) if node == 1 else (0o100644, DISK_BYTES if node == 2 else 0)
        return struct.pack("<QQQQQQIIIIIIIIII", node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 1,
                           0, 0, 0, 4096, 0)

    def serve(self):
        while True:
            try:
                request = os.read(self.fd, 1 << 21)
            except OSError:
                return
            _, opcode, unique, node = struct.unpack_from("<IIQQ", request)
            if opcode in (FORGET, BATCH_FORGET):
                continue
            error, body = self.answer(opcode, node, request[40:])
            reply = struct.pack("<IiQ", 16 + len(body), -error, unique) + body
            try:
                os.write(self.fd, reply)
            except OSError:
                return
            if opcode == DESTROY:
                return

    def answer(self, opcode, node, body):
        if opcode == INIT:
            _, minor, _, _ = struct.unpack_from("<IIII", body)
            return 0, struct.pack("<IIIIHHIIHHI28x", 7, min(minor, 31), 65536, 0, 16, 8, 1 << 20, 1,
                                  256, 0, 0)
        if opcode == LOOKUP:
            child = NODES.get(body.rstrip(b"\0"))
            if child is None:
                return 2, b""
            return 0, struct.pack("<QQQQII", child, 0, 1, 1, 0, 0) + self.attributes(child)
        if opcode in (GETATTR, SETATTR):
            return 0, struct.pack("<QII", 1, 0, 0) + self.attributes(node)
        if opcode in (OPEN, OPENDIR):
            # Direct: a line reaches this log before the driver's write returns.
            return 0, struct.pack("<QII", 0, 1 if node == 3 else 0, 0)
        if opcode == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            return 0, bytes(self.image[offset:offset + size])
        if opcode == WRITE:
            _, offset, size = struct.unpack_from("<QQI", body)
            data = body[40:40 + size]
            if node == 3:
                self.log.append(("mark", data))
            else:
                self.image[offset:offset + size] = data
                self.log.append(("write", offset, data))
            return 0, struct.pack("<II", size, 0)
        if opcode == STATFS:
            return 0, struct.pack("<QQQQQIII28x", 1 << 16, 1 << 15, 1 << 15, 9, 9, 4096, 255, 4096)
        if opcode == FSYNC:
            self.log.append(("flush",))
            return 0, b""
        return (0, b"") if opcode in (FLUSH, RELEASE, RELEASEDIR, DESTROY) else (38, b"")


def sh(*command, **more):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          **more).stdout


def fresh_image(scratch):
    path = scratch / "image"
    path.write_bytes(b"")
    os.truncate(path, DISK_BYTES)
    sh("mkfs.ext4", "-q", "-F", "-b", "4096", str(path))
    return path.read_bytes()


def record(driver, verb, base, scratch):
    """The log of one run."""
    fuse, mounted = scratch / "fuse", scratch / "mounted"
    fuse.mkdir(exist_ok=True)
    mounted.mkdir(exist_ok=True)
    recorder = Recorder(base)
    recorder.mount(str(fuse))
    try:
        sh("mount", "-o", "loop", str(fuse / "disk"), str(mounted))
        try:
            with open(fuse / "mark", "wb", buffering=0) as marks:
                code = subprocess.run([driver, verb, str(mounted)], stdout=marks).returncode
            end = len(recorder.log)
        finally:
            sh("umount", str(mounted))
    finally:
        sh("umount", "-l", str(fuse))
        os.close(recorder.fd)
    if code != 0:
        raise RuntimeError(f"{verb}: the driver failed")
    return recorder.log[:end]


def cuts(log, count, rng):
    """Indexes of writes that survive, and how much of the last one."""
    writes = [i for i, entry in enumerate(log) if entry[0] != "mark"]
    for number in range(count):
        end = writes[number * len(writes) // count]
        flushed = max((i for i in range(end) if log[i][0] == "flush"), default=0)
        kept = [i for i in range(end) if log[i][0] == "write"]
        torn = None
        if number % 3 == 1:
            kept = [i for i in kept if i < flushed or rng.random() < 0.5]
        elif number % 3 == 2 and kept and kept[-1] > flushed:
            torn = 512 * rng.randrange(len(log[kept[-1]][2]) // 512)
        yield end, kept, torn


def check(driver, verb, base, log, cut, scratch):
    end, kept, torn = cut
    image = bytearray(base)
    for i in kept:
        _, offset, data = log[i]
        data = data[:torn] if torn is not None and i == kept[-1] else data
        image[offset:offset + len(data)] = data
    path, mounted = scratch / "cut", scratch / "mounted"
    path.write_bytes(image)
    lines = b"".join(entry[1] for entry in log[:end] if entry[0] == "mark")
    sh("mount", "-o", "loop", str(path), str(mounted))
    try:
        done = subprocess.run([driver, verb, str(mounted)], input=lines, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
    finally:
        sh("umount", str(mounted))
    return None if done.returncode == 0 else done.stderr.decode().strip() or f"rc {done.returncode}"


def losses(driver, verbs, count, base, scratch, seed):
    log = record(driver, verbs[0], base, scratch)
    found = []
    for cut in cuts(log, count, random.Random(seed)):
        fault = check(driver, verbs[1], base, log, cut, scratch)
        if fault:
            found.append(f"after {cut[0]} of {len(log)} entries: {fault}")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--cuts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
    # Mounts are seen by this process and its children only.
    if os.geteuid() != 0 or LIBC.unshare(0x00020000) != 0:
        print("chaos: cutting the power needs root")
        return 77
    LIBC.mount(b"none", b"/", None, 0x44000, None)  # MS_REC | MS_PRIVATE.
    shared_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="wt-power-", dir=shared_memory))
    failed = 0
    try:
        try:
            base = fresh_image(scratch)
            record(options.driver, "blobs", base, scratch)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"chaos: no FUSE or loop device: {error}")
            return 77
        runs = [(("upload", "check"), options.cuts, False),
                (("blobs", "check-blobs"), options.cuts, False),
                (("blobs-no-directory-sync", "check-blobs"), 10, True),
                (("blobs-no-file-sync", "check-blobs"), 10, True)]
        for verbs, count, planted in runs:
            found = losses(options.driver, verbs, count, base, scratch, options.seed)
            right = bool(found) == planted
            failed += 0 if right else 1
            print(f"chaos: {verbs[0]}: {count} cuts, {len(found)} lost something"
                  f"{' (planted)' if planted else ''}{'' if right else ': NOT OK'}")
            if not planted:
                print("\n".join(found[:5]), end="\n" if found else "")
        return 1 if failed else 0
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


sys.exit(main())
