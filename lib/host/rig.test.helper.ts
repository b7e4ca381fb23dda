import { Image } from '../memory/index.ts';
import { parseAddress, parseMac } from '../wire/address.ts';
import { ARP, putArp } from '../wire/arp.ts';
import { put16 } from '../wire/bytes.ts';
import { sum } from '../wire/checksum.ts';
import { ETHERNET } from '../wire/ethernet.ts';
import { deliveries, hostDrops } from './counters.ts';
import { wireDrops } from '../wire/drop.ts';
import { Network, networkPages, networkPools } from './network.ts';
import type { NetworkConfig } from './network.ts';
import { networkScratch } from './scratch.ts';

export const SERVER_MAC = '02:00:00:00:00:01';
export const CLIENT_MAC = '02:00:00:00:00:02';
export const SERVER = '10.0.0.1';
export const CLIENT = '10.0.0.2';

/** A network in an image of its own, with a sink that keeps copies. */
export class Rig {
	readonly image: Image;
	readonly network: Network;
	readonly frameAt: number;

	constructor(config: Partial<NetworkConfig> = {}, chunk: number = 4096) {
		const whole: NetworkConfig = { mac: SERVER_MAC, addresses: [`${SERVER}/24`], ...config };
		const mine = networkScratch(whole.mtu ?? 1500);
		this.image = new Image({ pools: networkPools(whole), pages: networkPages(whole, chunk), chunk, scratch: mine + 70_000 });
		this.network = new Network(this.image, whole, this.image.scratch);
		this.frameAt = this.image.scratch + mine + 2;
	}

	/** Takes a frame in; what is left for TCP. */
	take(frame: Uint8Array, now: number = 0): number {
		this.image.u8.set(frame, this.frameAt);
		return this.network.input(this.frameAt, frame.length, now);
	}

	/** What goes out in a drain during which `during` runs. */
	drain(during?: () => void): Uint8Array[] {
		const frames: Uint8Array[] = [];
		this.network.beginDrain({ take: (bytes, at, length) => { frames.push(bytes.slice(at, at + length)); } });
		during?.();
		this.network.endDrain();
		return frames;
	}

	/** Puts bytes where payloads of upper protocols may lie; their address, 4-aligned. */
	payload(bytes: Uint8Array): number {
		const at = this.frameAt + 62;
		this.image.u8.set(bytes, at);
		return at;
	}

	/** Puts an address where arguments may lie; a few at once. */
	address(text: string, slot: number = 0): number {
		const at = this.frameAt - 2 + 66_000 + 16 * slot;
		this.image.u8.set(parseAddress(text), at);
		return at;
	}

	/** What was counted of these, and how often in all. */
	fates(): { frames: number; counted: number } {
		const { counters } = this.network;
		let counted = 0;
		for (const name of [...wireDrops, ...hostDrops, ...deliveries]) counted += counters.value(name);
		return { frames: counters.value('framesIn'), counted };
	}
}

/** A rig for the other end. */
export function client(config: Partial<NetworkConfig> = {}): Rig {
	return new Rig({ mac: CLIENT_MAC, addresses: [`${CLIENT}/24`], ...config });
}

export const SERVER6 = '2001:db8::1';
export const CLIENT6 = '2001:db8::2';

/** A rig with IPv6 too. */
export function dual(config: Partial<NetworkConfig> = {}, chunk: number = 4096): Rig {
	return new Rig({ addresses: [`${SERVER}/24`, `${SERVER6}/64`], ...config }, chunk);
}

function sumOf(bytes: Uint8Array): number {
	const buffer = new ArrayBuffer((bytes.length + 7) & ~7);
	const u8 = new Uint8Array(buffer);
	u8.set(bytes);
	return sum({ u8, u16: new Uint16Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) }, 0, bytes.length);
}

export interface Ipv4Parts {
	readonly to?: string;
	readonly from?: string;
	readonly toMac?: string;
	readonly fromMac?: string;
	readonly protocol?: number;
	readonly fragment?: number;
	readonly id?: number;
	readonly options?: readonly number[];
	readonly padding?: number;
	readonly ttl?: number;
	readonly type?: number;
}

/** An IPv4 frame from the client, with a right header checksum. */
export function ipv4(payload: readonly number[] | Uint8Array, parts: Ipv4Parts = {}): Uint8Array {
	const options = parts.options ?? [];
	const headerLength = 20 + options.length;
	const frame = new Uint8Array(14 + headerLength + payload.length + (parts.padding ?? 0));
	frame.set(parseMac(parts.toMac ?? SERVER_MAC));
	frame.set(parseMac(parts.fromMac ?? CLIENT_MAC), 6);
	put16(frame, 12, parts.type ?? 0x0800);
	const header = frame.subarray(14, 14 + headerLength);
	header.set([0x45 + options.length / 4, 0, 0, 0, 0, 0, 0, 0, parts.ttl ?? 64, parts.protocol ?? 17]);
	put16(header, 2, headerLength + payload.length);
	put16(header, 4, parts.id ?? 7);
	put16(header, 6, parts.fragment ?? 0);
	header.set(parseAddress(parts.from ?? CLIENT).subarray(12), 12);
	header.set(parseAddress(parts.to ?? SERVER).subarray(12), 16);
	header.set(options, 20);
	put16(header, 10, sumOf(header) ^ 0xffff);
	frame.set(payload, 14 + headerLength);
	return frame;
}

/** The same IPv4 frame with a right checksum over five words of header. */
export function mended(frame: Uint8Array): Uint8Array {
	const copy = frame.slice();
	put16(copy, 24, 0);
	put16(copy, 24, sumOf(copy.subarray(14, 34)) ^ 0xffff);
	return copy;
}

/** A UDP header and payload without a checksum. */
export function udp(source: number, destination: number, payload: readonly number[] | Uint8Array): Uint8Array {
	const bytes = new Uint8Array(8 + payload.length);
	put16(bytes, 0, source);
	put16(bytes, 2, destination);
	put16(bytes, 4, bytes.length);
	bytes.set(payload, 8);
	return bytes;
}

/** An ICMP message with a right checksum. */
export function icmp(type: number, code: number, word: readonly number[], body: readonly number[] | Uint8Array): Uint8Array {
	const bytes = Uint8Array.from([type, code, 0, 0, ...word, ...body]);
	put16(bytes, 2, sumOf(bytes) ^ 0xffff);
	return bytes;
}

export interface ArpParts {
	readonly operation?: number;
	readonly senderMac?: string;
	readonly sender?: string;
	readonly target?: string;
	readonly toMac?: string;
}

/** An ARP frame from the client, padded to what Ethernet wants. */
export function arp(parts: ArpParts = {}): Uint8Array {
	const frame = new Uint8Array(60).fill(0xee);
	frame.set(parseMac(parts.toMac ?? 'ff:ff:ff:ff:ff:ff'));
	frame.set(parseMac(parts.senderMac ?? CLIENT_MAC), 6);
	put16(frame, 12, 0x0806);
	putArp(frame, ETHERNET.end, parts.operation ?? 1);
	frame.set(parseMac(parts.senderMac ?? CLIENT_MAC), ETHERNET.end + ARP.senderMac);
	frame.set(parseAddress(parts.sender ?? CLIENT).subarray(12), ETHERNET.end + ARP.sender);
	frame.fill(0, ETHERNET.end + ARP.targetMac, ETHERNET.end + ARP.targetMac + 6);
	frame.set(parseAddress(parts.target ?? SERVER).subarray(12), ETHERNET.end + ARP.target);
	return frame;
}

/** Makes the rig know the client, and throws away what it answers. */
export function acquaint(rig: Rig, now: number = 0): void {
	rig.take(arp(), now);
	rig.drain();
}

export function hex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export interface Ipv6Parts {
	readonly to?: string;
	readonly from?: string;
	readonly toMac?: string;
	readonly next?: number;
	readonly hopLimit?: number;
	readonly padding?: number;
}

/** An IPv6 frame from the client; `next` is the first next header. */
export function ipv6(payload: readonly number[] | Uint8Array, parts: Ipv6Parts = {}): Uint8Array {
	const frame = new Uint8Array(54 + payload.length + (parts.padding ?? 0));
	frame.set(parseMac(parts.toMac ?? SERVER_MAC));
	frame.set(parseMac(CLIENT_MAC), 6);
	put16(frame, 12, 0x86dd);
	frame[14] = 0x60;
	put16(frame, 18, payload.length);
	frame[20] = parts.next ?? 17;
	frame[21] = parts.hopLimit ?? 64;
	frame.set(parseAddress(parts.from ?? CLIENT6), 22);
	frame.set(parseAddress(parts.to ?? SERVER6), 38);
	frame.set(payload, 54);
	return frame;
}

/** Puts the checksum of a message of ICMPv6 (at 2) or UDP (at 6) that begins behind the IPv6 header. */
export function checked6(frame: Uint8Array, at: number, padding: number = 0): Uint8Array {
	const copy = frame.slice();
	const protocol = frame[20]!;
	const length = frame.length - 54 - padding;
	const pseudo = Uint8Array.of(...frame.subarray(22, 54), 0, 0, length >> 8, length & 255, 0, 0, 0, protocol, ...frame.subarray(54, 54 + length));
	put16(copy, 54 + at, (sumOf(pseudo) ^ 0xffff) || 0xffff);
	return copy;
}

/** An ICMPv6 frame from the client. */
export function icmp6(type: number, code: number, word: readonly number[], body: readonly number[] | Uint8Array, parts: Ipv6Parts = {}): Uint8Array {
	return checked6(ipv6(Uint8Array.of(type, code, 0, 0, ...word, ...body), { next: 58, ...parts }), 2);
}

/** A UDP frame over IPv6 from the client. */
export function udp6(source: number, destination: number, payload: readonly number[] | Uint8Array, parts: Ipv6Parts = {}): Uint8Array {
	return checked6(ipv6(udp(source, destination, payload), parts), 6);
}

/** A neighbour solicitation from the client. */
export function solicitation(parts: Ipv6Parts & { readonly target?: string; readonly options?: readonly number[] } = {}): Uint8Array {
	const options = parts.options ?? [1, 1, 2, 0, 0, 0, 0, 2];
	return icmp6(135, 0, [0, 0, 0, 0], [...parseAddress(parts.target ?? SERVER6), ...options], { hopLimit: 255, to: 'ff02::1:ff00:1', toMac: '33:33:ff:00:00:01', ...parts });
}

/** A neighbour advertisement from the client. */
export function advertisement(flags: number, parts: Ipv6Parts & { readonly target?: string; readonly options?: readonly number[] } = {}): Uint8Array {
	const options = parts.options ?? [2, 1, 2, 0, 0, 0, 0, 2];
	return icmp6(136, 0, [flags, 0, 0, 0], [...parseAddress(parts.target ?? CLIENT6), ...options], { hopLimit: 255, ...parts });
}
