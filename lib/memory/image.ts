import { digestOf } from './digest.ts';
import { ASIDE_OFFSET } from './layout.ts';
import type { Placement } from './layout.ts';
import type { Views } from './record.ts';

/** A quota of records of one kind. */
export interface PoolSpec {
	readonly name: string;
	readonly type: { readonly placement: Placement };
	/** most records alive at once */
	readonly max: number;
}

/** Names a pool: at most `max` records of a kind. */
export function pool(name: string, type: { readonly placement: Placement }, max: number): PoolSpec {
	return { name, type, max };
}

export interface ImageConfig {
	/** the pools, in the order that numbers them */
	readonly pools: readonly PoolSpec[];
	/** quota of byte pages */
	readonly pages: number;
	/** bytes of a chunk and of a page, a power of two; default 4096 */
	readonly chunk?: number;
	/** bytes behind the image for frames being read and built; not part of the state */
	readonly scratch?: number;
	/** lay it in a memory that WebAssembly can reach: worth it for who carries much, dear for who makes many images */
	readonly shared?: boolean;
}

/** A pool as the image keeps it. */
export interface Pool {
	readonly spec: PoolSpec;
	/** number in the chunk table; 0 is "free", 1 is "page" */
	readonly id: number;
	readonly size: number;
	readonly perChunk: number;
	readonly maxChunks: number;
	/** word index of the pool's own header */
	readonly header: number;
}

const MAGIC = 0x64_75_70_61;
// Words of the image's header, then four words a pool, then two words a chunk.
const H_MAGIC = 0, H_BRK = 1, H_FREE_CHUNKS = 2, H_PAGES_LIVE = 3, H_WORDS = 4;
const P_FREE = 0, P_LIVE = 1, P_SERIAL = 2, P_CHUNKS = 3, P_WORDS = 4;
/** So many words are copied and zeroed faster one by one. */
const FEW_WORDS = 16;
/** WebAssembly's memories come in pages of this size. */
const WASM_PAGE = 65536;
const FREE_CHUNK = 0, PAGE_CHUNK = 1, FIRST_POOL = 2;

/**
 * The whole state of a machine as flat bytes of fixed size: a header, a table
 * of chunks, and chunks that belong each to one pool of records or hold one
 * page of bytes. The image is [0, brk); scratch for frames lies behind the
 * last chunk and is no state.
 *
 * Every record begins with a word of the pool's: odd while the record lives (a
 * serial number of that life, so that address and tag together make a handle
 * that goes stale), else the address of the next free record. Free lists are
 * state; freed records and pages are zeroed, so that equal states are equal
 * bytes.
 */
export class Image implements Views {
	readonly buffer: ArrayBuffer;
	/** the memory of an image that was made `shared` */
	readonly memory: WebAssembly.Memory | null;
	nativeSum: ((at: number, length: number) => number) | null = null;
	readonly u8: Uint8Array;
	readonly u16: Uint16Array;
	readonly i32: Int32Array;
	readonly f64: Float64Array;
	readonly pools: readonly Pool[];
	/** bytes of a chunk, and of a page */
	readonly chunk: number;
	/** log2 of `chunk` */
	readonly chunkShift: number;
	/** first byte of the first chunk; a multiple of `chunk` */
	readonly base: number;
	/** most bytes the image can have */
	readonly limit: number;
	/** address of the scratch memory; 64-byte aligned */
	readonly scratch: number;
	/** quota of pages */
	readonly maxPages: number;
	/** address of octets that are always 0 */
	readonly blank: number;
	readonly #table: number;
	/** by number of a pool, that of its second records */
	readonly #asides: readonly (Pool | null)[];

	constructor(config: ImageConfig) {
		this.chunk = config.chunk ?? 4096;
		this.chunkShift = 31 - Math.clz32(this.chunk);
		if (1 << this.chunkShift !== this.chunk || this.chunk < 64) throw new RangeError(`a chunk of ${this.chunk} bytes: give a power of two from 64 on`);
		this.maxPages = config.pages;
		// Each kind with a second record has a pool for these, as large, right behind its own.
		const specs = config.pools.flatMap((spec): PoolSpec[] => spec.type.placement.aside === null ? [spec] : [spec, { name: `${spec.name}Aside`, type: { placement: spec.type.placement.aside }, max: spec.max }]);
		this.pools = specs.map((spec, i): Pool => {
			const size = spec.type.placement.size;
			const perChunk = Math.floor(this.chunk / size);
			if (perChunk === 0) throw new RangeError(`a record of '${spec.name}' takes ${size} bytes and no chunk of ${this.chunk} holds it: choose larger chunks`);
			return { spec, id: FIRST_POOL + i, size, perChunk, maxChunks: Math.ceil(spec.max / perChunk), header: H_WORDS + i * P_WORDS };
		});
		this.#asides = [null, null, ...this.pools.map(({ spec }, i) => spec.type.placement.aside === null ? null : this.pools[i + 1]!)];
		const chunks = this.pools.reduce((sum, { maxChunks }) => sum + maxChunks, config.pages);
		this.#table = H_WORDS + this.pools.length * P_WORDS;
		const round = (bytes: number): number => Math.ceil(bytes / this.chunk) * this.chunk;
		this.base = round((this.#table + chunks * 2) * 4);
		this.limit = this.base + chunks * this.chunk;
		this.scratch = (this.limit + 63) & ~63;
		if (this.scratch + (config.scratch ?? 0) > 0x7fff_0000) throw new RangeError('an image ends at 2 GiB: lower its quotas');
		this.blank = (this.scratch + (config.scratch ?? 0) + 63) & ~63;
		const size = this.#asides.reduce((most, aside) => Math.max(most, this.blank + (aside?.size ?? 0)), this.blank);
		const pages = Math.ceil(size / WASM_PAGE);
		this.memory = config.shared === true ? new WebAssembly.Memory({ initial: pages, maximum: pages }) : null;
		this.buffer = this.memory === null ? new ArrayBuffer(size) : this.memory.buffer;
		this.u8 = new Uint8Array(this.buffer);
		this.u16 = new Uint16Array(this.buffer);
		this.i32 = new Int32Array(this.buffer);
		this.f64 = new Float64Array(this.buffer);
		this.i32[H_MAGIC] = MAGIC;
		this.i32[H_BRK] = this.base;
		for (const { header } of this.pools) this.i32[header + P_SERIAL] = 1;
	}

	/** End of the image in use, bytes. */
	get brk(): number { return this.i32[H_BRK]!; }

	/** The pool of that name. @throws RangeError where there is none */
	pool(name: string): Pool {
		const found = this.pools.find(({ spec }) => spec.name === name);
		if (found === undefined) throw new RangeError(`no pool '${name}' in this image: it has ${this.pools.map(({ spec }) => spec.name).join(', ')}`);
		return found;
	}

	/** Takes a zeroed record; its address, or 0 where the quota is used up. */
	alloc(pool: Pool): number {
		const { i32 } = this;
		const live = i32[pool.header + P_LIVE]!;
		if (live >= pool.spec.max) return 0;
		if (i32[pool.header + P_FREE] === 0 && !this.#grow(pool)) return 0;
		const at = i32[pool.header + P_FREE]!;
		i32[pool.header + P_FREE] = i32[at >> 2]!;
		i32[pool.header + P_LIVE] = live + 1;
		const serial = i32[pool.header + P_SERIAL]!;
		i32[pool.header + P_SERIAL] = (serial + 2) | 1;
		i32[at >> 2] = serial;
		return at;
	}

	#grow(pool: Pool): boolean {
		const { i32 } = this;
		if (i32[pool.header + P_CHUNKS]! >= pool.maxChunks) return false;
		const at = this.#takeChunk(pool.id);
		i32[pool.header + P_CHUNKS]!++;
		// Linked from the last to the first, so that records are handed out in address order.
		for (let k = pool.perChunk - 1; k >= 0; k--) {
			i32[(at + k * pool.size) >> 2] = i32[pool.header + P_FREE]!;
			i32[pool.header + P_FREE] = at + k * pool.size;
		}
		return true;
	}

	/** Gives a record its second one; that is freed with it. */
	extend(at: number): void {
		const aside = this.#asides[this.owner(at)];
		if (!aside) throw new RangeError(`the record at ${at} has no second one`);
		const word = (at + ASIDE_OFFSET) >> 2;
		// There are as many of both, so that there is always one left.
		if (this.i32[word] === 0) this.i32[word] = this.alloc(aside);
	}

	/** Gives a record back; what it held is zeroed. */
	free(pool: Pool, at: number): void {
		const { i32 } = this;
		if ((i32[at >> 2]! & 1) === 0) throw new RangeError(`record ${at} of '${pool.spec.name}' is freed twice`);
		const aside = this.#asides[pool.id]!;
		if (aside !== null && i32[(at + ASIDE_OFFSET) >> 2] !== 0) this.free(aside, i32[(at + ASIDE_OFFSET) >> 2]!);
		this.zero(at, pool.size);
		i32[at >> 2] = i32[pool.header + P_FREE]!;
		i32[pool.header + P_FREE] = at;
		i32[pool.header + P_LIVE]!--;
	}

	/** Zeroes octets; word by word where they are few, since a call into the engine costs more. `at` is a multiple of 4, and the rest of the last word is zeroed too. */
	zero(at: number, length: number): void {
		const { i32 } = this;
		const from = at >> 2, to = (at + length + 3) >> 2;
		if (to - from > FEW_WORDS) i32.fill(0, from, to);
		else for (let i = from; i < to; i++) i32[i] = 0;
	}

	/** Copies octets; word by word where they are few and lie on words on both sides. */
	copy(to: number, from: number, length: number): void {
		if (length > 4 * FEW_WORDS || ((to | from | length) & 3) !== 0) {
			this.u8.copyWithin(to, from, from + length);
			return;
		}
		const { i32 } = this;
		const target = to >> 2, source = from >> 2, words = length >> 2;
		for (let i = 0; i < words; i++) i32[target + i] = i32[source + i]!;
	}

	/** Records of a pool alive now. */
	live(pool: Pool): number { return this.i32[pool.header + P_LIVE]!; }

	/** The serial of a record's life; even where it is free. */
	tag(at: number): number { return this.i32[at >> 2]!; }

	/** Whether address and tag still mean the record they were taken from. */
	isLive(pool: Pool, at: number, tag: number): boolean {
		return (tag & 1) === 1 && at >= this.base && at < this.brk && this.owner(at) === pool.id && (at & (this.chunk - 1)) % pool.size === 0 && this.i32[at >> 2] === tag;
	}

	/** The first live record of a pool in address order; 0 where there is none. */
	first(pool: Pool): number { return this.#liveFrom(pool, this.base); }

	/** The live record of a pool behind `at`, in address order; 0 at the end. */
	next(pool: Pool, at: number): number { return this.#liveFrom(pool, at + pool.size); }

	#liveFrom(pool: Pool, from: number): number {
		const { i32, chunk } = this;
		const end = this.brk;
		const used = pool.perChunk * pool.size;
		for (let at = from; at < end;) {
			const within = at & (chunk - 1);
			if (this.owner(at) !== pool.id || within + pool.size > used) at += chunk - within;
			else if ((i32[at >> 2]! & 1) === 1) return at;
			else at += pool.size;
		}
		return 0;
	}

	/** Which pool the chunk around an address belongs to: 0 free, 1 page, else `Pool.id`. */
	owner(at: number): number { return this.i32[this.#table + ((at - this.base) >> this.chunkShift) * 2]!; }

	#takeChunk(owner: number): number {
		const { i32 } = this;
		let at = i32[H_FREE_CHUNKS]!;
		if (at !== 0) {
			i32[H_FREE_CHUNKS] = this.nextPage(at);
			this.setNextPage(at, 0);
		} else {
			at = i32[H_BRK]!;
			i32[H_BRK] = at + this.chunk;
		}
		i32[this.#table + ((at - this.base) >> this.chunkShift) * 2] = owner;
		return at;
	}

	/** Takes a zeroed page of `chunk` bytes; its address, or 0 where the quota is used up. */
	allocPage(): number {
		if (this.i32[H_PAGES_LIVE]! >= this.maxPages) return 0;
		this.i32[H_PAGES_LIVE]!++;
		return this.#takeChunk(PAGE_CHUNK);
	}

	/** Gives a page back, zeroed: `used` bytes of it from the start are all that was written. */
	freePage(at: number, used: number = this.chunk): void {
		if (this.owner(at) !== PAGE_CHUNK) throw new RangeError(`page ${at} is freed twice`);
		if (used > 0) this.zero(at, used);
		this.i32[this.#table + ((at - this.base) >> this.chunkShift) * 2] = FREE_CHUNK;
		this.setNextPage(at, this.i32[H_FREE_CHUNKS]!);
		this.i32[H_FREE_CHUNKS] = at;
		this.i32[H_PAGES_LIVE]!--;
	}

	/** Pages in use. */
	get livePages(): number { return this.i32[H_PAGES_LIVE]!; }

	/** The page chained behind a page; 0 at the end of the chain. */
	nextPage(at: number): number { return this.i32[this.#table + ((at - this.base) >> this.chunkShift) * 2 + 1]!; }

	/** Chains a page behind another. */
	setNextPage(at: number, next: number): void { this.i32[this.#table + ((at - this.base) >> this.chunkShift) * 2 + 1] = next; }

	/** A copy of the state: the bytes [0, brk). */
	snapshot(): Uint8Array { return this.u8.slice(0, this.brk); }

	/**
	 * Makes the state that of a snapshot of an image with the same configuration.
	 *
	 * @throws RangeError where the bytes are no snapshot of such an image
	 */
	restore(bytes: Uint8Array): void {
		const head = bytes.length >= 8 ? new DataView(bytes.buffer, bytes.byteOffset, 8) : undefined;
		if (head?.getInt32(0, true) !== MAGIC || head.getInt32(4, true) !== bytes.length || bytes.length > this.limit) throw new RangeError('these bytes are no snapshot of an image of this configuration');
		const before = this.brk;
		this.u8.set(bytes);
		if (before > bytes.length) this.u8.fill(0, bytes.length, before);
	}

	/** 16 hex digits over the state; fast, not cryptographic. */
	digest(): string { return digestOf(this.i32, this.brk >> 2); }
}
