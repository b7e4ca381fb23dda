import { get16, get32 } from '../../wire/bytes.ts';
import { ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../wire/ethernet.ts';
import { Ipv4Header, parseIpv4 } from '../../wire/ipv4.ts';
import { IPV6 } from '../../wire/ipv6.ts';
import type { Node, Sink } from '../../wire/node.ts';
import { ACK, OPTION_SACK, PROTOCOL_TCP, RST, TCP_DESTINATION, TCP_HEADER, TCP_OFFSET, TCP_SOURCE } from '../../wire/tcp.ts';
import { dataPlace, placeOf } from './conversation.ts';
import { LiveFlow } from './live-flow.ts';
import type { Receiver } from './live-flow.ts';
import { NeighbourAnswers } from './neighbour-answers.ts';
import { PeerSender } from './peer-sender.ts';
import { FILL, GREET, OPEN, PLAY } from './plan.ts';
import type { Plan } from './plan.ts';
import { noPolicies } from './policies.ts';
import type { Policies } from './policies.ts';
import type { Station } from './station.ts';

/** How patient the peer is with our stack, µs. */
export interface Patience {
	/** without news for so long, what is waited for is looked into; doubles each time */
	readonly stall: number;
	/** without news for so long, what was not acknowledged is sent again */
	readonly resend: number;
	/** without news for so long, nothing is waited for any more */
	readonly giveUp: number;
}

/** Of a peer that hangs directly on our stack: what was not sent at once is not on the way. */
export const DIRECT: Patience = { stall: 20, resend: 250_000, giveUp: 3_000_000 };

/** Segments sent again at a time. */
const BURST = 32;

/**
 * The captured side that is played, as a node: sends its segments in the order
 * of the capture, each when its moment has come and our stack has sent what it
 * acknowledges; receives what our stack sends as its TCP would have.
 */
export class CapturedPeer implements Node {
	readonly live: LiveFlow = new LiveFlow();
	readonly sender: PeerSender = new PeerSender();
	policies: Policies = noPolicies();
	/** everything was played and has crossed, or will not */
	isDone = false;
	wakeAt: number = Infinity;
	/** the bytes of the last frame sent for the captured frame of that number are kept */
	watched = 0;
	watchedBytes: Uint8Array | null = null;
	readonly #own: Station;
	readonly #other: Station;
	readonly #patience: Patience;
	readonly #answers: NeighbourAnswers;
	readonly #ipv4: Ipv4Header = new Ipv4Header();
	#plan!: Plan;
	#now = 0;
	#base = 0;
	#step = 0;
	/** what the step at hand waits for: places in our stack's data, and in ours */
	#needsAck = 0;
	#needsTop = 0;
	#needsEdge = 0;
	#isHeld = false;
	#stall = 0;
	#stallAt = Infinity;
	#progress = 0;
	#progressAt = 0;
	#resentAt = 0;
	#owesAck = false;

	constructor(own: Station, other: Station, patience: Patience) {
		this.#own = own;
		this.#other = other;
		this.#patience = patience;
		this.#answers = new NeighbourAnswers(own);
	}

	/** Begins to play a stream, whose moment 0 is `now`. */
	begin(plan: Plan, isIpv6: boolean, receiver: Receiver | null, now: number): void {
		this.#plan = plan;
		this.policies = plan.policies;
		this.live.begin(plan.conversation.isn[plan.peer], receiver);
		this.sender.begin(plan, this.live, plan.policies, this.#own, this.#other, isIpv6);
		this.isDone = false;
		this.wakeAt = now;
		this.#now = now;
		this.#base = now;
		this.#step = 0;
		this.#owesAck = false;
		this.#look();
		this.#rest(now);
	}

	receive(_port: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		this.#now = now;
		const type = length < ETHERNET.end ? 0 : get16(bytes, at + ETHERNET.type);
		const body = at + ETHERNET.end;
		if (type === ETHERTYPE_IPV4 && parseIpv4(bytes, body, length - ETHERNET.end, this.#ipv4) === 0) {
			if (this.#ipv4.protocol === PROTOCOL_TCP) this.#takeSegment(bytes, this.#ipv4.payloadAt, this.#ipv4.payloadLength);
		} else if (type === ETHERTYPE_IPV6 && length >= ETHERNET.end + IPV6.end && bytes[body + IPV6.nextHeader] === PROTOCOL_TCP) {
			this.#takeSegment(bytes, body + IPV6.end, Math.min(get16(bytes, body + IPV6.payloadLength), length - ETHERNET.end - IPV6.end));
		} else {
			this.#answers.take(bytes, at, length);
			if (this.#answers.length > 0) this.wakeAt = now;
		}
	}

	#takeSegment(bytes: Uint8Array, at: number, length: number): void {
		const { live, sender } = this;
		if (length < TCP_HEADER || ((bytes[at + TCP_OFFSET]! >> 4) << 2) > length) return;
		if (get16(bytes, at + TCP_SOURCE) !== this.#plan.ownPort || get16(bytes, at + TCP_DESTINATION) !== this.#plan.peerPort) return;
		const isRepeat = live.take(bytes, at, length, sender.offeredScale >= 0, sender.frame);
		if (live.hasTimestamps) sender.echo.live.add(live.tsVal, live.log.seq(live.log.count - 1));
		if (isRepeat && live.got <= sender.acked) this.#owesAck = true;
		if (live.progress !== this.#progress) this.#rest(this.#now);
		if (this.#isHeld || this.#owesAck || this.#plan.acknowledgesAll || this.#step === this.#plan.kinds.length) this.wakeAt = this.#now;
	}

	/** There was news: patience begins anew; behind the last step not before the last moment, since our side may have sent later than that. */
	#rest(at: number): void {
		const isLast = this.#step >= this.#plan.kinds.length;
		const now = isLast ? Math.max(at, this.#base + (this.#plan.moments.at(-1) ?? 0)) : at;
		this.#progress = this.live.progress;
		this.#progressAt = now;
		this.#resentAt = now;
		this.#stall = this.#patience.stall;
		this.#stallAt = now + this.#stall;
	}

	wake(now: number): void { this.#now = now; }

	drain(sink: Sink): void {
		const { live, sender, policies } = this;
		const answers = this.#answers;
		if (answers.length > 0) {
			sink.take(answers.memory.u8, answers.at, answers.length, 0);
			answers.length = 0;
		}
		if (this.isDone) {
			this.wakeAt = Infinity;
			return;
		}
		if (this.#plan.acknowledgesAll && live.got > sender.acked) this.#owesAck = true;
		if (this.#owesAck && live.isOpen) {
			this.#owesAck = false;
			policies.acksSynthesised++;
			sender.acknowledge(sink, this.#plan.acknowledgesAll ? live.got : sender.acked, 0);
		}
		if (this.#step < this.#plan.kinds.length) this.#drainStep(sink);
		else this.#drainEnd(sink);
	}

	/** Plays the next step, if it has its turn. */
	#drainStep(sink: Sink): void {
		const due = this.#base + this.#plan.moments[this.#plan.segments[this.#step]!]!;
		if (this.#now < due) {
			this.wakeAt = due;
			return;
		}
		if (this.#isBlocked()) {
			if (!this.#isHeld) {
				this.#isHeld = true;
				this.policies.held++;
				this.#rest(this.#now);
			}
			if (this.#now < this.#stallAt || this.#helpStep(sink)) {
				this.wakeAt = this.#stallAt;
				return;
			}
		}
		this.#do(sink);
		this.#step++;
		this.#isHeld = false;
		this.#look();
		this.#rest(this.#now);
		const next = this.#plan.segments[this.#step];
		this.wakeAt = next === undefined ? this.#now : Math.max(this.#now, this.#base + this.#plan.moments[next]!);
	}

	/** Whether the step at hand goes on waiting. */
	#helpStep(sink: Sink): boolean {
		const { live } = this;
		// What is reported as received but was never sent by our stack, which has less on the way, is clipped at once.
		if (live.got >= this.#needsAck && live.edge >= this.#needsEdge) return false;
		if (this.#helpAlong(sink, this.#needsAck)) return true;
		this.policies.clipped++;
		return false;
	}

	/** Learns what the step at hand waits for. */
	#look(): void {
		const { recording, conversation, written, read } = this.#plan;
		this.#needsAck = -1;
		this.#needsTop = 0;
		this.#needsEdge = 0;
		const kind = this.#plan.kinds[this.#step];
		if (kind === undefined) return;
		if (kind === OPEN) {
			if (this.#plan.side === 'client') this.#needsAck = 0;
		} else if (kind === GREET) this.#needsAck = 0;
		else if (kind === FILL) {
			this.#needsAck = 0;
			this.#needsEdge = this.#plan.to[this.#step]!;
		} else {
			const k = this.#plan.segments[this.#step]!, row = conversation.rows[k]!, flags = recording.flags(row);
			if ((flags & ACK) !== 0) {
				this.#needsAck = conversation.ack[k]!;
				if (written.isStray(this.#needsAck)) {
					this.policies.strayAcks++;
					this.#needsAck = 0;
				}
			}
			// A reset ends it: what our side sent in the capture has to be sent by then.
			if ((flags & RST) !== 0) this.#needsAck = this.#plan.accepts ? written.end : -1;
			if (this.#plan.hasSack(row)) this.#needsTop = this.#topOf(row);
			const to = dataPlace(conversation.seq[k]!, flags) + recording.length(row);
			if (recording.length(row) > 0 && to <= read.end && (flags & RST) === 0) this.#needsEdge = to;
		}
	}

	/** Behind the last range a segment reports as received. */
	#topOf(row: number): number {
		const { recording, conversation, own, written } = this.#plan;
		const at = this.#plan.optionAt(row, OPTION_SACK, 0), { u8 } = recording.slabs.slabs[recording.slab(row)]!;
		let top = 0;
		for (let edge = at + 6; edge + 4 <= at + u8[at + 1]!; edge += 8) top = Math.max(top, placeOf(get32(u8, edge), conversation.isn[own], Math.max(0, this.live.got)));
		return top <= written.end + 1 ? top : 0;
	}

	#isBlocked(): boolean {
		const { live } = this;
		if (live.hasReset || this.#needsAck < 0) return false;
		return live.got < this.#needsAck || live.top < this.#needsTop || (live.isOpen && live.acked >= 0 && live.edge < this.#needsEdge);
	}

	#do(sink: Sink): void {
		const { sender, live } = this, step = this.#step;
		switch (this.#plan.kinds[step]) {
			case PLAY: return this.#play(sink, this.#plan.segments[step]!);
			case OPEN: return sender.open(sink);
			case GREET:
				if (live.isOpen) sender.acknowledge(sink, Math.max(0, sender.acked), 0);
				return;
			default:
				sender.data(sink, this.#plan.from[step]!, this.#plan.to[step]!, Infinity);
		}
	}

	#play(sink: Sink, k: number): void {
		const { sender, live } = this, { conversation, recording, written } = this.#plan;
		const row = conversation.rows[k]!;
		if ((recording.flags(row) & RST) !== 0 && live.isOpen && !live.hasReset) this.#acknowledgeRest(sink, written.end);
		sender.play(sink, k);
		if (recording.frame(row) !== this.watched) return;
		const { memory, at, length } = sender.maker;
		this.watchedBytes = memory.u8.slice(at, at + length);
	}

	/** Acknowledges what the capture never did. */
	#acknowledgeRest(sink: Sink, until: number): void {
		const { sender, live, policies } = this, { written } = this.#plan;
		const place = Math.min(live.got, until);
		if (place <= sender.acked) return;
		const never = Math.min(place, written.end) - Math.max(sender.acked, written.acked);
		if (never > 0) policies.unacknowledged += never;
		policies.acksSynthesised++;
		sender.acknowledge(sink, place, 0);
	}

	/**
	 * Nothing has come for a while that is waited for: acknowledges what did
	 * come, so that our stack may send more; later sends again what it has not
	 * acknowledged.
	 *
	 * @param need  place in its data that is waited for
	 * @returns     false where there is no more patience
	 */
	#helpAlong(sink: Sink, need: number): boolean {
		const { live, sender, policies } = this;
		const now = this.#now, { resend, giveUp } = this.#patience;
		if (now - this.#progressAt >= giveUp) return false;
		this.#stall *= 2;
		const place = Math.min(live.got, need);
		if (live.isOpen && place > sender.acked && live.got < need) {
			policies.acksSynthesised++;
			sender.acknowledge(sink, place, need);
			this.#stall = this.#patience.stall;
		} else if (now - this.#resentAt >= resend) {
			this.#resentAt = now;
			this.#sendAgain(sink);
			// A window update may be missing.
			if (live.isOpen && live.got < need) sender.acknowledge(sink, live.got, need);
		}
		this.#stallAt = Math.min(now + this.#stall, this.#resentAt + resend, this.#progressAt + giveUp);
		if (this.#stallAt <= now) this.#stallAt = now + this.#patience.stall;
		return true;
	}

	/** What our stack has not acknowledged was lost, or did not fit its window. */
	#sendAgain(sink: Sink): void {
		const { live, sender, policies } = this;
		if (live.acked < 0) {
			// The SYN, which is the first step.
			if (this.#step === 0) return;
			policies.resent++;
			if (this.#plan.kinds[0] === OPEN) sender.open(sink);
			else sender.play(sink, this.#plan.segments[0]!);
		} else if (live.acked < sender.next) {
			policies.resent++;
			sender.data(sink, live.acked, sender.next, BURST);
		}
	}

	/** All steps are done: sees that everything has crossed. */
	#drainEnd(sink: Sink): void {
		const { live, sender } = this, { written, read, ownResets, peerResets, accepts } = this.#plan;
		const all = written.end + (written.hasFin ? 1 : 0);
		const isOver = live.hasReset || peerResets || (!live.isOpen && !accepts);
		const hasAll = live.got >= all && live.acked >= read.end + (read.hasFin ? 1 : 0) && sender.acked >= live.got;
		if (isOver || (hasAll && !ownResets)) return this.#finish();
		if (this.#now >= this.#stallAt) {
			if (live.isOpen && live.got > sender.acked && live.got >= all) {
				this.#acknowledgeRest(sink, Infinity);
				this.#stallAt = this.#now + this.#patience.stall;
			} else if (!this.#helpAlong(sink, all)) {
				this.policies.givenUp = 1;
				return this.#finish();
			}
		}
		this.wakeAt = this.#stallAt;
	}

	#finish(): void {
		this.isDone = true;
		this.wakeAt = Infinity;
	}
}
