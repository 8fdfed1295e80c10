#!/usr/bin/env bash
# Breaks the library on purpose, one rule at a time, and expects a test to notice.
#
#   test/mutate.sh            every mutant of test/mutants/*.txt
#   test/mutate.sh NAME…      only those; the name of a file, as "chain", means all of its mutants
#   --minutes N               first of all: begins no mutant after that time, and ends with 1 if some are left
#   --check                   first of all: changes and builds nothing, only asks whether each still applies
#
# Works on a copy in build/mutants, never on the checkout. A mutant is `killed` when one of its tests
# fails (or hangs), `SURVIVED` when all of them pass. Ends with 1 when one survives, when a mutant's
# text is no longer in its file exactly once, or when the changed source does not compile.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$root/build/mutants
tree=$place/tree
build=$place/build
jobs=$(nproc)
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=1

# Takes over what changed since the last run; unchanged files keep their time, so that little is rebuilt.
copy_tree() {
  mkdir -p "$tree"
  local entry
  for entry in CMakeLists.txt capi docs include src test; do
    rm -rf "$place/new"
    mkdir "$place/new"
    tar -C "$root" --exclude=node_modules -c "$entry" | tar -C "$place/new" -x
    rm -rf "${tree:?}/$entry"
    mv "$place/new/$entry" "$tree/$entry"
  done
  # The packages of the tests are many files, and no mutant changes them.
  ln -s "$root/test/evm/node_modules" "$tree/test/evm/node_modules"
  # What was built from a mutant must be built anew, though its source is as old as before.
  touch -a "$place/changed"
  while IFS= read -r entry; do touch "$tree/$entry"; done < <(sort -u "$place/changed")
}

# read_mutant: sets name, file, from, to and red from the next block on standard input; fails at the end.
read_mutant() {
  name='' file='' from='' to='' red=''
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    case $line in
      '#'*) ;;
      '') [[ -n $name ]] && return 0 ;;
      'mutant '*) name=${line#mutant } ;;
      'file '*) file=${line#file } ;;
      'from '*) from=${line#from } ;;
      'to '*) to=${line#to } ;;
      'to') to='' ;;
      'red '*) red=${line#red } ;;
      *) echo "test/mutants: what is \"$line\"?" >&2; exit 2 ;;
    esac
  done
  [[ -n $name ]]
}

# all_mutants: the text of the chosen files; an empty line after each ends its last block.
all_mutants() { sed -s '$G' "${files[@]}"; }
is_chosen() { ((${#names[@]} == 0)) || [[ " ${names[*]} " == *" $name "* ]]; }

# programs_of_chosen: the tests that have to be built.
programs_of_chosen() {
  while read_mutant; do
    if is_chosen; then tr ' ' '\n' <<<"$red"; fi
  done < <(all_mutants) | sort -u
}

# Tests are programs of their own, or, as those of test/e2e in Python, run c2d's programs where these were built.
is_program() { ninja -C "$build" -t query "$1" >/dev/null 2>&1; }
runs_in_place() {
  local test
  for test in $red; do is_program "$test" || return 0; done
  [[ $file == src/sandbox/helper/* ]]
}

# targets_of TEST…: what has to be built for them.
targets_of() {
  local test
  for test; do
    if is_program "$test"; then echo "$test"; else printf '%s\n' dt-cli c2d-provider c2d-sandbox-helper; fi
  done | sort -u
}

# run_test FOLDER TEST: a copy in FOLDER, or by ctest.
run_test() {
  if [[ -x $1/$2 ]]; then
    timeout 120 "$1/$2" --minimal --abort-after=1
  else
    ctest --test-dir "$build" --output-on-failure -R "^$2\$"
  fi
}

occurrences() {
  local text=$1 search=$2 rest
  rest=${text//"$search"/}
  echo $(((${#text} - ${#rest}) / ${#search}))
}

# compile_contracts FILE: what the library carries of a contract is made from its source first.
compile_contracts() {
  [[ $1 != *.sol ]] || "$tree/test/evm/node.sh" compile.mjs
}

# check_applies: fails for a mutant whose text does not stand exactly once in its file.
check_applies() {
  local count
  count=$(occurrences "$(<"$root/$file")" "$from")
  [[ $count == 1 ]] || { echo "NO LONGER APPLIES  $name: its text stands $count times in $file"; return 1; }
}

check_all() {
  local passed=0 failed=0
  while read_mutant; do
    if is_chosen; then check_applies && passed=$((passed + 1)) || failed=$((failed + 1)); fi
  done < <(all_mutants)
  echo "mutants that apply: $passed, that do not: $failed"
  ((failed == 0 && passed > 0))
}

# build_mutant: builds its tests (copies are made of them before the next); the file is put back whatever happens.
build_mutant() {
  local original count log=$place/build.log good=true
  original=$(cat "$tree/$file"; echo .)
  original=${original%.}
  count=$(occurrences "$original" "$from")
  if [[ $count != 1 ]]; then
    echo "NO LONGER APPLIES  $name: its text stands $count times in $file"
    return 1
  fi
  echo "$file" >>"$place/changed"
  printf %s "${original/"$from"/"$to"}" >"$tree/$file"
  compile_contracts "$file" >"$log" 2>&1 || good=false
  # shellcheck disable=SC2086  # several test programs are several words
  $good && { ninja -C "$build" -j "$jobs" $(targets_of $red) >"$log" 2>&1 || good=false; }
  printf %s "$original" >"$tree/$file"
  [[ $file == *.sol ]] && cp "$root"/src/contracts/artifacts/* "$tree/src/contracts/artifacts/"
  $good && return 0
  grep -m 3 'error' "$log" || tail -5 "$log"
  echo "DOES NOT COMPILE  $name"
  return 1
}

# failed_check LOG CODE: the first check that failed, which tells whether the mutant died for its own reason.
failed_check() {
  grep -m 1 -o '[^/]*: \(FATAL \)\?ERROR: .*' "$1" || echo "ended with $2"
}

# judge NAME FOLDER PROGRAM…: runs the tests of a mutant that was built; its own process.
judge() {
  local name=$1 folder=$2 test code
  shift 2
  cd "$tree"
  for test; do
    code=0
    (run_test "$folder" "$test" >"$folder/log" 2>&1) 2>/dev/null || code=$?
    if ((code != 0)); then
      echo "killed    $name: $test: $(failed_check "$folder/log" "$code")"
      return 0
    fi
  done
  echo "SURVIVED  $name: $*"
  return 1
}

# await_judge: counts the mutant whose tests are running.
await_judge() {
  [[ -n $judge_pid ]] || return 0
  if wait "$judge_pid"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  judge_pid=''
}

# One function and one last line, each read as a whole before it runs: the script may be edited meanwhile.
main() {
  local programs program argument files=() names=() passed=0 failed=0 left=0 judge_pid='' turn=0 seconds_max='' check=false
  if [[ ${1:-} == --minutes ]]; then
    seconds_max=$(($2 * 60))
    shift 2
  elif [[ ${1:-} == --check ]]; then
    check=true
    shift
  fi
  for argument; do
    if [[ -f $root/test/mutants/$argument.txt ]]; then
      files+=("$root/test/mutants/$argument.txt")
    else
      names+=("$argument")
    fi
  done
  ((${#files[@]})) || files=("$root"/test/mutants/*.txt)
  ! $check || { check_all; return; }
  copy_tree
  cmake -G Ninja -S "$tree" -B "$build" -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_C_FLAGS_DEBUG=-O0 \
    -DC2D_BUILD_EXAMPLES=OFF >/dev/null
  programs=$(programs_of_chosen)
  # shellcheck disable=SC2086
  ninja -C "$build" -j "$jobs" $(targets_of $programs) >"$place/log" || { tail -30 "$place/log"; exit 1; }
  rm -f "$place/changed"
  for program in $programs; do
    (cd "$tree" && run_test "$build/test" "$program" >"$place/log" 2>&1) ||
      { tail -30 "$place/log"; echo "$program fails without any mutant" >&2; exit 1; }
  done

  while read_mutant; do
    is_chosen || continue
    if [[ -n $seconds_max ]] && ((SECONDS >= seconds_max)); then
      left=$((left + 1))
      continue
    fi
    # The tests of one mutant run while the next is compiled, unless they start what is built from it.
    ! runs_in_place || await_judge
    if ! build_mutant; then
      failed=$((failed + 1))
      continue
    fi
    await_judge
    turn=$((1 - turn))
    rm -rf "$place/run$turn"
    mkdir "$place/run$turn"
    for program in $red; do ! is_program "$program" || cp "$build/test/$program" "$place/run$turn/"; done
    # shellcheck disable=SC2086
    judge "$name" "$place/run$turn" $red &
    judge_pid=$!
    ! runs_in_place || await_judge
  done < <(all_mutants)
  await_judge
  ((left == 0)) || echo "the time is over: $left mutants left"
  echo "mutants: $passed passed, $failed failed"
  ((failed == 0 && left == 0 && passed > 0))
}

main "$@"; exit
