"""A server with accounts and jobs, for the measurements of this folder. Only the standard library.

Jobs that only stand in a list are rows of the database, made before the server starts: what is
measured is how they are listed, not how they come about.
"""
import os
import pathlib
import sqlite3
import subprocess
import sys
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/service"))
import server as servers  # pylint: disable=wrong-import-position

PASSWORD = "measured-by-the-clock-7"


def expect_arguments(text, least):
    """Ends the script with what it is for when it is asked so, or given fewer arguments than it needs."""
    if {"-h", "--help"} & set(sys.argv[1:]) or len(sys.argv) <= least:
        print(text.strip())
        sys.exit(0 if {"-h", "--help"} & set(sys.argv[1:]) else 2)


def add_jobs(database, owner, count, state="cancelled"):
    """`count` jobs that ask for no work: cancelled ones, or queued ones that nobody may take."""
    with sqlite3.connect(database) as db:
        now = int(time.time() * 1000)
        for number in range(count):
            media, job = str(uuid.uuid4()), str(uuid.uuid4())
            db.execute("INSERT INTO media VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                       (media, owner, f"media/{owner}/{media}", "0" * 64, 1_234_567,
                        f"Interview {number}.mp3", "mp3", 754.2, 44_100, 2, 0, now))
            db.execute(
                "INSERT INTO jobs (id, owner, media_id, state, priority, claim_rank, model, language,"
                " options_json, seconds_total, attempts_max, run_boot_id, run_boot_ms, run_began_at,"
                " request_id, created_at, updated_at, run_at, finished_at, held)"
                " VALUES (?,?,?,?,'normal',0,'base','en','{}',754.2,3,'b',0,?,'r',?,?,?,?,?)",
                (job, owner, media, state, now, now + number, now + number, now,
                 None if state == "queued" else now + number, int(state == "queued")))


def start(program, directory, jobs, environment=None, models=None):
    """(server, headers of a user who has that many jobs)."""
    data = pathlib.Path(directory, "data")
    if models is None:
        models = pathlib.Path(directory, "models")
        models.mkdir(parents=True)
    settings = {"ADMIN_BOOTSTRAP_PASSWORD": PASSWORD, "RATE_LIMIT_ENABLED": "false",
                "LOG_LEVEL": "WARNING", "ALLOW_REGISTRATION": "false", **(environment or {})}
    server = servers.Server(program, data, models, arguments=(), environment=settings).start()
    token = servers.sign_in(server, "admin", PASSWORD)
    me = server.json("GET", "/auth/me", headers={"Authorization": "Bearer " + token})
    server.stop()
    add_jobs(data / "app.db", me["id"], jobs)
    server.start()
    token = servers.sign_in(server, "admin", PASSWORD + "!")
    return server, {"Authorization": "Bearer " + token}


def default_models():
    """Where `make run` puts the models."""
    data = os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local/share"
    return os.environ.get("MODEL_DIR") or str(pathlib.Path(data, "whisper-transcriber/models"))


def one_model(args):
    """Settings of a quiet server that loads the model at its start."""
    return {"LOG_LEVEL": "ERROR", "DEFAULT_MODEL": args.model,
            "WHISPER_PRELOAD_MODELS": args.model, "WHISPER_THREADS": str(args.threads)}


def single_user(args, directory, environment=None):
    """A started server without accounts that has loaded the model."""
    return servers.Server(args.program, pathlib.Path(directory, "data"), default_models(),
                          environment={**one_model(args), **(environment or {})}).start()


def queue(server, path, headers=None):
    """The id of a job for the file."""
    content = pathlib.Path(path).read_bytes()
    return server.upload("/jobs", [("language", "en")], [("file", pathlib.Path(path).name, content)],
                         headers=headers)["job_id"]


def status_bytes(pid, field):
    """A figure of the process's memory, such as VmHWM; 0 once it is gone."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":")), 0)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def wrk(server, path, headers, seconds, connections=64):
    """wrk's own figures: (requests/s, latency lines)."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    out = subprocess.run(command + [f"http://127.0.0.1:{server.port}{path}"], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return out
