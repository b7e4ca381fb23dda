import type { Packet } from './packet.ts';

/** All fragments held together take no more than this. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_DATAGRAMS = 4096;
/** Where both addresses stand in a datagram that was put together; its payload follows. */
const ADDRESSES = 32;
/** No IP datagram is longer. */
const MAX_LENGTH = 0xffff;

interface Piece {
	readonly from: number;
	readonly bytes: Uint8Array;
}

interface Datagram {
	readonly pieces: Piece[];
	/** -1 until the last fragment came */
	length: number;
	/** distinct bytes at hand, those behind a last fragment too */
	size: number;
}

/**
 * Puts IP fragments together (RFC 791 §3.2, RFC 8200 §4.5), as far as a
 * bounded memory goes: what is oldest is forgotten first. Of bytes that come
 * twice the first count.
 */
export class Fragments {
	#datagrams: Map<string, Datagram> = new Map();
	#bytes: number = 0;

	/**
	 * Takes the fragment that lies at the packet's position up to its end. Where
	 * it makes its datagram whole, the packet goes on in that.
	 *
	 * @param id        identification, and protocol where it tells datagrams apart
	 * @param offset    bytes into the datagram
	 * @param isLast    no fragment follows
	 * @returns whether the datagram is whole
	 */
	take(packet: Packet, id: string, offset: number, isLast: boolean): boolean {
		const key = `${id} ${addressesOf(packet).join()}`;
		const bytes = packet.bytes.slice(packet.at, packet.end);
		if (offset + bytes.length > MAX_LENGTH) return false;
		const datagram = this.#datagramOf(key);
		// Of several that claim to be the last the first counts.
		if (isLast && datagram.length < 0) datagram.length = offset + bytes.length;
		this.#add(datagram, offset, bytes);
		if (datagram.length < 0 || !isWhole(datagram)) return false;
		this.#forget(key, datagram);
		goOnIn(packet, datagram);
		return true;
	}

	#datagramOf(key: string): Datagram {
		const known = this.#datagrams.get(key);
		if (known !== undefined) return known;
		for (const [oldest, datagram] of this.#datagrams) {
			if (this.#datagrams.size < MAX_DATAGRAMS && this.#bytes < MAX_BYTES) break;
			this.#forget(oldest, datagram);
		}
		const datagram: Datagram = { pieces: [], length: -1, size: 0 };
		this.#datagrams.set(key, datagram);
		return datagram;
	}

	/** Keeps the parts of a fragment that no earlier one brought. */
	#add(datagram: Datagram, offset: number, bytes: Uint8Array): void {
		let from = offset;
		const end = offset + bytes.length;
		const { pieces } = datagram;
		for (let i = 0; i <= pieces.length && from < end; i++) {
			const next = pieces[i];
			const to = Math.min(end, next === undefined ? end : next.from);
			if (from < to) {
				pieces.splice(i, 0, { from, bytes: bytes.subarray(from - offset, to - offset) });
				datagram.size += to - from;
				this.#bytes += to - from;
				from = to;
			} else if (next !== undefined) {
				from = Math.max(from, next.from + next.bytes.length);
			}
		}
	}

	#forget(key: string, datagram: Datagram): void {
		this.#datagrams.delete(key);
		this.#bytes -= datagram.size;
	}
}

/** Whether the pieces, which lie in order, leave no gap. */
function isWhole({ pieces, length }: Datagram): boolean {
	let reached = 0;
	for (const piece of pieces) {
		if (reached >= length) break;
		if (piece.from > reached) return false;
		reached = piece.from + piece.bytes.length;
	}
	return reached >= length;
}

function addressesOf(packet: Packet): number[] {
	const { bytes, sourceAt, destinationAt, addressLength } = packet;
	return [...bytes.subarray(sourceAt, sourceAt + addressLength), ...bytes.subarray(destinationAt, destinationAt + addressLength)];
}

/** Replaces the fragment in the packet by the whole datagram. */
function goOnIn(packet: Packet, datagram: Datagram): void {
	const { addressLength } = packet;
	const bytes = new Uint8Array(ADDRESSES + datagram.length);
	bytes.set(addressesOf(packet));
	for (const piece of datagram.pieces) if (piece.from < datagram.length) bytes.set(piece.bytes.subarray(0, datagram.length - piece.from), ADDRESSES + piece.from);
	packet.bytes = bytes;
	packet.sourceAt = 0;
	packet.destinationAt = addressLength;
	packet.at = ADDRESSES;
	packet.end = bytes.length;
	packet.wireEnd = bytes.length;
}
