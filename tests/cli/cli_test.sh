#!/usr/bin/env bash
# The program as a new user meets it: help, mistakes, exit statuses, and, where a model is
# installed, real transcriptions, a stopped one and a closed pipe.
# Usage: cli_test.sh TRANSCRIBER SOURCE_DIR
set -uo pipefail
program=$1 source=$2
sample=$source/assets/sample.flac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
  echo "FAILED: $1" >&2
  sed 's/^/    /' "$work/out" "$work/err" >&2
  failures=$((failures + 1))
}

# expect STATUS WHAT COMMAND...: runs it with output in $work/out and $work/err.
expect() {
  local wanted=$1 what=$2 status=0
  shift 2
  "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  [[ $status -eq $wanted ]] || fail "$what: status $status, not $wanted"
}

says() { grep -qF -- "$1" "$work/out" "$work/err" || fail "not said: $1"; }

empty=(env -u MODEL_DIR -u DEFAULT_MODEL HOME="$work/home" XDG_DATA_HOME="$work/data"
  XDG_CACHE_HOME="$work/cache" MODEL_DIR="$work/models")

expect 2 "no command" "$program"
says "transcriber transcribe FILE"
expect 0 "help" "$program" --help
expect 0 "help of a command" "$program" transcribe --help
says "--beam-size"
expect 0 "version" "$program" --version
expect 2 "a mistyped command" "$program" transcibe x.wav
says "did you mean transcribe?"
expect 2 "a file instead of a command" "$program" "$sample"
says "transcriber transcribe"
expect 2 "a mistyped option" "$program" transcribe --beemsize 5 "$sample"
says "did you mean --beam-size?"
expect 2 "a value out of range" "$program" transcribe --beam-size 0 "$sample"
says "1 to 16"
expect 2 "a device that is not there" "$program" transcribe --device cuda "$sample"
says "cuda"
expect 0 "completions" "$program" completions bash
bash -n "$work/out" || fail "the bash completions have a syntax error"
if [[ ! -d /var/lib/whisper-transcriber/models ]]; then
  expect 3 "no model" "${empty[@]}" "$program" transcribe "$sample"
  says "transcriber models pull base"
  expect 1 "doctor without models" "${empty[@]}" "$program" doctor
  says "fix: transcriber models pull base"
fi
expect 3 "a mistyped model" "${empty[@]}" "$program" transcribe --model bsae "$sample"
says "did you mean base?"
expect 3 "a model path that is not there" "$program" transcribe --model "$work/no/model" "$sample"
expect 2 "an instruction set that is not one" env WT_FORCE_ISA=quantum "$program" transcribe \
  --model "$source/assets" "$sample"

status=0
"$program" transcribe -q "$sample" >"$work/out" 2>"$work/err" || status=$?
if [[ $status -eq 3 ]]; then
  echo "cli_test: no model is installed; real transcriptions were skipped"
  [[ $failures -eq 0 ]] || exit 1
  exit 0
fi
[[ $status -eq 0 ]] || fail "the sample: status $status"
grep -qE '^\[00:0[0-9]\.[0-9]{3} --> ' "$work/out" || fail "no line with times"

expect 1 "a file that is not there" "$program" transcribe "$work/none.wav"
says "No such file"
expect 1 "a directory" "$program" transcribe "$work"
says "is a directory"
echo "not audio" >"$work/text.wav"
expect 1 "a text file" "$program" transcribe "$work/text.wav"
expect 1 "an output that cannot be written" "$program" transcribe "$sample" --output /proc/no.txt
expect 0 "subtitles" "$program" transcribe "$sample" -f srt
grep -q '^00:00:0' "$work/out" || fail "no subtitle times"
expect 0 "standard input" bash -c '"$1" transcribe -q -f json - <"$2"' - "$program" "$sample"
grep -q '"language":"en"' "$work/out" || fail "no JSON from standard input"

expect 1 "json lines with a bad file" "$program" transcribe --jsonl "$sample" "$work/none.wav" \
  "$sample"
[[ $(wc -l <"$work/out") -eq 3 ]] || fail "not three lines of JSON"
[[ $(sed -n 2p "$work/out") == *'"code":"not_found"'* ]] || fail "no error in the second line"

expect 0 "files" "$program" transcribe "$sample" -o "$work/out dir" -f all
[[ $(find "$work/out dir" -type f | wc -l) -eq 7 ]] || fail "not seven files"
expect 1 "files that exist" "$program" transcribe "$sample" -o "$work/out dir" -f all
says "--overwrite"

# One flipped byte of the packed weights: opening does not read them, verifying does.
cached=(env XDG_CACHE_HOME="$work/cached" "$program")
expect 0 "with a cache of its own" "${cached[@]}" transcribe -q "$sample"
packed=$(find "$work/cached" -name '*.wtpack')
[[ -f $packed ]] || fail "no packed weights were kept"
expect 0 "verify" "${cached[@]}" models verify
says "packed weights: 1 file is right"
middle=$(($(stat -c %s "$packed") / 2))
printf '\x5a' | dd of="$packed" bs=1 seek="$middle" conv=notrunc status=none
expect 1 "verify with a flipped byte" "${cached[@]}" models verify
says "packed weights: DAMAGED: $packed: blob"
expect 0 "with new packed weights" "${cached[@]}" transcribe -q "$sample"
expect 0 "verify again" "${cached[@]}" models verify

# Stopped while it works: status 130, nothing left, soon.
cp "$sample" "$work/1.flac"
cp "$sample" "$work/2.flac"
"$program" transcribe "$work/1.flac" "$work/2.flac" --jsonl -o "$work/stopped" \
  >"$work/out" 2>"$work/err" &
pid=$!
while ! [[ -d $work/stopped ]] && kill -0 "$pid" 2>/dev/null; do :; done
begin=$(date +%s%N)
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
took=$((($(date +%s%N) - begin) / 1000000))
[[ $status -eq 130 ]] || fail "stopped: status $status, not 130"
[[ $took -lt 2000 ]] || fail "stopping took $took ms"
[[ -z $(find "$work/stopped" -type f) ]] || fail "stopping left files"

status=0
"$program" transcribe "$sample" --jsonl 2>"$work/err" | true
status=${PIPESTATUS[0]}
[[ $status -eq 141 ]] || fail "a closed pipe: status $status, not 141"

[[ $failures -eq 0 ]] || exit 1
echo "cli_test: passed"
