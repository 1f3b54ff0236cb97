#!/bin/sh
# Scores the scenarios that ship under SCORE_SEEDS (default 10) seeds that follow
# from the commit, so that nobody has tuned anything on them. The scoreboard goes
# to docs/results/score.json and, to read, score.md. With SCORE_FAMILY, names as
# --family takes them, it is about these only, with SCORE_SCENARIOS it plays these
# only, and SCORE_NAME names the files.
set -eu
cd "$(dirname "$0")/.."
commit=$(git rev-parse HEAD)
first=$((0x$(printf %.7s "$commit")))
seeds=$first..$((first + ${SCORE_SEEDS:-10} - 1))
result=docs/results/${SCORE_NAME:-score}
set -- score --corpus --seeds "$seeds"
[ -z "${SCORE_FAMILY:-}" ] || set -- "$@" --family "$SCORE_FAMILY"
[ -z "${SCORE_SCENARIOS:-}" ] || set -- "$@" --scenario "$SCORE_SCENARIOS"
outcome=$(mktemp)
table=$(mktemp)
trap 'rm -f "$outcome" "$table"' EXIT
bin/ptpwatch "$@" --format markdown --json "$outcome" >"$table"
mkdir -p docs/results
{
  printf '# Scoreboard\n\nMade by `scripts/score.sh` at commit %s. How to read it: [score](../how-to/score.md).\n\n' "$commit"
  cat "$table"
} >"$result.md"
cat >"$result.json" <<JSON
{
  "command": "bin/ptpwatch $*",
  "commit": "$commit",
  "machine": "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(go env GOVERSION)",
  "seeds": [$(seq -s ', ' "$first" "${seeds#*..}")],
  "outcome": $(cat "$outcome")
}
JSON
echo "wrote $result.json and $result.md"
