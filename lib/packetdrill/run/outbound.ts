import { printSeconds } from '../print.ts';
import { printPacket } from '../print-packet.ts';
import { FLAG } from '../tree.ts';
import type { PacketAction, TcpPacket } from '../tree.ts';
import { compare, join } from './compare.ts';
import type { Sent } from './compare.ts';
import type { Session } from './session.ts';
import { START } from './subject.ts';
import type { Due } from './timing.ts';
import { Mismatch, Unsupported } from './verdict.ts';

/**
 * Waits for a packet and takes it.
 *
 * @param ticks  how many steps our timestamps may be off; null: their speed is not checked
 */
export function expectOutbound(session: Session, action: PacketAction, due: Due, isStrict: boolean, ticks: number | null): void {
	const { body } = action;
	if (action.outer.length > 0) throw new Unsupported('packets inside of others');
	if (action.ip.other.length > 0) throw new Unsupported(`an IP header with ${action.ip.other.join(', ')}`);
	if (body.protocol !== 'tcp') throw new Unsupported(`an expected packet of ${body.protocol === 'unsupported' ? body.name : body.protocol}`);
	refuse(action, body);
	const written = printPacket(action);
	const first = waitFor(session, due, written);
	first.flow.noteOutbound(first.segment, body);
	const { joined, used } = isStrict ? { joined: first, used: 1 } : join(first, session.waiting.slice(1), body);
	const wrong = [...compare(action, body, joined, ticks), ...wrongTime(joined, due)];
	if (wrong.length > 0) throw new Mismatch(`expected ${written}, got ${session.print(joined)}: ${wrong.join('; ')}`);
	session.waiting.splice(0, used);
}

/** @throws Unsupported where a script expects what this stack never sends */
function refuse({ ip }: PacketAction, { options, accurateEcn, flags }: TcpPacket): void {
	if (ip.flowLabel !== null && ip.flowLabel !== 0) throw new Unsupported('flow labels of packets sent');
	if (ip.tos !== null && ip.tos > 3) throw new Unsupported('a type of service of packets sent');
	if (accurateEcn && (flags & FLAG.AE) !== 0) throw new Unsupported('accurate ECN');
	if (options === 'any') return;
	for (const option of options) {
		if (option.kind === 'md5') throw new Unsupported('the TCP option md5');
		if (option.kind === 'other' && option.name !== '28') throw new Unsupported(`the TCP option ${option.name}`);
	}
}

function waitFor(session: Session, due: Due, written: string): Sent {
	const { lab, waiting } = session;
	const isThere = (): boolean => waiting.length > 0;
	lab.advance(due.to === Infinity ? Infinity : START + due.to + due.tolerance, isThere);
	session.check();
	const [first] = waiting;
	if (first !== undefined) return first;
	const stoppedAt = lab.elapsed;
	// Where a packet does not come, it is looked for further, to tell when it would have.
	if (due.to !== Infinity && lab.advance(lab.now + lab.patience, isThere)) {
		throw new Mismatch(`expected ${written} by ${printSeconds(Math.round(due.to))} s, got nothing until ${printSeconds(waiting[0]!.at)} s: ${session.print(waiting[0]!)}`);
	}
	throw new Mismatch(`expected ${written} by ${due.to === Infinity ? 'some time' : `${printSeconds(Math.round(due.to))} s`}, got nothing (now ${printSeconds(stoppedAt)} s)`);
}

function wrongTime({ at }: Sent, { from, to, tolerance }: Due): string[] {
	if (at >= from - tolerance && at <= to + tolerance) return [];
	const window = from === to ? printSeconds(Math.round(from)) : `${printSeconds(Math.round(from))} to ${printSeconds(Math.round(to))}`;
	return [`sent at ${printSeconds(at)} s instead of ${window} s (tolerance ${Math.round(tolerance)} µs)`];
}

/** Segments that wait although nothing more expects them, as a text; null where there are none. */
export function leftOver(session: Session, count: number): { text: string; line: number } | null {
	const [first] = session.waiting;
	if (first === undefined || count === 0) return null;
	const all = session.waiting.slice(0, count).map((sent) => `${printSeconds(sent.at)} s: ${session.print(sent)}`);
	return { text: `the host sent what no event expects:\n    ${all.join('\n    ')}`, line: first.line };
}
