import { get16 } from '../wire/bytes.ts';
import { Segment } from './segment.ts';
import type { StreamTable } from './stream-table.ts';

const SOCKS_PORT = 1080;
const IPV4_ADDRESS = 1;
const DOMAIN_NAME = 3;
const IPV6_ADDRESS = 4;

// How far a negotiation has come (RFC 1928 §3 to §6, RFC 1929).
const GREETING = 0;
const METHOD = 1;
const PASSWORD = 2;
const PASSWORD_ANSWER = 3;
const REQUEST = 4;
const REPLY = 5;
const OPEN = 6;
const OTHER = 7;

interface Negotiation {
	readonly version: number;
	step: number;
	/** of the host that the proxy is to connect to */
	port: number;
}

/**
 * tshark gives what goes through a SOCKS proxy a connection of its own, between
 * the client and the remote port, and counts it although no frame is of it.
 * Later streams are numbered after it; so it is counted here too.
 */
export class SocksTunnels {
	#negotiations: Map<number, Negotiation> = new Map();
	/** stands for the segments of inner connections */
	#inner: Segment = new Segment();

	/** Whether a segment is of a proxy's port, and has something to say. */
	concerns(segment: Segment): boolean {
		const { sourcePort, destinationPort } = segment;
		if (sourcePort !== SOCKS_PORT && destinationPort !== SOCKS_PORT) return false;
		return segment.capturedLength > 1 && Math.min(sourcePort, destinationPort) === SOCKS_PORT;
	}

	/**
	 * Takes the data of a segment that concerns a proxy, in order.
	 *
	 * @returns the number of the stream that it opens within, or -1
	 */
	take(stream: number, segment: Segment, streams: StreamTable): number {
		let negotiation = this.#negotiations.get(stream);
		if (negotiation === undefined) {
			negotiation = { version: segment.bytes[segment.dataAt]!, step: GREETING, port: 0 };
			this.#negotiations.set(stream, negotiation);
		}
		if (negotiation.step === OPEN) {
			negotiation.step = OTHER;
			return this.#open(segment, negotiation.port, streams);
		}
		const isClient = segment.destinationPort === SOCKS_PORT;
		if (negotiation.version === 5) stepV5(negotiation, segment, isClient);
		else if (negotiation.version === 4) stepV4(negotiation, segment, isClient);
		return -1;
	}

	/** The stream between the client's port and the remote one, unless it was there before. */
	#open(segment: Segment, port: number, streams: StreamTable): number {
		const inner = this.#inner;
		inner.bytes = segment.bytes;
		inner.sourceAt = segment.sourceAt;
		inner.destinationAt = segment.destinationAt;
		inner.addressLength = segment.addressLength;
		const isClient = segment.destinationPort === SOCKS_PORT;
		inner.sourcePort = isClient ? segment.sourcePort : port;
		inner.destinationPort = isClient ? port : segment.destinationPort;
		return streams.find(inner) < 0 ? streams.add() : -1;
	}
}

/** SOCKS 4: a request with the port, and the answer. */
function stepV4(negotiation: Negotiation, segment: Segment, isClient: boolean): void {
	if (isClient && negotiation.step === GREETING && segment.capturedLength >= 8) {
		negotiation.port = get16(segment.bytes, segment.dataAt + 2);
		negotiation.step = REPLY;
	} else if (!isClient && negotiation.step === REPLY) {
		negotiation.step = OPEN;
	}
}

/** SOCKS 5: greeting, method, a password where it is asked for, request, reply. */
function stepV5(negotiation: Negotiation, segment: Segment, isClient: boolean): void {
	const method = segment.bytes[segment.dataAt + 1]!;
	switch (negotiation.step) {
		case GREETING: if (isClient) negotiation.step = METHOD; break;
		case METHOD: if (!isClient) negotiation.step = method === 0 ? REQUEST : method === 2 ? PASSWORD : OTHER; break;
		case PASSWORD: if (isClient) negotiation.step = PASSWORD_ANSWER; break;
		case PASSWORD_ANSWER: if (!isClient) negotiation.step = REQUEST; break;
		case REQUEST: if (isClient) request(negotiation, segment); break;
		case REPLY: if (!isClient) negotiation.step = OPEN; break;
		default:
	}
}

/** The port stands behind an address of one of three kinds (RFC 1928 §4). */
function request(negotiation: Negotiation, segment: Segment): void {
	const { bytes, dataAt, capturedLength } = segment;
	const kind = capturedLength > 4 ? bytes[dataAt + 3]! : 0;
	const length = kind === IPV4_ADDRESS ? 4 : kind === IPV6_ADDRESS ? 16 : kind === DOMAIN_NAME ? 1 + bytes[dataAt + 4]! : -1;
	if (length < 0 || capturedLength < 6 + length) {
		negotiation.step = OTHER;
		return;
	}
	negotiation.port = get16(bytes, dataAt + 4 + length);
	negotiation.step = REPLY;
}
