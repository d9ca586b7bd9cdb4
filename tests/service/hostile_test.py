#!/usr/bin/env python3
"""200 malformed bodies for every route that takes one: never a 5xx, a hang, or a word from inside.

usage: hostile_test.py TRANSCRIBER SOURCE_DIR MODEL_DIR [BODIES] [SEED]

The routes are those of the served OpenAPI document. A body is a good one of the route, made from the
document's example and then spoiled, or noise; the seed is printed. Needs the model base (else 77).
"""
import http.client
import json
import pathlib
import random
import re
import sys
import tempfile
import time

from server import Server

PROGRAM, SOURCE, MODELS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
BODIES = int(sys.argv[4]) if len(sys.argv) > 4 else 200
SEED = int(sys.argv[5]) if len(sys.argv) > 5 else 20260131
SAMPLE = (SOURCE / "assets/sample.flac").read_bytes()
# These would end what the test talks to, or fetch from other machines.
LEFT_OUT = re.compile(r"shutdown|/admin/restart|/admin/models/.*(pull|download)|/models/pull")
INSIDE = re.compile(rb"/home/|/root/|/var/|/tmp/|/usr/|\.cc:\d|SELECT |INSERT |sqlite3?_|terminate called|"
                    rb"std::|nlohmann|json\.exception|basic_string|Traceback")
SECONDS_MAX = 20
ODD_VALUES = [None, True, 0, -1, 1e308, 2**63, 0.1, "", " ", "\u0000", "\ud83d\ude00" * 50, "x" * 70_000, "../../etc/passwd",
              [], {}, [[]], [None], {"a": {"b": {}}}, "'; DROP TABLE jobs; --", "%00", "\u202e", "1e999", "NaN"]


def nested(depth, opening, closing):
    return (opening * depth + closing * depth).encode()


def spoil_json(rng, example):
    kind = rng.randrange(12)
    if kind == 0:
        return rng.randbytes(rng.randrange(0, 2000))
    if kind == 1:
        return nested(rng.choice([33, 1000, 100_000]), *rng.choice([("[", "]"), ('{"a":', "}")]))
    if kind == 2:
        return rng.choice([b"", b"null", b"[]", b"{}", b"0", b'"x"', b"{", b"[1,]", b"nul", b"\xff\xfe{}", b"\xef\xbb\xbf{}",
                           b'{"a":1,"a":2}', b'"\\ud800"', b"1e400", b"{} {}", b"{\"a\":\xc3\x28}", b"-", b"{'a':1}"])
    text = json.dumps(example).encode()
    if kind == 3:
        return text[:rng.randrange(len(text) + 1)]
    if kind == 4:
        at = rng.randrange(len(text) + 1)
        return text[:at] + rng.randbytes(rng.randrange(1, 9)) + text[at:]
    body = json.loads(text)
    if not isinstance(body, dict) or not body:
        body = {"a": body}
    for _ in range(rng.randrange(1, 4)):
        name = rng.choice(list(body))
        change = rng.randrange(4)
        if change == 0:
            body[name] = rng.choice(ODD_VALUES)
        elif change == 1 and len(body) > 1:
            del body[name]
        elif change == 2:
            body[rng.choice(["__proto__", "id", "user_id", "is_admin", "", "x" * 300, "\u0000"])] = rng.choice(ODD_VALUES)
        else:
            # Not a thousand times what was multiplied before.
            times = rng.choice([2, 1000])
            body[name] = [body[name]] * (times if len(json.dumps(body[name])) < 1000 else 2)
    return json.dumps(body).encode("utf-8", "surrogatepass")


def spoil_form(rng, fields, boundary="b-o-u-n-d"):
    """(body, content type)."""
    kind = rng.randrange(10)
    names = ["file", "files", "chunk_data", "model", "language", "config_json", "batch_name", *fields, "", "x" * 3000, "a\u0000b"]
    parts = []
    for _ in range(rng.randrange(0, 6)):
        name = rng.choice(names)
        content = rng.choice([b"", b"base", rng.randbytes(rng.randrange(3000)), SAMPLE[:rng.randrange(4000)], b"x" * 70_000, b"{", b"-1",
                              json.dumps(rng.choice(ODD_VALUES)).encode()])
        head = f'Content-Disposition: form-data; name="{name}"'
        if rng.random() < 0.5:
            head += f'; filename="{rng.choice(["a.wav", "../../x", "", "a" * 600, "a%00.wav", "CON"])}"'
        if rng.random() < 0.1:
            head = rng.choice(["", "Content-Disposition: attachment", "X: " + "y" * 20_000, "Content-Disposition: form-data"])
        parts.append(f"--{boundary}\r\n{head}\r\n\r\n".encode("utf-8", "surrogatepass") + content + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    kind_text = f"multipart/form-data; boundary={boundary}"
    if kind == 0:
        body = body[:rng.randrange(len(body) + 1)]
    elif kind == 1:
        body = rng.randbytes(rng.randrange(3000))
    elif kind == 2:
        kind_text = rng.choice(["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"" + "a" * 200 + "\"",
                                "text/plain", "application/json", "multipart/mixed; boundary=" + boundary, "x", ""])
    elif kind == 3:
        body = body.replace(b"\r\n", b"\n")
    elif kind == 4:
        body = (f"--{boundary}\r\n".encode() * 3000)
    elif kind == 5:
        at = rng.randrange(len(body) + 1)
        body = body[:at] + rng.randbytes(20) + body[at:]
    return body, kind_text


def make(rng, kind, operation):
    """(body, headers) for one request."""
    content = operation["requestBody"]["content"][kind]
    example = content.get("example", {})
    if kind == "multipart/form-data":
        body, kind = spoil_form(rng, list(example) if isinstance(example, dict) else [])
    elif kind == "application/json":
        body = spoil_json(rng, example)
        if rng.random() < 0.1:
            kind = rng.choice(["text/plain", "application/json; charset=utf-16", "", "application/x-www-form-urlencoded"])
    elif rng.random() < 0.3:
        body = spoil_json(rng, example)
    elif rng.random() < 0.3:
        body, kind = spoil_form(rng, [])
    else:
        body = rng.choice([b"", rng.randbytes(rng.randrange(5000)), b"a=%zz&b=%", b"&&&=" * 500, b"username=" + b"x" * 90_000, SAMPLE[:3000]])
    headers = {"Content-Type": kind} if kind else {}
    return body, headers


class Prober:
    def __init__(self, server):
        self.server = server
        self.connection = None
        self.faults = []
        self.slowest = 0.0
        self.statuses = {}

    def ask(self, method, path, body, headers):
        begin = time.monotonic()
        for attempt in (0, 1):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=SECONDS_MAX)
            try:
                self.connection.request(method, path, body, {"X-Requested-With": "test", **headers})
                response = self.connection.getresponse()
                text = response.read()
                break
            except TimeoutError:
                self.connection = None
                return None, {}, b"hangs"
            except (http.client.HTTPException, OSError):
                # The server may close a connection after an error; a new one has to be fine.
                self.connection = None
                if attempt:
                    return None, {}, b"no answer"
        self.slowest = max(self.slowest, time.monotonic() - begin)
        if response.will_close:
            self.connection = None
        return response.status, response.headers, text

    def probe(self, method, pattern, body, headers):
        path = re.sub(r"\{[^}]*\}", "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b", pattern)
        status, got, text = self.ask(method, path, body, headers)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        fault = None
        if status is None or status >= 500 and status != 507:
            fault = "status"
        elif INSIDE.search(text):
            fault = "leak"
        elif status >= 400 and not self.is_error(path, got, text):
            fault = "shape"
        if fault and len(self.faults) < 40:
            self.faults.append((fault, method, pattern, status, headers, body[:120], text[:300]))

    @staticmethod
    def is_error(path, headers, text):
        if headers.get("Content-Type", "").startswith("text/") or not text:
            return path.startswith("/files")  # tus says little.
        try:
            body = json.loads(text)
        except ValueError:
            return False
        if path.startswith("/v1/"):
            return set(body.get("error", {})) == {"message", "type", "param", "code"}
        return {"detail", "error_code", "message", "timestamp", "request_id"} <= set(body)


def main():
    if not (MODELS / "base").exists():
        print(f"skipped: the model base is not in {MODELS}")
        return 77
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory() as directory:
        server = Server(PROGRAM, pathlib.Path(directory, "data"), MODELS, environment={"LOG_LEVEL": "error"}).start()
        prober = Prober(server)
        document = server.json("GET", "/openapi.json")
        routes = 0
        for pattern, operations in document["paths"].items():
            for method, operation in operations.items():
                if "requestBody" not in operation or LEFT_OUT.search(pattern):
                    continue
                routes += 1
                kind = next(iter(operation["requestBody"]["content"]))
                sent = set()
                tries = 0
                while len(sent) < BODIES and tries < 20 * BODIES:
                    tries += 1
                    body, headers = make(rng, kind, operation)
                    if (body, str(headers)) in sent:
                        continue
                    sent.add((body, str(headers)))
                    prober.probe(method.upper(), pattern, body, headers)
                assert len(sent) == BODIES, (pattern, len(sent))
        alive = server.running() and server.request("GET", "/health")[0] == 200
        ended = server.stop() if server.running() else None
        log = server.log.read_text()
    print(f"seed {SEED}: {routes} routes, {sum(prober.statuses.values())} bodies, slowest {prober.slowest:.2f} s,"
          f" statuses {dict(sorted(prober.statuses.items(), key=str))}")
    for fault in prober.faults:
        print("FAILED ", *fault)
    if not alive or ended != 0:
        print(f"FAILED  the server is gone: {log[-2000:]}")
    failed = bool(prober.faults) or not alive or ended != 0 or routes < 40 or prober.slowest > SECONDS_MAX
    print("0 passed, 1 failed" if failed else "1 passed, 0 failed")
    return 1 if failed else 0


sys.exit(main())
