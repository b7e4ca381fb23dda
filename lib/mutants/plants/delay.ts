import type { Mutant } from '../mutant.ts';

/** ACKs that are withheld, and that must not be. */
export const delay: readonly Mutant[] = [
	{
		name: 'waits-for-own-mss', pitfall: 'delay', text: 'calls a segment full only at its own MSS, which a peer of smaller segments never reaches', file: 'tcp/delayed-ack.ts',
		from: 'const full = Math.min(tcb.rcv.mss, Math.max(tcb.rcv.largest, profile.mssDefault));', to: 'const full = tcb.rcv.mss;',
	},
	{
		name: 'withheld-for-ever', pitfall: 'delay', text: 'withholds an ACK without a timer', file: 'tcp/delayed-ack.ts',
		from: 'timer.delack = t.now + t.profile.delayedAck;', to: '',
	},
	{
		name: 'filled-gap-withheld', pitfall: 'delay', text: 'withholds the ACK of what fills a gap', file: 'tcp/text.ts',
		from: 'mergeEarly(t);\n\t\tt.wants(WANT_ACK);', to: 'mergeEarly(t);\n\t\toweAck(t, done);',
	},
	{
		name: 'duplicate-acks-in-one', pitfall: 'delay', text: 'answers several segments out of order with one duplicate ACK', file: 'tcp/text.ts',
		from: '\temitAck(t);\n}', to: '\tt.wants(WANT_ACK);\n}',
	},
	{
		name: 'delay-not-ended-by-ack', pitfall: 'delay', text: 'sends the ACK it withheld once more when text has carried it already', file: 'tcp/emit.ts',
		from: 'tcb.timer.delack = 0;', to: '',
	},
	{
		name: 'every-segment-acknowledged', pitfall: 'delay', text: 'acknowledges every single segment', file: 'tcp/delayed-ack.ts',
		from: 'tcb.rcv.owed >= profile.ackEvery * full', to: 'tcb.rcv.owed >= full',
	},
	{
		name: 'nagle-holds-the-first', pitfall: 'delay', text: 'holds a short segment back though nothing is out', file: 'tcp/output.ts',
		from: 'isUrgent(t) || snd.una === snd.nxt ||', to: 'isUrgent(t) ||',
	},
];
