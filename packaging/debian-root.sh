#!/bin/sh
# Makes FILE, a tar of a small Debian with systemd, for the tests to install
# packages in. A second run does nothing and needs no network.
set -eu
file=${1:?usage: $0 FILE}
suite=bookworm # the oldest that the packages are for
[ -e "$file" ] && [ "$file" -nt "$0" ] && exit 0
mkdir -p "$(dirname "$file")"
echo "fetching a Debian $suite to install packages in (70 MB, once)"
mmdebstrap --quiet --mode=root --format=tar --variant=minbase --include=systemd,systemd-sysv,udev,rpm \
	--keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/ptpwatch/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--aptopt='Acquire::Retries "3"' --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
	$suite "$file.new" ${DEBIAN_MIRROR:-http://deb.debian.org/debian}
mv "$file.new" "$file"
