import type { Mutant } from '../mutant.ts';

/** Timers, estimates and repairs. */
export const retransmission: readonly Mutant[] = [
	{
		name: 'timer-put-off-by-duplicates', pitfall: 'retransmission', text: 'starts its timer anew with every duplicate ACK', file: 'tcp/acknowledge.ts',
		from: 'if (repeats || sacked > 0) onDuplicateAck(t, sacked);', to: 'if (repeats || sacked > 0) { onDuplicateAck(t, sacked); restartTimer(t); }',
	},
	{
		name: 'timer-not-restarted', pitfall: 'retransmission', text: 'lets its timer run on when new data is acknowledged (RFC 6298 §5.3)', file: 'tcp/acknowledge.ts',
		from: 'else startRetransmission(t);', to: 'else if (tcb.timer.rto === 0) startRetransmission(t);',
	},
	{
		name: 'karn-forgotten', pitfall: 'retransmission', text: 'measures round trips on what was sent twice', file: 'tcp/runs.ts',
		from: 'else if ((run.flags & RESENT) !== 0) acked.clean = false;', to: 'else if (run.flags > 99) acked.clean = false;',
	},
	{
		name: 'no-back-off', pitfall: 'retransmission', text: 'does not double its time-out', file: 'tcp/rtt.ts',
		from: '(rtt.rto - slop) * 2 + rtoSlop', to: 'rtt.rto',
	},
	{
		name: 'strikes-add-up', pitfall: 'retransmission', text: 'counts time-outs over the whole life of a connection, and gives up in the end', file: 'tcp/rtt.ts',
		from: 'rtt.strikes = 0;\n\tif (rtt.backoff === 0', to: 'if (rtt.backoff === 0',
	},
	{
		name: 'back-off-stays', pitfall: 'retransmission', text: 'keeps a doubled time-out when new data is acknowledged', file: 'tcp/rtt.ts',
		from: "if (rtt.backoff === 0 || t.profile.roundTrips === 'all') return;", to: 'if (rtt.backoff < 99) return;',
	},
	{
		name: 'reneging-believed-impossible', pitfall: 'retransmission', text: 'never sends again what was SACKed, though the peer threw it away', file: 'tcp/timeouts.ts',
		from: 'if ((t.run.flags & SACKED) !== 0) forgetSacks(t);', to: '',
	},
	{
		name: 'rto-without-variance', pitfall: 'retransmission', text: 'leaves the variance out of its time-out', file: 'tcp/rtt.ts',
		from: 'Math.max(rtoGranularity, rtt.var)', to: 'rtoGranularity',
	},
	{
		name: 'rto-without-minimum', pitfall: 'retransmission', text: 'knows no smallest time-out', file: 'tcp/rtt.ts',
		from: 'Math.max(rtoMin, rto)', to: 'rto',
	},
	{
		name: 'partial-ack-ends-recovery', pitfall: 'retransmission', text: 'ends its recovery with the first new ACK (RFC 6582 §3.2)', file: 'tcp/recovery.ts',
		from: 'if (geq(snd.una, cc.recover)) {\n\t\t// All', to: 'if (geq(snd.una, cc.recover) || octets > 0) {\n\t\t// All',
	},
	{
		name: 'window-not-lowered', pitfall: 'retransmission', text: 'repairs a loss without lowering its window', file: 'tcp/recovery.ts',
		from: 'beginReduction(t);\n\tlowerThreshold(t);', to: 'beginReduction(t);',
	},
	{
		name: 'syn-counted-as-text', pitfall: 'retransmission', text: 'finds the text to send again one octet too far while its SYN is out', file: 'tcp/emit.ts',
		from: '(seq - snd.una - (snd.una === snd.iss ? 1 : 0)) | 0', to: '(seq - snd.una) | 0',
	},
	{
		name: 'last-page-kept', pitfall: 'retransmission', text: 'goes on reading at the place of the text sent last when it sends old text again', file: 'tcp/emit.ts',
		from: 'if (seq !== snd.nxt) {', to: 'if (seq !== snd.nxt && sendq.page === 0) {',
	},
];
