#!/usr/bin/env python3
"""Traces as a collector gets them: from a client's request through the queue into another process (OBS-14).

usage: traces_test.py TRANSCRIBER SOURCE_DIR MODEL_DIR

The collector is this script: it checks what arrives against OTLP's JSON mapping. Needs the model base (else 77).
"""
import contextlib
import http.server
import json
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "service"))
from server import Server, run  # pylint: disable=wrong-import-position

PROGRAM, SOURCE, MODELS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
SAMPLE = (SOURCE / "assets/sample.flac").read_bytes()
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
KIND = {"internal": 1, "server": 2, "consumer": 5}
CASES = []


def case(function):
    CASES.append(function)
    return function


class Collector:
    def __init__(self):
        self.spans, self.wrong, self.answers = [], [], []
        self.lock = threading.Lock()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with collector.lock:
                    status = collector.answers.pop(0) if collector.answers else 200
                    if status == 200:
                        collector.take(self.path, self.headers, json.loads(body))
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, path, headers, body):
        if path != "/v1/traces" or headers["Content-Type"] != "application/json" or headers["x-team"] != "speech, 1":
            self.wrong.append((path, dict(headers)))
        for resource in body["resourceSpans"]:
            about = {a["key"]: a["value"] for a in resource["resource"]["attributes"]}
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    self.wrong += [(key, span) for key, form in (("traceId", r"[0-9a-f]{32}"), ("spanId", r"[0-9a-f]{16}"),
                                                                 ("startTimeUnixNano", r"\d{19}"), ("endTimeUnixNano", r"\d{19}"))
                                   if not re.fullmatch(form, span[key])]
                    span["process"] = int(about["process.pid"]["intValue"])
                    span["service"] = about["service.name"]["stringValue"]
                    span["about"] = {a["key"]: next(iter(a["value"].values())) for a in span["attributes"]}
                    self.spans.append(span)

    def environment(self, **more):
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.address + "/", "OTEL_EXPORTER_OTLP_HEADERS": "x-team=speech%2C%201",
                "OTEL_SERVICE_NAME": "speech", "LOG_LEVEL": "info", **more}

    def wait_for(self, trace, name):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with self.lock:
                found = [s for s in self.spans if s["traceId"] == trace and s["name"] == name]
            if found:
                return found[0]
            time.sleep(0.05)
        raise AssertionError((name, [(s["name"], s["traceId"]) for s in self.spans], self.wrong))


def submit(server, traceparent, **fields):
    boundary = "b0undary"
    parts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                    for name, value in {"model": "base", **fields}.items()).encode()
    parts += (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.flac"\r\n\r\n').encode()
    body = parts + SAMPLE + f"\r\n--{boundary}--\r\n".encode()
    status, _, answer = server.request("POST", "/jobs", body, {"Content-Type": f"multipart/form-data; boundary={boundary}",
                                                               "traceparent": traceparent})
    assert status in (200, 201, 202), (status, answer)
    return json.loads(answer)["job_id"]


@contextlib.contextmanager
def a_worker(directory, environment):
    worker = subprocess.Popen([PROGRAM, "worker", "--data-dir", str(directory), "--model-dir", str(MODELS)], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = []
    threading.Thread(target=lambda: said.extend(worker.stdout), daemon=True).start()
    try:
        while "Ready" not in (line := worker.stderr.readline()):
            assert line, "the worker did not start"
        yield worker, said
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0


@case
def one_trace_goes_through_two_processes(directory):
    collector = Collector()
    server = Server(PROGRAM, directory, MODELS, environment=collector.environment()).start()
    server.json("POST", "/admin/concurrency", {"max_concurrent_jobs": 1})
    busy = []
    with a_worker(directory, server.environment) as (worker, said):
        for index in range(40):
            # While one of them has this job, the other one has to do the next.
            busy.append(submit(server, f"00-{'1' * 32}-{CALLER}-00", compute_type="float32"))
            trace = f"{TRACE[:-2]}{index:02x}"
            job = server.wait_for(submit(server, f"00-{trace}-{CALLER}-01"))
            attempt = collector.wait_for(trace, "transcription job")
            if attempt["process"] == worker.pid:
                break
        request = collector.wait_for(trace, "POST /jobs")
        assert job["status"] == "completed" and attempt["parentSpanId"] == request["spanId"], (attempt, request)
        assert request["process"] == server.process.pid != attempt["process"] and request["parentSpanId"] == CALLER
        assert request["kind"] == KIND["server"] and request["service"] == "speech", request
        assert request["about"]["http.response.status_code"] in ("200", "201", "202"), request
        assert attempt["kind"] == KIND["consumer"] and attempt["about"]["job.end"] == "succeeded", attempt
        for name in ("load model", "transcribe", "store result"):
            part = collector.wait_for(trace, name)
            assert part["parentSpanId"] == attempt["spanId"] and part["process"] == worker.pid, part
            assert int(attempt["startTimeUnixNano"]) <= int(part["startTimeUnixNano"]) <= int(part["endTimeUnixNano"])
        lines = [json.loads(line) for line in said if line.startswith("{")]
        mine = [line for line in lines if line.get("trace_id") == trace]
        assert mine and all(line["job_id"] and line["request_id"] for line in mine), lines[-3:]
    for job_id in busy:
        server.wait_for(job_id)
    assert not [s for s in collector.spans if s["traceId"] == "1" * 32], "the client said that its trace is not sampled"
    assert not collector.wrong, collector.wrong
    server.stop()


@case
def a_collector_that_is_away_costs_nothing_but_its_spans(directory):
    collector = Collector()
    collector.answers = [503, 400]
    server = Server(PROGRAM, directory, MODELS, environment=collector.environment(OTEL_TRACES_SAMPLER="always_on")).start()
    assert server.request("GET", "/jobs", headers={"traceparent": f"00-{TRACE}-{CALLER}-00"})[0] == 200
    # 503 is tried again; 400 says that these will never be taken.
    end = time.monotonic() + 30
    while collector.answers:
        assert time.monotonic() < end, "the spans were not sent again"
        time.sleep(0.05)
    assert server.request("GET", "/version", headers={"traceparent": f"00-{TRACE}-{CALLER}-00"})[0] == 200
    collector.wait_for(TRACE, "GET /version")
    while "whisper_spans_exported_total 0" in (text := server.request("GET", "/metrics")[2].decode()):
        assert time.monotonic() < end + 30, text
        time.sleep(0.1)
    assert re.search(r"^whisper_spans_dropped_total [1-9]", text, re.M), text
    log = server.log.read_text()
    assert "traces are not exported: " in log and "answered with the status 503" in log and "exported again" in log
    assert "speech, 1" not in log and "speech%2C" not in log, "headers are secrets"
    server.stop()


@case
def settings_that_mean_nothing_stop_the_start(directory):
    for name, value in (("OTEL_EXPORTER_OTLP_HEADERS", "no pair"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=%zz"),
                        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"), ("OTEL_TRACES_SAMPLER_ARG", "2")):
        done = subprocess.run([PROGRAM, "serve", "--port", "0", "--single-user", "--data-dir", str(directory)],
                              env={"PATH": "/usr/bin:/bin", name: value}, capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and name in done.stderr, (name, value, done)


def main():
    if not (MODELS / "base").exists():
        print(f"skipped: the model base is not in {MODELS}")
        sys.exit(77)
    sys.exit(run(CASES, []))


main()
