# NetSync Monitor: a monitor's unicast Delay_Req with its TLV, answered with Delay_Resp, Sync and Follow_Up.
# Kept in testdata/captures/netsync.pcapng
hub eth0 gm client monitored
listen
clock gm --priority1 100 --logAnnounceInterval 0 --hybrid_e2e 1 --net_sync_monitor 1
traceable gm 6 0x21
clock client --slaveOnly 1 --logAnnounceInterval 0 --hybrid_e2e 1 --net_sync_monitor 1
until_second 8
within monitored nsm -i eth0 --time_stamping software \
	"NSM $(ip_of gm eth0)" "NSM $(ip_of client eth0)" >"$work/nsm.log"
until_second 12
