# A grandmaster and a client over Ethernet, delay request-response, default profile.
hub eth0 gm client
listen
clock gm -2 --priority1 100 --priority2 101 --logAnnounceInterval 0 --logSyncInterval -2 --logMinDelayReqInterval -1
traceable gm 6 0x21
clock client -2 --slaveOnly 1 --logAnnounceInterval 0
until_second 15
