"""The tus client for Python (tuspy) against a running server.

usage: tus_python.py BASE_URL KEY RECORDING

Uploads whole, in chunks, with checksums, over a connection that is cut, and goes on with an upload of
an earlier client. Each becomes one job whose recording has the same bytes. Prints a line per case; exit
status 1 when one fails.
"""
import hashlib
import io
import json
import sys
import urllib.parse
import urllib.request

from tusclient import client as tus
from tusclient.exceptions import TusCommunicationError

from cutting_proxy import CuttingProxy

BASE, KEY, RECORDING = sys.argv[1:4]
DATA = open(RECORDING, "rb").read()
CASES = []


def case(function):
    CASES.append(function)
    return function


def client_at(base):
    return tus.TusClient(base + "/files", headers={"Authorization": "Bearer " + KEY})


def get(path):
    request = urllib.request.Request(BASE + path, headers={"Authorization": "Bearer " + KEY})
    return urllib.request.urlopen(request, timeout=60).read()


def check_job(url, data=DATA):
    """The upload became one job with these bytes."""
    request = urllib.request.Request(urllib.parse.urljoin(BASE, urllib.parse.urlparse(url).path), method="HEAD", headers={
        "Authorization": "Bearer " + KEY, "Tus-Resumable": "1.0.0"})
    head = urllib.request.urlopen(request, timeout=60).headers
    assert head["Upload-Offset"] == str(len(data)), dict(head)
    job = json.loads(get("/jobs/" + head["X-Job-ID"]))
    assert job["sha256"] == hashlib.sha256(data).hexdigest() and job["file_size"] == len(data), job
    assert get(f"/jobs/{job['id']}/audio") == data
    return job


def uploader(client, data=DATA, **options):
    options.setdefault("metadata", {"filename": "Gr\u00fc\u00dfe 1.flac", "model": "base"})
    return client.uploader(file_stream=io.BytesIO(data), **options)


@case
def whole_in_one_request():
    one = uploader(client_at(BASE))
    one.upload()
    assert check_job(one.url)["filename"] == "Gr\u00fc\u00dfe 1.flac"


@case
def in_chunks():
    one = uploader(client_at(BASE), chunk_size=30_000)
    one.upload()
    assert check_job(one.url)["model"] == "base"


@case
def with_checksums():
    one = uploader(client_at(BASE), chunk_size=50_000, upload_checksum=True)
    one.upload()
    check_job(one.url)


@case
def a_wrong_checksum_is_refused_and_nothing_is_kept():
    one = uploader(client_at(BASE), chunk_size=50_000, upload_checksum=True)
    one._BaseUploader__checksum_algorithm = lambda _: hashlib.sha1(b"something else")
    try:
        one.upload_chunk()
        raise AssertionError("it was taken")
    except TusCommunicationError as error:
        assert error.status_code == 460, error.status_code
    assert one.get_offset() == 0
    # The same upload, as it should be.
    again = uploader(client_at(BASE), url=one.url, chunk_size=50_000, upload_checksum=True)
    again.upload()
    check_job(one.url)


@case
def over_a_connection_that_is_cut():
    proxy = CuttingProxy(int(BASE.rsplit(":", 1)[1]), cuts=3, bytes_each=len(DATA) // 3)
    try:
        one = uploader(client_at(f"http://127.0.0.1:{proxy.port}"), retries=8, retry_delay=0.05)
        one.upload()
        assert proxy.cut >= 2, proxy.cut
        check_job(one.url)
    finally:
        proxy.close()


@case
def another_client_goes_on_where_the_first_one_stopped():
    first = uploader(client_at(BASE), chunk_size=40_000)
    first.upload_chunk()
    first.upload_chunk()
    second = uploader(client_at(BASE), url=first.url, chunk_size=1 << 20)
    assert second.offset == 80_000, second.offset
    second.upload()
    check_job(first.url)


def main():
    failed = 0
    for function in CASES:
        name = function.__name__.replace("_", " ")
        try:
            function()
            print(f"ok      {name}")
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED  {name}: {type(error).__name__}: {str(error)[:400]}")
    print(f"tuspy: {len(CASES) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
