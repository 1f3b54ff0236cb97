# A boundary clock between two segments with path trace; the recording has an interface for each.
# Kept in testdata/captures/boundary.pcapng
options='--path_trace_enabled 1 --logAnnounceInterval 0 --logSyncInterval -1 --logMinDelayReqInterval -1'
hub upstream gm bc
hub downstream bc client
listen
clock gm $options --priority1 100
traceable gm 6 0x21
clock bc $options --boundary_clock_jbod 1
clock client $options --slaveOnly 1
until_second 20
