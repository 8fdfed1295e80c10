#!/usr/bin/env bash
# Two banks start from the tables that they have - text, gaps, other order, other customers - and end with a report on a model
# that neither could train alone, and a regulator sees whose data went into what.
#
#   examples/scorecard.sh [--data DIR] [--id COLUMN] [--label COLUMN] [--bad VALUE] [--model scorecard|trees] [--out DIR]
#
# DIR holds your own bank_a.csv (id, label, columns) and bank_b.csv (id, columns); without --data such tables are made. COLUMNs
# are customer_id and default if not given, VALUE is yes. report.json and scores.csv go to --out (build/scorecard/out if not given).
# Leaves behind the folder build of this clone (this run: build/scorecard) and the Debian packages that were missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data='' id=customer_id label=default bad=yes model=scorecard out=$root/build/scorecard/out
while [ $# -gt 0 ]; do
  case $1 in
    --data | --id | --label | --bad | --model | --out)
      [ $# -ge 2 ] || { echo "$1 needs a value" >&2; exit 2; }
      printf -v "${1#--}" '%s' "$2"
      shift 2 ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "unknown option $1; see --help" >&2; exit 2 ;;
  esac
done
case $model in
  scorecard) ;;
  trees) echo "unsupported: there are no boosted trees yet; --model scorecard trains a scorecard" >&2; exit 1 ;;
  *) echo "--model must be scorecard or trees, found $model" >&2; exit 2 ;;
esac
if [ -n "$data" ]; then
  for name in bank_a bank_b; do
    [ -f "$data/$name.csv" ] || { echo "expected $data/$name.csv" >&2; exit 2; }
  done
  data=$(cd "$data" && pwd)
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)

. "$root/examples/play.sh"

# What is in the way is said before anything is installed or built.
c2d_require_namespaces
take_lock
choose_ports
c2d_require "${c2d_build_packages[@]}"
build_programs

table_a=dt:ownership:e277fa43ad2f20cb29dd351f1e3ff124f49294544b22f549513b8f291d263eb2
table_b=dt:ownership:78f04f6a0f40869af2d7931563ee32e2547bb3651c80ba02f86675261e9ee6cb
computing=dt:ownership:70c3ed9fb27cbb0c72dbf67da7e449ffe273d7387e2b42a4c139c80181edb981
new_a=dt:ownership:1dd36cd7360ed0dae828d73449b3ded5d26d30ec7f378a00256eee1723e3b384
new_b=dt:ownership:84aa8c924f321a63dcfc5cfd9846733d24cf1c1e4617664432e4a17e16c9aba3
model_a=dt:ownership:aed1a23ceb1786598887f7b37295fdace1f855feac6d1cfd59a14495bef13f0b
model_b=dt:ownership:187b126659304410b4b380d5e302b63af7be0352513bd52fefe521f7105e4032
model_c=dt:ownership:7271169a32cbec5d7a9c2151ad98b8431a4cc821812dac441206ec6688b1e4ce
scoring=dt:ownership:44de3d4e71a4113ac2ffe0ef718a59b1ff2fb4a72a2e6893944b76d3d962c0d8
algorithm=dt:ownership:c3f4f7050f691ede2cdb128fc27359010a274c5b6970457e76d52f6b3f798c78

work="$root/build/scorecard"
mkdir -p "$work"
find "$work" -mindepth 1 -maxdepth 1 ! -path "$out" -exec rm -rf {} +
rm -f "$out/report.json" "$out/scores.csv"
cd "$work"
mkdir bank_a bank_b company
cp -r "$root/bindings/python/c2d/operators/scorecard" operator
cp -r "$root/bindings/python/c2d/operators/score" score
cp "$root/examples/scorecard/algorithm.json" "$root/examples/scorecard/scoring.json" .
export C2D_LIBRARY=$root/build/lib/libc2d.so PYTHONPATH=$root/bindings/python

say "Each bank has a table of its own"
if [ -n "$data" ]; then
  for bank in a b; do cp "$data/bank_$bank.csv" "bank_$bank/"; done
else
  run python3 "$root/examples/scorecard/generate_data.py" --out .
  for bank in a b; do mv "bank_$bank.csv" "bank_$bank/"; done
fi
for bank in a b; do run head -n 3 "bank_$bank/bank_$bank.csv"; done

say "Each checks it before anything is published: every problem at once"
run dt-cli data check bank_a/bank_a.csv --id "$id" --label "$label"
run dt-cli data check bank_b/bank_b.csv --id "$id"
rows=$(dt-cli --json data check bank_b/bank_b.csv --id "$id" | python3 -I -c 'import json, sys; print(json.load(sys.stdin)["rows"])')
# Fewer common customers than this end the job, and nobody learns who they are.
common_min=$((rows / 2 < 100 ? (rows / 2 > 0 ? rows / 2 : 1) : 100))

# write_config NAME KEY QUERY_PORT PEER_PORT ASSETS
write_config() {
  cat >"$1.ini" <<END
[keeper]
network_url = ledger:./ledger.db
ipfs_endpoint = dir:./documents
trust_dir = ./trust
[provider]
query_port = ${port_of[$3]}
private_key = $2
assets_path = $5
exec_dirpath = ./$1/exec
peer_ports = ${port_of[$4]}
# Everything runs on one machine here: without this line private and loopback peers are refused.
peer_networks = 127.0.0.0/8
END
}
write_config bank_a $bank_a_key 8090 8911 "{\"$table_a\": \"./bank_a/bank_a.csv\", \"$new_a\": \"./bank_a/new.csv\"}"
write_config bank_b $bank_b_key 8091 8912 "{\"$table_b\": \"./bank_b/bank_b.csv\", \"$new_b\": \"./bank_b/bank_b.csv\"}"
write_config company $company_key 8092 8913 '{}'
sed -e '/^\[provider\]/,$d' bank_a.ini >client.ini
export CONFIG_FILE=client.ini

say "The system administrator starts the ledger, registers three organisations, publishes the shipped operator"
as $system_key dt-cli chain init
as $system_key dt-cli system org --name bank_a --desc 'a bank' --address $bank_a
as $system_key dt-cli system org --name bank_b --desc 'another bank' --address $bank_b
as $system_key dt-cli system org --name company --desc 'a fintech company' --address $company
as $system_key dt-cli system op --shipped scorecard

say "The banks publish data tokens with their terms, the company its computing power"
peers=(--var "PEER_0=127.0.0.1:${port_of[8911]}" --var "PEER_1=127.0.0.1:${port_of[8912]}" --var "PEER_2=127.0.0.1:${port_of[8913]}")
arguments=(--var "ID=$id" --var "LABEL=$label" --var "BAD=$bad" --var "COMMON_MIN=$common_min")
as $bank_a_key dt-cli asset dt --attr_file operator/terms.json --table bank_a/bank_a.csv --id_column "$id" --label_column "$label" --id $table_a --var "NAME=credit applications" --var PARTY=0 \
  --var FILE=bank_a.csv --var "ENDPOINT=127.0.0.1:${port_of[8090]}" "${peers[@]}" "${arguments[@]}"
as $bank_b_key dt-cli asset dt --attr_file operator/terms.json --table bank_b/bank_b.csv --id_column "$id" --id $table_b --var "NAME=current accounts" --var PARTY=1 \
  --var FILE=bank_b.csv --var "ENDPOINT=127.0.0.1:${port_of[8091]}" "${peers[@]}" "${arguments[@]}"
as $company_key dt-cli asset dt --attr_file operator/compute_terms.json --id $computing --var "NAME=third party of the protocol, no data" \
  --var "ENDPOINT=127.0.0.1:${port_of[8092]}" "${peers[@]}" "${arguments[@]}"

python3 -B "$root/examples/scorecard/held_back.py" . --id "$id" --label "$label" --out bank_a/new.csv 2>held_back.log ||
  { tail -n 5 held_back.log >&2; exit 1; }

say "Each starts a provider service next to its data"
start_provider() { # NAME, and the PORT that it listens on if it is free
  printf '\033[36m$ CONFIG_FILE=%s.ini c2d-provider &\033[0m\n' "$1"
  CONFIG_FILE=$1.ini c2d-provider >"$1.log" 2>&1 {lock}>&- &
  started_here+=($!)
  await $! "$1.log" listens "${port_of[$2]}"
}
start_provider bank_a 8090
start_provider bank_b 8091
start_provider company 8092

say "The company composes an Algorithm under the banks' terms: an attribute file, no program"
as $company_key dt-cli asset cdt --attr_file algorithm.json "${peers[@]}" "${arguments[@]}"

say "The company runs the job: customers are matched, columns put into bins and chosen, a scorecard trained and tested, in one secure computation"
as $company_key dt-cli job init --name scorecard --desc 'first training'
started=$SECONDS
as $company_key dt-cli job exec --task_id 1 --cdt $algorithm --wait || {
  echo "the job failed; each owner's own log:" >&2
  tail -n 20 ./*/exec/job_1/log >&2 || true
  exit 1
}
echo "the job took $((SECONDS - started)) s"
cp bank_a/exec/job_1/outputs/report.json "$out/"
run cat "$out/report.json"

say "Each party publishes a model token over what the job left with it; the banks publish new customers, without labels"
as $system_key dt-cli system op --shipped score
# There are a fifth as many customers to score.
arguments=(--var "ID=$id" --var "COMMON_MIN=$((common_min / 10 > 0 ? common_min / 10 : 1))")
# publish_model KEY PARTY ID PORT: what the share is, the party's own provider says
publish_model() {
  as "$1" dt-cli asset dt --from_job 1 --output model --attr_file score/model_terms.json \
    --id "$3" --var "NAME=a share of the scorecard" --var "PARTY=$2" --var "ENDPOINT=127.0.0.1:${port_of[$4]}" "${peers[@]}" "${arguments[@]}"
}
publish_model $bank_a_key 0 $model_a 8090
publish_model $bank_b_key 1 $model_b 8091
publish_model $company_key 2 $model_c 8092
as $bank_a_key dt-cli asset dt --attr_file score/terms.json --table bank_a/new.csv --id_column "$id" --id $new_a --var "NAME=new customers" \
  --var PARTY=0 --var FILE=bank_a.csv --var "ENDPOINT=127.0.0.1:${port_of[8090]}" "${peers[@]}" "${arguments[@]}"
as $bank_b_key dt-cli asset dt --attr_file score/terms.json --table bank_b/bank_b.csv --id_column "$id" --id $new_b \
  --var "NAME=current accounts" --var PARTY=1 --var FILE=bank_b.csv --var "ENDPOINT=127.0.0.1:${port_of[8091]}" "${peers[@]}" "${arguments[@]}"

say "The company composes model tokens and new tables, and bank A gets points beside its own ids"
as $company_key dt-cli asset cdt --attr_file scoring.json "${peers[@]}" "${arguments[@]}"
as $company_key dt-cli job exec --task_id 1 --cdt $scoring --wait || {
  echo "the job failed; each owner's own log:" >&2
  tail -n 20 ./*/exec/job_2/log >&2 || true
  exit 1
}
cp bank_a/exec/job_2/outputs/scores.csv "$out/"
run head -n 4 "$out/scores.csv"

say "What bank A could do alone: the same operator in the clear, over its own columns and rows"
alone=$(python3 -B "$root/examples/scorecard/bank_a_alone.py" bank_a/bank_a.csv --id "$id" --label "$label" --bad "$bad" 2>alone.log) ||
  { tail -n 5 alone.log >&2; exit 1; }
python3 -I -c 'import json, sys; print("AUC of the joint model: %.4f" % json.load(open(sys.argv[1]))["auc"])' "$out/report.json"
echo "AUC of bank A alone:    $alone"

say "The regulator walks from both Algorithms, and from bank B's table"
run dt-cli tracer dfs --prefix_path $scoring
run dt-cli tracer dfs --prefix_path $algorithm
run dt-cli tracer dfs --prefix_path $table_b
run dt-cli chain verify

say "Done. The report: $out/report.json, the scores: $out/scores.csv; everything else of this run stands in $work"
left="$root/build"
[ ${#c2d_installed[@]} -eq 0 ] || left+=", and the packages ${c2d_installed[*]}"
echo "Left behind: $left. Nothing runs any more."
