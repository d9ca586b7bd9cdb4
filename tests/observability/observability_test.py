#!/usr/bin/env python3
"""What observability/ says about metrics, settings and routes must be true of the server.

usage: observability_test.py TRANSCRIBER SOURCE_DIR MODEL_DIR

Rules and their unit tests are also given to promtool where there is one. Needs the model base; without it everything
is skipped (exit status 77).
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "service"))
from server import Server, run  # pylint: disable=wrong-import-position

PROGRAM, SOURCE, MODELS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
PROMETHEUS = SOURCE / "observability/prometheus"
SAMPLE = (SOURCE / "assets/sample.flac").read_bytes()
TOKEN = "metrics-" + "t" * 40
METRIC = re.compile(r"\b(?:whisper|process)_[a-z_]+\b")
# Alerts that operators count on, by the requirement that names their subject.
WANTED = {"QueueDeep", "QueueVeryDeep", "JobsFail", "RequestsSlow", "ErrorsAboveOnePercent", "ErrorsAboveFivePercent",
          "ProcessorBusy", "DiskFull", "ModelsMissing", "WorkerSilent", "NotReady", "CertificateEnds",
          "AuthenticationFails", "ErrorsLogged", "AuditNotWritten", "JobStuck"}
# Only there once something has gone wrong, or with TLS.
AFTER_A_FAULT = {"whisper_worker_failures", "whisper_exceptions_total", "whisper_rate_limited_total",
                 "whisper_http_request_errors_total", "whisper_auth_failures_total", "whisper_tls_certificate_expiry_timestamp"}
CASES = []


def case(function):
    CASES.append(function)
    return function


def documented():
    return set(re.findall(r"^\| `(\w+)` \|", (SOURCE / "docs/metrics.md").read_text(), re.M))


def base_names(text):
    names = set(METRIC.findall(text))
    return {re.sub(r"_(bucket|sum|count)$", "", name) if name not in documented() else name for name in names}


def expressions():
    """{alert: expression} of the rules; they are written with one expression on one line."""
    text = (PROMETHEUS / "alerts.yml").read_text()
    found = dict(re.findall(r"- alert: (\w+)\n\s+expr: >-\n\s+(.+)\n", text))
    assert len(found) == text.count("- alert:"), "a rule is not read"
    return found


def queries():
    board = json.loads((SOURCE / "observability/grafana/dashboards/whisper-transcriber.json").read_text())
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


@case
def alerts_are_complete_and_name_what_there_is(_):
    rules = expressions()
    assert WANTED <= rules.keys(), WANTED - rules.keys()
    for alert, expression in rules.items():
        unknown = base_names(expression) - documented()
        assert not unknown, (alert, unknown)


@case
def runbook_links_resolve(_):
    page = (SOURCE / "docs/runbook.md").read_text()
    anchors = {heading.lower() for heading in re.findall(r"^## (\w+)$", page, re.M)}
    links = re.findall(r"runbook: docs/runbook\.md#(\w+)", (PROMETHEUS / "alerts.yml").read_text())
    assert len(links) == len(expressions()) and set(links) <= anchors, set(links) - anchors
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= anchors
    settings = (SOURCE / "docs/configuration.md").read_text()
    for name in set(re.findall(r"`([A-Z][A-Z_]{4,})(?:=\d+)?`", page)) - {"SIGSTOP"}:
        assert f"`{name}`" in settings, name


@case
def promtool_agrees(_):
    promtool = shutil.which("promtool")
    if promtool is None:
        print("    promtool is not there: the rules were read, not evaluated", flush=True)
        return
    for arguments in (("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml"),
                      ("check", "config", "--syntax-only", "prometheus.yml")):
        done = subprocess.run([promtool, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (arguments, done.stdout[-2000:], done.stderr[-2000:])


@case
def every_query_finds_its_metric_on_a_server_at_work(directory):
    server = Server(PROGRAM, directory, MODELS, environment={"METRICS_TOKEN": TOKEN, "LOG_LEVEL": "warning"}).start()
    files = [("file", "a.flac", SAMPLE)]
    before = exposition(server)
    job_id = server.upload("/jobs", [("model", "base")], files)["job_id"]
    server.wait_for(job_id)
    wanted = set().union(*(base_names(text) for text in [*queries(), *expressions().values()])) - AFTER_A_FAULT
    # Gauges are taken every few seconds, not at each request: the first ones may be of before the job.
    deadline = time.monotonic() + 30
    while (missing := wanted - with_values(after := exposition(server))) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not missing, sorted(missing)
    # Numbers move (OBS-09, OBS-10).
    for line in ('whisper_job_completions_total{status="completed"} 1', "whisper_job_duration_seconds_count 1",
                 'whisper_model_inference_seconds_count{device="cpu",model="base"} 1',
                 'whisper_model_load_seconds_count{model="base"} 1', 'whisper_uploads_total{outcome="accepted"} 1'):
        assert line in after and line not in before, line
    bytes_in = re.search(r"^whisper_upload_bytes_total (\S+)", after, re.M).group(1)
    assert float(bytes_in) == len(SAMPLE), bytes_in
    # Routes that the runbook sends people to.
    paths = server.json("GET", "/openapi.json")["paths"]
    page = (SOURCE / "docs/runbook.md").read_text()
    for method, path in re.findall(r"`(GET|POST) (/[^ ?`]*)", page):
        pattern = re.compile("^" + re.sub(r"\bID\b", r"\\{[a-z_]+\\}", path) + "$")
        assert any(pattern.match(known) and method.lower() in paths[known] for known in paths), (method, path)
    server.stop()


def with_values(text):
    """The documented names of all metrics that have a value."""
    there = set(re.findall(r"^# TYPE (\w+) ", text, re.M))
    return {re.sub(r"_(bucket|sum|count)$", "", name) if name not in there else name
            for name in re.findall(r"^(\w+)(?:\{[^}]*\})? ", text, re.M)}


def exposition(server):
    status, headers, body = server.request("GET", "/metrics", headers={"Authorization": "Bearer " + TOKEN})
    assert status == 200, status
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4"), headers["Content-Type"]
    return body.decode()


@case
def the_scrape_configuration_fits_the_server(directory):
    text = (PROMETHEUS / "prometheus.yml").read_text()
    assert "metrics_path: /metrics" in text and "type: Bearer" in text and "localhost:8001" in text
    server = Server(PROGRAM, directory, MODELS, arguments=(), environment={
        "METRICS_TOKEN": TOKEN, "ADMIN_BOOTSTRAP_PASSWORD": "correct horse battery staple"}).start()
    for path in ("/metrics", "/metrics/"):
        for token, status in ((None, 401), ("wrong", 401), (TOKEN, 200)):
            headers = {"Authorization": "Bearer " + token} if token else {}
            assert server.request("GET", path, headers=headers)[0] == status, (path, token)
    assert server.request("GET", "/metrics", headers={"X-Metrics-Token": TOKEN})[0] == 200
    # The token of the metrics is good for nothing else.
    assert server.request("GET", "/jobs", headers={"Authorization": "Bearer " + TOKEN})[0] in (401, 403)
    server.stop()


def main():
    if not (MODELS / "base").exists():
        print(f"skipped: the model base is not in {MODELS}")
        sys.exit(77)
    sys.exit(run(CASES, []))


main()
