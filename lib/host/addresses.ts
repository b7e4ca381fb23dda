import { isIpv4, parseAddress, parseMac, parsePrefix } from '../wire/address.ts';

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

/** An IPv4 address as the image's words have it: its four bytes in memory order, read as one native word. */
export function wordOf(bytes: Uint8Array, at: number): number {
	return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Bytes 8 to 11 of a v4-mapped address, read as a native word. */
export const MAPPED_WORD = -65536;
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

/**
 * The interface's own IPv4 addresses and routes. Addresses are words as the image's
 * Int32Array reads them, so that none is swapped on the way of a packet.
 */
export class Addresses {
	readonly mac: Uint8Array;
	readonly mtu: number;
	/** the preferred address; 0 where there is none */
	readonly first4: number;
	readonly #own: Int32Array;
	readonly #masks: Int32Array;
	readonly #broadcasts: Int32Array;
	readonly #gateway4: number;

	/** @throws AddressError where a text is no address */
	constructor(config: InterfaceConfig) {
		this.mac = parseMac(config.mac);
		this.mtu = config.mtu ?? DEFAULT_MTU;
		const prefixes = config.addresses.map(parsePrefix).filter(({ address }) => isIpv4(address));
		this.#own = Int32Array.from(prefixes, ({ address }) => wordOf(address, 12));
		this.#masks = Int32Array.from(prefixes, ({ length }) => maskOf(length));
		this.#broadcasts = Int32Array.from(prefixes, ({ address, length }) => broadcastOf(wordOf(address, 12), maskOf(length), length));
		this.first4 = this.#own[0] ?? 0;
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
