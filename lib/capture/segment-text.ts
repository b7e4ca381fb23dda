import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../wire/tcp.ts';
import type { CaptureAnalysis } from './capture-analysis.ts';

const bits: readonly (readonly [bit: number, name: string])[] = [
	[SYN, 'SYN'], [FIN, 'FIN'], [RST, 'RST'], [PSH, 'PSH'], [ACK, 'ACK'], [URG, 'URG'], [ECE, 'ECE'], [CWR, 'CWR'],
];

/** What a segment is, in the field's words: `PSH ACK seq 1 len 20 ack 5 win 100`, numbers counted from the first. */
export function segmentText(analysis: CaptureAnalysis): string {
	const { segment } = analysis;
	if (segment.isStub) return 'too little of it was captured';
	const names = bits.filter(([bit]) => (segment.flags & bit) !== 0).map(([, name]) => name);
	if (!segment.isWhole) return [...names, 'of a quotation or a fragment'].join(' ');
	const seq = (segment.seq - analysis.base) >>> 0;
	const parts = [...names, `seq ${seq}`];
	if (segment.length > 0) parts.push(`len ${segment.length}`);
	if ((segment.flags & ACK) !== 0) parts.push(`ack ${(segment.ack - analysis.otherBase) >>> 0}`);
	parts.push(`win ${segment.window * 2 ** analysis.windowShift}`);
	return parts.join(' ');
}
