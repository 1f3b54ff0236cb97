#!/bin/sh
# Fills DIR with what the hardware guest is made of, all from Debian: QEMU, a
# kernel with the igb driver, linuxptp and the libraries they need. apt works
# in a root of its own there: the system's packages and settings are left alone,
# and need not be Debian's. A second run does nothing and needs no network.
set -eu
dir=${1:?usage: $0 DIR}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
suite=trixie # the first with an igb that stamps, in QEMU 10, and its kernel
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

cmp -s "$0" "$dir/made-by" && exit 0

fail() { echo "the hardware guest cannot be built: $*" >&2; exit 1; }
[ "$(uname -sm)" = "Linux x86_64" ] || fail "it needs Linux on x86-64, this is $(uname -sm)"
for tool in apt-get dpkg tar; do
  command -v $tool >/dev/null || fail "no $tool: it needs a Debian or Ubuntu"
done
[ -r $keyring ] || fail "no $keyring: install debian-archive-keyring"

rm -rf "$dir"
mkdir -p "$dir/root" "$dir/kernel"
dir=$(cd "$dir" && pwd)
apt=$dir/apt
mkdir -p "$apt/etc/apt/apt.conf.d" "$apt/etc/apt/preferences.d" "$apt/etc/apt/sources.list.d" \
  "$apt/var/lib/apt/lists/partial" "$apt/var/cache/apt/archives/partial" "$apt/var/lib/dpkg"
: >"$apt/var/lib/dpkg/status" # nothing is installed: libc comes along
cat >"$apt/etc/apt/sources.list.d/debian.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Signed-By: $keyring
SOURCES
{
  apt-config dump | grep '^Acquire::' || true # proxies, say
  cat <<CONF
Dir "$apt";
Dir::State::status "$apt/var/lib/dpkg/status";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Update::Error-Mode "any";
CONF
} >"$dir/apt.conf"
export APT_CONFIG="$dir/apt.conf"

echo "fetching QEMU, a kernel and linuxptp from Debian $suite (150 MB, once)"
apt-get -qq update || fail "apt-get update: no answer from $mirror"
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p')
[ -n "$kernel" ] || fail "linux-image-amd64 names no kernel"
apt-get -qq install --download-only -y qemu-system-x86 linuxptp >/dev/null || fail "apt-get: qemu-system-x86, linuxptp"
(cd "$apt" && apt-get -qq download "$kernel") || fail "apt-get: $kernel"

for deb in "$apt"/var/cache/apt/archives/*.deb; do
  dpkg -x "$deb" "$dir/root" || fail "dpkg: $deb"
done
dpkg --fsys-tarfile "$apt"/linux-image-*.deb | tar -x -C "$dir/kernel" --transform 's,.*/,,' --wildcards \
  './boot/vmlinuz-*' '*/dca.ko*' '*/i2c-algo-bit.ko*' '*/igb.ko*' || fail "unpack $kernel"
mv "$dir"/kernel/vmlinuz-* "$dir/kernel/vmlinuz"
rm -rf "$apt" "$dir/apt.conf"
cp "$0" "$dir/made-by"
