# An end-to-end transparent clock between two segments: the correctionField at work.
# Kept in testdata/captures/transparent.pcapng
options='--logAnnounceInterval 0 --logSyncInterval -1 --logMinDelayReqInterval -1'
hub upstream gm tc
hub downstream tc client
listen
clock gm $options
traceable gm 6 0x21
clock tc --clock_type E2E_TC
clock client $options --slaveOnly 1
until_second 20
