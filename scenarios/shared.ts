import { claim } from '../lib/study/scenario.ts';
import type { Scene } from '../lib/study/index.ts';
import type { Claim, Packet, Repeat, Run } from '../lib/study/scenario.ts';

/** Whether an ACK reports exactly the text of a frame as received twice (RFC 2883 §4). */
export function isDsackOf(ack: Packet, { relative, payload }: Packet): boolean {
	const [left, right] = ack.relative?.sack[0] ?? [-1, -1];
	return relative !== null && left === relative.seq && right === relative.seq + payload.length;
}

/** What a client's TCP does with a frame it has had: it says so at once, and gives nothing to the application. */
export function discardClaims(run: Run<Scene>, repeat: Repeat | undefined): Claim[] {
	if (repeat === undefined) return [claim('discarded', 'The client\'s TCP throws the repeat away and acknowledges at once.', false)];
	const [answer] = run.answers(repeat.again);
	const covers = answer?.relative?.ack === (repeat.again.relative?.seq ?? 0) + (repeat.again.segment?.length ?? 0);
	const before = run.packets.some((packet) => packet.number < repeat.again.number && packet.interface === repeat.again.interface && packet.sent && packet.segment?.ack === answer?.segment?.ack);
	const isDuplicate = answer !== undefined && run.client(repeat.again.interface).dupAcks.includes(answer);
	const sackInUse = run.packets.some((packet) => packet.interface === repeat.again.interface && packet.sent && packet.relative !== null && packet.relative.sack.length > 0);
	const claims = [
		claim('discarded', 'The client\'s TCP throws the repeat away and acknowledges at once.', answer !== undefined && covers, [repeat.again, answer],
			answer === undefined ? 'it answered nothing' : `frame ${answer.number}, ${answer.time - repeat.again.time} µs later, acknowledges ${answer.relative?.ack}`),
		claim('dup-ack', before ? 'Those bytes were acknowledged before, so that this is a duplicate ACK: the only trace of the failure.' : 'The first ACK of those bytes was still being withheld, so that this is the first.', before === isDuplicate, [answer],
			`the client sent ${run.client().dupAcks.length} duplicate ACK${run.client().dupAcks.length === 1 ? '' : 's'}`),
	];
	if (sackInUse && answer !== undefined) claims.push(claim('dsack', 'It says which bytes came twice (DSACK, RFC 2883).', isDsackOf(answer, repeat.again), [answer], `block ${answer.relative?.sack[0]?.join('–') ?? 'none'}`));
	return claims;
}
