# Shared by the scripts in tools/: source it. Where models are kept and how one is asked for.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data_dir=${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/whisper-transcriber
models_dir=${MODEL_DIR:-$data_dir/models}
transcriber=$root/build/release/bin/transcriber

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# True when the named model has been installed (its manifest is written last).
has_model() { [[ -f $models_dir/$1/manifest.json ]]; }

# Fetches the models that are not there. Fails with the program's own explanation.
fetch_models() {
  local name wanted=()
  for name in "$@"; do
    has_model "$name" || wanted+=("$name")
  done
  [[ ${#wanted[@]} -eq 0 ]] || "$transcriber" models pull "${wanted[@]}"
}
