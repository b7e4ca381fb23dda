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

interface Network4 {
	readonly address: number;
	readonly mask: number;
	readonly net: number;
	/** the directed broadcast; the address itself where there is none */
	readonly broadcast: number;
}

function network4(text: string): Network4 {
	const { address, length } = parsePrefix(text);
	const word = wordOf(address, 12);
	const mask = maskOf(length);
	// RFC 3021: a link of two hosts has no broadcast address; nor has a host route.
	return { address: word, mask, net: word & mask, broadcast: length >= 31 ? word : word | ~mask };
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
	readonly #firstMask: number;
	readonly #firstNet: number;
	readonly #networks: readonly Network4[];
	readonly #gateway4: number;

	/** @throws AddressError where a text is no address */
	constructor(config: InterfaceConfig) {
		this.mac = parseMac(config.mac);
		this.mtu = config.mtu ?? DEFAULT_MTU;
		this.#networks = config.addresses.filter((text) => isIpv4(parsePrefix(text).address)).map(network4);
		const first = this.#networks[0];
		this.first4 = first?.address ?? 0;
		this.#firstMask = first?.mask ?? -1;
		this.#firstNet = first?.net ?? 0;
		this.#gateway4 = config.gateway === undefined ? 0 : wordOf(parseAddress(config.gateway), 12);
	}

	isOwn4(word: number): boolean {
		if (word === this.first4) return word !== 0;
		for (const network of this.#networks) if (network.address === word) return true;
		return false;
	}

	/** Whether all hosts of the link are meant (RFC 1122 §3.3.6). */
	isBroadcast4(word: number): boolean {
		if (word === LIMITED_BROADCAST) return true;
		for (const network of this.#networks) if (network.broadcast === word && network.address !== word) return true;
		return false;
	}

	/** Whether that address is reached without a gateway. */
	isOnLink4(word: number): boolean {
		for (const network of this.#networks) if ((word & network.mask) === network.net) return true;
		return false;
	}

	/** Where a packet for `word` goes first; 0 where there is no route (RFC 1122 §3.3.1.1). */
	nextHop4(word: number): number {
		if ((word & this.#firstMask) === this.#firstNet && this.first4 !== 0) return word;
		return this.isOnLink4(word) ? word : this.#gateway4;
	}

	/** Which own address speaks to `word` (RFC 1122 §3.3.4.3); 0 where there is none. */
	source4(word: number): number {
		for (const network of this.#networks) if ((word & network.mask) === network.net) return network.address;
		return this.first4;
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
