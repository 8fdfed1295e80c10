# Sourced by examples/demo.sh and test/run.sh: makes sure that what they need is installed.
# Debian 12 names. Says what it installs; needs root or sudo for that.

c2d_build_packages=(g++ cmake ninja-build pkg-config ccache git python3
  libsecp256k1-dev libssl-dev libcurl4-openssl-dev rapidjson-dev libfmt-dev libsqlite3-dev
  libmicrohttpd-dev libcli11-dev libseccomp-dev libre2-dev doctest-dev)
c2d_test_packages=(python3-numpy python3-venv python3-pip python3-setuptools python3-wheel
  abigail-tools doxygen dpkg-dev file faketime)
c2d_full_packages=(debootstrap clang libclang-rt-14-dev clang-format clang-tidy mypy python3-pandas python3-sklearn)

# c2d_require PACKAGE…: installs those that are missing, or stops with the command to do so.
c2d_require() {
  local missing=() package
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian system: install the equivalents of: $*" >&2
    return 0
  fi
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Missing packages. As root, run: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      "${missing[@]}" >/dev/null
}

# c2d_require_node FOLDER: node, and the packages that FOLDER/package-lock.json pins, in
# FOLDER/node_modules. No package may run a script of its own.
c2d_require_node() {
  local folder=$1 installed=$1/node_modules/.package-lock.json
  command -v node >/dev/null || c2d_require nodejs || return
  command -v npm >/dev/null || c2d_require npm || return
  [ -e "$installed" ] && [ ! "$folder/package-lock.json" -nt "$installed" ] && return 0
  echo "Installing: the npm packages of $folder"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
}

# c2d_require_walls DT_CLI: stops where the kernel denies a layer that every run needs.
c2d_require_walls() {
  local missing
  missing=$("$1" sandbox probe | awk '$2 == "off" && $1 !~ /_hard$/ { print }')
  [ -z "$missing" ] && return 0
  echo "This machine denies walls that operators must run behind:" >&2
  echo "$missing" >&2
  echo "c2d does not run operators with less. See docs/sandbox.md." >&2
  return 1
}
