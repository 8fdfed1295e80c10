#!/usr/bin/env bash
# node.sh SCRIPT [ARGUMENTS…]: runs a script of this folder, or says what must be installed for it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if ! command -v node >/dev/null || [ ! -d "$here/node_modules/ethers" ]; then
  echo "This test needs node and the packages that $here/package-lock.json pins." >&2
  echo "Install nodejs and npm, then run: (cd $here && npm ci --ignore-scripts)" >&2
  echo "test/run.sh does both." >&2
  exit 1
fi
script=$1
shift
exec node "$here/$script" "$@"
