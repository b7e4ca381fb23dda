import type { Mutant } from '../mutant.ts';

/** Ends of connections. */
export const fin: readonly Mutant[] = [
	{
		name: 'fin-before-its-text', pitfall: 'fin', text: 'takes a FIN while text before it is missing', file: 'tcp/text.ts',
		from: 'takeEarly(t, left, right, from, fin);\n\t\t\treturn;', to: 'takeEarly(t, left, right, from, false);\n\t\t\tif (fin) takeFin(t);\n\t\t\treturn;',
	},
	{
		name: 'early-fin-forgotten', pitfall: 'fin', text: 'forgets a FIN that came before its turn', file: 'tcp/text.ts',
		from: 'tcb.rcv.finEarly = 1;', to: 'tcb.rcv.finEarly = 0;',
	},
	{
		name: 'fin-not-sent-again', pitfall: 'fin', text: 'sends a lost FIN again without the FIN', file: 'tcp/output.ts',
		from: 'const withFin = isLast && octets > text;', to: 'const withFin = isLast && octets > text && !isLast;',
	},
	{
		name: 'fin-takes-no-number', pitfall: 'fin', text: 'does not count the FIN in its numbers', file: 'tcp/output.ts',
		from: 'const end = (seq + length + (withFin ? 1 : 0)) | 0;', to: 'const end = (seq + length) | 0;',
	},
	{
		name: 'time-wait-silent', pitfall: 'fin', text: 'does not answer a FIN in TIME-WAIT, whose acknowledgement was lost', file: 'tcp/arrival.ts',
		from: 'counters.textAfterFin++;\n\t\temitAck(t);', to: 'counters.textAfterFin++;',
	},
	{
		name: 'time-wait-not-renewed', pitfall: 'fin', text: 'does not begin TIME-WAIT anew with the FIN again', file: 'tcp/arrival.ts',
		from: 'if (seg.has(FIN) && geq(tcb.rcv.nxt, (seg.seq + seg.len) | 0)) enterTimeWait(t);', to: '',
	},
	{
		name: 'time-wait-too-short', pitfall: 'fin', text: 'stays in TIME-WAIT for one segment lifetime only', file: 'tcp/lifecycle.ts',
		from: 't.now + 2 * t.profile.msl', to: 't.now + t.profile.msl',
	},
	{
		name: 'fin-wait-2-for-ever', pitfall: 'fin', text: 'stays in FIN-WAIT-2 for ever, though its user is gone', file: 'tcp/lifecycle.ts',
		from: 'if (t.tcb.held === FREE_ON_END) limitFinWait2(t);', to: '',
	},
	{
		name: 'closing-skipped', pitfall: 'fin', text: 'enters TIME-WAIT in a simultaneous close before its own FIN is acknowledged', file: 'tcp/text.ts',
		from: 'case FIN_WAIT_1:\n\t\t\ttcb.state = CLOSING;', to: 'case FIN_WAIT_1:\n\t\t\tenterTimeWait(t);',
	},
	{
		name: 'text-after-fin-taken', pitfall: 'fin', text: 'takes text and a second FIN behind a FIN', file: 'tcp/states.ts',
		from: 'state === FIN_WAIT_1 || state === FIN_WAIT_2; }', to: 'state === FIN_WAIT_1 || state === FIN_WAIT_2 || state === CLOSE_WAIT; }',
	},
	{
		name: 'fin-waits-for-nagle', pitfall: 'fin', text: 'lets a FIN wait with the last short segment', file: 'tcp/output.ts',
		from: 'if (length >= snd.mss || withFin) return true;', to: 'if (length >= snd.mss) return true;',
	},
];
