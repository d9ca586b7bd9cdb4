#!/usr/bin/env python3
"""Every route of the served OpenAPI document, asked by everyone who might: strangers see nothing.

usage: matrix_test.py TRANSCRIBER SOURCE_DIR MODEL_DIR [TIMING_SAMPLES]

The expected status follows from x-permission, from what the caller was granted and from who owns
the object named in the path. A foreign object and a missing one must get the same reply. With
TIMING_SAMPLES the times of both are compared by a Kolmogorov-Smirnov test, which is printed only:
a machine in use has no steady times. Needs the model base; without it everything is skipped (77).
"""
import http.client
import json
import math
import pathlib
import re
import sys
import tempfile
import time
import uuid

from server import Server, run, sign_in

PROGRAM, SOURCE, MODELS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
SAMPLES = int(sys.argv[4]) if len(sys.argv) > 4 else 0
SAMPLE = (SOURCE / "assets/sample.flac").read_bytes()
PASSWORD = "correct horse battery staple"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
# What each kind of caller was granted; x-permission in the document is one of these names.
SCOPES = {
    "reader key": {"signed_in", "jobs:read", "export:download"},
    "admin": None,  # Everything.
}
USER = {"signed_in", "jobs:read", "jobs:create", "jobs:delete", "export:download", "batch",
        "analytics", "keys:manage"}
# Ending the callers' own sessions, or asking all users to leave, would end the test as well.
NEVER_CALLED_WITH_RIGHTS = re.compile(
    r"logout|/auth/sessions$|change-password|shutdown|/admin/restart|/restore|/ws|/admin/models/events|/admin/logs/events")
CASES = []


def case(function):
    CASES.append(function)
    return function


class World:
    """A server with an administrator, two users, a key that may only read, and a job of each user."""

    def __init__(self, directory):
        self.server = Server(PROGRAM, directory / "data", MODELS, arguments=(), environment={
            "ADMIN_BOOTSTRAP_PASSWORD": PASSWORD, "RATE_LIMIT_ENABLED": "false",
            "LOG_LEVEL": "warning"}).start()
        admin = self.bearer(sign_in(self.server, "admin", PASSWORD))
        self.user_ids = {}
        tokens = {}
        for name in ("alice", "bob", "gone"):
            made = self.server.json("POST", "/users", {
                "username": name, "email": name + "@example.org", "password": PASSWORD,
                "must_change_password": False}, admin, 201)
            self.user_ids[name] = made["user"]["id"]
            tokens[name] = sign_in(self.server, name, PASSWORD)
        alice, bob, gone = (self.bearer(tokens[name]) for name in ("alice", "bob", "gone"))
        self.server.json("POST", "/auth/logout", None, gone)
        key = self.server.json("POST", "/keys", {"name": "reader", "permissions": ["read"]}, alice, 201)
        revoked = self.server.json("POST", "/keys", {"name": "old", "permissions": ["read"]}, alice, 201)
        self.server.json("POST", f"/keys/{revoked['id']}/revoke", None, alice)
        bobs = self.server.json("POST", "/keys", {"name": "bobs", "permissions": ["read"]}, bob, 201)
        self.key_ids = {"own": key["id"], "foreign": bobs["id"]}
        self.job_ids = {"own": self.submit(alice), "foreign": self.submit(bob)}
        self.callers = {
            "anonymous": {},
            "garbage bearer": self.bearer("garbage"),
            "forged bearer": self.bearer(tokens["alice"][:-4] + "AAAA"),
            "ended session": gone,
            "revoked key": {"X-API-Key": revoked["api_key"]},
            "cookie without CSRF": {"Cookie": "auth_token=" + tokens["alice"], "X-Requested-With": ""},
            "reader key": {"X-API-Key": key["api_key"]},
            "user": alice,
            "bob": bob,
            "admin": admin,
        }
        self.document = self.server.json("GET", "/openapi.json")

    @staticmethod
    def bearer(token):
        return {"Authorization": "Bearer " + token}

    def submit(self, who):
        return self.server.upload("/jobs", [("model", "base")], [("file", "a.flac", SAMPLE)], 200, who)["job_id"]

    def ask(self, method, path, headers):
        """(status, headers, body) on a connection that is kept."""
        headers = dict(headers)
        body = None
        if method in CHANGES:
            headers.setdefault("Content-Type", "application/json")
            body = "{}"
        if path.startswith("/files"):
            # tus asks for its version before it looks at anything else.
            headers["Tus-Resumable"] = "1.0.0"
            if method == "PATCH":
                headers.update({"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"})
        status, got, text = self.server.request(method, path, body, headers)
        return status, got, text

    def routes(self):
        """(path pattern, methods of it)."""
        return [(path, {m.upper(): o for m, o in operations.items()})
                for path, operations in self.document["paths"].items()]


def fill(pattern, value):
    return re.sub(r"\{[^}]*\}", value, pattern)


def granted(caller, permission):
    if permission is None:
        return True
    if caller == "admin":
        return True
    held = SCOPES["reader key"] if caller == "reader key" else USER
    return permission in held


REFUSED = ("anonymous", "garbage bearer", "forged bearer", "ended session", "revoked key")


@case
def strangers_get_401_everywhere(_, world):
    wrong = []
    asked = 0
    for pattern, operations in world.routes():
        path = fill(pattern, world.job_ids["own"])
        for method, operation in operations.items():
            if "x-permission" not in operation:
                continue
            for caller in REFUSED:
                status, headers, body = world.ask(method, path, world.callers[caller])
                asked += 1
                # A socket says 401 by its own handshake; a form that ends early is still 401.
                if status != 401:
                    wrong.append((caller, method, pattern, status, body[:80]))
                elif "WWW-Authenticate" not in headers:
                    wrong.append((caller, method, pattern, "no WWW-Authenticate"))
    print(f"    {asked} requests", flush=True)
    assert not wrong, f"{len(wrong)}: {wrong[:12]}"


@case
def methods_that_a_path_lacks_get_405(_, world):
    wrong = []
    for pattern, operations in world.routes():
        path = fill(pattern, world.job_ids["own"])
        for method in METHODS:
            if method in operations:
                continue
            for caller in ("anonymous", "user", "admin"):
                status, headers, _ = world.ask(method, path, world.callers[caller])
                # A literal path may be taken by a pattern of another route with that method.
                other = any(method in more and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", p), path)
                            for p, more in world.routes())
                if not other and (status != 405 or "Allow" not in headers):
                    wrong.append((caller, method, pattern, status))
    assert not wrong, f"{len(wrong)}: {wrong[:12]}"


@case
def permissions_are_those_of_the_document(_, world):
    wrong = []
    asked = 0
    missing = str(uuid.uuid4())
    for pattern, operations in world.routes():
        for method, operation in operations.items():
            permission = operation.get("x-permission")
            if permission is None or NEVER_CALLED_WITH_RIGHTS.search(pattern):
                continue
            for caller in ("reader key", "user", "admin"):
                status, _, body = world.ask(method, fill(pattern, missing), world.callers[caller])
                asked += 1
                # 403 may also say that a key is no session; the code tells them apart.
                lacks = b"INSUFFICIENT_PERMISSIONS" in body or b"insufficient_permissions" in body
                may = granted(caller, permission)
                if may and status == 405 and b"X-HTTP-Method-Override" in body:
                    continue  # POST on a tus upload only carries other methods.
                if may and (lacks or status in (401, 405) or status >= 500) or not may and status != 403:
                    wrong.append((caller, permission, method, pattern, status, body[:120]))
    print(f"    {asked} requests", flush=True)
    assert not wrong, f"{len(wrong)}: {wrong[:12]}"


@case
def a_cookie_without_its_token_changes_nothing(_, world):
    wrong = []
    for pattern, operations in world.routes():
        for method, operation in operations.items():
            if "x-permission" not in operation or method not in CHANGES:
                continue
            status, _, body = world.ask(method, fill(pattern, world.job_ids["own"]),
                                        world.callers["cookie without CSRF"])
            if status != 403 or b"CSRF" not in body:
                wrong.append((method, pattern, status, body[:120]))
    assert not wrong, f"{len(wrong)}: {wrong[:12]}"
    assert world.server.json("GET", f"/jobs/{world.job_ids['own']}", None, world.callers["user"])


def comparable(reply, path):
    status, headers, body = reply
    kept = sorted((k.lower(), v) for k, v in headers.items()
                  if k.lower() not in ("x-request-id", "date"))
    text = re.sub(rb'"(request_id|timestamp)":\s*"[^"]*"', b'"\\1":""', body)
    return status, kept, text.replace(path.encode(), b"PATH")


@case
def a_foreign_object_looks_like_a_missing_one(_, world):
    user = world.callers["user"]
    wrong = []
    asked = 0
    for pattern, operations in world.routes():
        found = re.search(r"\{(job_id|key_id|user_id|id|batch_id|session_id|upload_id)\}", pattern)
        if not found:
            continue
        ids = world.key_ids if found.group(1) == "key_id" else world.job_ids
        for method, operation in operations.items():
            if not granted("user", operation.get("x-permission")) or NEVER_CALLED_WITH_RIGHTS.search(pattern):
                continue
            if (method, pattern) == ("POST", "/files/{upload_id}"):
                continue  # Only carries other methods of tus.
            replies = {}
            for kind, value in (("foreign", ids["foreign"]), ("missing", str(uuid.uuid4()))):
                path = fill(pattern, value)
                replies[kind] = comparable(world.ask(method, path, user), path)
                asked += 1
            if replies["foreign"] != replies["missing"]:
                wrong.append((method, pattern, replies))
            if replies["foreign"][0] not in (400, 404, 422):
                wrong.append((method, pattern, replies["foreign"][0]))
            for value in ("x", "%00", "..%2f..", "0" * 300, "%ff", world.job_ids["own"] + "x"):
                status, _, body = world.ask(method, fill(pattern, value), user)
                asked += 1
                if status not in (400, 404, 422):
                    wrong.append((method, pattern, value, status, body[:80]))
    print(f"    {asked} requests", flush=True)
    assert not wrong, f"{len(wrong)}: {wrong[:8]}"
    # What was asked of foreign objects must not have happened to them.
    assert world.server.request("GET", f"/jobs/{world.job_ids['foreign']}", None, world.callers["bob"])[0] == 200
    assert world.server.json("GET", f"/keys/{world.key_ids['foreign']}", None, world.callers["bob"])["status"] == "active"


def kolmogorov_smirnov(left, right):
    """(largest distance of the two empirical distributions, probability of one as large or larger)."""
    left, right = sorted(left), sorted(right)
    i = j = 0
    distance = 0.0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            i += 1
        else:
            j += 1
        distance = max(distance, abs(i / len(left) - j / len(right)))
    size = math.sqrt(len(left) * len(right) / (len(left) + len(right)))
    argument = (size + 0.12 + 0.11 / size) * distance
    total = sum(2 * (-1) ** (k - 1) * math.exp(-2 * (k * argument) ** 2) for k in range(1, 101))
    return distance, min(1.0, max(0.0, total)) if argument > 0.2 else 1.0


@case
def times_of_foreign_and_missing_jobs(_, world):
    if not SAMPLES:
        return
    connection = http.client.HTTPConnection("127.0.0.1", world.server.port, timeout=60)
    times = {"foreign": [], "missing": []}
    missing = str(uuid.uuid4())  # One, as the foreign one is: a new one each time costs the client.
    for index in range(2 * SAMPLES + 200):
        kind = "foreign" if index % 2 else "missing"
        value = world.job_ids["foreign"] if kind == "foreign" else missing
        begin = time.perf_counter_ns()
        connection.request("GET", "/jobs/" + value, headers=world.callers["user"])
        response = connection.getresponse()
        response.read()
        times[kind].append(time.perf_counter_ns() - begin)
        assert response.status == 404
    warm = {kind: values[100:] for kind, values in times.items()}
    distance, probability = kolmogorov_smirnov(warm["foreign"], warm["missing"])
    medians = {kind: sorted(values)[len(values) // 2] / 1e3 for kind, values in warm.items()}
    print(f"    D = {distance:.4f}, p = {probability:.3f}, medians in us: {json.dumps(medians)}", flush=True)


def main():
    if not (MODELS / "base").exists():
        print(f"skipped: the model base is not in {MODELS}")
        return 77
    with tempfile.TemporaryDirectory() as directory:
        world = World(pathlib.Path(directory))
        failed = run(CASES, [world])
        if world.server.stop() != 0:
            print("FAILED  the server did not end well")
            return 1
        return failed


sys.exit(main())
