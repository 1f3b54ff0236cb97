# Two grandmasters and a client over UDPv4: gm2 takes over at 40 s, leaves at 65 s, and gm1 returns.
# Kept in internal/agent/demo/demo.pcapng.gz
rates='--logAnnounceInterval 0 --logSyncInterval -2 --logMinDelayReqInterval -2'
hub eth0 gm1 gm2 client
listen
clock gm1 --priority1 128 $rates
traceable gm1 6 0x21
clock client --slaveOnly 1 --priority2 255 --logAnnounceInterval 0
until_second 40
clock gm2 --priority1 100 $rates
traceable gm2 6 0x21
until_second 65
stop gm2
until_second 90
