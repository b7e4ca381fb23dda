import type { Image } from '../memory/index.ts';
import { isIpv4, parseAddress, parseMac, parsePrefix } from '../wire/address.ts';
import { Addresses6 } from './addresses6.ts';
import { isMapped, putMapped, wordOf } from './word.ts';

/** Ethernet's own (RFC 894). */
export const DEFAULT_MTU = 1500;

/** What a host is told of its Ethernet interface. */
export interface InterfaceConfig {
	/** such as `02:00:00:00:00:01` */
	readonly mac: string;
	/** such as `10.0.0.1/24`, `2001:db8::1/64`; the first of a kind is the preferred one */
	readonly addresses: readonly string[];
	/** where IPv4 goes that is not on the link */
	readonly gateway?: string;
	/** where IPv6 goes that is not on the link */
	readonly gateway6?: string;
	/** most bytes of an IP packet; default 1500 */
	readonly mtu?: number;
}

/** 255.255.255.255 as a word. */
export const LIMITED_BROADCAST = -1;

function maskOf(prefix: number): number {
	const bytes = Uint8Array.from({ length: 4 }, (_, i) => 256 - 2 ** (8 - Math.max(0, Math.min(8, prefix - 8 * i))));
	return wordOf(bytes, 0);
}

/** The directed broadcast of a network (RFC 922); RFC 3021: a link of two hosts has none, nor has a host route: 0. */
function broadcastOf(address: number, mask: number, length: number): number {
	return length >= 31 ? 0 : address | ~mask;
}

/** The interface's own addresses and routes; IPv4 addresses are words as in `word.ts`. */
export class Addresses {
	readonly mac: Uint8Array;
	readonly mtu: number;
	/** the preferred address; 0 where there is none */
	readonly first4: number;
	readonly v6: Addresses6;
	readonly #i32: Int32Array;
	readonly #own: Int32Array;
	readonly #masks: Int32Array;
	readonly #broadcasts: Int32Array;
	readonly #gateway4: number;

	/** @throws AddressError where a text is no address */
	constructor(config: InterfaceConfig, image: Image) {
		this.#i32 = image.i32;
		this.mac = parseMac(config.mac);
		this.mtu = config.mtu ?? DEFAULT_MTU;
		const prefixes = config.addresses.map(parsePrefix).filter(({ address }) => isIpv4(address));
		this.#own = Int32Array.from(prefixes, ({ address }) => wordOf(address, 12));
		this.#masks = Int32Array.from(prefixes, ({ length }) => maskOf(length));
		this.#broadcasts = Int32Array.from(prefixes, ({ address, length }) => broadcastOf(wordOf(address, 12), maskOf(length), length));
		this.first4 = this.#own[0] ?? 0;
		this.v6 = new Addresses6(image.i32, config.addresses, this.mac, config.gateway6);
		this.#gateway4 = config.gateway === undefined ? 0 : wordOf(parseAddress(config.gateway), 12);
	}

	isOwn4(word: number): boolean {
		const own = this.#own;
		for (let i = 0; i < own.length; i++) if (own[i] === word) return true;
		return false;
	}

	/** Whether all hosts of the link are meant (RFC 1122 §3.3.6). */
	isBroadcast4(word: number): boolean {
		if (word === LIMITED_BROADCAST) return true;
		const broadcasts = this.#broadcasts;
		for (let i = 0; i < broadcasts.length; i++) if (broadcasts[i] === word) return word !== 0;
		return false;
	}

	/** Whether an address can be that of one host which is not us (RFC 1122 §3.2.1.3). */
	isOther4(word: number): boolean {
		return isUnicast4(word) && !this.isOwn4(word) && !this.isBroadcast4(word);
	}

	/** Which of our networks an address is in; -1 for none. */
	#network4(word: number): number {
		const own = this.#own, masks = this.#masks;
		for (let i = 0; i < own.length; i++) if (((word ^ own[i]!) & masks[i]!) === 0) return i;
		return -1;
	}

	/** Whether that address is reached without a gateway. */
	isOnLink4(word: number): boolean {
		return this.#network4(word) >= 0;
	}

	/** Where a packet for `word` goes first; 0 where there is no route (RFC 1122 §3.3.1.1). */
	nextHop4(word: number): number {
		return this.#network4(word) >= 0 ? word : this.#gateway4;
	}

	/** Which own address speaks to `word` (RFC 1122 §3.3.4.3); 0 where there is none. */
	source4(word: number): number {
		return this.#own[Math.max(0, this.#network4(word))] ?? 0;
	}

	/** Writes which own address speaks to the 16-byte address at `remoteAt`; false where there is none of its family. */
	putSource(remoteAt: number, toAt: number): boolean {
		if (!isMapped(this.#i32, remoteAt)) return this.v6.putSource(remoteAt, toAt);
		const chosen = this.source4(this.#i32[(remoteAt >> 2) + 3]!);
		putMapped(this.#i32, toAt, chosen);
		return chosen !== 0;
	}
}

/** 224.0.0.0/4. */
export function isMulticast4(word: number): boolean {
	return (word & 0xf0) === 0xe0;
}

/** Whether an address can be that of one host: not 0/8, 127/8, multicast or class E (RFC 1122 §3.2.1.3). */
export function isUnicast4(word: number): boolean {
	const first = word & 0xff;
	return first !== 0 && first !== 127 && first < 224;
}
