/**
 * Why a frame was not understood. The place in this list is the number that
 * parsers return (from 1 on; 0 is "nothing wrong"), and the name is that of the
 * counter which goes up.
 */
export const wireDrops = [
	'ethernetShort', 'ethernetLength', 'ethernetTags',
	'arpShort', 'arpHardware', 'arpProtocol',
	'ipv4Short', 'ipv4Version', 'ipv4HeaderLength', 'ipv4TotalLength', 'ipv4Checksum', 'ipv4Option', 'ipv4FragmentLength',
	'ipv6Short', 'ipv6Version', 'ipv6PayloadLength', 'ipv6Extension', 'ipv6Option', 'ipv6Route', 'ipv6FragmentLength',
	'icmpShort', 'icmpChecksum', 'icmpv6Short', 'icmpv6Checksum',
	'udpShort', 'udpLength', 'udpChecksum', 'udpPort',
	'ndHopLimit', 'ndShort', 'ndCode', 'ndOption', 'ndTarget',
] as const;

export type WireDrop = (typeof wireDrops)[number];

/** Numbers names from `first` on, in their order. */
export function numbered<N extends string>(names: readonly N[], first: number): { readonly [K in N]: number } {
	return Object.fromEntries(names.map((name, i) => [name, first + i])) as { readonly [K in N]: number };
}

/** The number of each reason. */
export const WIRE: { readonly [K in WireDrop]: number } = numbered(wireDrops, 1);
