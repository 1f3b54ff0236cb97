# A grandmaster and a client over Ethernet with peer delay; a classic pcap with nanoseconds.
# Kept in testdata/captures/l2-p2p.pcap
hub eth0 gm client
listen
clock gm -2 -P --logAnnounceInterval 0 --logSyncInterval -1 --logMinPdelayReqInterval 0
traceable gm 6 0x21
clock client -2 -P --slaveOnly 1 --logAnnounceInterval 0 --logMinPdelayReqInterval 0
until_second 15
