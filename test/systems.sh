#!/usr/bin/env bash
# Runs both README commands on fresh systems, as root and as an ordinary user.
#
#   test/systems.sh [--as root|user] [--run COMMAND] [bookworm|trixie]…
#
# For each Debian release: a bare root by debootstrap, entered through a mount and a process namespace
# of its own with pivot_root (a chroot would deny user namespaces), a clone of this commit, then
# examples/demo.sh and test/run.sh as they stand in the README, or COMMAND instead of both: another build
# with that system's compiler, say. Needs root and debootstrap; leaves build/systems/RELEASE.root (the bare
# system, used again), RELEASE.ccache (what its compiler made, for the next run) and RELEASE-USER.log. Ends
# with a summary line.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$root/build/systems
releases=()
users=(root user)
command=''
while [ $# -gt 0 ]; do
  case $1 in
    --as) users=("$2"); shift 2 ;;
    --run) command=$2; shift 2 ;;
    bookworm | trixie) releases+=("$1"); shift ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
[ ${#releases[@]} -gt 0 ] || releases=(bookworm trixie)
[ "$(id -u)" -eq 0 ] || { echo "needs root: it makes a system and mounts it" >&2; exit 1; }
. "$root/.ci/prerequisites.sh"
c2d_require debootstrap git

# What a person brings along before the README's first line: git and certificates, and sudo for a user.
make_system() {
  local release=$1 system=$place/$1.root
  [ -e "$system/.complete" ] && return 0
  rm -rf "$system"
  mkdir -p "$place"
  echo "making a bare $release"
  debootstrap --variant=minbase --include=ca-certificates,git,sudo "$release" "$system" >"$place/$release.debootstrap.log" ||
    { tail -5 "$place/$release.debootstrap.log"; return 1; }
  # A network that reads TLS has a certificate of its own, which this machine's administrator put there.
  if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
    cp /usr/local/share/ca-certificates/*.crt "$system/usr/local/share/ca-certificates/"
    chroot "$system" update-ca-certificates >/dev/null 2>&1
  fi
  printf 'person ALL=(ALL) NOPASSWD: ALL\n' >"$system/etc/sudoers.d/person"
  touch "$system/.complete"
}

# run_inside RELEASE USER: a copy of the system that is gone afterwards, so that each run starts bare.
run_inside() {
  local release=$1 user=$2 copy=$place/$1-$2
  rm -rf "$copy"
  cp -a "$place/$release.root" "$copy"
  git clone -q --no-hardlinks "$root" "$copy/opt/c2d.git" # the public address, as this machine has it
  cp -L /etc/resolv.conf "$copy/etc/resolv.conf"
  cp "$root/test/systems_inside.sh" "$copy/systems_inside.sh"
  mkdir -p -m 1777 "$place/$release.ccache" "$copy/opt/ccache"
  unshare --mount --pid --fork --kill-child --propagation private \
    bash "$copy/systems_inside.sh" enter "$copy" "$place/$release.ccache" "$user" "$command"
  local ended=$?
  rm -rf "$copy"
  return $ended
}

passed=0 failed=0
for release in "${releases[@]}"; do
  make_system "$release"
  for user in "${users[@]}"; do
    log=$place/$release-$user.log
    echo "$release as $user: $log"
    if (set +e; run_inside "$release" "$user") >"$log" 2>&1 </dev/null; then
      passed=$((passed + 1))
      { grep -E 'tests passed' "$log" || true; } | tail -1 # COMMAND may run none
    else
      failed=$((failed + 1))
      tail -20 "$log"
    fi
  done
done
echo "systems: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
