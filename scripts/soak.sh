#!/bin/sh
# Simulated days through the whole analysis: SOAK_DAYS (default 90) of one
# grandmaster and one client under each profile, on a link whose load comes and
# goes with the day and in bursts, in which nobody may be paged,
# and as many under one, in which memory may not grow. The result
# goes to docs/results/soak.json.
set -eu
cd "$(dirname "$0")/.."
days=${SOAK_DAYS:-90}
commit=$(git rev-parse HEAD)
seed=$((0x$(printf %.7s "$commit")))
profiles=$(mktemp)
memory=$(mktemp)
trap 'rm -f "$profiles" "$memory"' EXIT
SOAK_DAYS=$days SOAK_SEED=$seed SOAK_RESULT=$profiles go test -run '^TestSoak$' -timeout 6h -v ./internal/score
SOAK_DAYS=$days SOAK_RESULT=$memory go test -tags soak -run '^TestSoak$' -timeout 6h -v ./internal/agent
mkdir -p docs/results
cat >docs/results/soak.json <<JSON
{
  "command": "SOAK_DAYS=$days scripts/soak.sh",
  "commit": "$commit",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION)",
  "seeds": [$seed],
  "profiles": $(cat "$profiles"),
  "memory": $(cat "$memory")
}
JSON
echo "wrote docs/results/soak.json"
