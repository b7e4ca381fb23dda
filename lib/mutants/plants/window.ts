import type { Mutant } from '../mutant.ts';

/** Windows that close, and their probes. */
export const window: readonly Mutant[] = [
	{
		name: 'update-with-same-ack-ignored', pitfall: 'window', text: 'ignores a window update that acknowledges nothing new', file: 'tcp/acknowledge.ts',
		from: '(snd.wl1 === seg.seq && leq(snd.wl2, seg.ack))', to: '(snd.wl1 === seg.seq && lt(snd.wl2, seg.ack))',
	},
	{
		name: 'old-window-taken', pitfall: 'window', text: 'takes the window of a segment that was overtaken', file: 'tcp/acknowledge.ts',
		from: 'if (!(lt(snd.wl1, seg.seq) || (snd.wl1 === seg.seq && leq(snd.wl2, seg.ack)))) return;', to: '',
	},
	{
		name: 'update-not-sent', pitfall: 'window', text: 'never tells that reading has opened the window', file: 'tcp/calls.ts',
		from: 'if (isWindowUpdateDue(t) || isReadAcknowledged(t)) t.wants(WANT_ACK);', to: 'if (isReadAcknowledged(t)) t.wants(WANT_ACK);',
	},
	{
		name: 'probe-without-back-off', pitfall: 'window', text: 'probes a closed window at an even pace', file: 'tcp/timeouts.ts',
		from: 'tcb.probe.count++;\n\tbackOff(t);', to: 'tcb.probe.count++;',
	},
	{
		name: 'probe-of-no-octets', pitfall: 'window', text: 'probes with an empty segment at SND.NXT, which nobody has to answer', file: 'tcp/output.ts',
		from: 'if (t.profile.probesBelow) {\n\t\temit(t, ACK, (snd.una - 1) | 0, 0);', to: 'if (t.profile.retries > 0) {\n\t\temit(t, ACK, snd.nxt, 0);',
	},
	{
		name: 'no-probe-of-zero', pitfall: 'window', text: 'waits for an update of a closed window and never probes it', file: 'tcp/output.ts',
		from: 'if (tcb.snd.una !== tcb.snd.nxt || tcb.timer.rexmt !== 0) return;', to: 'if (tcb.snd.una !== tcb.snd.nxt || tcb.timer.rexmt !== 0 || tcb.snd.wnd === 0) return;',
	},
	{
		name: 'probes-add-up', pitfall: 'window', text: 'gives a peer up that answers every probe with a closed window', file: 'tcp/acknowledge.ts',
		from: 'tcb.probe.count = 0;\n\tif (snd.wnd === 0', to: 'if (snd.wnd === 0',
	},
	{
		name: 'probe-unanswered', pitfall: 'window', text: 'answers no probe of its own closed window', file: 'tcp/arrival.ts',
		from: 'if (!seg.has(RST)) emitAck(t);', to: '',
	},
	{
		name: 'window-unscaled', pitfall: 'window', text: 'takes the window as it stands in the header, unscaled', file: 'tcp/acknowledge.ts',
		from: 'snd.wnd = seg.wnd << scaleOf(t);\n\tsnd.wl1 = seg.seq;', to: 'snd.wnd = seg.wnd;\n\tsnd.wl1 = seg.seq;',
	},
	{
		name: 'edge-rounded-down', pitfall: 'window', text: 'rounds the window down to the scale, and so takes back what it announced', file: 'tcp/window.ts',
		from: '(wnd + (1 << scale) - 1) >> scale', to: 'wnd >> scale',
	},
	{
		name: 'edge-pulled-back', pitfall: 'window', text: 'pulls the right edge back when the buffer is made smaller', file: 'tcp/window.ts',
		from: 'if (open > wnd && isWorthIt) wnd = open;', to: 'if ((open > wnd && isWorthIt) || open < wnd) wnd = open;',
	},
	{
		name: 'silly-windows-announced', pitfall: 'window', text: 'announces every octet of room', file: 'tcp/window.ts',
		from: 'if (open > wnd && isWorthIt) wnd = open;', to: 'if (open > wnd) wnd = open;',
	},
	{
		name: 'shrunk-window-is-large', pitfall: 'window', text: 'takes a window that shrank below what is in flight for a large one', file: 'tcp/output.ts',
		from: 'const length = Math.min(apart, snd.mss, window);\n\t\tconst withFin', to: 'const length = Math.min(apart, snd.mss, window >>> 0);\n\t\tconst withFin',
	},
	{
		name: 'silly-window-waits', pitfall: 'window', text: 'waits for ever where the window stays smaller than a segment', file: 'tcp/timeouts.ts',
		from: 'if (overrideSilly(t)) return;', to: '',
	},
];
