import type { Mutant } from '../mutant.ts';

/** Beginnings of connections. */
export const syn: readonly Mutant[] = [
	{
		name: 'half-open-unanswered', pitfall: 'syn', text: 'says nothing to an ACK of another connection in SYN-SENT', file: 'tcp/synsent.ts',
		from: 'counters.synSentBadAck++;\n\t\temitResetReply(t);', to: 'counters.synSentBadAck++;',
	},
	{
		name: 'syn-resets', pitfall: 'syn', text: 'lets any SYN in the window reset the connection (RFC 5961 §4.2)', file: 'tcp/arrival.ts',
		from: 'if (tcb.state === SYN_RECEIVED && tcb.passive !== 0) {\n\t\tdestroy(t, ERROR_RESET);', to: 'if (tcb.state >= SYN_RECEIVED) {\n\t\tdestroy(t, ERROR_RESET);',
	},
	{
		name: 'both-open-answered-by-ack', pitfall: 'syn', text: 'answers the SYN of a simultaneous open with an ACK instead of a SYN-ACK', file: 'tcp/synsent.ts',
		from: 'run.go(tcb.runs.first);\n\tresendRun(t, 1);\n\temitAgain(t);', to: 't.wants(WANT_ACK);',
	},
	{
		name: 'syn-ack-text-off-by-one', pitfall: 'syn', text: 'reads the text of a SYN-ACK from the number of the SYN on', file: 'tcp/synsent.ts',
		from: 'seg.seq = tcb.rcv.nxt;', to: '',
	},
	{
		name: 'syn-again-unanswered', pitfall: 'syn', text: 'answers a SYN that is repeated with a bare ACK', file: 'tcp/arrival.ts',
		from: 't.run.go(tcb.runs.first);\n\t\tresendRun(t, 1);\n\t\temitAgain(t);', to: 'answerBare(t);',
	},
	{
		name: 'syn-ack-again-without-ack', pitfall: 'syn', text: 'repeats its SYN-ACK as a SYN', file: 'tcp/output.ts',
		from: 'tcb.state === SYN_SENT ? SYN : SYN | ACK, left, 0);', to: 'SYN, left, 0);',
	},
	{
		name: 'time-wait-opened-by-old-syn', pitfall: 'syn', text: 'lets an old SYN open a connection in TIME-WAIT anew', file: 'tcp/arrival.ts',
		from: "profile.timeWaitReopensBy === 'number' && gt(seg.seq, tcb.rcv.nxt)", to: "profile.timeWaitReopensBy === 'number'",
	},
	{
		name: 'reopened-below-its-past', pitfall: 'syn', text: 'begins a reopened connection below the numbers of the one before', file: 'tcp/listen.ts',
		from: 'if (least !== null && lt(snd.iss, least)) snd.iss = least;', to: '',
	},
	{
		name: 'iss-without-clock', pitfall: 'syn', text: 'begins every connection between the same two sockets with the same number (RFC 6528 §3)', file: 'tcp/isn.ts',
		from: '(clock(t.now) + keyedHash(', to: '(keyedHash(',
	},
	{
		name: 'syn-lost-for-good', pitfall: 'syn', text: 'waits for the answer to a lost SYN with its first patience only: the time-out does not begin at 3 s anew (RFC 6298 §5.7)', file: 'tcp/rtt.ts',
		from: 'Math.max(t.profile.rtoInitial, 3_000_000)', to: 't.profile.rtoInitial',
	},
	{
		name: 'backlog-ignored', pitfall: 'syn', text: 'takes more connections than its backlog', file: 'tcp/listen.ts',
		from: 'if (other.listen.pending + other.listen.waiting < other.listen.backlog) openPassive', to: 'if (other.listen.waiting < other.listen.backlog) openPassive',
	},
];
