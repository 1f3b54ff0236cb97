# gPTP (IEEE 802.1AS): sdoId 0x100, peer delay, Follow_Up information TLVs, path trace, a message interval request.
# Kept in testdata/captures/gptp.pcapng
profile='-2 -P --transportSpecific 1 --ptp_dst_mac 01:80:C2:00:00:0E --gmCapable 1
	--follow_up_info 1 --path_trace_enabled 1 --assume_two_step 1
	--neighborPropDelayThresh 20000000 --min_neighbor_prop_delay -20000000
	--logAnnounceInterval 0 --logSyncInterval -3'
hub eth0 gm client
listen
clock gm $profile --priority1 246 --clockClass 248 --clockAccuracy 0xfe
# The interval request is sent once the servo is stable, so there must be one.
# It may not touch the clock, and is told to step never and to steer by 1 ppb.
clock client $profile --priority1 254 --slaveOnly 1 --free_running 0 \
	--first_step_threshold 0 --step_threshold 0 --max_frequency 1 \
	--pi_proportional_const 0.1 --pi_integral_const 0.1 \
	--msg_interval_request 1 --servo_offset_threshold 1000000000 --servo_num_offset_values 3 \
	--operLogSyncInterval -1 --operLogPdelayReqInterval 1
until_second 15
