# G.8275.1: a grandmaster, a boundary clock and a client over Ethernet, domain 24, 8 Announce and 16 Sync a second.
# Kept in testdata/captures/g8275.1.pcapng
profile='-2 --domainNumber 24 --dataset_comparison G.8275.x --G.8275.defaultDS.localPriority 128
	--priority1 128 --maxStepsRemoved 255 --ptp_dst_mac 01:80:C2:00:00:0E
	--logAnnounceInterval -3 --logSyncInterval -4 --logMinDelayReqInterval -4'
hub upstream gm bc
hub downstream bc client
listen
clock gm $profile
traceable gm 6 0x21
clock bc $profile --boundary_clock_jbod 1 --clockClass 165
clock client $profile --slaveOnly 1
until_second 10
