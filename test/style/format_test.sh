#!/usr/bin/env bash
# Every C and C++ file is as clang-format writes it and every Python file as black does;
# `test/style/format_test.sh --fix` makes it so.
#
# Versions of both differ in details: with others than those below the test is skipped (code 77).
set -euo pipefail

columns=120
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folders=(capi examples include src test bindings docs)

# program_of NAME VERSION: which of its programs is of that version; skips the test where none is.
program_of() {
  local program
  program=$(command -v "$1-$2" "$1" | head -1) || true
  if [ -z "$program" ] || ! "$program" --version | grep -qE "(version|black,) $2\."; then
    echo "needs $1 $2, found ${program:-none}" >&2
    return 77
  fi
  echo "$program"
}
clang_format=$(program_of clang-format 14) || exit
black=$(program_of black 23) || exit

# files PATTERN…: all but what is generated for Python.
files() {
  local names=() pattern
  for pattern; do names+=(-o -name "$pattern"); done
  find "${folders[@]}" -name node_modules -prune -o -type f \( "${names[@]:1}" \) ! -name _generated.py -print0
}

clang_arguments=(--dry-run --Werror) black_arguments=(--check)
[ "${1:-}" != --fix ] || clang_arguments=(-i) black_arguments=()
good=true
files '*.c' '*.h' '*.cpp' '*.hpp' | xargs -0 -n 40 -P "$(nproc)" "$clang_format" "${clang_arguments[@]}" || good=false
files '*.py' | xargs -0 "$black" -q "${black_arguments[@]}" -l "$columns" -S || good=false
$good || {
  echo "not formatted as .clang-format says, or as black does: run test/style/format_test.sh --fix" >&2
  exit 1
}
