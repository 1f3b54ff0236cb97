#!/bin/sh
# Has the agent measure the delays between real ptp4l clocks DELAY_RUNS times
# (default 20) for everything that a device between them does to their messages.
# The outcome goes to docs/results/delay.json. It takes twenty minutes and needs
# root, for network namespaces.
set -eu
cd "$(dirname "$0")/.."
runs=${DELAY_RUNS:-20}
commit=$(git rev-parse HEAD)
settings=$(mktemp)
trap 'rm -f "$settings"' EXIT

code=0
DELAY_RUNS=$runs DELAY_RESULT=$settings go test -run '^TestPathDelay$' -timeout 2h -v -count 1 ./internal/e2e || code=$?
[ -s "$settings" ] || exit 1

mkdir -p docs/results
cat >docs/results/delay.json <<JSON
{
  "command": "DELAY_RUNS=$runs scripts/delay.sh",
  "commit": "$commit",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION), $(ptp4l -v | sed 's/^/ptp4l /')",
  "seeds": [],
  "settings": [
$(sed 's/^/    /; $!s/$/,/' "$settings")
  ]
}
JSON
echo "wrote docs/results/delay.json"
exit $code
