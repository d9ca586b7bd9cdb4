"""A `transcriber serve` process for tests: started on a free port, stopped or killed, asked things.

Only Python's standard library. Every wait has a deadline; nothing sleeps for a fixed time but
between two looks at a condition.
"""
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

DEADLINE_S = 120


class Server:
    def __init__(self, program, data_dir, model_dir, arguments=("--single-user",), environment=None):
        self.command = [program, "serve", "--port", "0", "--data-dir", str(data_dir)]
        # Without one the settings decide.
        self.command += ["--model-dir", str(model_dir)] if model_dir else []
        self.command += arguments
        self.environment = dict(os.environ)
        for name in ("DATABASE_URL", "SECRET_KEY", "PORT", "HOST", "ENVIRONMENT"):
            self.environment.pop(name, None)
        self.environment.update(environment or {})
        self.log = pathlib.Path(data_dir, "test-server.log")
        self.process = None
        self.port = 0
        self.started_in = 0.0

    def start(self):
        begin = time.monotonic()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(self.command, env=self.environment, text=True,
                                        start_new_session=True, stdout=self.log.open("a"), stderr=subprocess.PIPE)
        said = []
        while True:
            line = self.process.stderr.readline()
            if not line:
                raise AssertionError(f"the server did not start: {''.join(said)}")
            said.append(line)
            found = re.search(r"https?://\S+:(\d+)", line)
            if line.startswith("Ready:") and found:
                self.port = int(found.group(1))
                break
        self.started_in = time.monotonic() - begin
        # Nobody may block the server by not reading what it says.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=DEADLINE_S)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def request(self, method, path, body=None, headers=None):
        """(status, headers, bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            connection.request(method, path, body, {"X-Requested-With": "test", **(headers or {})})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def json(self, method, path, body=None, headers=None, expect=200):
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers = {"Content-Type": "application/json", **(headers or {})}
        status, _, text = self.request(method, path, body, headers)
        assert status == expect, f"{method} {path}: {status} {text[:500]!r}"
        return json.loads(text) if text else None

    def upload(self, path, fields, files, expect=200, headers=None):
        body, kind = multipart(fields, files)
        return self.json("POST", path, body, {"Content-Type": kind, **(headers or {})}, expect)

    def wait_for(self, job_id, wanted=("completed",), seconds=DEADLINE_S, headers=None):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            job = self.json("GET", f"/jobs/{job_id}", None, headers)
            if job["status"] in wanted:
                return job
            ended = job["status"] not in ("queued", "processing", "enriching")
            assert not ended, f"{job['status']}: {job['error_message']}"
            time.sleep(0.05)
        raise AssertionError(f"job {job_id} did not become {wanted}")


def sign_in(server, username, password):
    """An access token; a password that must be changed is changed to itself with a mark behind it."""
    body = server.json("POST", "/token", {"username": username, "password": password})
    if body["must_change_password"]:
        body = server.json("POST", "/auth/change-password",
                           {"current_password": password, "new_password": password + "!"},
                           {"Authorization": "Bearer " + body["access_token"]})
    return body["access_token"]


ADMIN, PASSWORD = "admin", "correct horse battery staple"


def bearer(token):
    return {"Authorization": "Bearer " + token}


def with_accounts(program, directory, models, arguments=(), environment=None):
    """(a started server with accounts, the header of its administrator)."""
    server = Server(program, directory, models, arguments=arguments, environment={
        "ADMIN_BOOTSTRAP_USERNAME": ADMIN, "ADMIN_BOOTSTRAP_PASSWORD": PASSWORD,
        "RATE_LIMIT_ENABLED": "false", **(environment or {})}).start()
    return server, bearer(sign_in(server, ADMIN, PASSWORD))


def add_user(server, admin, name):
    """The header of a new user."""
    server.json("POST", "/users", {"username": name, "email": name + "@example.org", "password": PASSWORD,
                                   "must_change_password": False}, admin, 201)
    return bearer(sign_in(server, name, PASSWORD))


def multipart(fields, files):
    boundary = "test-boundary-7f3a"
    out = []
    for name, value in fields:
        out.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, filename, data in files:
        head = (f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n")
        out += [head.encode(), data, b"\r\n"]
    out.append(f"--{boundary}--\r\n".encode())
    return b"".join(out), f"multipart/form-data; boundary={boundary}"


def run(cases, arguments):
    """Runs each case with a directory of its own; prints a line per case."""
    failed = 0
    for case in cases:
        name = case.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory() as directory:
            try:
                case(pathlib.Path(directory), *arguments)
                print(f"ok      {name}", flush=True)
            except Exception as error:  # pylint: disable=broad-except
                failed += 1
                print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)
                log = pathlib.Path(directory, "test-server.log")
                if log.exists():
                    print("    " + "\n    ".join(log.read_text().splitlines()[-5:]), flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0
