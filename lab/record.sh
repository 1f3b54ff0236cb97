#!/bin/sh
# Records real linuxptp clocks in network namespaces of their own.
#
#   lab/record.sh list           what can be recorded
#   lab/record.sh NAME [FILE]    record scenario NAME, by default where the project keeps it
#   lab/record.sh all            record anew every scenario that is kept
#
# Needs root and the Debian packages of lab/packages. A scenario is a file in
# lab/scenarios: its first lines say what it shows and where it is kept, if it
# is; the rest calls the functions of lab/clocks.sh and those below.
set -eu

lab=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$lab")
# shellcheck source=lab/clocks.sh
. "$lab/clocks.sh"

listen() { # listen: start recording every hub
	sleep 2 # until IPv6 knows that its addresses are no duplicates
	interfaces=
	for hub in $hubs; do interfaces="$interfaces -i $hub"; done
	# shellcheck disable=SC2086 # one word each
	ip netns exec "$prefix-monitor" dumpcap -q $interfaces -w "$work/raw.pcapng" 2>"$work/monitor.log" &
	echo $! >"$work/monitor.pid"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ ! -s "$work/raw.pcapng" ] || break
		sleep 0.5
	done
	[ -s "$work/raw.pcapng" ] || die "dumpcap: $(cat "$work/monitor.log")"
	started=$(date +%s)
}

until_second() { # until_second N: wait until the recording is N seconds long
	rest=$((started + $1 - $(date +%s)))
	[ "$rest" -le 0 ] || sleep "$rest"
}

deliver() { # deliver FROM TO: the recording as a monitor would have written it
	cp "$1" "$2"
}

anonymous() { # anonymous FROM TO: without what it says about this machine
	# mergecap drops the processor, editcap the name that mergecap notes of
	# its input; the kernel's release stays and is overwritten.
	mergecap -F pcapng -w "$work/merged" "$1"
	editcap --discard-capture-comment -F pcapng "$work/merged" "$work/plain"
	LC_ALL=C sed "s/$(uname -r)/$(uname -r | tr '[:graph:]' ' ')/g" "$work/plain" >"$2"
}

record() { # record NAME FILE
	# shellcheck source=/dev/null
	. "$lab/scenarios/$1.sh"
	stop monitor
	deliver "$work/raw.pcapng" "$work/delivered"
	editcap -t -$ahead "$work/delivered" "$work/dated"
	mkdir -p "$(dirname "$2")"
	case $2 in
	*.pcap) editcap -F nsecpcap "$work/dated" "$2" ;;
	*.pcapng) anonymous "$work/dated" "$2" ;;
	*.gz) anonymous "$work/dated" "$work/done" && gzip -9n <"$work/done" >"$2" ;;
	*) die "$2: the name must end in .pcap, .pcapng or .pcapng.gz" ;;
	esac
	echo "$2: $(wc -c <"$2") bytes; messages by type:"
	tshark -r "$2" -Y ptp -T fields -e ptp.v2.messagetype | sort | uniq -c
}

describe() { sed -n '1s/^# //p' "$lab/scenarios/$1.sh"; }
kept_in() { echo "$root/$(sed -n '2s/^# Kept in //p' "$lab/scenarios/$1.sh")"; }

[ $# -ge 1 ] || set -- help
case $1 in
list)
	for file in "$lab"/scenarios/*.sh; do
		name=$(basename "$file" .sh)
		printf '%-14s %s\n' "$name" "$(describe "$name")"
	done
	;;
all)
	for file in $(grep -l '^# Kept in' "$lab"/scenarios/*.sh); do "$0" "$(basename "$file" .sh)"; done
	;;
*)
	[ -f "$lab/scenarios/$1.sh" ] || {
		sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
		exit 2
	}
	[ "$(id -u)" = 0 ] || die "needs root, for network namespaces"
	work=$(mktemp -d)
	trap cleanup EXIT
	trap 'exit 1' INT TERM
	record "$1" "${2:-$(kept_in "$1")}"
	;;
esac
