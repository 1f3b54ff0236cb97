# Management over UDPv4: a GET of every dataset, SETs and one that is refused, with answers.
# Kept in testdata/captures/management.pcapng
hub eth0 gm client manager
listen
clock gm --logAnnounceInterval 0 --priority1 100
traceable gm 6 0x21
clock client --slaveOnly 1 --logAnnounceInterval 0
until_second 8
for id in ANNOUNCE_RECEIPT_TIMEOUT CLOCK_ACCURACY CLOCK_DESCRIPTION CURRENT_DATA_SET DEFAULT_DATA_SET \
	DELAY_MECHANISM DOMAIN GRANDMASTER_SETTINGS_NP LOG_ANNOUNCE_INTERVAL LOG_MIN_PDELAY_REQ_INTERVAL \
	LOG_SYNC_INTERVAL NULL_MANAGEMENT PARENT_DATA_SET PORT_DATA_SET PORT_DATA_SET_NP PORT_PROPERTIES_NP \
	PORT_STATS_NP PRIORITY1 PRIORITY2 SLAVE_ONLY TIMESCALE_PROPERTIES TIME_PROPERTIES_DATA_SET \
	TIME_STATUS_NP TRACEABILITY_PROPERTIES USER_DESCRIPTION VERSION_NUMBER; do
	echo "GET $id"
done >"$work/commands"
cat >>"$work/commands" <<-COMMANDS
	SET PRIORITY1 90
	SET PRIORITY2 200
	SET LOG_ANNOUNCE_INTERVAL 1
	CMD ENABLE_PORT
COMMANDS
within manager pmc -4 -i eth0 -b 1 <"$work/commands" >"$work/pmc.log"
# Without the values that a GET must carry though they mean nothing.
within manager pmc -4 -i eth0 -b 1 -z 'GET TIME_STATUS_NP' >>"$work/pmc.log"
until_second 20
