import type { Mutant } from '../mutant.ts';

/** Headers that lie. */
export const headers: readonly Mutant[] = [
	{
		name: 'data-offset-too-large', pitfall: 'headers', text: 'believes a data offset beyond the segment', file: 'tcp/segment.ts',
		from: 'if (headerLength < TCP_HEADER || headerLength > length) return false;', to: 'if (headerLength < TCP_HEADER) return false;',
	},
	{
		name: 'data-offset-too-small', pitfall: 'headers', text: 'believes a data offset inside the header', file: 'tcp/segment.ts',
		from: 'if (headerLength < TCP_HEADER || headerLength > length) return false;', to: 'if (headerLength > length) return false;',
	},
	{
		name: 'padding-is-payload', pitfall: 'headers', text: 'takes the padding of a short Ethernet frame for payload', file: 'lib/host/ip.ts',
		from: 'packet.payloadLength = totalLength - IPV4.end;', to: 'packet.payloadLength = length - IPV4.end;',
	},
	{
		name: 'total-length-believed', pitfall: 'headers', text: 'reads behind a frame that is shorter than its IP packet', file: 'lib/host/ip.ts',
		from: 'totalLength < IPV4.end || totalLength > length) return false;', to: 'totalLength < IPV4.end) return false;',
	},
	{
		name: 'ihl-too-small', pitfall: 'headers', text: 'believes an IP header shorter than five words', file: 'lib/wire/ipv4.ts',
		from: 'if (headerLength < IPV4.end || headerLength > length) return', to: 'if (headerLength > length) return',
	},
	{
		name: 'ip-version-unread', pitfall: 'headers', text: 'takes any packet of EtherType IPv4 for one, whatever version it bears', file: 'lib/wire/ipv4.ts',
		from: 'if (first >> 4 !== 4) return', to: 'if (first >> 4 > 15) return',
	},
	{
		name: 'ip-option-of-length-zero', pitfall: 'headers', text: 'walks for ever round an IP option of length 0', file: 'lib/wire/ipv4.ts',
		from: 'if (length < 2 || at + length > end) return WIRE.ipv4Option;', to: 'if (at + length > end) return WIRE.ipv4Option;',
	},
	{
		name: 'checksum-unread', pitfall: 'headers', text: 'takes segments with a wrong checksum', file: 'tcp/emit.ts',
		from: 'return checksumHolds(t.image, srcAt, dstAt, PROTOCOL_TCP, at, length);', to: 'return checksumHolds(t.image, srcAt, dstAt, PROTOCOL_TCP, at, length) || length > 0;',
	},
	{
		name: 'segment-to-many-taken', pitfall: 'headers', text: 'takes segments sent to a broadcast address', file: 'lib/host/host.ts',
		from: 'if (packet.toMany) tcp', to: 'if (packet.toMany && packet.payloadLength === 0) tcp',
	},
];
