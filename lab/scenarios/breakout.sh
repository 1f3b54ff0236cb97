# One link between a grandmaster and a client, through an optical breakout: what the one sends comes in on eth0, what the other sends on eth1.
hub eth0 gm
hub eth1 client
# The link joins the two, and isolated ports of a bridge do not hear each
# other: the monitor hears who is at its own end and nobody from the other.
ip -n "$prefix-switch" link add far type veth peer name near
ip -n "$prefix-switch" link set far master eth0 up
ip -n "$prefix-switch" link set near master eth1 up
for port in far near eth0-0 eth1-2; do
	ip -n "$prefix-switch" link set "$port" type bridge_slave isolated on
done
listen
clock gm -2 --logAnnounceInterval 0 --logSyncInterval -2 --logMinDelayReqInterval -2
traceable gm 6 0x21
clock client -2 --slaveOnly 1 --logAnnounceInterval 0
until_second 15
