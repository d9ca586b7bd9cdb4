"""Running the built program, what it hears and how a bar is judged, for the measurements of this
folder. Only the standard library and ffmpeg.
"""
import argparse
import dataclasses
import itertools
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time
import wave

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEECH = ROOT.parent / "shared/speech"
SAMPLE = ROOT / "assets/sample.flac"
PEERS = ROOT / "build/peers"
PEER_PACKAGES = ["faster-whisper", "pywhispercpp"]
RATE = 16000
SAMPLE_BYTES = 2


def parser(text, rounds=None):
    """Of the arguments that the measurements of the whole program share."""
    made = argparse.ArgumentParser(description=text,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--program", default=str(ROOT / "build/release/bin/transcriber"))
    made.add_argument("--model", default="base")
    made.add_argument("--threads", type=int, default=2)
    if rounds is not None:
        made.add_argument("--rounds", type=int, default=rounds)
    return made


def chosen(kinds):
    """A type of argument: names with commas of some of `kinds`, a dictionary, into their values."""
    def values(text):
        unknown = set(text.split(",")) - set(kinds)
        if unknown:
            raise argparse.ArgumentTypeError(
                f"no such thing: {', '.join(sorted(unknown))}; there are {', '.join(kinds)}")
        return [kinds[name] for name in text.split(",")]
    return values


def transcribe(args, files, *options):
    """The command that prints a line of JSON for each of the files."""
    return [args.program, "transcribe", "--model", args.model, "--threads", str(args.threads),
            "--jsonl", "--quiet", *options, *map(str, files)]


@dataclasses.dataclass
class Run:
    wall: float
    cpu: float
    peak_bytes: int
    output: str


def run(command):
    """Runs it to its end. A status other than 0 ends the script.

    The peak of memory is the kernel's own figure for the process and those it waited for. It is at
    least this script's at the start of the process, so scripts that print it stay small themselves.
    """
    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"exit status {process.returncode} of: {' '.join(map(str, command))}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output)


def timed_lines(command, environment=None):
    """(seconds from the start of the process, line) for each line it prints."""
    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        lines = [(time.monotonic() - begin, line) for line in process.stdout]
    if process.returncode != 0:
        sys.exit(f"exit status {process.returncode} of: {' '.join(map(str, command))}")
    return lines


def peers_python():
    """A Python that has the peers, installed from their packages at the first call."""
    python = PEERS / "venv/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS / "venv"], check=True)
    have = subprocess.run([python, "-c", "import faster_whisper, pywhispercpp"],
                          capture_output=True, check=False).returncode == 0
    if not have:
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER_PACKAGES], check=True)
    return str(python)


def machine(args):
    """What `transcriber bench` says of this machine and of the model's steps on it."""
    return json.loads(run([args.program, "bench", "--json", "--model", args.model, "--threads",
                           str(args.threads)]).output)


def recordings(name, language="en"):
    """(file, seconds) of a set of the shared recordings; without them the bundled sample."""
    manifest = SPEECH / "manifest.jsonl"
    lines = manifest.read_text().splitlines() if manifest.exists() else []
    rows = [json.loads(line) for line in lines]
    found = [(SPEECH / row["path"], row["duration_s"]) for row in rows
             if row["set"] == name and row["language"] == language]
    return found or [(SAMPLE, len(pcm(SAMPLE)) / SAMPLE_BYTES / RATE)]


def pcm(file):
    return subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", str(file), "-f", "s16le",
                           "-ac", "1", "-ar", str(RATE), "-"],
                          stdout=subprocess.PIPE, check=True).stdout


def join(files, path, seconds=None):
    """One WAV of the files, again from the first until there are so many seconds of sound."""
    wanted = int(seconds * RATE) * SAMPLE_BYTES if seconds else None
    with wave.open(str(path), "wb") as out:
        out.setparams((1, SAMPLE_BYTES, RATE, 0, "NONE", ""))
        written = 0
        for file in itertools.cycle(files) if wanted else files:
            piece = pcm(file)[:wanted - written if wanted else None]
            out.writeframes(piece)
            written += len(piece)
            if written == wanted:
                break
    return path


def wave_seconds(path):
    with wave.open(str(path)) as file:
        return file.getnframes() / file.getframerate()


def short_files(folder, count, seconds):
    """WAVs of whole utterances, each as long as fits into so many seconds."""
    clips = recordings("en_short")
    short = [clip for clip in clips if clip[1] <= seconds]
    if not short:
        path = join([clips[0][0]], folder / "short.wav", seconds)
        return [path] * count
    groups, length = [[]], 0.0
    for file, duration in itertools.cycle(short):
        if length + duration > seconds:
            if len(groups) == count:
                break
            groups.append([])
            length = 0.0
        groups[-1].append(file)
        length += duration
    return [join(group, folder / f"short-{number:02}.wav") for number, group in enumerate(groups)]


def percentile(values, share):
    """The smallest of them that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values, form=".2f"):
    """Median, and the range around it: a wide one tells of a busy machine."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def busy_seconds():
    """(of all processors, at work or taken by the host; own, with those of ended children)."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, irq, softirq, steal = map(int, fields)
    times = os.times()
    return ((user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK"),
            times.user + times.system + times.children_user + times.children_system)


class Bars:
    """Prints each figure beside its bar, remembers whether one was missed, and says in the end what
    others did to the machine meanwhile."""

    def __init__(self):
        self.missed = 0
        self.begin = time.monotonic()
        self.busy, self.own = busy_seconds()

    def at_least(self, name, value, bar, unit=""):
        self.judge(name, value, value >= bar, f"at least {bar:g}", unit)

    def at_most(self, name, value, bar, unit=""):
        self.judge(name, value, value <= bar, f"at most {bar:g}", unit)

    def judge(self, name, value, held, bar, unit):
        self.missed += not held
        print(f"{name}: {value:.3g}{unit} ({bar}{unit}){'' if held else ': MISSED'}", flush=True)

    def status(self):
        busy, own = busy_seconds()
        others = (busy - self.busy - own + self.own) / (time.monotonic() - self.begin)
        print(f"others kept {max(0.0, others):.1f} of {os.cpu_count()} processors busy meanwhile")
        return 1 if self.missed else 0
