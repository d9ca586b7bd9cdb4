"""The official OpenAI Python client against a running server, case by case.

usage: openai_python.py BASE_URL KEY SPEECH.wav

The cases are the conformance list of the API's dialect page. Prints a line per case; exit status 1
when one fails. SPEECH.wav: a few seconds of English.
"""
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import urllib.request
import warnings
import wave

import openai

# Translations are deprecated in the client and still what people call.
warnings.simplefilter("ignore", DeprecationWarning)
BASE, KEY, SPEECH = sys.argv[1:4]
CLIENT = openai.OpenAI(base_url=BASE + "/v1", api_key=KEY, max_retries=0, timeout=300)
SPEECH_BYTES = open(SPEECH, "rb").read()
MODEL = "whisper-1"
CASES = []


def case(function):
    CASES.append(function)
    return function


def wav(samples, rate=16000):
    data = io.BytesIO()
    with wave.open(data, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return data.getvalue()


def transcribe(**options):
    options.setdefault("file", ("speech.wav", SPEECH_BYTES))
    options.setdefault("model", MODEL)
    return CLIENT.audio.transcriptions.create(**options)


def expect(error, call):
    try:
        call()
    except error as raised:
        return raised
    raise AssertionError(f"{error.__name__} was expected")


@case
def json_has_text():
    assert transcribe(response_format="json").text.strip()


@case
def text_srt_and_vtt_are_strings():
    text = transcribe(response_format="text")
    assert isinstance(text, str) and text.strip()
    assert "-->" in transcribe(response_format="srt")
    assert transcribe(response_format="vtt").startswith("WEBVTT")


@case
def verbose_json_has_typed_segments():
    result = transcribe(response_format="verbose_json")
    assert result.language == "english", result.language
    assert isinstance(result.duration, float) and result.duration > 1
    first = result.segments[0]
    for field in ("id", "seek", "start", "end", "text", "tokens", "temperature", "avg_logprob",
                  "compression_ratio", "no_speech_prob"):
        assert getattr(first, field) is not None, field
    assert first.text.startswith(" ")
    assert not result.words


@case
def granularities_choose_what_is_there():
    words = transcribe(response_format="verbose_json", timestamp_granularities=["word"])
    assert words.words and not words.segments
    assert all(w.word == w.word.strip() and w.start <= w.end for w in words.words)
    both = transcribe(response_format="verbose_json", timestamp_granularities=["word", "segment"])
    assert both.words and both.segments


@case
def translations_in_every_format():
    create = CLIENT.audio.translations.create
    for name in ("json", "text", "srt", "verbose_json", "vtt"):
        result = create(model=MODEL, file=("s.wav", SPEECH_BYTES), response_format=name)
        assert result, name
    assert create(model=MODEL, file=("s.wav", SPEECH_BYTES), response_format="verbose_json").language


@case
def diarized_json_says_who_speaks():
    result = transcribe(response_format="diarized_json", chunking_strategy="auto")
    assert type(result).__name__ == "TranscriptionDiarized", type(result)
    assert result.task == "transcribe" and result.duration > 0 and result.segments, result
    assert {segment.speaker for segment in result.segments} == {"A"}, "one voice reads the sample"
    for before, segment in zip([None, *result.segments], result.segments):
        assert segment.type == "transcript.text.segment" and isinstance(segment.id, str) and segment.text.strip()
        assert segment.end > segment.start >= (before.start if before else 0)
    events = list(transcribe(response_format="diarized_json", stream=True))
    turns = [event for event in events if event.type == "transcript.text.segment"]
    assert [turn.text for turn in turns] == [segment.text for segment in result.segments], turns
    assert events[-1].type == "transcript.text.done" and all(turn.speaker == "A" for turn in turns)


@case
def logprobs_spell_the_text():
    result = transcribe(response_format="json", include=["logprobs"])
    # The client makes numbers with a point of them.
    spelt = b"".join(bytes(int(byte) for byte in token.bytes) for token in result.logprobs).decode()
    assert spelt.strip() == result.text, (spelt, result.text)
    assert all(token.logprob <= 0 for token in result.logprobs)
    assert transcribe(response_format="json").logprobs is None


@case
def streamed_deltas_join_to_the_text():
    deltas, done = [], []
    for event in transcribe(stream=True):
        if event.type == "transcript.text.delta":
            deltas.append(event.delta)
        elif event.type == "transcript.text.done":
            done.append(event.text)
    assert len(done) == 1 and "".join(deltas) == done[0], (deltas, done)


@case
def diarized_json_names_speakers():
    try:
        result = transcribe(response_format="diarized_json")
    except openai.BadRequestError as error:
        assert error.code == "speaker_model_not_installed" and error.param == "response_format", error
        return  # This machine has no speaker model, and says so.
    assert result.segments and result.segments[0].speaker == "A" and result.segments[0].id == "seg_001", result
    turns = [e for e in transcribe(response_format="diarized_json", stream=True) if e.type == "transcript.text.segment"]
    assert [(t.id, t.text, t.speaker) for t in turns] == [(s.id, s.text, s.speaker) for s in result.segments], turns


@case
def leaving_a_stream_is_no_error_for_the_next():
    with transcribe(stream=True) as stream:
        next(iter(stream))
    assert transcribe().text.strip()


@case
def wrong_key():
    if os.environ.get("CONTRACT_ACCOUNTS") == "0":
        return  # Without accounts there are no keys.
    other = openai.OpenAI(base_url=BASE + "/v1", api_key="wt_wrong", max_retries=0)
    expect(openai.AuthenticationError, lambda: other.models.list())


@case
def unknown_model_names_its_parameter():
    raised = expect(openai.NotFoundError, lambda: transcribe(model="no-such-model"))
    assert raised.param == "model" and raised.code == "model_not_found", raised.body


@case
def bad_files_are_bad_requests():
    mp3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + b"\0" * 2000
    for name, data in (("empty.wav", b""), ("cut.mp3", mp3), ("text.wav", b"hello " * 400),
                       ("none.wav", wav([]) + b"\0" * 0)):
        raised = expect(openai.BadRequestError, lambda: transcribe(file=(name, data)))
        assert raised.status_code == 400 and raised.message, name


@case
def too_large_is_413():
    raised = expect(openai.APIStatusError, lambda: transcribe(file=("b.wav", b"\0" * 26_300_000)))
    assert raised.status_code == 413 and raised.body["message"], raised.body


@case
def silence_is_empty_in_every_format():
    silence = ("silence.wav", wav([0] * 48000))
    assert transcribe(file=silence).text == ""
    assert transcribe(file=silence, response_format="text").strip() == ""
    assert transcribe(file=silence, response_format="srt").strip() == ""
    assert transcribe(file=silence, response_format="vtt").strip() == "WEBVTT"
    verbose = transcribe(file=silence, response_format="verbose_json")
    assert verbose.text == "" and not verbose.segments


@case
def names_and_prompts_in_other_scripts():
    result = transcribe(file=("запись “ä” 音声.wav", SPEECH_BYTES), prompt="Grüße, 東京, Привет",
                        language="en", temperature=0)
    assert result.text.strip()


@case
def languages_and_keywords():
    result = transcribe(extra_body={"languages": ["en", "de"], "keywords": ["country"]})
    assert result.text.strip()


@case
def file_part_last_and_chunked_body():
    boundary = "x-y-z"
    head = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{MODEL}\r\n"
            f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n"
            "Content-Type: application/octet-stream\r\n\r\n").encode()
    body = head + SPEECH_BYTES + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(BASE + "/v1/audio/transcriptions", method="POST", data=(
        body[i:i + 5000] for i in range(0, len(body), 5000)), headers={
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Transfer-Encoding": "chunked", "Authorization": "Bearer " + KEY})
    assert json.load(urllib.request.urlopen(request))["text"].strip()


@case
def curl_waits_for_100_continue():
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(wav([0] * 800_000))
        file.flush()
        done = subprocess.run(
            ["curl", "-sS", "-H", "Expect: 100-continue", "-H", "Authorization: Bearer " + KEY,
             "-F", "file=@" + file.name, "-F", "model=" + MODEL, "-w", "%{http_code}",
             BASE + "/v1/audio/transcriptions"], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("200"), done.stdout


@case
def models_are_listed_and_found():
    ids = [model.id for model in CLIENT.models.list()]
    assert MODEL in ids, ids
    assert CLIENT.models.retrieve(MODEL).id == MODEL
    expect(openai.NotFoundError, lambda: CLIENT.models.retrieve("a/b"))


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
    print(f"openai {openai.__version__}: {len(CASES) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
