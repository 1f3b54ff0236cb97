#!/bin/sh
# Runs every fuzz target for FUZZTIME (default 5s), FUZZJOBS (default 2) at a
# time, and fails when one has a finding. With RESULT=FILE it writes what was
# run there as JSON.
set -eu
cd "$(dirname "$0")/.."
time=${FUZZTIME:-5s}
rows=$(mktemp -d)
trap 'rm -rf "$rows"' EXIT

# one PACKAGE TARGET: fuzz it and leave a row. No minimising: a new input is
# only of interest while it lasts.
one='
package=${1#github.com/ptpwatch/ptpwatch/}
log=$rows/$2.log
if ! go test -run "^\$" -fuzz "^$2\$" -fuzztime "$time" -fuzzminimizetime 0x -parallel 1 "$1" >"$log" 2>&1; then
  # Until Go 1.27 the end of fuzztime itself may be told as a failure
  # (go.dev/issue/75804): only that, and no failing input.
  if grep -Eq "Failing input|panic|process (hung|terminated)" "$log" || ! grep -q "^    context deadline exceeded\$" "$log"; then
    cat "$log"
    exit 255
  fi
fi
execs=$(sed -n "s/.*execs: \([0-9]*\).*/\1/p" "$log" | tail -n 1)
echo "{\"package\": \"$package\", \"target\": \"$2\", \"execs\": ${execs:-0}, \"findings\": 0}" >"$rows/$2.row"
echo "fuzz $package $2 for $time: ${execs:-0} inputs, no finding"
'
export time rows
for package in $(go list ./...); do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    echo "$package $target"
  done
done | xargs -P "${FUZZJOBS:-2}" -L 1 sh -euc "$one" one

[ -n "${RESULT:-}" ] || exit 0
mkdir -p "$(dirname "$RESULT")"
cat >"$RESULT" <<JSON
{
  "command": "FUZZTIME=$time FUZZJOBS=${FUZZJOBS:-2} scripts/fuzz.sh",
  "commit": "$(git rev-parse HEAD)",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION)",
  "targets": [
    $(cat "$rows"/*.row | sed '$!s/$/,/' | sed '2,$s/^/    /')
  ]
}
JSON
echo "wrote $RESULT"
