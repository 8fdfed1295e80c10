#!/usr/bin/env bash
# Sets up what is missing, builds, and runs the tests. Ends with 0 when all that was asked for passed.
#
#   test/run.sh                  every test, at counts that fit 25 minutes on 2 cores
#   test/run.sh --full           the full counts, both sanitizers, mutants, fuzzers, arm64 and a fresh Debian 13
#   test/run.sh --full TOPIC…    the same of these topics alone, each within an hour
#   --no-evm                     with any of them: without the tests of EVM networks, so without node and npm
#
# A topic is what the name of a test begins with, as mpc, provider, e2e, capi; `systems` is Debian 13.
# What --full has passed at a commit it does not run again: repeat the command to go on after an interruption.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
usage() { sed -n '2,10s/^# \{0,1\}//p' "$root/test/run.sh"; }
full=false evm=true topics=()
while [ $# -gt 0 ]; do
  case $1 in
    --full) full=true ;;
    --no-evm) evm=false ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "unknown option $1" >&2; usage >&2; exit 2 ;;
    *) topics+=("$1") ;;
  esac
  shift
done
if ! $full && [ ${#topics[@]} -gt 0 ]; then
  echo "topics (${topics[*]}) go with --full; one test alone: ctest --preset release -R NAME" >&2
  exit 2
fi

. .ci/prerequisites.sh
c2d_require_namespaces
c2d_require "${c2d_build_packages[@]}" "${c2d_test_packages[@]}"
if $full; then c2d_require "${c2d_full_packages[@]}"; fi
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=1 # clones and branches share what one compiled

# What npm lacks does not keep the other tests from running; the reason stands at the end.
if $evm && [[ ${#topics[@]} -eq 0 || " ${topics[*]} " == *" evm "* ]] && ! c2d_require_node test/evm; then
  echo "The tests of EVM networks cannot run; the others go on, the reason stands at the end." >&2
  evm=false
fi

# A database that speaks Arrow, in some 70 MB; without it one test is skipped.
if $evm && [ "$(uname -m)" = x86_64 ]; then
  (c2d_require_node test/table) || echo "No duckdb from npm: table_arrow_duckdb will be skipped." >&2
fi

code=0
if $full; then
  . test/full.sh
  full_run "${topics[@]}" || code=1
else
  cmake --preset release >/dev/null
  cmake --build --preset release
  c2d_require_walls build/bin/dt-cli
  without=()
  $evm || without=(-E '^evm_')
  ctest --preset release -j "$(nproc)" "${without[@]}" || code=$?
fi
if [ -n "$c2d_node_problem" ]; then
  printf 'The tests of EVM networks were not run: %s\nWithout them: test/run.sh --no-evm\n' "$c2d_node_problem" >&2
  exit 1
fi
$evm || echo "The tests of EVM networks (evm_…) were not run: --no-evm"
exit "$code"
