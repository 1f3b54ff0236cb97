#!/bin/sh
# Runs every fuzz target for FUZZTIME (default 5s) and fails at the first
# finding. With RESULT=FILE it writes what was run there as JSON.
set -eu
cd "$(dirname "$0")/.."
time=${FUZZTIME:-5s}
rows=
for package in $(go list ./...); do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    echo "fuzz $package $target for $time"
    log=$(mktemp)
    # No minimising: a new input is only of interest while it lasts.
    if ! go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 0x -parallel "${FUZZPARALLEL:-2}" "$package" >"$log" 2>&1; then
      cat "$log"
      rm -f "$log"
      exit 1
    fi
    execs=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
    rm -f "$log"
    rows="$rows${rows:+,}
    {\"package\": \"${package#github.com/ptpwatch/ptpwatch/}\", \"target\": \"$target\", \"execs\": ${execs:-0}, \"findings\": 0}"
  done
done
[ -n "${RESULT:-}" ] || exit 0
mkdir -p "$(dirname "$RESULT")"
cat >"$RESULT" <<JSON
{
  "command": "FUZZTIME=$time scripts/fuzz.sh",
  "commit": "$(git rev-parse HEAD)",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION)",
  "targets": [$rows
  ]
}
JSON
echo "wrote $RESULT"
