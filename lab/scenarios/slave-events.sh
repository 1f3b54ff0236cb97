# Slave event monitoring: what ptp4l tells a local socket, carried unchanged to the wire as Signaling.
# Kept in testdata/captures/slave-events.pcapng
hub eth0 gm client
listen
ip netns exec "$prefix-client" socat -u UNIX-RECV:"$work/events" \
	UDP4-DATAGRAM:224.0.1.129:320,ip-multicast-if="$(ip_of client eth0)" &
clock gm --priority1 100 --logAnnounceInterval 0 --logSyncInterval -1 --logMinDelayReqInterval -1
traceable gm 6 0x21
clock client --slaveOnly 1 --logAnnounceInterval 0 --slave_event_monitor "$work/events"
until_second 15
