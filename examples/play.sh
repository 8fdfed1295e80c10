# Sourced by demo.sh and scorecard.sh: what a play with the built programs needs. Expects $root, the clone.
. "$root/.ci/prerequisites.sh"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# Shows a command, then runs it.
run() { printf '\033[36m$'; printf ' %q' "$@"; printf '\033[0m\n'; "$@"; }

# One play at a time: they share the folder build of the clone.
take_lock() {
  mkdir -p "$root/build"
  exec {lock}>"$root/build/demo.lock"
  if ! flock -n "$lock"; then
    echo "Another examples/demo.sh runs in this clone; waiting for its end"
    flock -w 300 "$lock" || { echo "it has not ended within five minutes" >&2; exit 1; }
  fi
}

# listener PORT: the inode of the socket that listens on 127.0.0.1:PORT, if any.
listener() {
  awk -v port="$(printf %04X "$1")" '
    $4 == "0A" { split($2, at, ":")
      if (at[2] == port && (at[1] ~ /^0+$/ || at[1] ~ /^(0+FFFF0000)?0100007F$/)) { print $10; exit } }
  ' /proc/net/tcp /proc/net/tcp6 2>/dev/null || true
}
# holder INODE: who has that socket, as far as this user may see.
holder() {
  local found pid
  found=$(find /proc/[0-9]*/fd -lname "socket:\[$1\]" 2>/dev/null | head -n 1) || true
  pid=${found#/proc/} pid=${pid%%/*}
  [ -n "$pid" ] || { echo "a process of another user"; return; }
  echo "process $pid ($(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c 1-60))"
}
# The ports stand in files that are copied, so another may take the place of one that is busy.
declare -A port_of
choose_ports() {
  local port inode
  for port in 8090 8091 8092 8911 8912 8913; do
    port_of[$port]=$port
    inode=$(listener "$port")
    [ -n "$inode" ] || continue
    until [ -z "$(listener "${port_of[$port]}")" ]; do port_of[$port]=$((port_of[$port] + 100)); done
    echo "Port $port is busy: $(holder "$inode") listens on it. This run uses ${port_of[$port]} instead."
  done
}

# Shows what ninja does: on a terminal in one line, else about every twentieth part.
show_progress() {
  local line width=80 part shown=-1
  [ ! -t 1 ] || width=$(stty size </dev/tty 2>/dev/null | cut -d ' ' -f 2)
  ((width > 10)) || width=80
  while IFS= read -r line; do
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    if [ -t 1 ]; then
      printf '\r\033[K%s' "${line:0:width-1}"
    else
      part=$((BASH_REMATCH[1] * 20 / BASH_REMATCH[2]))
      ((part == shown)) || printf '%s\n' "${line:0:width-1}"
      shown=$part
    fi
  done
  [ ! -t 1 ] || printf '\r\033[K'
}
build() {
  [ -f build.ninja ] || (cd "$root" && cmake --preset release) || return
  NINJA_STATUS='[%f/%t] ' cmake --build . --target dt-cli c2d-provider c2d-sandbox-helper c2d-engine c2d
}

# Tests that run beside others say C2D_BUILT=1: then what stands in build/bin is played, and nothing is built under them.
build_programs() {
  [ "${C2D_BUILT:-}" = 1 ] || build_all
  export PATH="$root/build/bin:$PATH"
  c2d_require_walls dt-cli
}

build_all() {
  say "Building (some minutes the first time; log: build/demo-build.log)"
  export CCACHE_DIR=${CCACHE_DIR:-$root/build/ccache}
  if ! (cd "$root/build" && build 2>&1 | tee demo-build.log | show_progress); then
    echo "The build failed. Its last lines:" >&2
    tail -n 30 "$root/build/demo-build.log" >&2
    exit 1
  fi
}

# The keys of the original demonstration. Public: never use them for anything of value.
system_key=4472aa5d4e2efe297784a3d44d840c9652cdb7663e22dedd920958bf6edfaf7e
bank_a_key=5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173
bank_b_key=eee795df5de4fc3636abfcfb6d1741665a903efa2b5ded74cea33ca92111b953
company_key=6bba7694acf53fd8d02120263e6e5aaacbab4b623f4a401ac835c9d8ec54e122
bank_a=0x7080b17af4b29F621A5Ef3B1802B2a778Af595d0
bank_b=0xFDEBd75565fE98c1B2659E82181D92B5C6943693
company=0x0148D6F66D4759aC7CcE98673dC9b75974E6bAe4

unset CONFIG_FILE EXEC_DIRPATH C2D_NETWORK_URL C2D_PRIVATE_KEY

# The key is given through the environment, where other users of the machine do not see it.
as() { local key=$1; shift; C2D_PRIVATE_KEY=$key run "$@"; }

started_here=()
stop_all() { for pid in "${started_here[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done; }
trap stop_all EXIT
# await PID LOG COMMAND…: until COMMAND succeeds, or stops when PID has ended.
await() {
  local pid=$1 log=$2
  shift 2
  until "$@"; do
    kill -0 "$pid" 2>/dev/null || { echo "it ended: $(tail -n 1 "$log")" >&2; exit 1; }
    read -r -t 0.1 <> <(:) || true
  done
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
