#!/bin/sh
# Simulated days (SOAK_DAYS, default 90) through the whole analysis; the result
# goes to docs/results/soak.json.
set -eu
cd "$(dirname "$0")/.."
days=${SOAK_DAYS:-90}
outcome=$(mktemp)
trap 'rm -f "$outcome"' EXIT
SOAK_DAYS=$days SOAK_RESULT=$outcome go test -tags soak -run '^TestSoak$' -timeout 3h -v ./internal/agent
mkdir -p docs/results
cat >docs/results/soak.json <<JSON
{
  "command": "SOAK_DAYS=$days scripts/soak.sh",
  "commit": "$(git rev-parse HEAD)",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION)",
  "seeds": [],
  "outcome": $(cat "$outcome")
}
JSON
echo "wrote docs/results/soak.json"
