import type { Mutant } from '../mutant.ts';

/** Answers that draw answers. */
export const loops: readonly Mutant[] = [
	{
		name: 'challenges-unlimited', pitfall: 'loops', text: 'sends challenge ACKs without a limit', file: 'tcp/reset.ts',
		from: '\tchallenge.left--;', to: '',
	},
	{
		name: 'bare-acks-answered-freely', pitfall: 'loops', text: 'answers bare segments out of place without the limit of a connection', file: 'tcp/reset.ts',
		from: '\ttcb.answers++;\n', to: '',
	},
	{
		name: 'challenge-with-peers-number', pitfall: 'loops', text: 'builds ACKs from the number the peer acknowledged', file: 'tcp/reset.ts',
		from: 'emit(t, ACK, ackNumber(t), 0);', to: 'emit(t, ACK, t.seg.ack, 0);',
	},
	{
		name: 'reset-outside-answered', pitfall: 'loops', text: 'answers a RST outside the window with an ACK', file: 'tcp/arrival.ts',
		from: 'if (seg.has(RST)) {\n\t\tcounters.resetOutOfWindow++;\n\t\treturn;', to: 'if (seg.has(RST)) {\n\t\tcounters.resetOutOfWindow++;\n\t\tanswerBare(t);\n\t\treturn;',
	},
	{
		name: 'time-wait-answers-all', pitfall: 'loops', text: 'answers every ACK in TIME-WAIT, also that of another in TIME-WAIT', file: 'tcp/arrival.ts',
		from: '} else if (seg.seq !== tcb.rcv.nxt || seg.ack !== tcb.snd.nxt) {', to: '} else {',
	},
	{
		name: 'late-ack-answered', pitfall: 'loops', text: 'answers an ACK that was overtaken', file: 'tcp/acknowledge.ts',
		from: 'if (lt(seg.ack, (snd.una - snd.max) | 0)) {', to: 'if (lt(seg.ack, snd.una)) {',
	},
];
