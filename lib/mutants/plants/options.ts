import type { Mutant } from '../mutant.ts';

/** Options. */
export const options: readonly Mutant[] = [
	{
		name: 'option-of-length-zero', pitfall: 'options', text: 'walks for ever round an option of length 0', file: 'tcp/options.ts',
		from: 'if (length < 2 || at + length > end) return false;', to: 'if (at + length > end) return false;',
	},
	{
		name: 'option-beyond-header', pitfall: 'options', text: 'reads an option that goes on behind the header', file: 'tcp/options.ts',
		from: 'if (length < 2 || at + length > end) return false;', to: 'if (length < 2) return false;',
	},
	{
		name: 'missing-mss-is-ours', pitfall: 'options', text: 'takes its own segment size for that of a peer that names none', file: 'tcp/listen.ts',
		from: 'seg.mss !== 0 ? seg.mss : profile.mssDefault', to: 'seg.mss !== 0 ? seg.mss : rcv.mss',
	},
	{
		name: 'tiny-mss-believed', pitfall: 'options', text: 'believes an MSS of 1', file: 'tcp/listen.ts',
		from: 'Math.max(MIN_MSS, Math.min(offered, rcv.mss))', to: 'Math.min(offered, rcv.mss)',
	},
	{
		name: 'options-not-paid-for', pitfall: 'options', text: 'does not make room in a segment for its timestamps', file: 'tcp/listen.ts',
		from: 'snd.mss = mss - optionBytes(t);', to: 'snd.mss = mss;',
	},
	{
		name: 'scale-above-14', pitfall: 'options', text: 'takes a window scale above 14 as it stands', file: 'tcp/options.ts',
		from: 'Math.min(u8[at + 2]!, MAX_SCALE)', to: 'u8[at + 2]!',
	},
	{
		name: 'scale-of-one-side', pitfall: 'options', text: 'scales its own windows though the peer does not', file: 'tcp/window.ts',
		from: 'const scale = rcv.scaling === 0 ? 0 : rcv.scale;', to: 'const scale = rcv.scale;',
	},
	{
		name: 'second-timestamps-count', pitfall: 'options', text: 'takes the last of several timestamp options', file: 'tcp/options.ts',
		from: 'if (length === 10 && !segment.hasTs) {', to: 'if (length === 10) {',
	},
	{
		name: 'timestamps-not-agreed-on', pitfall: 'options', text: 'judges by timestamps that were not agreed on in the handshake', file: 'tcp/arrival.ts',
		from: 'if (tcb.ts.on !== 0 && seg.hasTs && !checkTimestamp(t)) return;\n\tif (isSynAgain', to: 'if (seg.hasTs && !checkTimestamp(t)) return;\n\tif (isSynAgain',
	},
	{
		name: 'segments-without-timestamps-dropped', pitfall: 'options', text: 'drops what comes without timestamps, in silence', file: 'tcp/arrival.ts',
		from: 'if (tcb.ts.on !== 0 && seg.hasTs && !checkTimestamp(t)) return;\n\tif (isSynAgain', to: 'if (tcb.ts.on !== 0 && (!seg.hasTs || !checkTimestamp(t))) return;\n\tif (isSynAgain',
	},
	{
		name: 'ts-recent-of-the-latest', pitfall: 'options', text: 'echoes the timestamp of the last segment of those it acknowledges, not of the first', file: 'tcp/arrival.ts',
		from: 'gt(seg.seq, tcb.rcv.acked)) return;', to: 'gt(seg.seq, tcb.rcv.nxt)) return;',
	},
	{
		name: 'ts-recent-stuck', pitfall: 'options', text: 'does not take TS.Recent from a segment at what was acknowledged last', file: 'tcp/arrival.ts',
		from: 'gt(seg.seq, tcb.rcv.acked)) return;', to: 'geq(seg.seq, tcb.rcv.acked)) return;',
	},
	{
		name: 'reset-judged-by-timestamp', pitfall: 'options', text: 'drops a RST whose timestamp is old (RFC 7323 §5.2)', file: 'tcp/arrival.ts',
		from: 'if (seg.has(RST) || diff(seg.tsVal, tcb.ts.recent) >= 0) return true;', to: 'if (diff(seg.tsVal, tcb.ts.recent) >= 0) return true;',
	},
	{
		name: 'old-timestamps-for-ever', pitfall: 'options', text: 'drops everything after 24 idle days, when timestamps have wrapped (RFC 7323 §5.5)', file: 'tcp/arrival.ts',
		from: 'if (now - tcb.ts.recentAt > TS_TOO_OLD) return true;', to: '',
	},
	{
		name: 'sack-not-agreed-on', pitfall: 'options', text: 'sends SACK blocks to a peer that did not permit them', file: 'tcp/listen.ts',
		from: 'sack.on = seg.sackPermitted && profile.sack && !isPlain ? 1 : 0;', to: 'sack.on = profile.sack && !isPlain ? 1 : 0;',
	},
];
