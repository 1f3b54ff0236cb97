# G.8275.1: a rogue takes over by a better clockAccuracy, though its priority1 is worse, from 9 s until 12 s.
# Kept in testdata/captures/takeover.pcapng
profile='-2 --domainNumber 24 --dataset_comparison G.8275.x --G.8275.defaultDS.localPriority 128
	--maxStepsRemoved 255 --ptp_dst_mac 01:80:C2:00:00:0E
	--logAnnounceInterval -3 --logSyncInterval -4 --logMinDelayReqInterval -4 --announceReceiptTimeout 24'
hub eth0 gm client rogue
listen
clock gm $profile
traceable gm 6 0x21
clock client $profile --slaveOnly 1
until_second 9
clock rogue $profile --priority1 200
traceable rogue 6 0x20
until_second 12
