# A grandmaster and a client over UDP with peer delay: over IPv4 on eth0, over IPv6 on eth1.
hub eth0 gm4 client4
hub eth1 gm6 client6
listen
for version in 4 6; do
	clock gm$version -$version -P --logAnnounceInterval 0 --logSyncInterval -1 --logMinPdelayReqInterval 0
	traceable gm$version 6 0x21
	clock client$version -$version -P --slaveOnly 1 --logAnnounceInterval 0 --logMinPdelayReqInterval 0
done
until_second 15
