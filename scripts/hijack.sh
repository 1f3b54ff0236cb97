#!/bin/sh
# Has the agent watch real ptp4l clocks being hijacked HIJACK_RUNS times (default
# 20) in every way, and being worked on and killed as often, which is nobody's
# attack. The outcome goes to docs/results/hijack.json. It takes ten minutes and
# needs root, for network namespaces.
set -eu
cd "$(dirname "$0")/.."
runs=${HIJACK_RUNS:-20}
commit=$(git rev-parse HEAD)
hijacks=$(mktemp)
calm=$(mktemp)
trap 'rm -f "$hijacks" "$calm"' EXIT

HIJACK_RUNS=$runs HIJACK_RESULT=$hijacks go test -run '^TestHijack$' -timeout 1h -v -count 1 ./internal/e2e
go test -run '^(TestPlannedWorkPagesNobody|TestLostOrBlind)$' -timeout 1h -v -count "$runs" ./internal/e2e | tee "$calm"
grep -q '^ok ' "$calm" # what tee's status does not tell

# Cases without cases in them, and how often each has passed.
rows=$(sed -n 's/^ *--- PASS: \(TestPlanned[^ ]*\/[^ ]*\|TestLostOrBlind\) .*/\1/p' "$calm" | sort | uniq -c |
  awk '{printf "%s    {\"test\": \"%s\", \"runs\": '"$runs"', \"passed\": %d}", sep, $2, $1; sep = ",\n"}')
mkdir -p docs/results
cat >docs/results/hijack.json <<JSON
{
  "command": "HIJACK_RUNS=$runs scripts/hijack.sh",
  "commit": "$commit",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION), $(ptp4l -v | sed 's/^/ptp4l /')",
  "seeds": [],
  "hijacks": [
$(sed 's/^/    /; $!s/$/,/' "$hijacks")
  ],
  "calm": [
$rows
  ]
}
JSON
echo "wrote docs/results/hijack.json"
