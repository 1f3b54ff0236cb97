#!/bin/sh
# Prints the figures of docs/performance.md, each the best and worst of five
# runs, with the machine they are of. Run it on a machine that does nothing else.
set -eu
cd "$(dirname "$0")/.."
echo "$(git rev-parse --short HEAD), $(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION)"
run() { # PACKAGE PATTERN TIMES
  go test -run '^$' -bench "$2" -benchtime "${3:-1s}" -count 5 -benchmem "$1" | grep '^Benchmark'
}
run ./internal/ptp 'Decode'
run ./internal/capture 'Decode|Replay'
run ./internal/agent 'Replay$' 5x
run ./internal/simulate 'Day' 1x
day() { # through a pipe; needs GNU time
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  go build -o "$folder/ptpwatch" ./cmd/ptpwatch
  taken='%e s, processor %U s and %S s, at most %M KiB'
  /usr/bin/time -f "simulate: $taken" "$folder/ptpwatch" simulate healthy-g8275.1/day --out - |
    /usr/bin/time -f "replay: $taken" "$folder/ptpwatch" replay - | sed -n 2p
}
day
live() { # PACKAGE PATTERN TIMES; needs root, for network namespaces
  go test -run '^$' -bench "$2" -benchtime "$3" -count 3 "$1" | grep -E '^(Benchmark|---| .*_test.go)'
}
live ./internal/capture 'LiveStops' 40x
live ./cmd/ptpwatch 'Run/1000$' 30000x
live ./cmd/ptpwatch 'Run/200000$' 6100000x
go test -run '^$' -bench ReplayAgainstTshark -benchtime 3x ./internal/agent | grep '^Benchmark'
