# A grandmaster and a client over UDPv6, delay request-response, default profile.
# Kept in testdata/captures/udp6.pcapng
hub eth0 gm client
listen
clock gm -6 --logAnnounceInterval 0 --logSyncInterval -1 --logMinDelayReqInterval -1
traceable gm 6 0x21
clock client -6 --slaveOnly 1
until_second 20
