# Negotiated unicast as in G.8275.2: requests, grants, service, renewal; gm1 leaves at 12 s and returns at 25 s.
# Kept in testdata/captures/unicast.pcapng
hub eth0 gm1 gm2 client
profile='--domainNumber 44 --dataset_comparison G.8275.x --G.8275.defaultDS.localPriority 128
	--hybrid_e2e 1 --inhibit_multicast_service 1'
cat >"$work/client.cfg" <<-TABLE
	[global]
	unicast_req_duration 20
	[unicast_master_table]
	table_id 1
	logQueryInterval 0
	UDPv4 $(ip_of gm1 eth0)
	UDPv4 $(ip_of gm2 eth0)
	[eth0]
	unicast_master_table 1
TABLE
listen
for gm in gm1 gm2; do
	clock $gm $profile --unicast_listen 1
	traceable $gm 6 0x21
done
clock client -f "$work/client.cfg" $profile --clockClass 255 --slaveOnly 1 \
	--logAnnounceInterval 0 --logSyncInterval -1 --logMinDelayReqInterval -1
until_second 12
stop gm1
until_second 25
clock gm1 $profile --unicast_listen 1
traceable gm1 6 0x21
until_second 40
