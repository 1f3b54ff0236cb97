#!/bin/sh
# What changes of one direction's delay would be found at two simulated sites, of
# POWER_RUNS (default 24) seeds that follow from the commit, and whether what the
# sites say of themselves is true; and how many of two hundred delays of three
# standard deviations are rightly named. The outcome goes to docs/results/power.json,
# and the table of it into docs/explanation/detection.md. It takes ten minutes.
set -eu
cd "$(dirname "$0")/.."
runs=${POWER_RUNS:-24}
commit=$(git rev-parse HEAD)
first=$((0x$(printf %.7s "$commit")))
curve=$(mktemp)
sigma=$(mktemp)
trap 'rm -f "$curve" "$sigma"' EXIT
code=0
SIGMA_RUNS=100 SIGMA_SEED=$first SIGMA_RESULT=$sigma go test -run '^TestThreeSigma$' -timeout 1h -count 1 ./internal/score || code=$?
POWER_RUNS=$runs POWER_SEED=$first POWER_RESULT=$curve go test -run '^TestPower$' -timeout 1h -count 1 -v ./internal/score || code=$?
{ [ -s "$curve" ] && [ -s "$sigma" ]; } || exit 1
mkdir -p docs/results
cat >docs/results/power.json <<JSON
{
  "command": "POWER_RUNS=$runs scripts/power.sh",
  "commit": "$commit",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION)",
  "seeds": [$(seq -s ', ' "$first" $((first + runs - 1)))],
  "three_sigma": $(cat "$sigma"),
  "outcome": $(cat "$curve")
}
JSON
go test -run '^TestPowerPage$' -count 1 ./internal/score -update
echo "wrote docs/results/power.json and its table in docs/explanation/detection.md"
exit $code
