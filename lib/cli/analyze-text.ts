import type { CaptureAnalysis, Discard, FlowOptions, FlowSummary, Repeat, StreamReport } from '../capture/index.ts';
import { flagNames } from '../capture/index.ts';
import { segmentText } from '../capture/segment-text.ts';

const reasons: { readonly [R in Discard['reason']]: string } = {
	below_rcv_nxt: 'below RCV.NXT', partly_below_rcv_nxt: 'partly below RCV.NXT', sacked: 'already reported by SACK', dsack: 'reported as twice received', paws: 'too old a timestamp (PAWS)',
};
const endings: { readonly [E in StreamReport['ending']]: string } = {
	closed: 'closed by both sides', half_closed: 'closed by one side', reset: 'reset', open: 'still open',
};
const handshakes: { readonly [H in StreamReport['handshake']]: string } = {
	complete: 'handshake complete', half: 'half a handshake', unanswered: 'SYN unanswered', refused: 'SYN refused', not_seen: 'no handshake seen',
};

/** The line of a frame that has something to say, or undefined. */
export function frameLine(analysis: CaptureAnalysis): string | undefined {
	const { flags, frame, stream, flow, segment } = analysis;
	const what: string[] = flagNames(flags);
	const repeat = analysis.repeats.latest;
	const discard = analysis.discards.latest;
	if (repeat !== undefined) what.push(repeatText(repeat));
	if (discard !== undefined) what.push(`discarded by the receiver: ${reasons[discard.reason]}`);
	if (what.length === 0 || stream < 0) return undefined;
	const arrow = (flow & 1) === analysis.clientEnd(stream) ? '→' : '←';
	return `${String(frame).padStart(8)} ${(segment.time / 1e9).toFixed(6).padStart(14)}  #${String(stream).padEnd(5)} ${arrow} ${segmentText(analysis).padEnd(44)}  ${what.join(', ')}`;
}

function repeatText(repeat: Repeat): string {
	switch (repeat.kind) {
		case 'identical': return `frame ${repeat.of} again, byte by byte (sha256 ${repeat.sha256?.slice(0, 12)}…)`;
		case 'same_segment': return `frame ${repeat.of} again, but for ${repeat.differs?.join(' and ')}`;
		case 'resegmented': return `bytes of frame ${repeat.of} again, cut up otherwise`;
		case 'different': return `OTHER BYTES than frame ${repeat.of} at sequence number ${repeat.seq}`;
	}
}

/** What is said of one connection, in lines; the first is its title. */
export function streamLines(report: StreamReport): string[] {
	const { client, server, to_server: out, to_client: back } = report;
	const begin = new Date(Math.floor(report.begin_us / 1000)).toISOString().replace('T', ' ').replace('Z', ' UTC');
	const rtt = report.initial_rtt_us === null ? '' : ` in ${duration(report.initial_rtt_us)}`;
	return [
		`stream ${report.stream}  ${client.address} port ${client.port} → ${server.address} port ${server.port}`,
		`  from ${begin} for ${duration(report.duration_us)}; ${handshakes[report.handshake]}${rtt}; ${endings[report.ending]}`,
		`  → ${flowText(out)}`,
		`  ← ${flowText(back)}`,
		...repeatLines(report.repeats),
		...discardLines(report.discarded),
	];
}

function flowText(flow: FlowSummary): string {
	const parts = [`${counted(flow.frames, 'frame')}, ${counted(flow.bytes, 'byte')}`];
	if (flow.options !== null) parts.push(optionsText(flow.options));
	if (flow.rtt_us !== null) parts.push(`RTT ${duration(flow.rtt_us.min)} / ${duration(flow.rtt_us.mean)} / ${duration(flow.rtt_us.max)}`);
	const events = [
		flow.retransmissions > 0 ? `${counted(flow.retransmissions, 'retransmission')} (${counted(flow.repeated_bytes, 'byte')}${flow.fast_retransmissions > 0 ? `, ${flow.fast_retransmissions} fast` : ''}${flow.spurious_retransmissions > 0 ? `, ${flow.spurious_retransmissions} spurious` : ''})` : '',
		flow.out_of_order > 0 ? `${flow.out_of_order} out of order` : '',
		flow.lost_segments > 0 ? `${counted(flow.lost_segments, 'gap')}` : '',
		flow.duplicate_acks > 0 ? counted(flow.duplicate_acks, 'duplicate ACK') : '',
		flow.zero_windows > 0 ? counted(flow.zero_windows, 'zero window') : '',
		flow.keep_alives > 0 ? counted(flow.keep_alives, 'keep-alive') : '',
		flow.resets > 0 ? counted(flow.resets, 'reset') : '',
	].filter((text) => text !== '');
	return [...parts, ...events].join('; ');
}

function optionsText(options: FlowOptions): string {
	const offered = [
		options.mss === null ? '' : `MSS ${options.mss}`,
		options.window_scale === null ? '' : `window scale ${options.window_scale}`,
		options.sack_permitted ? 'SACK' : '',
		options.timestamps ? 'timestamps' : '',
		options.fast_open ? 'Fast Open' : '',
	].filter((text) => text !== '');
	return offered.length === 0 ? 'no options offered' : offered.join(', ');
}

function repeatLines(repeats: readonly Repeat[]): string[] {
	if (repeats.length === 0) return [];
	const of = (kind: Repeat['kind']): number => repeats.filter((repeat) => repeat.kind === kind).length;
	const texts = [
		of('identical') > 0 ? `${of('identical')} byte-identical` : '',
		of('same_segment') > 0 ? `${of('same_segment')} with the same data under another header` : '',
		of('resegmented') > 0 ? `${of('resegmented')} cut up otherwise` : '',
	].filter((text) => text !== '');
	const wrong = repeats.filter((repeat) => repeat.kind === 'different');
	return [
		...(texts.length > 0 ? [`  sent again: ${texts.join(', ')}`] : []),
		...wrong.map((repeat) => `  ✗ frame ${repeat.frame} sends other bytes than frame ${repeat.of} at sequence number ${repeat.seq}: no sender may, and a broken failover does`),
	];
}

function discardLines(discards: readonly Discard[]): string[] {
	if (discards.length === 0) return [];
	const groups = new Map<Discard['reason'], number>();
	for (const { reason } of discards) groups.set(reason, (groups.get(reason) ?? 0) + 1);
	const confirmed = discards.filter((discard) => discard.confirmed_by !== undefined).length;
	const texts = [...groups].map(([reason, count]) => `${count} ${reasons[reason]}`);
	return [`  discarded by the receiver: ${texts.join(', ')}${confirmed > 0 ? `; ${confirmed} confirmed by its DSACK or duplicate ACK` : ''}`];
}

function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** µs in the unit that reads best. */
function duration(us: number): string {
	if (us < 1000) return `${us} µs`;
	return us < 1e6 ? `${Math.round(us / 10) / 100} ms` : `${Math.round(us / 1000) / 1000} s`;
}
