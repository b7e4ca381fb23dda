import { isIpv4, parseAddress, parsePrefix } from '../wire/address.ts';
import type { Prefix } from '../wire/address.ts';
import { MAPPED_WORD, wordOf } from './word.ts';

/** Last word of ff02::1, and of ::1. */
const LAST_ONE = 0x0100_0000;
/** ff02:: as a word. */
const LINK_LOCAL_GROUPS = 0x0000_02ff;
/** ff01:: as a word. */
const NODE_LOCAL_GROUPS = 0x0000_01ff;
/** Third and fourth word of ff02::1:ff00:0/104 (RFC 4291 §2.7.1). */
const SOLICITED_THIRD = 0x0100_0000;
const SOLICITED_FOURTH = 0x0000_00ff;

function wordsOf(bytes: Uint8Array): number[] {
	return [0, 4, 8, 12].map((at) => wordOf(bytes, at));
}

function maskWords(length: number): number[] {
	return wordsOf(Uint8Array.from({ length: 16 }, (_, i) => 256 - 2 ** (8 - Math.max(0, Math.min(8, length - 8 * i)))));
}

/** RFC 4291 appendix A: the link-local address that follows from a MAC. */
function linkLocal(mac: Uint8Array): Prefix {
	const address = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac[0]! ^ 2, mac[1]!, mac[2]!, 0xff, 0xfe, mac[3]!, mac[4]!, mac[5]!);
	return { address, length: 64 };
}

function isLinkLocal(bytes: Uint8Array): boolean {
	return bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
}

/** The IPv6 prefixes of an interface: those it is given, and a link-local one where it has any (RFC 4291 §2.8). */
function prefixesOf(texts: readonly string[], mac: Uint8Array): Prefix[] {
	const given = texts.map(parsePrefix).filter(({ address }) => !isIpv4(address));
	return given.length === 0 || given.some(({ address }) => isLinkLocal(address)) ? given : [...given, linkLocal(mac)];
}

/** The interface's own IPv6 addresses and routes, held against addresses that lie in memory. */
export class Addresses6 {
	/** the addresses, 16 bytes each */
	readonly list: readonly Uint8Array[];
	readonly #i32: Int32Array;
	readonly #own: Int32Array;
	readonly #masks: Int32Array;
	readonly #gateway: Int32Array;

	constructor(i32: Int32Array, texts: readonly string[], mac: Uint8Array, gateway: string | undefined) {
		const prefixes = prefixesOf(texts, mac);
		this.#i32 = i32;
		this.list = prefixes.map(({ address }) => address);
		this.#own = Int32Array.from(prefixes.flatMap(({ address }) => wordsOf(address)));
		this.#masks = Int32Array.from(prefixes.flatMap(({ length }) => maskWords(length)));
		this.#gateway = Int32Array.from(gateway === undefined ? [] : wordsOf(parseAddress(gateway)));
	}

	/** Which own address lies at `at`, -1 for none. */
	#find(at: number): number {
		const i32 = this.#i32, own = this.#own, word = at >> 2;
		for (let i = 0; i < own.length; i += 4) if (i32[word + 3] === own[i + 3] && i32[word + 2] === own[i + 2] && i32[word + 1] === own[i + 1] && i32[word] === own[i]) return i >> 2;
		return -1;
	}

	isOwn(at: number): boolean {
		return this.#find(at) >= 0;
	}

	/** Whether it is a group every host is in, or the one where our addresses are asked for (RFC 4291 §2.8). */
	isGroupOfOurs(at: number): boolean {
		const i32 = this.#i32, own = this.#own, word = at >> 2;
		if ((i32[word] !== LINK_LOCAL_GROUPS && i32[word] !== NODE_LOCAL_GROUPS) || i32[word + 1] !== 0 || own.length === 0) return false;
		if (i32[word + 2] === 0 && i32[word + 3] === LAST_ONE) return true;
		if (i32[word] !== LINK_LOCAL_GROUPS || i32[word + 2] !== SOLICITED_THIRD) return false;
		for (let i = 3; i < own.length; i += 4) if (i32[word + 3] === ((own[i]! & ~0xff) | SOLICITED_FOURTH)) return true;
		return false;
	}

	/** Whether it is the solicited-node group of the address lying at `targetAt` (RFC 4291 §2.7.1). */
	isSolicitedNode(at: number, targetAt: number): boolean {
		const i32 = this.#i32, word = at >> 2;
		return i32[word] === LINK_LOCAL_GROUPS && i32[word + 1] === 0 && i32[word + 2] === SOLICITED_THIRD && i32[word + 3] === ((i32[(targetAt >> 2) + 3]! & ~0xff) | SOLICITED_FOURTH);
	}

	/** Writes the solicited-node group of an address. */
	putSolicitedNode(targetAt: number, toAt: number): void {
		const i32 = this.#i32, word = toAt >> 2;
		i32[word] = LINK_LOCAL_GROUPS;
		i32[word + 1] = 0;
		i32[word + 2] = SOLICITED_THIRD;
		i32[word + 3] = (i32[(targetAt >> 2) + 3]! & ~0xff) | SOLICITED_FOURTH;
	}

	/** Which of our networks the address is in, -1 for none. */
	#network(at: number): number {
		const i32 = this.#i32, own = this.#own, masks = this.#masks, word = at >> 2;
		for (let i = 0; i < own.length; i += 4) {
			if ((((i32[word]! ^ own[i]!) & masks[i]!) | ((i32[word + 1]! ^ own[i + 1]!) & masks[i + 1]!) | ((i32[word + 2]! ^ own[i + 2]!) & masks[i + 2]!) | ((i32[word + 3]! ^ own[i + 3]!) & masks[i + 3]!)) === 0) return i >> 2;
		}
		return -1;
	}

	/** Whether the address is reached without a router; link-local ones always are. */
	isOnLink(at: number): boolean {
		return isLinkLocalWord(this.#i32[at >> 2]!) || this.#network(at) >= 0;
	}

	/** Writes the router's address; false where there is none. */
	putGateway(toAt: number): boolean {
		if (this.#gateway.length === 0) return false;
		this.#i32.set(this.#gateway, toAt >> 2);
		return true;
	}

	/** Writes which own address speaks to the one at `at` (RFC 6724 §5, rules 2 and 8, for one interface); false where there is none. */
	putSource(at: number, toAt: number): boolean {
		const own = this.#own;
		if (own.length === 0) return false;
		const first = this.#i32[at >> 2]!;
		const near = isLinkLocalWord(first) || first === LINK_LOCAL_GROUPS;
		let chosen = this.#network(at);
		for (let i = 0; i < own.length && chosen < 0; i += 4) if (isLinkLocalWord(own[i]!) === near) chosen = i >> 2;
		const from = Math.max(0, chosen) * 4;
		for (let i = 0; i < 4; i++) this.#i32[(toAt >> 2) + i] = own[from + i]!;
		return true;
	}
}

/** fe80::/10, by an address's first word. */
function isLinkLocalWord(word: number): boolean {
	return (word & 0xc0ff) === 0x80fe;
}

/** ff00::/8. */
export function isMulticast6(u8: Uint8Array, at: number): boolean {
	return u8[at] === 0xff;
}

/** Whether an address can be that of one host: not ::, ::1, v4-mapped or multicast (RFC 4291 §2.7, RFC 4443 §2.4 (e)). */
export function isUnicast6(i32: Int32Array, at: number): boolean {
	const word = at >> 2;
	if ((i32[word]! & 0xff) === 0xff) return false;
	if (i32[word] !== 0 || i32[word + 1] !== 0) return true;
	if (i32[word + 2] === MAPPED_WORD) return false;
	return i32[word + 2] !== 0 || (i32[word + 3] !== 0 && i32[word + 3] !== LAST_ONE);
}

/** ::, by its words. */
export function isUnspecified(i32: Int32Array, at: number): boolean {
	const word = at >> 2;
	return (i32[word]! | i32[word + 1]! | i32[word + 2]! | i32[word + 3]!) === 0;
}
