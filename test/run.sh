#!/usr/bin/env bash
# Sets up what is missing, builds, and runs every test.
#
#   test/run.sh          at counts that fit 25 minutes on 2 cores
#   test/run.sh --full   the full counts, every sanitizer, the fuzzers and the mutants
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
full=false
case ${1:-} in
  '') ;;
  --full) full=true ;;
  *) echo "usage: test/run.sh [--full]" >&2; exit 2 ;;
esac

. .ci/prerequisites.sh
c2d_require "${c2d_build_packages[@]}" "${c2d_test_packages[@]}"
c2d_require_node test/evm
$full && c2d_require "${c2d_full_packages[@]}"
export CCACHE_DIR=${CCACHE_DIR:-$root/build/ccache}

# build_and_test PRESET FOLDER [ctest arguments…]
build_and_test() {
  local preset=$1 folder=$2
  shift 2
  cmake --preset "$preset" >/dev/null
  cmake --build "$folder"
  ctest --test-dir "$folder" --output-on-failure --no-tests=error "$@"
}

jobs=$(nproc)
if $full; then
  # Sanitizers look at every path, not at every count: they run with the ordinary ones.
  build_and_test asan build/asan -j "$jobs"
  build_and_test tsan build/tsan -j "$jobs"
  test/mutate.sh
  export C2D_FULL=1
fi
cmake --preset release >/dev/null
cmake --build build
c2d_require_walls build/bin/dt-cli
# Tests of networks and limits share the machine with whatever else runs on it: a failure gets one
# more try, and the output says which one took it.
build_and_test release build -j "$jobs" --repeat until-pass:2
