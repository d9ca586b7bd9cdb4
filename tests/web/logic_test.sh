#!/usr/bin/env bash
# Types and logic of the web app. Exit status 77: the packages for checks are not installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../web"
if [[ -x ../build/node/bin/node ]]; then PATH=$PWD/../build/node/bin:$PATH; fi
if ! command -v node >/dev/null || [[ ! -d node_modules/vitest ]]; then
  echo "skipped: npm --prefix web ci"
  exit 77
fi
node node_modules/typescript/bin/tsc --noEmit
# A place whose clocks change, for what counts days.
TZ=Europe/Berlin node node_modules/vitest/vitest.mjs run
