#!/bin/sh
# Records real linuxptp clocks in network namespaces of their own.
#
#   lab/record.sh list           what can be recorded
#   lab/record.sh NAME [FILE]    record scenario NAME, by default where the project keeps it
#   lab/record.sh all            record every scenario anew
#
# Needs root and the Debian packages of lab/packages. A scenario is a file in
# lab/scenarios: its first line says what it shows and where it is kept, the
# rest calls the functions below. Clocks stamp in software and run without the
# capability to set the time (CAP_SYS_TIME), so the machine's clock is out of
# their reach whatever their configuration says.
set -eu

lab=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$lab")
prefix=ptpw-$$ # of every namespace, unique to this run
nodes=         # namespaces made, so that they can be removed
hubs=          # what the monitor listens to
members=0      # interfaces made: the last octet of addresses
ahead=0        # seconds by which the clocks' timescale is ahead of UTC

die() {
	echo "record.sh: $*" >&2
	exit 1
}

cleanup() {
	for node in $nodes; do
		# A namespace lives on while a process is in it.
		ip netns pids "$prefix-$node" | xargs -r kill -9 || true
		ip netns del "$prefix-$node" || true
	done
	rm -rf "$work"
}

within() { # within NODE COMMAND...: run a command in the node's namespace
	within=$prefix-$1
	shift
	ip netns exec "$within" "$@"
}

node() { # node NAME: make its namespace, unless it is there
	case " $nodes " in *" $1 "*) return ;; esac
	ip netns add "$prefix-$1"
	nodes="$nodes $1"
	ip -n "$prefix-$1" link set lo up
}

hub() { # hub NAME NODE...: a segment with an interface NAME in every node and in the monitor
	hub=$1
	shift
	hubs="$hubs $hub"
	node switch
	# ageing_time 0 floods everything, so that the monitor sees unicast too;
	# group_fwd_mask passes 01-80-C2-00-00-0E, which a bridge keeps to itself.
	ip -n "$prefix-switch" link add "$hub" type bridge mcast_snooping 0 ageing_time 0 group_fwd_mask 0x4000
	ip -n "$prefix-switch" link set "$hub" up
	for member in monitor "$@"; do
		node "$member"
		ip -n "$prefix-switch" link add "$hub-$members" type veth peer name "$hub" netns "$prefix-$member"
		ip -n "$prefix-switch" link set "$hub-$members" master "$hub" up
		ip -n "$prefix-$member" link set "$hub" address "$(printf '02:50:54:00:00:%02x' $members)" up
		# Checksums are left to hardware, which a veth does not have.
		within "$member" ethtool -K "$hub" tx off >/dev/null
		if [ "$member" != monitor ]; then
			# A subnet for each hub, so that a node on two of them routes.
			ip -n "$prefix-$member" addr add "10.77.$(echo "$hubs" | wc -w).$members/24" dev "$hub"
			echo "-i $hub" >>"$work/$member.ports"
		fi
		members=$((members + 1))
	done
}

ip_of() { # ip_of NODE HUB
	ip -n "$prefix-$1" -4 -o addr show dev "$2" | sed 's/.*inet \([0-9.]*\).*/\1/'
}

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

clock() { # clock NODE [--OPTION VALUE]...: start ptp4l on every interface of the node
	node=$1
	shift
	# shellcheck disable=SC2046 # one word each
	ip netns exec "$prefix-$node" setpriv --bounding-set -sys_time -- ptp4l -m $(cat "$work/$node.ports") \
		--time_stamping software --free_running 1 --uds_address "$work/$node.uds" "$@" \
		>>"$work/$node.log" 2>&1 &
	echo $! >"$work/$node.pid"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ ! -S "$work/$node.uds" ] || return 0
		sleep 0.1
	done
	die "ptp4l on $node: $(cat "$work/$node.log")"
}

option_of() { # option_of NODE OPTION: what its ptp4l was started with, or 0
	tr '\0' '\n' <"/proc/$(cat "$work/$1.pid")/cmdline" | sed -n "/^--$2\$/{n;p}" | grep . || echo 0
}

traceable() { # traceable NODE CLASS ACCURACY: have it announce that it follows GNSS
	# ptp4l sends the machine's clock as it is, but who claims to be
	# traceable sends TAI. So the lab takes the machine's clock for TAI, and
	# the recording, which is in UTC, is put back by the difference.
	ahead=37
	within "$1" pmc -u -b 0 -i "$work/pmc" -s "$work/$1.uds" \
		-d "$(option_of "$1" domainNumber)" -t "$(option_of "$1" transportSpecific)" \
		"SET GRANDMASTER_SETTINGS_NP clockClass $2 clockAccuracy $3 offsetScaledLogVariance 0x4e5d \
currentUtcOffset $ahead leap61 0 leap59 0 currentUtcOffsetValid 1 ptpTimescale 1 \
timeTraceable 1 frequencyTraceable 1 timeSource 0x20" >"$work/pmc.log"
	grep -q 'RESPONSE MANAGEMENT GRANDMASTER_SETTINGS_NP' "$work/pmc.log" ||
		die "settings of $1: $(cat "$work/pmc.log")"
}

stop() { # stop NODE: end its clock, or the monitor's recording
	kill "$(cat "$work/$1.pid")"
	wait "$(cat "$work/$1.pid")" || true
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
	for file in "$lab"/scenarios/*.sh; do "$0" "$(basename "$file" .sh)"; done
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
