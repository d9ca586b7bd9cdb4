#!/usr/bin/env bash
# Installs the engine into an empty prefix, then configures, builds and starts the example program
# against nothing but that prefix.
# Usage: install_test.sh CMAKE BUILD_DIR SOURCE_DIR CXX CC GENERATOR
set -euo pipefail
cmake=$1 build=$2 source=$3 cxx=$4 cc=$5 generator=$6

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "install_test: $1" >&2
  exit 1
}

"$cmake" --install "$build" --prefix "$work/prefix" --component engine >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; fail "cmake --install failed"; }
[[ -f $work/prefix/include/whisper_transcriber/engine.h ]] || fail "the headers are missing"
if find "$work/prefix" -name '*.h' -not -path '*/whisper_transcriber/*' | grep -q .; then
  fail "headers that are not public were installed"
fi
if grep -rqF "$source" "$work/prefix/lib"*/cmake; then
  fail "the package file names the source tree"
fi

# A copy, so that nothing of the source tree is found by accident.
cp -r "$source/examples/transcribe_file" "$work/example"
{
  "$cmake" -S "$work/example" -B "$work/build" -G "$generator" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix"
  "$cmake" --build "$work/build"
} >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "the example does not build"; }

program=$work/build/transcribe_file
status=0
"$program" 2>/dev/null || status=$?
[[ $status -eq 2 ]] || fail "without arguments the example ends with $status, not 2"

# 44 bytes of header and a second of silence.
wav=$work/silence.wav
printf 'RIFF\x24\x7d\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data\x00\x7d\x00\x00' >"$wav"
head -c 32000 /dev/zero >>"$wav"
status=0
message=$("$program" "$work/no-model" "$wav" 2>&1) || status=$?
[[ $status -eq 1 && $message == *not_found* ]] || fail "a missing model gave $status: $message"

if [[ -n ${WT_MODEL:-} && -e ${WT_MODEL:-} ]]; then
  "$program" "$WT_MODEL" "$wav" | grep -q '1.0 s$' || fail "the example does not transcribe"
fi
echo "install_test: passed"
