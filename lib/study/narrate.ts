import { FIN, RST, SYN } from '../wire/tcp.ts';
import { flagNames, readLetter } from './letter-view.ts';
import { journeysOf } from './journey.ts';
import type { Journey } from './journey.ts';
import { isBareAck } from './run.ts';
import type { Packet, Repeat, Run, Scene } from './run.ts';

/** The words of a frame's label, the most important first; a view leaves out what it has no room for. */
export function labelOf(packet: Packet): readonly string[] {
	const { segment, relative, kind, payload } = packet;
	if (segment !== null && relative !== null) {
		const text = payload.length > 0 ? [`"${packet.text}"`] : [];
		const ack = relative.ack >= 0 && (segment.flags & 16) !== 0 ? [`ack ${relative.ack}`] : [];
		const length = payload.length > 0 ? [`len ${payload.length}`] : [];
		const sack = relative.sack.map(([left, right]) => `${relative.ack >= right ? 'dsack' : 'sack'} ${left}–${right}`);
		return [flagNames(segment.flags), `seq ${relative.seq}`, ...ack, ...length, ...text, ...sack];
	}
	switch (kind) {
		case 'udp': return ['UDP', `len ${payload.length}`, `"${packet.text}"`];
		case 'arp': return ['ARP', packet.operation === 'request' ? `who has ${packet.destination}?` : packet.operation === 'reply' ? `${packet.source} is here` : `announcement: ${packet.source} is here`];
		case 'rarp': return ['RARP', 'announcement'];
		case 'icmp': return ['ICMP'];
		case 'channel': return packet.destinationMac === 'ff:ff:ff:ff:ff:ff' && packet.byServer ? ['announcement'] : letterLabel(packet);
		default: return [kind];
	}
}

function span(first: number, last: number): string {
	return first === last ? `${first}` : `${first}–${last}`;
}

function letterLabel(packet: Packet): readonly string[] {
	const letter = readLetter(packet.bytes);
	switch (letter.kind) {
		case 'entries': return ['log', span(letter.first, letter.last), letter.contents.join(', '), `mark ${letter.mark}`];
		case 'acknowledgement': return ['has', `${letter.last}`];
		case 'heartbeat': return [letter.note || 'heartbeat', `mark ${letter.mark}`];
		case 'image': return ['image', `behind ${letter.last}`];
		case 'image acknowledgement': return ['has a piece'];
		default: return [letter.kind];
	}
}

/** Says what each frame of a run is there for: the comments of its capture file. */
export class Narrator {
	readonly #run: Run<Scene>;
	readonly #journeys: Map<number, Journey> = new Map();
	readonly #repeats: Map<number, Repeat>;

	constructor(run: Run<Scene>) {
		this.#run = run;
		for (const journey of journeysOf(run.trace)) for (const event of [journey.sent, ...journey.arrived]) this.#journeys.set(event, journey);
		this.#repeats = new Map(run.repeats.map((repeat) => [repeat.output, repeat]));
	}

	/** The journey a frame is part of. */
	journey(packet: Packet): Journey | undefined { return this.#journeys.get(packet.event); }

	/** One or two sentences about a frame; '' where there is nothing to say beyond what it is. */
	comment(packet: Packet): string {
		if (packet.interface === 'log') return letterComment(packet);
		const journey = this.journey(packet);
		const what = packet.byServer ? this.#server(packet, journey) : this.#client(packet);
		const fate = packet.sent && journey !== undefined && journey.arrived.length === 0 && journey.lost.length > 0 ? ` It is lost: ${this.#loss(journey)}.` : '';
		return (what + fate).trim();
	}

	#loss(journey: Journey): string {
		const event = this.#run.trace.event(journey.lost[0]!);
		return event.kind === 'frameLost' ? lossText(event.reason) : '';
	}

	#server(packet: Packet, journey: Journey | undefined): string {
		const origin = journey?.origin ?? null;
		if (origin === null) return '';
		const who = this.#who(journey!.from, packet.event);
		const says = packet.payload.length > 0 ? ` answers "${packet.text}"` : ` sends ${gistOf(packet)}`;
		switch (origin.why) {
			case 'announced': return `${who} tells the switch where its address is now (announcement ${origin.number}).`;
			case 'released': return `${who}${says}: output ${origin.number}, of log entry ${origin.entry}.`;
			case 'repeated': {
				const repeat = this.#repeats.get(origin.number);
				const first = repeat === undefined ? 'The first sending was never seen.' : repeat.identical ? `Every byte is that of frame ${repeat.first.number}.` : `Frame ${repeat.first.number} was different.`;
				return `${who}${says} again: output ${origin.number}, of log entry ${origin.entry}. ${first}`;
			}
		}
	}

	/** A machine by what it was when it sent something. */
	#who(place: string, event: number): string {
		if (place === 'primary') return 'The primary';
		return this.#run.events('tookOver', place).some(({ index }) => index < event) ? 'The new primary' : 'The backup';
	}

	#client(packet: Packet): string {
		const cause = this.#run.packets.find((other) => other.event === this.#run.trace.slotOf(packet.event, 2) && !other.sent);
		const origin = cause === undefined ? null : this.journey(cause)?.origin ?? null;
		if (packet.segment !== null && (packet.segment.flags & RST) !== 0) return packet.sent && cause !== undefined ? `The client has no such connection: a RST answers frame ${cause.number}.` : 'A RST of the client.';
		if (packet.sent && isBareAck(packet) && origin?.why === 'repeated') {
			const isDuplicate = this.#run.client(packet.interface).dupAcks.some(({ number }) => number === packet.number);
			return `The client's TCP has frame ${cause!.number} already: it throws it away and acknowledges at once${isDuplicate ? ', a duplicate ACK' : ''}.`;
		}
		if (packet.payload.length > 0) return `The client asks: "${packet.text}".`;
		return packet.segment !== null && (packet.segment.flags & (SYN | FIN)) !== 0 ? `The client ${(packet.segment.flags & SYN) !== 0 ? 'opens' : 'closes'} its connection.` : '';
	}
}

function gistOf(packet: Packet): string {
	return packet.segment === null ? packet.kind.toUpperCase() : flagNames(packet.segment.flags);
}

function letterComment(packet: Packet): string {
	const letter = readLetter(packet.bytes);
	switch (letter.kind) {
		case 'entries': return `Log entr${letter.first === letter.last ? 'y' : 'ies'} ${span(letter.first, letter.last)} (${letter.contents.join(', ')}). Outputs up to ${letter.mark} have left.`;
		case 'acknowledgement': return `The backup has everything up to entry ${letter.last}, and has executed up to ${letter.mark}.`;
		case 'heartbeat': return letter.note === '' ? `The primary lives. Outputs up to ${letter.mark} have left.` : 'The primary ends, and will send nothing more.';
		case 'greeting': return 'A replica says what it is.';
		case 'refusal': return `Refused: ${letter.note}.`;
		case 'image': return `A piece of the machine as it was behind entry ${letter.last}: ${letter.mark} bytes in all.`;
		case 'image acknowledgement': return `The new backup has ${letter.mark} bytes of the machine.`;
		default: return '';
	}
}

const losses: { readonly [reason: string]: string } = {
	loss: 'the network lost it', scripted: 'the network lost it', queue: 'a queue was full', cut: 'the link was cut', dead: 'the machine it came to was dead',
};

/** Why a frame was lost, for people. */
export function lossText(reason: string): string {
	return losses[reason] ?? reason;
}
