import { part } from '../lib/memory/index.ts';
import type { Image, Pool } from '../lib/memory/index.ts';
import { Tcb } from './tcb.ts';

/** What a connection is found by. */
const Ends = part(Tcb, 'local', 'remote', 'state');
type Ends = InstanceType<typeof Ends>;

/**
 * Finds the connection of a segment: an open-addressing table of record
 * addresses. It is an index, not state: it grows with the connections, and is
 * rebuilt from the records after a restore. Its order is never observed.
 */
export class Demux {
	readonly #image: Image;
	readonly #pool: Pool;
	readonly #tcb: Ends;
	#slots = new Int32Array(64);
	#used = 0;

	constructor(image: Image, pool: Pool) {
		this.#image = image;
		this.#pool = pool;
		this.#tcb = new Ends(image);
	}

	/** Mixes the words of the remote address and the ports; the local address rarely differs. */
	#hash(remoteAt: number, ports: number): number {
		const { i32 } = this.#image;
		const w = remoteAt >> 2;
		let h = Math.imul(ports, 0x9e37_79b1) ^ i32[w + 3]!;
		h = Math.imul(h ^ (h >>> 15), 0x85eb_ca6b) ^ i32[w]! ^ Math.imul(i32[w + 1]! ^ i32[w + 2]!, 0xc2b2_ae35);
		h = Math.imul(h ^ (h >>> 13), 0x27d4_eb2f);
		return h ^ (h >>> 16);
	}

	/**
	 * The record of a connection, 0 where there is none.
	 *
	 * @param localAt   addresses of the 16-byte IP addresses
	 * @param remoteAt  as localAt
	 */
	find(localAt: number, localPort: number, remoteAt: number, remotePort: number): number {
		const { i32 } = this.#image;
		const slots = this.#slots, mask = slots.length - 1, tcb = this.#tcb;
		const l = localAt >> 2, r = remoteAt >> 2;
		for (let i = this.#hash(remoteAt, (localPort << 16) | remotePort) & mask; ; i = (i + 1) & mask) {
			const at = slots[i]!;
			if (at === 0) return 0;
			tcb.go(at);
			if (tcb.remote.port !== remotePort || tcb.local.port !== localPort) continue;
			const a = tcb.remote.addr >> 2, b = tcb.local.addr >> 2;
			if (i32[a + 3] === i32[r + 3] && i32[b + 3] === i32[l + 3] && i32[a] === i32[r] && i32[a + 1] === i32[r + 1] && i32[a + 2] === i32[r + 2]
				&& i32[b] === i32[l] && i32[b + 1] === i32[l + 1] && i32[b + 2] === i32[l + 2]) return at;
		}
	}

	/** Adds a record whose addresses and ports are set. */
	add(at: number): void {
		if ((this.#used + 1) * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
		this.#insert(at);
		this.#used++;
	}

	#home(at: number): number {
		this.#tcb.go(at);
		return this.#hash(this.#tcb.remote.addr, (this.#tcb.local.port << 16) | this.#tcb.remote.port) & (this.#slots.length - 1);
	}

	#insert(at: number): void {
		const slots = this.#slots, mask = slots.length - 1;
		let i = this.#home(at);
		while (slots[i] !== 0) i = (i + 1) & mask;
		slots[i] = at;
	}

	/** Takes a record out again; its addresses must still be set. */
	remove(at: number): void {
		const slots = this.#slots, mask = slots.length - 1;
		let hole = this.#home(at);
		while (slots[hole] !== at) {
			if (slots[hole] === 0) return;
			hole = (hole + 1) & mask;
		}
		// What follows in the same cluster is moved up, so that no tombstones pile up.
		for (let i = (hole + 1) & mask; slots[i] !== 0; i = (i + 1) & mask) {
			const home = this.#home(slots[i]!);
			if (((i - home) & mask) >= ((i - hole) & mask)) {
				slots[hole] = slots[i]!;
				hole = i;
			}
		}
		slots[hole] = 0;
		this.#used--;
	}

	#rehash(size: number): void {
		const before = this.#slots;
		this.#slots = new Int32Array(size);
		for (const at of before) if (at !== 0) this.#insert(at);
	}

	/** Builds the table anew from the records; `indexed` says which of them are in it. */
	rebuild(indexed: (tcb: { readonly state: number }) => boolean): void {
		this.#slots = new Int32Array(64);
		this.#used = 0;
		for (let at = this.#image.first(this.#pool); at !== 0; at = this.#image.next(this.#pool, at)) {
			this.#tcb.go(at);
			if (indexed(this.#tcb)) this.add(at);
		}
	}
}
