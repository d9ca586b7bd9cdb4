#!/usr/bin/env bash
# Runs one of the browser tests beside this file: browser_test.sh NAME BIN_DIR [ARGUMENT...]
# Exit status 77: something that it needs is missing here.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [[ -x $root/build/node/bin/node ]]; then PATH=$root/build/node/bin:$PATH; fi
if ! command -v node >/dev/null; then
  echo "skipped: Node.js is missing"
  exit 77
fi
script=$1
shift
exec node "$root/tests/web/$script.mjs" "$@"
