# Real linuxptp clocks in network namespaces of their own: what the scenarios
# are written in, read by the scripts that say what becomes of them.
#
# Clocks stamp in software and run without the capability to set the time
# (CAP_SYS_TIME), so the machine's clock is out of their reach whatever their
# configuration says.

prefix=ptpw-$$ # of every namespace, unique to this run
nodes=         # namespaces made, so that they can be removed
hubs=          # what the monitor listens to
members=0      # interfaces made: the last octet of addresses
clocks=        # nodes that run a clock
ahead=0        # seconds by which the clocks' timescale is ahead of UTC

die() {
	echo "${0##*/}: $*" >&2
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

clock() { # clock NODE [--OPTION VALUE]...: start ptp4l on every interface of the node
	node=$1
	shift
	case " $clocks " in *" $node "*) ;; *) clocks="$clocks $node" ;; esac
	# A busy machine must not make a clock late: others take it for silence.
	# shellcheck disable=SC2046 # one word each
	nice -n -15 ip netns exec "$prefix-$node" setpriv --bounding-set -sys_time -- ptp4l -m $(cat "$work/$node.ports") \
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
