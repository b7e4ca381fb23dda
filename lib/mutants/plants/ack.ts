import type { Mutant } from '../mutant.ts';

/** Acknowledgements that must not be believed. */
export const ack: readonly Mutant[] = [
	{
		name: 'ack-of-the-unsent', pitfall: 'ack', text: 'believes an ACK of what it has not sent', file: 'tcp/acknowledge.ts',
		from: 'if (gt(seg.ack, snd.nxt)) {\n\t\tcounters.ackTooNew++;', to: 'if (gt(seg.ack, (snd.nxt + snd.wnd) | 0)) {\n\t\tcounters.ackTooNew++;',
	},
	{
		name: 'ack-however-old', pitfall: 'ack', text: 'takes segments whose ACK is older than any window (RFC 5961 §5.2)', file: 'tcp/acknowledge.ts',
		from: '(snd.una - snd.max) | 0', to: '(snd.una - 0x4000_0000) | 0',
	},
	{
		name: 'ack-division', pitfall: 'ack', text: 'opens its window by a segment for every ACK, however little that acknowledges', file: 'tcp/congestion.ts',
		from: 'Math.min(octets, most)', to: 'most',
	},
	{
		name: 'updates-are-duplicates', pitfall: 'ack', text: 'counts window updates as duplicate ACKs', file: 'tcp/acknowledge.ts',
		from: 'seg.isPlainAck && seg.wnd << scaleOf(t) === snd.wnd;', to: 'seg.isPlainAck;',
	},
	{
		name: 'text-is-a-duplicate', pitfall: 'ack', text: 'counts segments with text as duplicate ACKs', file: 'tcp/acknowledge.ts',
		from: 'tcb.sack.on === 0 && seg.isPlainAck &&', to: 'tcb.sack.on === 0 &&',
	},
	{
		name: 'handshake-ended-by-old-ack', pitfall: 'ack', text: 'lets an ACK of nothing end the handshake', file: 'tcp/arrival.ts',
		from: 'if (!lt(snd.una, seg.ack) || gt(seg.ack, snd.nxt)) {', to: 'if (gt(seg.ack, snd.nxt)) {',
	},
	{
		name: 'syn-ack-of-iss', pitfall: 'ack', text: 'takes a SYN-ACK that acknowledges ISS and not the SYN', file: 'tcp/synsent.ts',
		from: '(leq(seg.ack, snd.iss) || gt(seg.ack, snd.nxt))', to: '(gt(snd.iss, seg.ack) || gt(seg.ack, snd.nxt))',
	},
	{
		name: 'sack-of-the-unsent', pitfall: 'ack', text: 'believes SACK blocks beyond SND.NXT', file: 'tcp/sacks-taken.ts',
		from: ' || gt(right, t.tcb.snd.nxt)) continue;', to: ') continue;',
	},
	{
		name: 'dsack-believed', pitfall: 'ack', text: 'takes a DSACK inside another block for news', file: 'tcp/sacks-taken.ts',
		from: 'if (seg.sackCount < 2) return false;', to: 'if (seg.sackCount < 9) return false;',
	},
];
