# The long runs of `test/run.sh --full`, which sources this: topic by topic the tests at their full counts, under
# both sanitizers, and the mutants that these tests must notice.
#
# build/full/COMMIT keeps the logs, which also tell what has passed at that commit and is not run again.

full_minutes=60 # of a topic; the same command goes on where it stopped

# full_run [TOPIC…]: all topics, or those. Ends with a summary line.
full_run() {
  local topic failed=0
  full_place
  for topic in release asan tsan; do cmake --preset "$topic" >/dev/null || return; done
  [ $# -gt 0 ] || set -- $(full_all_topics)
  full_check_topics "$@" || return
  for topic; do
    if [ "$topic" != evm ] || $evm; then full_topic "$topic" || failed=$((failed + 1)); fi
  done
  echo "full: $failed of $# topics failed (logs: $place)"
  [ "$failed" -eq 0 ]
}

# Sets place. A tree that differs from its commit keeps nothing: nobody could say what passed.
full_place() {
  local commit
  commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || commit=unknown
  place=build/full/$commit
  if [ "$commit" = unknown ] || [ -n "$(git status --porcelain)" ]; then
    place=$place+changes
    rm -rf "$place"
    echo "This tree is not what was committed: every run of --full begins anew."
  fi
  mkdir -p "$place"
}

# full_folder PRESET: where it builds.
full_folder() { if [ "$1" = release ]; then echo build; else echo "build/$1"; fi; }

# full_tests PRESET: their names.
full_tests() { ctest --preset "$1" -N | sed -nE 's/^ *Test +#[0-9]+: (.*)/\1/p'; }
full_all_topics() { full_tests release | sed 's/_.*//' | awk '!seen[$0]++'; printf '%s\n' arm64 systems; }

full_check_topics() {
  local topic known
  known=" $(full_all_topics | tr '\n' ' ')"
  for topic; do
    [[ $known == *" $topic "* ]] || { echo "no topic $topic; there are:$known" >&2; return 2; }
  done
}

# full_topic TOPIC: everything of it that has not passed yet.
full_topic() {
  local topic=$1 started=$SECONDS good=true said=''
  deadline=$((SECONDS + full_minutes * 60))
  echo "== $topic"
  if [ "$topic" = systems ]; then
    full_scripts "Debian 13 as" root 'test/systems.sh --as root trixie' \
      user 'test/systems.sh --as user trixie' || good=false
  elif [ "$topic" = arm64 ]; then
    full_scripts "under qemu" all test/arm64.sh || good=false
  else
    # Sanitizers look at every path, not at every count: they run with the ordinary ones.
    C2D_FULL=1 full_ctest "$topic" release || good=false
    full_ctest "$topic" asan || good=false
    full_ctest "$topic" tsan || good=false
    full_mutants "$topic" || good=false
    [ "$topic" != fuzz ] || full_fuzzers || good=false
  fi
  $good && good=passed || good=FAILED
  echo "$topic: $good in $(((SECONDS - started + 59) / 60)) min:${said%;}"
  [ $good = passed ]
}

# full_note WHAT ALL LEFT: adds to the topic's summary; fails when something is left.
full_note() {
  said+=" $1 $(($2 - $(wc -w <<<"$3"))) of $2"
  [ -z "$3" ] || said+=" (left: $(paste -sd ' ' <<<"$3"))"
  said+=';'
  [ -z "$3" ]
}

# full_left LIST PASSED: the lines of LIST that are not in PASSED.
full_left() { grep -vxFf <(printf '%s\n' "$2") <<<"$1" || true; }

full_minutes_left() { echo $(((deadline - SECONDS) / 60)); }

full_ctest() { # TOPIC PRESET
  local preset=$2 log=$place/$2.log all left
  all=$(full_tests "$preset" | grep -E "^$1(_|\$)") || return 0
  touch "$log"
  left=$(full_left "$all" "$(full_passed "$log")")
  if [ -n "$left" ] && full_build "$(full_folder "$preset")" "$left"; then
    ctest --preset "$preset" -j "$(nproc)" -R "^($(paste -sd '|' <<<"$left"))\$" \
      --stop-time "$(date -d "now + $((deadline - SECONDS)) seconds" +%T)" | tee -a "$log" || true
    left=$(full_left "$all" "$(full_passed "$log")")
  fi
  full_note "$preset" "$(wc -l <<<"$all")" "$left"
}

full_passed() { sed -nE 's/^.*Test +#[0-9]+: (\S+) \.+ +Passed .*/\1/p' "$1"; }

# full_build FOLDER TESTS: what they run. Those that are scripts start what they like, but no other test.
full_build() {
  local folder=$1 test targets=()
  for test in $2; do
    ninja -C "$folder" -t query "$test" >/dev/null 2>&1 || test=c2d_started
    targets+=("$test")
  done
  timeout --foreground $((deadline - SECONDS)) ninja -C "$folder" "${targets[@]}" || {
    echo "$folder does not build, or not in time" >&2
    return 1
  }
}

full_mutants() { # TOPIC
  local log=$place/mutants.log all left
  all=$(full_mutants_of "$1")
  [ -n "$all" ] || return 0
  touch "$log"
  left=$(full_left "$all" "$(full_killed "$log")")
  if [ -n "$left" ]; then
    # shellcheck disable=SC2086  # several names are several words
    test/mutate.sh --minutes "$(full_minutes_left)" $left | tee -a "$log" || true
    left=$(full_left "$all" "$(full_killed "$log")")
  fi
  full_note mutants "$(wc -l <<<"$all")" "$left"
}

full_killed() { sed -nE 's/^killed +([^:]+): .*/\1/p' "$1"; }

# full_mutants_of TOPIC: those of which a test of the topic must fail.
full_mutants_of() {
  awk -v topic="$1" '
    $1 == "mutant" { name = $2 }
    $1 == "red" { for (i = 2; i <= NF; i++) { split($i, word, "_"); if (word[1] == topic) { print name; break } } }
  ' test/mutants/*.txt
}

# Each fuzzer for a minute, from its corpus and what earlier runs found.
full_fuzzers() {
  local log=$place/fuzzers.log all left name
  cmake --preset fuzz >/dev/null
  all=$(find test/fuzz -name '*_fuzz.cpp' -printf '%f\n' | sed 's/\.cpp$//' | sort)
  touch "$log"
  left=$(full_left "$all" "$(sed -n 's/^passed //p' "$log")")
  for name in $left; do
    [ "$SECONDS" -lt "$deadline" ] && timeout --foreground $((deadline - SECONDS)) ninja -C build/fuzz "$name" || break
    mkdir -p "build/fuzz/found/$name"
    "build/fuzz/test/$name" -max_total_time=60 -verbosity=0 -print_final_stats=1 -artifact_prefix="$place/$name-" \
      "build/fuzz/found/$name" "test/fuzz/corpus/${name%_fuzz}" 2>&1 | tee "$place/$name.log" &&
      echo "passed $name" >>"$log"
  done
  left=$(full_left "$all" "$(sed -n 's/^passed //p' "$log")")
  full_note fuzzers "$(wc -l <<<"$all")" "$left"
}

# full_scripts WHAT NAME COMMAND…: as root, since they make systems of their own.
full_scripts() {
  local what=$1 log=$place/$topic.log all=0 left='' as_root
  shift
  c2d_as_root "$2" || return
  touch "$log"
  for (( ; $#; all++)); do
    # shellcheck disable=SC2086  # a command is several words
    if ! grep -qx "passed $1" "$log"; then
      if [ "$SECONDS" -lt "$deadline" ] && "${as_root[@]}" $2; then echo "passed $1" >>"$log"; else left+=" $1"; fi
    fi
    shift 2
  done
  full_note "$what" "$all" "${left# }"
}
