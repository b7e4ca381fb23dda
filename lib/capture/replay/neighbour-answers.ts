import { ARP, ARP_REPLY, ARP_REQUEST, parseArp, putArp } from '../../wire/arp.ts';
import { get16, put16, put32 } from '../../wire/bytes.ts';
import { fold, sum } from '../../wire/checksum.ts';
import { ETHERNET, ETHERTYPE_ARP, ETHERTYPE_IPV6 } from '../../wire/ethernet.ts';
import { ICMP } from '../../wire/icmp.ts';
import { MAC_OPTION, NA_OVERRIDE, NA_SOLICITED, ND, ND_HOP_LIMIT, NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION, OPTION_TARGET_MAC, putMacOption } from '../../wire/icmpv6.ts';
import { IPV6, PROTOCOL_ICMPV6 } from '../../wire/ipv6.ts';
import { newSlab } from './slabs.ts';
import type { Slab } from './slabs.ts';
import type { Station } from './station.ts';

const FRAME_AT = 2;
const BODY_AT: number = FRAME_AT + ETHERNET.end;

function isAt(bytes: Uint8Array, at: number, address: Uint8Array): boolean {
	for (let i = 0; i < address.length; i++) if (bytes[at + i] !== address[i]) return false;
	return true;
}

/** Answers whoever asks which MAC a station's addresses are at: ARP, and neighbour discovery. */
export class NeighbourAnswers {
	/** the answer is [at, at + length) of the memory */
	readonly memory: Slab = newSlab(128);
	readonly at: number = FRAME_AT;
	/** 0 while nothing is to be answered */
	length = 0;
	#own: Station;

	constructor(own: Station) { this.#own = own; }

	/** Takes a frame that holds no TCP; where it asks for us the answer is ready. */
	take(bytes: Uint8Array, at: number, length: number): void {
		if (length < ETHERNET.end) return;
		const type = get16(bytes, at + ETHERNET.type), body = at + ETHERNET.end;
		if (type === ETHERTYPE_ARP && parseArp(bytes, body, length - ETHERNET.end) === 0) {
			if (get16(bytes, body + ARP.operation) === ARP_REQUEST && isAt(bytes, body + ARP.target, this.#own.ipv4)) this.#arp(bytes, body);
		} else if (type === ETHERTYPE_IPV6 && length >= ETHERNET.end + IPV6.end + ND.end && bytes[body + IPV6.nextHeader] === PROTOCOL_ICMPV6) {
			const message = body + IPV6.end;
			if (bytes[message + ND.type] === NEIGHBOUR_SOLICITATION && isAt(bytes, message + ND.target, this.#own.ipv6)) this.#advertise(bytes, at, body);
		}
	}

	#ethernet(bytes: Uint8Array, destinationAt: number, type: number): void {
		const { u8 } = this.memory;
		u8.set(bytes.subarray(destinationAt, destinationAt + 6), FRAME_AT + ETHERNET.destination);
		u8.set(this.#own.mac, FRAME_AT + ETHERNET.source);
		put16(u8, FRAME_AT + ETHERNET.type, type);
	}

	/** RFC 826: sender and target change places. */
	#arp(bytes: Uint8Array, question: number): void {
		const { u8 } = this.memory;
		this.#ethernet(bytes, question + ARP.senderMac, ETHERTYPE_ARP);
		putArp(u8, BODY_AT, ARP_REPLY);
		u8.set(this.#own.mac, BODY_AT + ARP.senderMac);
		u8.set(this.#own.ipv4, BODY_AT + ARP.sender);
		u8.set(bytes.subarray(question + ARP.senderMac, question + ARP.senderMac + 10), BODY_AT + ARP.targetMac);
		this.length = ETHERNET.end + ARP.end;
	}

	/** RFC 4861 §7.2.4. */
	#advertise(bytes: Uint8Array, frame: number, header: number): void {
		const { memory } = this, { u8 } = memory;
		const length = ND.end + MAC_OPTION, at = BODY_AT + IPV6.end;
		this.#ethernet(bytes, frame + ETHERNET.source, ETHERTYPE_IPV6);
		put32(u8, BODY_AT, 0x6000_0000);
		put16(u8, BODY_AT + IPV6.payloadLength, length);
		u8[BODY_AT + IPV6.nextHeader] = PROTOCOL_ICMPV6;
		u8[BODY_AT + IPV6.hopLimit] = ND_HOP_LIMIT;
		u8.set(this.#own.ipv6, BODY_AT + IPV6.source);
		u8.set(bytes.subarray(header + IPV6.source, header + IPV6.source + 16), BODY_AT + IPV6.destination);
		u8.fill(0, at, at + length);
		u8[at + ND.type] = NEIGHBOUR_ADVERTISEMENT;
		u8[at + ND.flags] = NA_SOLICITED | NA_OVERRIDE;
		u8.set(this.#own.ipv6, at + ND.target);
		putMacOption(u8, at + ND.end, OPTION_TARGET_MAC, this.#own.mac);
		const total = PROTOCOL_ICMPV6 + length + sum(memory, BODY_AT + IPV6.source, 32) + sum(memory, at, length);
		put16(u8, at + ICMP.checksum, fold(total) ^ 0xffff);
		this.length = at - FRAME_AT + length;
	}
}
