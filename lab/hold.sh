#!/bin/sh
# Keeps real linuxptp clocks running in network namespaces of their own until
# its standard input ends.
#
#   lab/hold.sh NAME < FILE
#
# NAME is one of `lab/record.sh list`; the clocks are held as they are when the
# scenario first lets time pass. What there is then is told on standard output:
#
#   namespaces PREFIX               node N is in the namespace PREFIX-N
#   hub INTERFACE                   what the node "monitor" can listen to
#   clock NODE DOMAIN SOCKET INTERFACE...   a ptp4l, and where pmc finds it
#   ready
set -eu

lab=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lab/clocks.sh
. "$lab/clocks.sh"

listen() { # listen: nobody does yet
	sleep 2 # until IPv6 knows that its addresses are no duplicates
}

until_second() { # until_second N: tell what there is, and keep it
	echo "namespaces $prefix"
	for hub in $hubs; do echo "hub $hub"; done
	for node in $clocks; do
		echo "clock $node $(option_of "$node" domainNumber) $work/$node.uds$(sed 's/-i//' "$work/$node.ports" | tr -d '\n')"
	done
	echo ready
	cat <&3 >/dev/null
	exit 0
}

[ $# = 1 ] && [ -f "$lab/scenarios/$1.sh" ] || {
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}
[ "$(id -u)" = 0 ] || die "needs root, for network namespaces"
exec 3<&0 </dev/null
work=$(mktemp -d)
trap cleanup EXIT
trap 'exit 1' INT TERM
# shellcheck source=/dev/null
. "$lab/scenarios/$1.sh"
