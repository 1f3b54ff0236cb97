#!/bin/sh
# Follows PAGE_RUNS pages (default 20) from a rogue's first Announce to the pager, and
# the news that it is over, with the shipped rules and examples: each run with clocks,
# agent, Prometheus and Alertmanager of its own, PAGE_PARALLEL (default 10) at a time.
# The outcome goes to docs/results/page.json. It takes ten minutes, nearly all of it
# waiting, and needs root, for network namespaces.
set -eu
cd "$(dirname "$0")/.."
runs=${PAGE_RUNS:-20}
parallel=${PAGE_PARALLEL:-10}
commit=$(git rev-parse HEAD)
pages=$(mktemp)
trap 'rm -f "$pages"' EXIT

status=0
PAGE_RUNS=$runs PAGE_RESULT=$pages go test -run '^TestPage$' -parallel "$parallel" -timeout 1h -v -count 1 ./internal/e2e || status=$?
[ -s "$pages" ] || exit "$status" # nothing ran

version() { "$1" --version 2>&1 | sed -n '1s/\(, version [^ ]*\).*/\1/; 1s/, version//p'; }
slowest() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$pages" | sort -n | tail -n 1; }
passed=$(grep -v '"error"' "$pages" | grep -c '"pages":1,"resolves":1,.*"in_time":true' || true)
mkdir -p docs/results
cat >docs/results/page.json <<JSON
{
  "command": "PAGE_RUNS=$runs PAGE_PARALLEL=$parallel scripts/page.sh",
  "commit": "$commit",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION), $(ptp4l -v | sed 's/^/ptp4l /'), $(version prometheus), $(version prometheus-alertmanager)",
  "seeds": [],
  "limit_ms": 15000,
  "runs": $runs,
  "passed": $passed,
  "slowest_ms": {"agent": $(slowest agent_ms), "scraped": $(slowest scraped_ms), "fired": $(slowest fired_ms), "notified": $(slowest notified_ms), "resolved": $(slowest resolved_ms)},
  "each": [
$(sed 's/^/    /; $!s/$/,/' "$pages")
  ]
}
JSON
echo "wrote docs/results/page.json: $passed of $runs"
exit "$status"
