import type { Mutant } from '../mutant.ts';

/** Resets. */
export const rst: readonly Mutant[] = [
	{
		name: 'reset-anywhere-in-window', pitfall: 'rst', text: 'takes a RST anywhere in the window (RFC 5961 §3.2)', file: 'tcp/arrival.ts',
		from: 'if (seg.seq !== tcb.rcv.nxt && !isResetNear(t)) {', to: 'if (lt(seg.seq, tcb.rcv.nxt)) {',
	},
	{
		name: 'reset-outside-window', pitfall: 'rst', text: 'takes a RST outside the window', file: 'tcp/arrival.ts',
		from: 'if (seg.has(RST)) {\n\t\tcounters.resetOutOfWindow++;\n\t\treturn;', to: 'if (seg.has(RST)) {\n\t\tdestroy(t, ERROR_RESET);\n\t\treturn;',
	},
	{
		name: 'reset-at-right-edge', pitfall: 'rst', text: 'challenges a RST at the right edge, outside the window', file: 'tcp/arrival.ts',
		from: '(seg.seq === edge && (rcv.nxt === edge || !seg.has(RST)))', to: 'seg.seq === edge',
	},
	{
		name: 'reset-ends-time-wait', pitfall: 'rst', text: 'lets a RST end TIME-WAIT (RFC 1337)', file: 'tcp/arrival.ts',
		from: 'if (t.profile.timeWaitIgnoresReset) counters', to: 'if (t.profile.msl < 0) counters',
	},
	{
		name: 'backlog-leaks', pitfall: 'rst', text: 'counts a handshake that a RST ended against the backlog for ever', file: 'tcp/lifecycle.ts',
		from: 'if (before === SYN_RECEIVED) leaveHandshake(t);', to: '',
	},
	{
		name: 'unread-text-closed-in-order', pitfall: 'rst', text: 'closes with a FIN though octets stay unread', file: 'tcp/calls.ts',
		from: 'const unread = tcb.recvq.length > 0;', to: 'const unread = tcb.recvq.length < 0;',
	},
	{
		name: 'text-nobody-reads-acknowledged', pitfall: 'rst', text: 'takes text that nobody will ever read, instead of a reset', file: 'tcp/text.ts',
		from: 'if (tcb.held === FREE_ON_END || (', to: 'if ((tcb.held === FREE_ON_END && tcb.state === CLOSE_WAIT) || (',
	},
	{
		name: 'reset-with-number-zero', pitfall: 'rst', text: 'answers an ACK with a RST of number 0', file: 'tcp/emit.ts',
		from: 'seg.srcPort, seg.ack, 0, RST, 0);', to: 'seg.srcPort, 0, 0, RST, 0);',
	},
	{
		name: 'reset-acknowledges-too-little', pitfall: 'rst', text: 'acknowledges in a RST the text but not the SYN', file: 'tcp/emit.ts',
		from: '0, (seg.seq + seg.len) | 0, RST | ACK, 0);', to: '0, (seg.seq + seg.textLength) | 0, RST | ACK, 0);',
	},
	{
		name: 'bare-reset-in-syn-sent', pitfall: 'rst', text: 'takes a RST without an ACK in SYN-SENT', file: 'tcp/synsent.ts',
		from: 'if (seg.has(ACK)) {\n\t\t\tcounters.resetsTaken++;', to: 'if (seg.has(RST)) {\n\t\t\tcounters.resetsTaken++;',
	},
];
