import type { Image } from '../memory/index.ts';
import { get16, get32, put16, put32 } from '../wire/bytes.ts';
import { sum } from '../wire/checksum.ts';
import { WIRE } from '../wire/drop.ts';
import {
	ICMP, ICMP_ECHO, ICMP_ECHO_REPLY, ICMP_FRAGMENTATION_NEEDED, ICMP_PARAMETER_PROBLEM, ICMP_SOURCE_QUENCH,
	ICMP_TIME_EXCEEDED, ICMP_UNREACHABLE, isIcmpError, parseIcmp,
} from '../wire/icmp.ts';
import { IPV4, PROTOCOL_ICMP } from '../wire/ipv4.ts';
import type { Addresses } from './addresses.ts';
import { COUNT } from './counters.ts';
import type { Counters } from './counters.ts';
import { IcmpError } from './icmp-error.ts';
import type { Ip } from './ip.ts';
import type { NetworkState } from './network-record.ts';
import type { Packet } from './packet.ts';
import { admit } from './rate-limit.ts';
import { SCRATCH_LOCAL, SCRATCH_REMOTE } from './scratch.ts';

// RFC 1812 §4.3.2.8: errors are limited; 1000 a second, bursts of 50.
const ERROR_INTERVAL = 1_000;
const ERROR_BURST = 50;
/** RFC 1812 §4.3.2.3: as much of the original as makes a datagram of 576 bytes. */
const ERROR_LIMIT = 576;
/** RFC 792: the header of the datagram in error and 8 bytes of it come back. */
const QUOTED = 8;

/** ICMP for IPv4: answers echoes, sends errors, reads errors about what we sent. */
export class Icmp {
	/** What the last error that was taken for the upper protocols said; of either family. */
	readonly error: IcmpError = new IcmpError();
	readonly #image: Image;
	readonly #addresses: Addresses;
	readonly #counters: Counters;
	readonly #ip: Ip;
	readonly #scratch: number;
	readonly #bodyAt: number;
	readonly #state: NetworkState;

	/**
	 * @param scratch  address of the network's scratch memory
	 * @param bodyAt   where messages are built, 4-aligned, headroom in front
	 */
	constructor(image: Image, state: NetworkState, addresses: Addresses, counters: Counters, ip: Ip, scratch: number, bodyAt: number) {
		this.#image = image;
		this.#addresses = addresses;
		this.#counters = counters;
		this.#ip = ip;
		this.#scratch = scratch;
		this.#bodyAt = bodyAt;
		this.#state = state;
	}

	#drop(code: number): boolean {
		this.#counters.count(code);
		return false;
	}

	/** Takes a message in; true where it is an error about a packet of ours, which `error` tells. */
	input(packet: Packet, now: number): boolean {
		const { u8 } = this.#image;
		const at = packet.payloadAt;
		const why = parseIcmp(packet.payloadLength);
		if (why !== 0) return this.#drop(why);
		if (sum(this.#image, at, packet.payloadLength) !== 0xffff) return this.#drop(WIRE.icmpChecksum);
		const type = u8[at + ICMP.type]!;
		if (type === ICMP_ECHO) return this.#echo(packet, now);
		if (type === ICMP_UNREACHABLE || type === ICMP_TIME_EXCEEDED || type === ICMP_PARAMETER_PROBLEM || type === ICMP_SOURCE_QUENCH) return this.#readError(packet);
		return this.#drop(COUNT.icmpUnknown);
	}

	/** RFC 1122 §3.2.2.6: the reply carries the same bytes back; a request to many may be passed over. */
	#echo(packet: Packet, now: number): boolean {
		if (packet.toMany) return this.#drop(COUNT.icmpBroadcast);
		const { u8 } = this.#image;
		const at = this.#bodyAt;
		u8.copyWithin(at, packet.payloadAt, packet.payloadAt + packet.payloadLength);
		u8[at + ICMP.type] = ICMP_ECHO_REPLY;
		u8[at + ICMP.code] = 0;
		this.#counters.count(COUNT.echoIn);
		this.#send(packet.dstAt, packet.srcAt, packet.payloadLength, now, packet.trafficClass & ~3);
		return false;
	}

	#send(srcAt: number, dstAt: number, length: number, now: number, flags: number): void {
		const at = this.#bodyAt;
		put16(this.#image.u8, at + ICMP.checksum, 0);
		put16(this.#image.u8, at + ICMP.checksum, sum(this.#image, at, length) ^ 0xffff);
		this.#ip.output(PROTOCOL_ICMP, srcAt, dstAt, at, length, now, flags, 0);
	}

	/** Fills `error` from the datagram that comes back in the body (RFC 1122 §3.2.2). */
	#readError(packet: Packet): boolean {
		const { u8 } = this.#image;
		const at = packet.payloadAt + ICMP.end;
		const left = packet.payloadLength - ICMP.end;
		if (left < IPV4.end + QUOTED || u8[at]! >> 4 !== 4) return this.#drop(COUNT.icmpErrorShort);
		const headerLength = (u8[at]! & 15) << 2;
		if (headerLength < IPV4.end || left < headerLength + QUOTED) return this.#drop(COUNT.icmpErrorShort);
		if (!this.#fill(packet, at, headerLength)) return this.#drop(COUNT.icmpErrorUnrelated);
		this.#counters.count(COUNT.icmpErrorIn);
		return true;
	}

	/** @returns  false where the quoted packet cannot be one of ours */
	#fill(packet: Packet, at: number, headerLength: number): boolean {
		const { u8, i32 } = this.#image;
		const error = this.error;
		error.localAt = this.#scratch + SCRATCH_LOCAL;
		error.remoteAt = this.#scratch + SCRATCH_REMOTE;
		u8.copyWithin(error.localAt, packet.dstAt, packet.dstAt + 12);
		u8.copyWithin(error.localAt + 12, at + IPV4.source, at + IPV4.source + 4);
		u8.copyWithin(error.remoteAt, packet.dstAt, packet.dstAt + 12);
		u8.copyWithin(error.remoteAt + 12, at + IPV4.destination, at + IPV4.destination + 4);
		// Ports stand in the first fragment alone.
		if (!this.#addresses.isOwn4(i32[(error.localAt + 12) >> 2]!) || (get16(u8, at + IPV4.fragment) & 0x1fff) !== 0) return false;
		const message = packet.payloadAt;
		const upper = at + headerLength;
		error.family = 4;
		error.type = u8[message + ICMP.type]!;
		error.code = u8[message + ICMP.code]!;
		error.mtu = error.type === ICMP_UNREACHABLE && error.code === ICMP_FRAGMENTATION_NEEDED ? get16(u8, message + ICMP.sequence) : 0;
		error.protocol = u8[at + IPV4.protocol]!;
		error.localPort = get16(u8, upper);
		error.remotePort = get16(u8, upper + 2);
		error.seq = get32(u8, upper + 4);
		error.fromAt = packet.srcAt;
		return true;
	}

	/**
	 * Sends an error about a packet, unless it may not draw one (RFC 1122
	 * §3.2.2: to an error, to what went to many, to a later fragment, to a
	 * source that is not one host) or errors are too many already.
	 *
	 * @param word  the message's second word, such as a pointer; mostly 0
	 */
	sendError(packet: Packet, type: number, code: number, word: number, now: number): void {
		if (packet.toMany || this.#isError(packet)) { this.#counters.count(COUNT.icmpNotDue); return; }
		if (!this.admits(now)) return;
		const { u8 } = this.#image;
		const at = this.#bodyAt;
		const quoted = Math.min(packet.length, ERROR_LIMIT - IPV4.end - ICMP.end);
		u8[at + ICMP.type] = type;
		u8[at + ICMP.code] = code;
		put32(u8, at + ICMP.id, word);
		u8.copyWithin(at + ICMP.end, packet.headerAt, packet.headerAt + quoted);
		// RFC 1812 §4.3.2.5 asks routers for precedence 6; a host's errors go as ordinary traffic.
		this.#send(packet.dstAt, packet.srcAt, ICMP.end + quoted, now, 0);
	}

	/** Whether one more error may go out now, of either family; counted where it may not. */
	admits(now: number): boolean {
		const expected = admit(this.#state.icmp.expected, now, ERROR_INTERVAL, ERROR_BURST);
		if (expected < 0) return this.#drop(COUNT.icmpLimited);
		this.#state.icmp.expected = expected;
		return true;
	}

	#isError(packet: Packet): boolean {
		return packet.protocol === PROTOCOL_ICMP && (packet.payloadLength === 0 || isIcmpError(this.#image.u8[packet.payloadAt]!));
	}
}
