#!/usr/bin/env bash
# Every C and C++ file is as clang-format writes it; `test/style/format_test.sh --fix` makes it so.
#
# Versions of clang-format differ in details: with another than the one below the test is skipped (code 77).
set -euo pipefail

version=14
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
program=$(command -v "clang-format-$version" clang-format | head -1) || true
if [ -z "$program" ] || ! "$program" --version | grep -q "version $version\."; then
  echo "needs clang-format $version, found ${program:-none}"
  exit 77
fi
arguments=(--dry-run --Werror)
[ "${1:-}" != --fix ] || arguments=(-i)
find capi examples include src test bindings -name node_modules -prune -o -type f \
  \( -name '*.c' -o -name '*.h' -o -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 -n 40 -P "$(nproc)" "$program" "${arguments[@]}" || {
    echo "not formatted as .clang-format says: run test/style/format_test.sh --fix" >&2
    exit 1
  }
