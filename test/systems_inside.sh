#!/usr/bin/env bash
# The part of test/systems.sh that runs in the new system: `enter ROOT CCACHE USER COMMAND` makes ROOT the root of
# this mount namespace, with the compiler cache CCACHE; `work COMMAND` then runs the README's commands as its
# caller, or COMMAND where it is not empty.
set -euo pipefail

enter() {
  local system=$1 ccache=$2 user=$3 command=$4
  mount --bind "$system" "$system"
  mount --bind "$ccache" "$system/opt/ccache"
  cd "$system"
  mount -t proc proc proc
  mount -t sysfs -o ro sysfs sys
  mount -t tmpfs -o mode=755 tmpfs dev
  local node
  for node in null zero full random urandom tty; do
    touch "dev/$node"
    mount --bind "/dev/$node" "dev/$node"
  done
  ln -s /proc/self/fd dev/fd
  ln -s /proc/self/fd/0 dev/stdin
  ln -s /proc/self/fd/1 dev/stdout
  ln -s /proc/self/fd/2 dev/stderr
  mkdir dev/shm dev/pts
  mount -t tmpfs -o mode=1777 tmpfs dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
  ln -s pts/ptmx dev/ptmx
  mount -t tmpfs -o mode=1777 tmpfs tmp
  mkdir -p old
  pivot_root . old
  cd /
  umount -l /old
  rmdir /old
  if [ "$user" = root ]; then
    exec env -i PATH="$PATH" HOME=/root bash /systems_inside.sh work "$command"
  fi
  useradd --create-home --shell /bin/bash person
  echo "127.0.0.1 localhost $(uname -n)" >/etc/hosts # as an installer writes it
  chown -R person /opt/c2d.git # git clones from nobody else
  exec env -i PATH=/usr/local/bin:/usr/bin:/bin setsid su person -c "bash /systems_inside.sh work $(printf %q "$command")"
}

work() {
  local command=$1
  cd "$HOME"
  # The system's certificates, for npm too, which has a list of its own.
  export LANG=C.UTF-8 NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
  # What a user left in the cache is root's to use, and the reverse; the clone lies elsewhere for each.
  export CCACHE_DIR=/opt/ccache CCACHE_BASEDIR=$HOME CCACHE_NOHASHDIR=1 CCACHE_UMASK=000
  git clone -q /opt/c2d.git c2d
  cd c2d
  if [ -n "$command" ]; then
    bash -euo pipefail -c "$command"
    return
  fi
  date '+%T demo'
  examples/demo.sh
  date '+%T tests'
  test/run.sh
  date '+%T done'
}

"$@"
