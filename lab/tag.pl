#!/usr/bin/perl
# tag.pl VLAN <IN >OUT: put an IEEE 802.1Q tag, priority 6, into every frame of
# a little-endian pcap file.
use strict;
use warnings;

my $tag = pack 'n2', 0x8100, 6 << 13 | shift;
binmode STDIN;
binmode STDOUT;
my ($header, $record, $frame);
read STDIN, $header, 24;
print $header;
while (read STDIN, $record, 16) {
	my ($seconds, $fraction, $kept, $length) = unpack 'V4', $record;
	read STDIN, $frame, $kept;
	substr $frame, 12, 0, $tag;
	print pack('V4', $seconds, $fraction, $kept + 4, $length + 4), $frame;
}
