import type { Image } from '../memory/index.ts';
import { put16 } from '../wire/bytes.ts';
import { ARP, ARP_REPLY, ARP_REQUEST, parseArp, putArp } from '../wire/arp.ts';
import { ETHERNET, ETHERTYPE_ARP, isGroup } from '../wire/ethernet.ts';
import { isUnicast4 } from './addresses.ts';
import type { Addresses } from './addresses.ts';
import { COUNT } from './counters.ts';
import type { Counters } from './counters.ts';
import type { Neighbour, Neighbours } from './neighbours.ts';
import type { Outbox } from './outbox.ts';
import { putMapped, wordOf } from './word.ts';
import { SCRATCH_HOP, SCRATCH_MAC, SCRATCH_SOLICIT } from './scratch.ts';

/** Bytes of an ARP frame. */
const FRAME = ETHERNET.end + ARP.end;

/** ARP of one interface (RFC 826): answers who asks for us, learns, and asks. */
export class Arp {
	readonly #image: Image;
	readonly #addresses: Addresses;
	readonly #counters: Counters;
	readonly #neighbours: Neighbours;
	readonly #outbox: Outbox;
	readonly #scratch: number;

	/** @param scratch  address of the network's scratch memory */
	constructor(image: Image, addresses: Addresses, counters: Counters, neighbours: Neighbours, outbox: Outbox, scratch: number) {
		this.#image = image;
		this.#addresses = addresses;
		this.#counters = counters;
		this.#neighbours = neighbours;
		this.#outbox = outbox;
		this.#scratch = scratch;
	}

	/** Takes in one ARP packet: merges what it says, and answers, in the order of RFC 826. */
	input(at: number, length: number, now: number): void {
		this.#counters.count(this.#take(at, length, now));
	}

	/** @returns  what to count the packet as */
	#take(at: number, length: number, now: number): number {
		const { u8 } = this.#image;
		const why = parseArp(u8, at, length);
		if (why !== 0) return why;
		const operation = (u8[at + ARP.operation]! << 8) | u8[at + ARP.operation + 1]!;
		if (operation !== ARP_REQUEST && operation !== ARP_REPLY) return COUNT.arpOperation;
		const sender = wordOf(u8, at + ARP.sender);
		const target = wordOf(u8, at + ARP.target);
		if (isGroup(u8, at + ARP.senderMac) || (sender !== 0 && !isUnicast4(sender)) || this.#addresses.isBroadcast4(sender)) return COUNT.arpSender;
		// RFC 5227 §2.4: another interface uses our address.
		if (this.#addresses.isOwn4(sender)) return COUNT.arpConflict;
		const ours = this.#addresses.isOwn4(target);
		const known = sender !== 0 && this.#merge(at, sender, ours, now);
		if (!ours) return known ? COUNT.arpIn : COUNT.arpNotForUs;
		if (operation === ARP_REQUEST) this.#reply(at);
		return COUNT.arpIn;
	}

	/** An entry there is takes the new MAC; a new one is made only for who asks for us, and is on the link. */
	#merge(at: number, sender: number, ours: boolean, now: number): boolean {
		const hopAt = this.#scratch + SCRATCH_HOP;
		putMapped(this.#image.i32, hopAt, sender);
		return this.#neighbours.learn(hopAt, at + ARP.senderMac, ours && this.#addresses.isOnLink4(sender), true, now);
	}

	/** Sender and target change places, and our MAC comes in (RFC 826). */
	#reply(at: number): void {
		const { u8 } = this.#image;
		const packet = this.#begin(ARP_REPLY);
		u8.copyWithin(packet + ARP.sender, at + ARP.target, at + ARP.target + 4);
		u8.copyWithin(packet + ARP.targetMac, at + ARP.senderMac, at + ARP.senderMac + 10);
		this.#finish(at + ARP.senderMac);
	}

	/** Asks who has a neighbour's address: all, or the neighbour at its old MAC (RFC 1122 §2.3.2.1). */
	solicit(neighbour: Neighbour, unicast: boolean): void {
		const { u8 } = this.#image;
		const packet = this.#begin(ARP_REQUEST);
		const own = this.#addresses.source4(neighbour.v4);
		for (let i = 0; i < 4; i++) u8[packet + ARP.sender + i] = own >> (8 * i);
		u8.fill(0, packet + ARP.targetMac, packet + ARP.targetMac + 6);
		u8.copyWithin(packet + ARP.target, neighbour.address + 12, neighbour.address + 16);
		if (unicast) return this.#finish(neighbour.header + 2);
		u8.fill(0xff, this.#scratch + SCRATCH_MAC, this.#scratch + SCRATCH_MAC + 6);
		this.#finish(this.#scratch + SCRATCH_MAC);
	}

	#begin(operation: number): number {
		const packet = this.#scratch + SCRATCH_SOLICIT + ETHERNET.end;
		putArp(this.#image.u8, packet, operation);
		this.#image.u8.set(this.#addresses.mac, packet + ARP.senderMac);
		return packet;
	}

	#finish(destinationAt: number): void {
		const { u8 } = this.#image;
		const frame = this.#scratch + SCRATCH_SOLICIT;
		u8.copyWithin(frame + ETHERNET.destination, destinationAt, destinationAt + 6);
		u8.set(this.#addresses.mac, frame + ETHERNET.source);
		put16(u8, frame + ETHERNET.type, ETHERTYPE_ARP);
		this.#outbox.send(frame, FRAME);
	}
}
