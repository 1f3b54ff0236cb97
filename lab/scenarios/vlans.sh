# A trunk's mirror: two networks in VLANs 100 and 200 that use domain 0 for themselves.
# Kept in testdata/captures/vlans.pcap
options='--logAnnounceInterval 0 --logSyncInterval -1 --logMinDelayReqInterval -1'
hub vlan100 gm100 client100
hub vlan200 gm200 client200
# Many kernels of virtual machines have no VLANs: the tags are put into what
# was recorded, and what they name is one interface then.
deliver() {
	for vlan in 100 200; do
		tshark -r "$1" -Y "frame.interface_name == vlan$vlan" -F nsecpcap -w "$work/$vlan.untagged"
		"$lab/tag.pl" $vlan <"$work/$vlan.untagged" >"$work/$vlan.pcap"
	done
	mergecap -F nsecpcap -w "$2" "$work/100.pcap" "$work/200.pcap"
}
listen
for vlan in 100 200; do
	clock gm$vlan $options
	traceable gm$vlan 6 0x21
	clock client$vlan $options --slaveOnly 1
done
until_second 15
