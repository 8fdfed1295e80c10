#!/usr/bin/env bash
# Plays the story: two banks and a fintech company train a risk model that none of them could train
# alone, and a regulator sees afterwards whose data went into what.
#
#   examples/demo.sh [--data DIR] [--split N] [--batch_size N] [--epoch N] [--lr X] [--evm]
#
# With --evm on an EVM network (anvil) and an IPFS node, started here, instead of the embedded ledger.
# DIR holds your own org1_feature.csv, org1_label.csv and org2_feature.csv (headers or not, columns
# standardised). Leaves behind the folder build of this clone (this run: build/demo), the Debian packages that
# were missing, and with --evm node_modules in test/evm and test/ipfs; the last lines say which.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data='' split='' batch_size=256 epoch=10001 lr=0.01 evm=false
while [ $# -gt 0 ]; do
  case $1 in
    --data | --split | --batch_size | --epoch | --lr)
      [ $# -ge 2 ] || { echo "$1 needs a value" >&2; exit 2; }
      printf -v "${1#--}" '%s' "$2"
      shift 2 ;;
    --evm) evm=true; shift ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "unknown option $1; see --help" >&2; exit 2 ;;
  esac
done
# The banks' terms refuse these too; here they are called by their names.
case $split in
  -*) echo "split must not be negative, found $split" >&2; exit 2 ;;
  *[!0-9.]* | *.*.* | .) echo "split must be a whole number of rows or a fraction between 0 and 1, found $split" >&2; exit 2 ;;
esac
for name in batch_size epoch; do
  case ${!name} in
    '' | *[!0-9]*) echo "$name must be a whole number, found ${!name}" >&2; exit 2 ;;
    *[1-9]*) ;;
    *) echo "$name must be 1 or more, found ${!name}" >&2; exit 2 ;;
  esac
done
if [ -n "$data" ]; then
  for name in org1_feature org1_label org2_feature; do
    [ -f "$data/$name.csv" ] || { echo "expected $data/$name.csv" >&2; exit 2; }
  done
  data=$(cd "$data" && pwd)
fi

. "$root/examples/play.sh"

# What is in the way is said before anything is installed or built.
c2d_require_namespaces
take_lock
choose_ports
c2d_require "${c2d_build_packages[@]}"
if $evm; then
  for folder in evm ipfs; do
    c2d_require_node "$root/test/$folder" || { echo "$c2d_node_problem" >&2; exit 1; }
  done
fi

build_programs

algorithm=dt:ownership:34940ace7bdacfff97f4c5dd348f523119fdf1c82aa3ec2bf99149e88499a961
bank_b_data=dt:ownership:a6e190d28f84e8e715617a35908aae8921977230130c69f7a8fdb0a5e545398a

work="$root/build/demo"
rm -rf "$work"
cp -r "$root/examples/joint_risk" "$work"
mkdir -p "$work/samples/data"
cd "$work"
for port in "${!port_of[@]}"; do
  [ "${port_of[$port]}" = "$port" ] || sed -i -E -e "s/(127\.0\.0\.1:)$port\b/\1${port_of[$port]}/" \
    -e "/^(query_port|peer_ports) = /s/\b$port\b/${port_of[$port]}/" samples/config/*.ini samples/ddo/*.json
done

say "The banks put their data in place"
if [ -n "$data" ]; then
  for name in org1_feature org1_label org2_feature; do cp "$data/$name.csv" samples/data/; done
else
  run python3 generate_data.py --out samples/data
fi
# shape FILE: rows and columns, as the operator's reader has them; of a file that it cannot read, lines and commas: the job will
# say what is wrong with it.
shape() {
  C2D_LIBRARY=$root/build/lib/libc2d.so PYTHONPATH=$root/bindings/python python3 -B -c '
import sys
from c2d.operators import tables
print(*tables.read_numbers(sys.argv[1]).shape)' "$1" 2>shape.log ||
    echo "$(grep -c '[^[:space:]]' "$1") $(head -n 1 "$1" | tr ',' '\n' | wc -l)"
}
in_dim=0
for name in org1_feature org2_feature org1_label; do
  read -r rows columns < <(shape samples/data/$name.csv)
  [ $name = org1_label ] || in_dim=$((in_dim + columns))
  sed -i -E -z "s/\"shape\": \[[^]]*\]/\"shape\": [$rows, $columns]/" samples/ddo/${name}_attr.json
done
[ -n "$split" ] || { if [ -n "$data" ]; then split=$((rows * 4 / 5)); else split=40000; fi; }
case $split in
  *.*) first=$(awk "BEGIN { print int($rows * $split) }") ;;
  *) first=$split ;;
esac
# Your own rows may be sorted by what happened; the made-up ones are in no order.
shuffle=false
[ -z "$data" ] || shuffle=true
echo "$rows rows, $in_dim columns, training on the first $first"
[ -z "$data" ] || echo "Row i of all three files is taken as the same customer, and nobody can check that: examples/scorecard.sh matches rows by an id"
# The banks' terms open results over 10 rows, 5 positives and 5 negatives at least. Where the data, or what of them trains or
# tests, are fewer, the terms ask for as many as there are.
read -r rows_min positives_min negatives_min < <(awk -v split_at="$first" '
  /^[[:space:]]*"?[-+0-9.]/ { part = n++ < split_at; rows[part]++; value[part, ($1 + 0 == 1)]++ }
  function least(a, b, most) { a = a < b ? a : b; return a < most ? (a < 1 ? 1 : a) : most }
  END { print least(rows[0] + 0, rows[1] + 0, 10), least(value[0, 1] + 0, value[1, 1] + 0, 5),
              least(value[0, 0] + 0, value[1, 0] + 0, 5) }' samples/data/org1_label.csv)
if [ "$rows_min $positives_min $negatives_min" != "10 5 5" ]; then
  echo "Few data: the banks' terms open results over $rows_min rows, $positives_min positives and $negatives_min negatives, not 10, 5 and 5"
  sed -i -e "s/\"rows\": 10, \"positives\": 5, \"negatives\": 5/\"rows\": $rows_min, \"positives\": $positives_min, \"negatives\": $negatives_min/" \
    samples/ddo/*.json
fi

free_port() { python3 -I -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# An EVM network that asks no fees, as consortium networks do, and an IPFS node. All that changes for
# everybody else are a few lines of the configuration.
start_networks() {
  local rpc_port ipfs_port
  rpc_port=$(free_port)
  "$root"/test/evm/node_modules/@foundry-rs/anvil-linux-*/bin/anvil --port "$rpc_port" --chain-id 20261 --gas-price 0 \
    --block-base-fee-per-gas 0 >anvil.log 2>&1 {lock}>&- &
  started_here+=($!)
  await $! anvil.log listens "$rpc_port"
  ipfs_port=$(free_port)
  node "$root/test/ipfs/serve.mjs" "$work/ipfs" "$ipfs_port" >ipfs.log 2>&1 {lock}>&- &
  started_here+=($!)
  await $! ipfs.log grep -q ready ipfs.log
  sed -i -e "s|^network_url = .*|network_url = http://127.0.0.1:$rpc_port\naddress_file = ./addresses.json\ngas_price = 0|" \
    -e 's|^network_name = .*|network_name = demo|' \
    -e "s|^ipfs_endpoint = .*|ipfs_endpoint = /ip4/127.0.0.1/tcp/$ipfs_port/http|" config.ini samples/config/*.ini
  run head -n 6 config.ini
}
if $evm; then
  say "An EVM network and an IPFS node start"
  start_networks
fi

say "The system administrator starts the ledger, registers three organisations, publishes the operator"
if $evm; then
  as $system_key dt-cli chain deploy --network demo --address_file ./addresses.json
else
  as $system_key dt-cli chain init
fi
as $system_key dt-cli system org --name org1 --desc test_org1 --address $bank_a
as $system_key dt-cli system org --name org2 --desc test_org2 --address $bank_b
as $system_key dt-cli system org --name 3rd-party --desc test_3rd --address $company
as $system_key dt-cli system op --attr_file ./samples/op/rtt_op_attr.json

say "The banks publish data tokens with their terms, the company its computing power"
as $bank_a_key dt-cli asset dt --attr_file ./samples/ddo/org1_feature_attr.json
as $bank_a_key dt-cli asset dt --attr_file ./samples/ddo/org1_label_attr.json
as $bank_b_key dt-cli asset dt --attr_file ./samples/ddo/org2_feature_attr.json
as $company_key dt-cli asset dt --attr_file ./samples/ddo/3rd_compute_attr.json

say "Each starts a provider service next to its data"
start_provider() { # NAME, and the PORT that the sample gives it
  printf '\033[36m$ CONFIG_FILE=./samples/config/%s_config.ini c2d-provider &\033[0m\n' "$1"
  CONFIG_FILE=./samples/config/$1_config.ini c2d-provider >"$1.log" 2>&1 {lock}>&- &
  started_here+=($!)
  await $! "$1.log" listens "${port_of[$2]}"
}
start_provider org1 8090
start_provider org2 8091
start_provider 3rd 8092

say "The company composes an Algorithm under the banks' terms; each bank verifies and grants"
as $company_key dt-cli asset cdt --attr_file ./samples/ddo/3rd_algo_attr.json \
  --var "IN_DIM=$in_dim" --var "SPLIT=$split" --var "SHUFFLE=$shuffle" --var "BATCH_SIZE=$batch_size" --var "EPOCH=$epoch" --var "LR=$lr"

say "The company opens a task and runs the job: three sandboxes, one secure computation"
as $company_key dt-cli job init --name test --desc test_task
started=$SECONDS
as $company_key dt-cli job exec --task_id 1 --cdt $algorithm --wait || {
  echo "the job failed; the owners' logs:" >&2
  tail -n 20 tests/*/job_1/log >&2 || true
  exit 1
}
echo "the job took $((SECONDS - started)) s"

say "Bank A reads the result: $work/tests/org1/job_1/outputs/rtt_log.txt"
run cat tests/org1/job_1/outputs/rtt_log.txt

say "The regulator walks from the Algorithm, and from bank B's data"
run dt-cli tracer dfs --prefix_path $algorithm
run dt-cli tracer dfs --prefix_path $bank_b_data
if $evm; then run dt-cli chain info; else run dt-cli chain verify; fi

say "Done. Everything of this run stands in $work"
left="$root/build"
! $evm || left+=", node_modules in $root/test/evm and $root/test/ipfs"
[ ${#c2d_installed[@]} -eq 0 ] || left+=", and the packages ${c2d_installed[*]}"
echo "Left behind: $left. Nothing runs any more."
