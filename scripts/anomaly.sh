#!/bin/sh
# Has a device between real ptp4l clocks do what attackers do to delays and time
# stamps, ANOMALY_RUNS times each (default 20), after ten minutes in which it does
# nothing, on eight sites that take turns. The outcome goes to
# docs/results/anomaly.json. It takes forty to forty-five minutes and needs root,
# for network namespaces.
set -eu
cd "$(dirname "$0")/.."
runs=${ANOMALY_RUNS:-20}
commit=$(git rev-parse HEAD)
anomalies=$(mktemp)
trap 'rm -f "$anomalies"' EXIT

code=0
ANOMALY_RUNS=$runs ANOMALY_QUIET=10m ANOMALY_RESULT=$anomalies \
  go test -run '^TestPathAnomaly$' -parallel 8 -timeout 3h -v -count 1 ./internal/e2e || code=$?
[ -s "$anomalies" ] || exit 1

mkdir -p docs/results
cat >docs/results/anomaly.json <<JSON
{
  "command": "ANOMALY_RUNS=$runs scripts/anomaly.sh",
  "commit": "$commit",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION), $(ptp4l -v | sed 's/^/ptp4l /')",
  "seeds": [],
  "anomalies": [
$(sed 's/^/    /; $!s/$/,/' "$anomalies")
  ]
}
JSON
echo "wrote docs/results/anomaly.json"
exit $code
