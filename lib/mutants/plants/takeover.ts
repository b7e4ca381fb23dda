import type { Mutant } from '../mutant.ts';

/** What a takeover has to change in the machine. */
export const takeover: readonly Mutant[] = [
	{
		name: 'outage-is-a-round-trip', pitfall: 'takeover', text: 'takes samples across the outage from echoed timestamps', file: 'tcp/takeover.ts',
		from: 'tcb.rtt.from = tcb.snd.nxt;', to: '',
	},
	{
		name: 'repeats-count-as-first', pitfall: 'takeover', text: 'does not count what is sent again as sent again', file: 'tcp/takeover.ts',
		from: 'run.flags |= RESENT;', to: '',
	},
	{
		name: 'repeats-sent-long-ago', pitfall: 'takeover', text: 'believes that what is out was sent before the outage', file: 'tcp/takeover.ts',
		from: 'run.sentAt = now;', to: '',
	},
	{
		name: 'timers-not-set-anew', pitfall: 'takeover', text: 'lets the retransmission timers of the dead strike', file: 'tcp/takeover.ts',
		from: '} else startRetransmission(t);', to: '}',
	},
	{
		name: 'probes-not-set-anew', pitfall: 'takeover', text: 'lets the probe timers of the dead strike', file: 'tcp/takeover.ts',
		from: 'tcb.timer.rexmt = now + tcb.rtt.rto;\n\t\tt.arm();', to: '',
	},
	{
		name: 'acks-of-repeats-are-duplicates', pitfall: 'takeover', text: 'takes the ACKs that repeated frames draw for duplicate ACKs', file: 'tcp/takeover.ts',
		from: 'tcb.live.on = 1;', to: 'tcb.live.on = 0;',
	},
	{
		name: 'duplicates-carried-over', pitfall: 'takeover', text: 'goes on counting duplicate ACKs from before', file: 'tcp/takeover.ts',
		from: 'tcb.cc.dupacks = 0;', to: '',
	},
	{
		name: 'all-timers-at-once', pitfall: 'takeover', text: 'runs every timer that came due in the outage before it sets them anew', file: 'lib/host/host.ts',
		from: 'takeOverTcp(this.tcp);\n\t\tthis.network.goLive(now);\n\t\tthis.#advance(now);', to: 'this.#advance(now);\n\t\ttakeOverTcp(this.tcp);\n\t\tthis.network.goLive(now);',
	},
	{
		name: 'go-live-wakes-first', pitfall: 'takeover', text: 'wakes the machine before it goes live', file: 'lib/replica/machine.ts',
		from: 'if (u8[at + ENTRY.detail] === CONTROL_GO_LIVE) host.goLive(time);', to: 'if (u8[at + ENTRY.detail] === CONTROL_GO_LIVE) { host.wake(time); host.goLive(time); }',
	},
	{
		name: 'machine-time-jumps', pitfall: 'takeover', text: 'goes on with its own clock instead of the machine\'s', file: 'lib/replica/takeover.ts',
		from: 'core.offset = log.time + sinceLast - core.now;', to: 'void sinceLast;',
	},
];
