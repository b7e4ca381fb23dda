import { formatAddress, parseAddress } from '../../wire/address.ts';
import { errnoName } from '../../live/libc.ts';
import type { Caller } from '../../live/caller.ts';
import type { Args } from '../../packetdrill/run/args.ts';
import type { Addressing } from '../../packetdrill/run/addressing.ts';
import type { Piece } from '../../packetdrill/run/messages.ts';
import type { Plain } from '../../packetdrill/run/subject.ts';
import { Unsupported } from '../../packetdrill/run/verdict.ts';
import type { Member, Value } from '../../packetdrill/index.ts';

/** Structs as the kernel lays them out where a pointer has eight bytes. */
export class Structs {
	readonly caller: Caller;
	readonly #view: DataView;

	constructor(caller: Caller) {
		this.caller = caller;
		const { bytes } = caller;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	}

	put32(at: number, value: number): void { this.#view.setUint32(at, value >>> 0, true); }
	get32(at: number): number { return this.#view.getInt32(at, true); }
	put16(at: number, value: number): void { this.#view.setUint16(at, value, true); }
	get16(at: number): number { return this.#view.getUint16(at, true); }
	put64(at: number, value: bigint): void { this.#view.setBigInt64(at, value, true); }
	get64(at: number): number { return Number(this.#view.getBigInt64(at, true)); }

	text(at: number, length: number): string {
		let text = '';
		for (let i = 0; i < length; i++) text += String.fromCharCode(this.caller.bytes[at + i]!);
		return text;
	}

	/** A number of 32 bits in memory. */
	int(value: number): number {
		const at = this.caller.room(4);
		this.put32(at, value);
		return at;
	}

	/** An `iovec` array of buffers: where it is, and where each buffer is. */
	vector(args: Args, pieces: readonly Piece[], isFilled: boolean): { at: number; buffers: readonly number[] } {
		const buffers = pieces.map(({ value, length }) => (args.isNowhere(value, length) ? -1 : this.buffer(isFilled ? args.bytes(value, length) : null, length)));
		const at = this.caller.room(16 * pieces.length);
		for (const [i, { length }] of pieces.entries()) {
			this.put64(at + 16 * i, buffers[i]! < 0 ? 0n : this.caller.address(buffers[i]!));
			this.put64(at + 16 * i + 8, BigInt(length));
		}
		return { at, buffers };
	}

	buffer(bytes: Uint8Array | null, length: number): number {
		const at = this.caller.room(length);
		if (bytes !== null) this.caller.bytes.set(bytes, at);
		return at;
	}

	/** A `msghdr`. */
	message(vectorAt: number, count: number, controlAt: number, controlLength: number): number {
		const at = this.caller.room(56);
		this.put64(at + 16, this.caller.address(vectorAt));
		this.put64(at + 24, BigInt(count));
		this.put64(at + 32, controlLength === 0 ? 0n : this.caller.address(controlAt));
		this.put64(at + 40, BigInt(controlLength));
		return at;
	}

	#control(at: number, began: number): Plain {
		const level = this.get32(at + 8), type = this.get32(at + 12);
		if (level === 1 && type === 37) {
			const since = this.get64(at + 16) * 1000 + this.get64(at + 24) / 1_000_000 - began;
			return { cmsg_level: level, cmsg_type: type, cmsg_data: { scm_sec: Math.floor(since / 1000), scm_nsec: Math.round((since % 1000) * 1_000_000), slack: 0.02 } };
		}
		const isError = (level === 0 && type === 11) || (level === 41 && type === 25);
		if (!isError) return { cmsg_level: level, cmsg_type: type, cmsg_data: this.get32(at + 16) };
		const errno = this.get32(at + 16), { bytes } = this.caller;
		return {
			cmsg_level: 0, cmsg_type: 11,
			cmsg_data: { ee_errno: errno === 0 ? 0 : errnoName(errno), ee_origin: bytes[at + 20]!, ee_type: bytes[at + 21]!, ee_code: bytes[at + 22]!, ee_info: this.get32(at + 24), ee_data: this.get32(at + 28) },
		};
	}

	/** Control messages as scripts write them; `began` is when the script did, ms since the epoch. */
	controls(at: number, length: number, began: number): Plain[] {
		const found: Plain[] = [];
		for (let i = at; i + 16 < at + length;) {
			const size = this.get64(i);
			found.push(this.#control(i, began));
			i += (Math.max(size, 16) + 7) & ~7;
		}
		return found;
	}

	/** A `sockaddr`; what the script leaves open is the address and port given. */
	address(args: Args, value: Value, addressing: Addressing, otherwise: { readonly text: string; readonly port: number }): { at: number; length: number } {
		const members: readonly Member[] = value.kind === 'struct' ? value.members : [];
		const given = (names: readonly string[]): Member | undefined => members.find(({ name }) => name !== null && names.includes(name));
		const family = args.memberNumber(members, 'sa_family') ?? args.memberNumber(members, 'sin_family') ?? args.memberNumber(members, 'sin6_family') ?? addressing.domain;
		const port = args.memberNumber(members, 'sin_port') ?? args.memberNumber(members, 'sin6_port') ?? otherwise.port;
		const bytes = addressBytes(args, given(['sin_addr', 'sin6_addr'])?.value, otherwise.text);
		const at = this.caller.room(28);
		this.put16(at, family);
		this.caller.bytes.set([port >> 8, port & 0xff], at + 2);
		if (family === 2) this.caller.bytes.set(bytes.subarray(12), at + 4);
		else if (family === 10) this.caller.bytes.set(bytes, at + 8);
		return { at, length: family === 10 ? 28 : 16 };
	}

	portAt(at: number): number { return (this.caller.bytes[at + 2]! << 8) | this.caller.bytes[at + 3]!; }

	/** A `sockaddr` as scripts write it. */
	plainAddress(at: number): Plain {
		const family = this.get16(at), port = this.portAt(at);
		const { bytes } = this.caller;
		if (family === 2) return { sa_family: 2, sin_port: port, sin_addr: [...bytes.subarray(at + 4, at + 8)].join('.') };
		return { sa_family: family, sin6_port: port, sin6_addr: formatAddress(bytes, at + 8) };
	}
}

function addressBytes(args: Args, value: Value | undefined, otherwise: string): Uint8Array {
	if (value === undefined || value.kind === 'ellipsis') return parseAddress(otherwise);
	if (value.kind === 'symbol' && value.name === 'INADDR_ANY') return new Uint8Array(16);
	const text = value.kind === 'apply' ? value.args.find((arg) => arg.kind === 'string') : value;
	if (text?.kind !== 'string') throw new Unsupported(`${args.call.name} with such an address`);
	return parseAddress(text.value);
}
