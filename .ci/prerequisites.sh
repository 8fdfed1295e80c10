# Sourced by examples/demo.sh, test/run.sh and test/systems.sh: makes sure that what they need is there.
# Says what it installs; needs root or sudo for that. Names are Debian's; c2d_rpm_name knows Fedora's.

c2d_library_packages=(libsecp256k1-dev libssl-dev libcurl4-openssl-dev rapidjson-dev libfmt-dev libsqlite3-dev
  libmicrohttpd-dev libicu-dev libcli11-dev libseccomp-dev libre2-dev libp11-kit-dev unixodbc-dev doctest-dev)
c2d_build_packages=(g++ cmake ninja-build pkg-config ccache git python3 "${c2d_library_packages[@]}")
c2d_test_packages=(python3-numpy python3-venv python3-pip python3-setuptools python3-wheel
  abigail-tools doxygen dpkg-dev file faketime lintian groff-base patchelf binutils zsh
  clang-format black softhsm2 libsqliteodbc age openssl)
c2d_arm64_packages=(crossbuild-essential-arm64 qemu-user-static debootstrap abigail-tools)
c2d_full_packages=(debootstrap clang libclang-rt-dev clang-tidy mypy python3-pandas python3-sklearn
  python3-statsmodels postgresql odbc-postgresql r-cran-caret r-cran-aer)

c2d_installed=() # by this script

# c2d_require PACKAGE…: installs those that are missing, or stops with the command to do so.
c2d_require() {
  if command -v dpkg-query >/dev/null; then
    c2d_require_deb "$@"
  elif command -v dnf >/dev/null; then
    c2d_require_rpm "$@"
  else
    echo "This system has neither apt nor dnf: install the equivalents of: $*" >&2
  fi
}

c2d_require_deb() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  c2d_as_root "apt-get install ${missing[*]}" || return
  echo "Installing: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      "${missing[@]}" >/dev/null || return
  c2d_installed+=("${missing[@]}")
}

# Fedora, RHEL and its kin. Not tried: no such system was at hand.
c2d_require_rpm() {
  local missing=() package
  for package in "$@"; do
    package=$(c2d_rpm_name "$package")
    [ -z "$package" ] || rpm -q --quiet --whatprovides "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  c2d_as_root "dnf install ${missing[*]}" || return
  echo "Installing with dnf, which nobody has tried yet: ${missing[*]}"
  if "${as_root[@]}" dnf install -y -q "${missing[@]}"; then
    c2d_installed+=("${missing[@]}")
    return 0
  fi
  echo "On RHEL and its kin some are in EPEL and CRB only. As root, run:" >&2
  echo "  dnf install epel-release && dnf config-manager --set-enabled crb" >&2
  echo "g++ must be 12 or later: there gcc-toolset-13-gcc-c++, then CXX and CC in the environment." >&2
  return 1
}

# c2d_rpm_name DEBIAN_PACKAGE: what Fedora calls it; nothing where another package holds it.
c2d_rpm_name() {
  case $1 in
    g++) echo gcc-c++ ;;
    pkg-config) echo pkgconf-pkg-config ;;
    libssl-dev) echo openssl-devel ;;
    libcurl4-openssl-dev) echo libcurl-devel ;;
    libfmt-dev) echo fmt-devel ;;
    libsqlite3-dev) echo sqlite-devel ;;
    libcli11-dev) echo cli11-devel ;;
    libre2-dev) echo re2-devel ;;
    libp11-kit-dev) echo p11-kit-devel ;;
    unixodbc-dev) echo unixODBC-devel ;;
    libsqliteodbc | r-cran-*) ;;  # of Debian alone
    postgresql) echo postgresql-server ;;
    odbc-postgresql) echo postgresql-odbc ;;
    softhsm2) echo softhsm ;;
    libclang-rt-dev) echo compiler-rt ;;
    lib*-dev | rapidjson-dev | doctest-dev) echo "$1el" ;;
    npm) echo nodejs-npm ;;
    python3-venv | clang-format | black | lintian) ;;  # in python3 and clang-tools-extra; of Debian alone
    python3-sklearn) echo python3-scikit-learn ;;
    abigail-tools) echo libabigail ;;
    faketime) echo libfaketime ;;
    clang-tidy) echo clang-tools-extra ;;
    mypy) echo python3-mypy ;;
    *) echo "$1" ;;
  esac
}

# c2d_as_root COMMAND: sets as_root to what makes a command root's, or says what root has to run.
c2d_as_root() {
  as_root=()
  [ "$(id -u)" -eq 0 ] && return 0
  as_root=(sudo)
  command -v sudo >/dev/null && return 0
  echo "This needs root. As root, run: $1" >&2
  return 1
}

# c2d_require_node FOLDER: node, and the packages that FOLDER/package-lock.json pins, in
# FOLDER/node_modules. No package may run a script of its own. On failure c2d_node_problem says why.
c2d_node_problem=''
c2d_require_node() {
  local folder=$1 installed=$1/node_modules/.package-lock.json said
  c2d_node_problem="nodejs or npm is missing"
  command -v node >/dev/null || c2d_require nodejs || return
  command -v npm >/dev/null || c2d_require npm || return
  # A link is somebody's own arrangement: npm would empty the folder behind it.
  c2d_node_problem="$folder/node_modules is a link to a folder without the packages: remove it"
  if [ -L "$folder/node_modules" ] && [ ! -e "$installed" ]; then return 1; fi
  c2d_node_problem=''
  [ ! -L "$folder/node_modules" ] || return 0
  [ -e "$installed" ] && [ ! "$folder/package-lock.json" -nt "$installed" ] && return 0
  echo "Installing: the npm packages of $folder"
  said=$(cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error 2>&1) && return 0
  c2d_node_problem=$(c2d_explain_npm "$folder" "$said")
  return 1
}

# c2d_explain_npm FOLDER OUTPUT: what a failure of npm means.
c2d_explain_npm() {
  local code certificates=/etc/ssl/certs/ca-certificates.crt
  [ -e "$certificates" ] || certificates=/etc/pki/tls/certs/ca-bundle.crt
  # What OpenSSL calls a chain that ends at an unknown authority.
  code=$(grep -oE -m 1 '(SELF_SIGNED|UNABLE_TO_GET_ISSUER|DEPTH_ZERO_SELF_SIGNED)_CERT\w*|UNABLE_TO_VERIFY_LEAF_SIGNATURE' \
    <<<"$2") || true
  if [ -z "$code" ]; then
    printf 'npm could not install the packages of %s:\n%s\n' "$1" "$(tail -n 5 <<<"$2")"
    return
  fi
  cat <<END
npm could not install the packages of $1: $code.
A proxy on the way reads TLS with a certificate of its own. npm does not ask the system for certificates it
trusts: name the file with the proxy's certificate and run this again. Where the system trusts it, that is
  export NODE_EXTRA_CA_CERTS=$certificates
END
}

# c2d_require_namespaces: stops, before anything is built, where the kernel denies the namespaces that
# every sandbox stands on. c2d_require_walls looks at all layers once dt-cli is built.
c2d_require_namespaces() {
  local said hint
  command -v unshare >/dev/null || return 0
  said=$(unshare --user --map-root-user --mount --pid --fork --net --ipc --uts --cgroup true 2>&1) && return 0
  case $said in
    *'No space left'*) hint='raise user.max_user_namespaces (sysctl)' ;;
    *)
      if [ "$(cat /proc/sys/kernel/apparmor_restrict_unprivileged_userns 2>/dev/null)" = 1 ]; then
        hint='AppArmor restricts user namespaces: load a profile with "userns," or set
kernel.apparmor_restrict_unprivileged_userns=0 (sysctl)'
      elif [ "$(cat /proc/sys/kernel/unprivileged_userns_clone 2>/dev/null)" = 0 ]; then
        hint='set kernel.unprivileged_userns_clone=1 (sysctl)'
      else
        hint="in a container, let its seccomp profile pass unshare and mount (examples/deploy/Containerfile)"
      fi ;;
  esac
  echo "This machine denies walls that operators must run behind: $said" >&2
  echo "To get them: $hint" >&2
  echo "c2d does not run operators with less. See docs/sandbox.md. Nothing was built or installed." >&2
  return 1
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
