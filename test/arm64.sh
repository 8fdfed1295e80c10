#!/usr/bin/env bash
# Builds all of it for arm64 and runs the tests of base, codec, mpc and the system call filter under qemu; holds the
# binary interface against its snapshot for arm64 and reads the protections from the binaries.
#
#   test/arm64.sh
#
# For Debian on another processor: needs its cross compiler and qemu's user mode (c2d_arm64_packages) and, to
# download the arm64 libraries, root for debootstrap. Leaves build/arm64-root (the libraries, used again) and
# build/arm64. Ends with a summary line.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. .ci/prerequisites.sh
c2d_require "${c2d_build_packages[@]}" "${c2d_arm64_packages[@]}"
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=1

# The libraries as Debian ships them, unpacked and not installed: no program of theirs runs.
unpack_libraries() {
  local system=$root/build/arm64-root release package
  [ -e "$system/.complete" ] && return 0
  [ "$(id -u)" -eq 0 ] || { echo "needs root: debootstrap downloads the arm64 libraries" >&2; return 1; }
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  rm -rf "$system"
  mkdir -p "$root/build"
  echo "downloading the arm64 libraries of $release"
  debootstrap --download-only --arch=arm64 --variant=minbase --include="$(IFS=,; echo "${c2d_library_packages[*]}")" \
    "$release" "$system" >"$root/build/arm64-root.log" || { tail -5 "$root/build/arm64-root.log"; return 1; }
  for package in "$system"/var/cache/apt/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -xf - -C "$system" --keep-directory-symlink
  done
  touch "$system/.complete"
}

# What needs no kernel of that architecture, nor Python with its libraries.
programs=(base_test codec_test mpc_ops mpc_protocol mpc_auc mpc_training mpc_link mpc_csv mpc_programs mpc_models
  mpc_views mpc_faults mpc_capi sandbox_filter sandbox_parts capi_layout)
tests=$(IFS='|'; echo "${programs[*]}")'|abi_layout|abi_snapshot|symbols_exported|install_hardening'

unpack_libraries
cmake --preset arm64 >/dev/null
cmake --build build/arm64 --target c2d c2d_static dt-cli c2d-provider c2d-bench c2d-sandbox-helper "${programs[@]}"
ended=0
C2D_TEST_EMULATED=1 ctest --test-dir build/arm64 --output-on-failure --no-tests=error -j "$(nproc)" -R "^($tests)$" \
  >build/arm64.log || ended=$?
[ $ended -eq 0 ] || grep -v ' Passed ' build/arm64.log
echo "arm64: $(grep 'tests passed' build/arm64.log || echo 'no test ran')"
exit $ended
