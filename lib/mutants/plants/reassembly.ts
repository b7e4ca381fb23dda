import type { Mutant } from '../mutant.ts';

/** Text that comes in the wrong order, or twice. */
export const reassembly: readonly Mutant[] = [
	{
		name: 'later-copy-wins', pitfall: 'reassembly', text: 'overwrites octets it holds by a later copy of other bytes', file: 'tcp/reassembly.ts',
		from: 'oweOverlap(t, left, right);\n\twhile', to: 'oweOverlap(t, left, right);\n\tput(t, left, right, from);\n\twhile',
	},
	{
		name: 'overlap-shifts-octets', pitfall: 'reassembly', text: 'puts the octets behind an overlap in the wrong place', file: 'tcp/reassembly.ts',
		from: 'from += diff(next, left);', to: '',
	},
	{
		name: 'trimmed-octets-delivered', pitfall: 'reassembly', text: 'trims what is old off the length of a segment, and not off its octets', file: 'tcp/text.ts',
		from: 'from += diff(old, left);', to: '',
	},
	{
		name: 'gap-of-one-closed', pitfall: 'reassembly', text: 'joins two ranges with one octet missing between them', file: 'tcp/reassembly.ts',
		from: 'if (geq(range.right, rangeBehind.left)) {', to: 'if (geq((range.right + 1) | 0, rangeBehind.left)) {',
	},
	{
		name: 'place-not-moved-by-merging', pitfall: 'reassembly', text: 'goes on writing where it stood before held text joined the queue', file: 'tcp/reassembly.ts',
		from: 'recvq.page = 0;', to: '',
	},
	{
		name: 'text-beyond-window-taken', pitfall: 'reassembly', text: 'takes a segment beyond its window', file: 'tcp/text.ts',
		from: 'if (gt(right, edge) && ', to: 'if (gt(right, (edge + rcv.mss) | 0) && ',
	},
	{
		name: 'held-pages-not-cleared', pitfall: 'reassembly', text: 'gives pages back uncleared that held text behind a gap', file: 'tcp/lifecycle.ts',
		from: 'early.stamp === 0 ? recvq.from + recvq.length : Infinity', to: 'recvq.from + recvq.length',
	},
	{
		name: 'overlap-not-reported', pitfall: 'reassembly', text: 'reports no DSACK for octets it holds out of order already', file: 'tcp/reassembly.ts',
		from: 'sack.dsack = 1;\n\t\tsack.left = latest', to: 'sack.left = latest',
	},
	{
		name: 'fragment-overlap', pitfall: 'reassembly', text: 'takes text whose beginning and end both lie outside the window', file: 'tcp/arrival.ts',
		from: 'return lt(seg.seq, edge) && gt((seg.seq + seg.len) | 0, rcv.nxt);', to: 'return lt(seg.seq, edge) || gt((seg.seq + seg.len) | 0, rcv.nxt);',
	},
];
