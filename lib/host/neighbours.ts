import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, Pool, PoolSpec, RecordType } from '../memory/index.ts';
import { put16, same } from '../wire/bytes.ts';
import { ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../wire/ethernet.ts';
import { AddressIndex } from './address-index.ts';
import { COUNT } from './counters.ts';
import type { Counters } from './counters.ts';
import type { Outbox } from './outbox.ts';
import type { PageQueues } from './page-queue.ts';
import { isMapped } from './word.ts';

const shape = {
	/** until when the neighbour counts as reachable, µs */
	until: 'f64',
	/** when a packet last went to it, µs: the longest unused is evicted first */
	used: 'f64',
	/** when the next solicitation is due, µs; 0 where none is */
	due: 'f64',
	/** last word of an IPv4 address; 0 for IPv6 */
	v4: 'i32',
	/** queue with the packets that wait for the MAC; 0 where none does */
	queue: 'i32',
	address: 'bytes 16',
	/** two bytes of nothing and a whole Ethernet header: four words to copy in front of a packet */
	header: 'bytes 16',
	state: 'u8',
	/** solicitations sent without an answer */
	tries: 'u8',
} as const;

/** One neighbour on the link: ARP's table entry, and neighbour discovery's. */
export type Neighbour = Cursor<typeof shape>;
const NeighbourRecord: RecordType<typeof shape> = record(shape);

const NAME = 'neighbour';
const addressOffset = NeighbourRecord.placement.fields.find(({ path }) => path === 'address')!.offset;

/** The neighbour cache; with `max` entries the longest unused goes first. */
export function neighbourPool(max: number): PoolSpec {
	return pool(NAME, NeighbourRecord, max);
}

/** Asked for, not answered yet. */
export const INCOMPLETE = 1;
/** Known; beyond `until` it is stale, and the next use polls it (RFC 4861 §7.3.2). */
export const REACHABLE = 2;
/** Known, and being polled at its old address. */
export const PROBE = 3;

// RFC 1122 §2.3.2.1: a timeout of the order of a minute, N of about 2 polls, and at most one request a second.
const REACHABLE_TIME = 60_000_000;
const RETRANS_TIMER = 1_000_000;
const MAX_SOLICITS = 3;

/** Room for the SYNs of many connections opened at once, bytes. */
const PENDING = 8192;

/** Bytes that may wait with a neighbour: one frame of any length at least, with its length. */
export function pendingBytes(mtu: number): number {
	return Math.max(PENDING, 4 + ETHERNET.end + mtu);
}

/** Asks the link who has an address: ARP for IPv4, neighbour discovery for IPv6. */
export interface Solicitor {
	/** @param unicast  ask only the neighbour at the MAC in the record's header */
	solicit(neighbour: Neighbour, unicast: boolean, now: number): void;
}

/** Who is on the link, and at which MAC. */
export class Neighbours {
	readonly #image: Image;
	readonly #pool: Pool;
	readonly #queues: PageQueues;
	readonly #counters: Counters;
	readonly #outbox: Outbox;
	readonly #mac: Uint8Array;
	readonly #frameAt: number;
	readonly #index: AddressIndex;
	readonly #n: Neighbour;
	readonly #other: Neighbour;
	readonly #pendingPages: number;
	readonly #longest: number;
	#solicitor: Solicitor | null = null;
	#next: number = Infinity;
	#sorted: boolean = false;

	/**
	 * @param mac      the interface's own, 6 bytes
	 * @param frameAt  scratch for a frame, at an address ≡ 2 mod 4
	 */
	constructor(image: Image, queues: PageQueues, counters: Counters, outbox: Outbox, mac: Uint8Array, mtu: number, frameAt: number) {
		this.#image = image;
		this.#pool = image.pool(NAME);
		this.#queues = queues;
		this.#counters = counters;
		this.#outbox = outbox;
		this.#mac = mac;
		this.#frameAt = frameAt;
		this.#index = new AddressIndex(image, this.#pool.spec.max, addressOffset);
		this.#n = new NeighbourRecord(image);
		this.#other = new NeighbourRecord(image);
		this.#pendingPages = Math.ceil(pendingBytes(mtu) / image.chunk);
		this.#longest = mtu + ETHERNET.end;
	}

	/** Says who asks; rebuilds what is no state. */
	attach(solicitor: Solicitor): void {
		this.#solicitor = solicitor;
		this.#index.clear();
		for (let at = this.#image.first(this.#pool); at !== 0; at = this.#image.next(this.#pool, at)) this.#index.add(at);
		this.#sorted = false;
	}

	/** The record of the 16-byte address lying there; 0 where there is none. */
	find(addressAt: number): number {
		return this.#index.find(addressAt);
	}

	/** Whether a record found before is the reachable neighbour of that IPv4 word. */
	isReady4(hop: number, word: number, now: number): boolean {
		const n = this.#n;
		n.go(hop);
		return n.v4 === word && n.state === REACHABLE && now < n.until && (this.#image.i32[hop >> 2]! & 1) === 1;
	}

	/** Whether a record found before is the reachable neighbour of that 16-byte address. */
	isReady6(hop: number, addressAt: number, now: number): boolean {
		const n = this.#n;
		const { i32 } = this.#image;
		n.go(hop);
		if (n.state !== REACHABLE || now >= n.until || (i32[hop >> 2]! & 1) === 0) return false;
		const a = addressAt >> 2, b = n.address >> 2;
		return i32[a + 3] === i32[b + 3] && i32[a + 2] === i32[b + 2] && i32[a + 1] === i32[b + 1] && i32[a] === i32[b];
	}

	/** Puts the Ethernet header of a ready neighbour in front of an IP packet, which is 4-aligned. */
	header(hop: number, packetAt: number, now: number): void {
		const n = this.#n;
		const { i32 } = this.#image;
		n.go(hop);
		n.used = now;
		const from = n.header >> 2, to = (packetAt - 16) >> 2;
		i32[to] = i32[from]!;
		i32[to + 1] = i32[from + 1]!;
		i32[to + 2] = i32[from + 2]!;
		i32[to + 3] = i32[from + 3]!;
	}

	/**
	 * Sends an IP packet to the neighbour with the address lying at `addressAt`:
	 * at once where its MAC is known, else when it has answered (RFC 1122
	 * §2.3.2.2: the latest such packets are kept).
	 *
	 * @param packetAt  the IP header, 4-aligned, with 16 bytes of room in front
	 * @returns         the neighbour's record, to be kept as a hint; 0 where it could not be made
	 */
	send(addressAt: number, packetAt: number, length: number, now: number): number {
		const at = this.#index.find(addressAt) || this.#make(addressAt, now);
		if (at === 0) return 0;
		const n = this.#n;
		n.go(at);
		this.header(at, packetAt, now);
		const frameAt = packetAt - ETHERNET.end;
		if (n.state === INCOMPLETE) {
			this.#keep(n, frameAt, length + ETHERNET.end);
			if (n.tries === 0) this.#solicit(n, now);
			return at;
		}
		this.#outbox.send(frameAt, length + ETHERNET.end);
		n.go(at);
		if (n.state === REACHABLE && now >= n.until) {
			n.state = PROBE;
			n.tries = 0;
			this.#solicit(n, now);
		}
		return at;
	}

	/** Keeps a frame until the MAC is known; the oldest make room for it (RFC 4861 §7.2.2). */
	#keep(n: Neighbour, frameAt: number, length: number): void {
		if (n.queue === 0) n.queue = this.#queues.open(this.#pendingPages);
		while (n.queue !== 0) {
			if (this.#queues.push(n.queue, 0, 0, frameAt, length)) return;
			if (this.#queues.pop(n.queue, 0, 0, this.#frameAt, 0) < 0) break;
			this.#counters.count(COUNT.neighbourReplaced);
		}
		this.#counters.count(COUNT.neighbourNoPage);
	}

	/** Asks, and arms the timer that asks again: after 1 s, 2 s, 4 s. */
	#solicit(n: Neighbour, now: number): void {
		n.due = now + RETRANS_TIMER * 2 ** n.tries;
		n.tries++;
		this.#sorted = false;
		this.#counters.count(COUNT.solicitations);
		this.#solicitor?.solicit(n, n.state === PROBE, now);
	}

	/** A new record in state INCOMPLETE; where the quota is used up, in place of the longest unused. */
	#make(addressAt: number, now: number): number {
		let at = this.#image.alloc(this.#pool);
		if (at === 0) {
			this.#evict();
			at = this.#image.alloc(this.#pool);
		}
		if (at === 0) {
			this.#counters.count(COUNT.neighbourFull);
			return 0;
		}
		const { u8, i32 } = this.#image;
		const n = this.#n;
		n.go(at);
		u8.copyWithin(n.address, addressAt, addressAt + 16);
		const v4 = isMapped(i32, addressAt);
		n.v4 = v4 ? i32[(addressAt >> 2) + 3]! : 0;
		u8.set(this.#mac, n.header + 2 + ETHERNET.source);
		put16(u8, n.header + 2 + ETHERNET.type, v4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
		n.state = INCOMPLETE;
		n.used = now;
		this.#index.add(at);
		return at;
	}

	#evict(): void {
		const n = this.#other;
		let victim = 0, oldest = Infinity;
		for (let at = this.#image.first(this.#pool); at !== 0; at = this.#image.next(this.#pool, at)) {
			n.go(at);
			if (n.used < oldest) { oldest = n.used; victim = at; }
		}
		if (victim === 0) return;
		this.#counters.count(COUNT.neighbourEvicted);
		this.#remove(victim, COUNT.neighbourEvictedFrame);
	}

	/** Frees a record; each packet that waits with it is counted as `why`. */
	#remove(at: number, why: number): void {
		const n = this.#other;
		n.go(at);
		if (n.queue !== 0) {
			for (let waiting = this.#queues.count(n.queue); waiting > 0; waiting--) this.#counters.count(why);
			this.#queues.close(n.queue);
		}
		this.#index.remove(at);
		this.#image.free(this.#pool, at);
		this.#sorted = false;
	}

	/**
	 * Learns that the address lying at `addressAt` is at the MAC at `macAt`. What
	 * waited for it is sent.
	 *
	 * @param create     make an entry where there is none
	 * @param confirmed  it is reachable; else it is stale, and the next use polls it (RFC 4861 §7.3.3)
	 * @returns          whether there is such an entry now
	 */
	learn(addressAt: number, macAt: number, create: boolean, confirmed: boolean, now: number): boolean {
		const at = this.#index.find(addressAt) || (create ? this.#make(addressAt, now) : 0);
		if (at === 0) return false;
		const n = this.#n;
		n.go(at);
		const moved = n.state === INCOMPLETE || !same(this.#image.u8, n.header + 2, macAt, 6);
		// RFC 4861 §7.2.3: the MAC it already has proves nothing new.
		if (!confirmed && !moved) return true;
		this.#image.u8.copyWithin(n.header + 2, macAt, macAt + 6);
		n.state = REACHABLE;
		n.until = confirmed ? now + REACHABLE_TIME : now;
		n.tries = 0;
		n.due = 0;
		this.#sorted = false;
		if (n.queue !== 0) this.#release(n);
		return true;
	}

	/** Doubts what is known of a neighbour: its next use polls it (RFC 4861 §7.2.5). */
	doubt(at: number, now: number): void {
		const n = this.#n;
		n.go(at);
		if (n.state === REACHABLE) n.until = Math.min(n.until, now);
	}

	/** Whether a neighbour is known to be at the MAC at `macAt`; -1 where none is known yet. */
	compare(at: number, macAt: number): number {
		const n = this.#n;
		n.go(at);
		return n.state === INCOMPLETE ? -1 : same(this.#image.u8, n.header + 2, macAt, 6) ? 1 : 0;
	}

	/** Takes the frame off that has waited longest; −1 where none does. */
	#oldest(n: Neighbour): number { return this.#queues.pop(n.queue, 0, 0, this.#frameAt, this.#longest); }

	/** Sends what waited, in its order, now that the MAC is known. */
	#release(n: Neighbour): void {
		for (let length = this.#oldest(n); length >= 0; length = this.#oldest(n)) {
			this.#image.u8.copyWithin(this.#frameAt, n.header + 2, n.header + 2 + 6);
			this.#outbox.send(this.#frameAt, length);
		}
		this.#queues.close(n.queue);
		n.queue = 0;
	}

	/**
	 * Takes note that the neighbour answers, as whoever speaks TCP with it sees
	 * (RFC 4861 §7.3.1: forward progress); saves polling it.
	 */
	confirm(hop: number, now: number): void {
		const n = this.#n;
		n.go(hop);
		if ((this.#image.i32[hop >> 2]! & 1) === 0 || n.state === INCOMPLETE) return;
		n.until = now + REACHABLE_TIME;
		if (n.state !== PROBE) return;
		n.state = REACHABLE;
		n.due = 0;
		n.tries = 0;
		this.#sorted = false;
	}

	/** When the next solicitation is due, µs; Infinity where none is. */
	get nextDeadline(): number {
		if (!this.#sorted) this.#findNext();
		return this.#next;
	}

	/** @returns  the record whose deadline comes first; of equal ones, the lower address */
	#findNext(): number {
		const n = this.#other;
		let first = 0;
		this.#next = Infinity;
		for (let at = this.#image.first(this.#pool); at !== 0; at = this.#image.next(this.#pool, at)) {
			n.go(at);
			if (n.due !== 0 && n.due < this.#next) { this.#next = n.due; first = at; }
		}
		this.#sorted = true;
		return first;
	}

	/**
	 * Runs the one deadline that comes first, if it is due: asks again, or gives
	 * the neighbour up.
	 *
	 * @returns  whether one was due
	 */
	runOne(now: number): boolean {
		if (this.nextDeadline > now) return false;
		const at = this.#findNext();
		const n = this.#n;
		n.go(at);
		if (n.tries < MAX_SOLICITS) this.#solicit(n, now);
		else this.#remove(at, COUNT.neighbourUnresolved);
		return true;
	}

	/** Runs all that is due, in (deadline, record) order. */
	runDue(now: number): void {
		while (this.runOne(now)) { /* each run moves or ends a deadline */ }
	}

	/** After a takeover: what fell due during the outage is due now, each once. */
	goLive(now: number): void {
		const n = this.#n;
		for (let at = this.#image.first(this.#pool); at !== 0; at = this.#image.next(this.#pool, at)) {
			n.go(at);
			if (n.due !== 0 && n.due < now) n.due = now;
		}
		this.#sorted = false;
	}

	/** How many neighbours there are. */
	get size(): number {
		return this.#image.live(this.#pool);
	}

	/** MAC and state of a record, for who looks at a host from outside. */
	look(at: number): { mac: Uint8Array; state: number; until: number } {
		const n = this.#other;
		n.go(at);
		return { mac: this.#image.u8.slice(n.header + 2, n.header + 8), state: n.state, until: n.until };
	}
}
