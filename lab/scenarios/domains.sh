# Two domains on one wire, each with a grandmaster and a client; domain 1's is not traceable.
# Kept in testdata/captures/domains.pcapng
options='--logAnnounceInterval 0 --logSyncInterval -1 --logMinDelayReqInterval -1'
hub eth0 gm0 client0 gm1 client1
listen
clock gm0 $options
traceable gm0 6 0x21
clock gm1 $options --domainNumber 1
for domain in 0 1; do
	clock client$domain $options --slaveOnly 1 --domainNumber $domain
done
until_second 15
