#!/bin/sh
# Makes the packages of this commit: a deb, an rpm and the bare binary for each
# architecture, and their sums. The same commit gives the same bytes, wherever
# and whenever: times are the commit's, paths are trimmed.
#
#   packaging/build.sh DIST [ARCH...]
#
# ARCH as Go calls it: amd64, arm64, arm (ARMv7), 386; all of them when none is
# given. VERSION, SOURCE_DATE_EPOCH, GO and NFPM go before what is found out.
set -eu
umask 022
export LC_ALL=C

dist=${1:?usage: $0 DIST [ARCH...]}
shift
[ $# -gt 0 ] || set -- amd64 arm64 arm 386
mkdir -p "$dist"
dist=$(cd "$dist" && pwd)
cd "$(dirname "$0")/.."
GO=${GO:-go}

# version is what is built as both packagers write it: 1.2.3, 1.2.3+4.g0123456
# four commits on, 0.0.0+20261123.g0123456 before the first release.
version() {
	git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null | sed 's/^v//; s/-dirty$/+dirty/; s/-\([0-9]*\)-g/+\1.g/; s/-/~/' | grep . ||
		echo "0.0.0+$(git log -1 --format=%cd --date=format:%Y%m%d).g$(git describe --always --dirty=.dirty)"
}
VERSION=${VERSION:-$(version)}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export VERSION SOURCE_DATE_EPOCH

build() { # build ARCH FILE
	CGO_ENABLED=0 GOOS=linux GOARCH=$1 GOARM=7 GOAMD64=v1 GOFLAGS= $GO build -trimpath -buildvcs=false \
		-ldflags "-s -w -X github.com/ptpwatch/ptpwatch/internal/agent.version=$VERSION" -o "$2" ./cmd/ptpwatch
}

# licenses prints the licence of each module that is linked in.
licenses() {
	$GO list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/ptpwatch | sort -u |
		while read -r path version dir; do
			for file in "$dir"/LICENSE* "$dir"/NOTICE* "$dir"/COPYING*; do
				[ -f "$file" ] || continue
				printf '%s\n\n' "===== $path $version: $(basename "$file")"
				cat "$file"
				echo
			done
		done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -n "${NFPM:-}" ] || { NFPM=$work/nfpm && (cd tools && $GO build -o "$NFPM" github.com/goreleaser/nfpm/v2/cmd/nfpm); }

# What does not depend on the architecture. Manual and completions come from the
# commands themselves, so from a binary that runs here.
echo "ptpwatch $VERSION"
build "$($GO env GOHOSTARCH)" "$work/here"
stage=$work/stage
mkdir -p "$stage/doc" "$stage/examples" "$stage/rules" "$stage/dashboards" "$stage/provisioning"
"$work/here" man --dir "$stage/man"
for shell in bash fish zsh; do "$work/here" completion $shell >"$stage/$shell"; done
cp packaging/copyright internal/config/reference.yaml "$stage/doc/"
cp CHANGELOG.md "$stage/doc/"
printf 'ptpwatch (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n -- %s  %s\n' "$VERSION" \
	"The ptpwatch authors <ptpwatch@users.noreply.github.com>" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" >"$stage/doc/changelog"
licenses >"$stage/doc/licenses"
cp packaging/examples/* dashboards/prometheus.yml dashboards/alertmanager.yml "$stage/examples/"
cp dashboards/rules.yml "$stage/rules/"
cp dashboards/grafana/*.json "$stage/dashboards/"
cp dashboards/grafana/provisioning/dashboards/ptpwatch.yml "$stage/provisioning/dashboards.yml"
cp dashboards/grafana/provisioning/datasources/ptpwatch.yml "$stage/provisioning/datasources.yml"
gzip -9n "$stage"/man/* "$stage/doc/changelog" "$stage/doc/CHANGELOG.md" "$stage/doc/licenses"

for arch; do
	binary=$dist/ptpwatch-$VERSION-linux-$arch
	build "$arch" "$binary"
	cp "$binary" "$stage/ptpwatch"
	case $arch in arm) ARCH=arm7 ;; *) ARCH=$arch ;; esac
	export ARCH STAGE="$stage"
	for packager in deb rpm; do
		(cd packaging && "$NFPM" package --packager $packager --target "$dist/" >"$work/said" 2>&1) ||
			{ cat "$work/said" >&2; exit 1; }
	done
done
cd "$dist" && sha256sum ./*"$VERSION"* >SHA256SUMS
ls -l "$dist" | awk 'NR > 1 {printf "%10d  %s\n", $5, $9}'
