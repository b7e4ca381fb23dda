import { Host } from '../../host/index.ts';
import type { HostConfig } from '../../host/index.ts';
import { Arbiter, Invariants, MemoryLedger, Oracle, Replica, announcement, machinePool, survivingLog } from '../../replica/index.ts';
import type { Knobs, SavedReplica } from '../../replica/index.ts';
import { TcpClient } from '../../service/client-tcp.ts';
import { Counter } from '../../service/counter.ts';
import { Kind, Trace } from '../../trace/index.ts';
import { linux } from '../../../tcp/index.ts';
import { parseAddress, parseMac } from '../../wire/address.ts';
import type { Node, Sink } from '../../wire/node.ts';
import { Violation } from '../violation.ts';
import { mixed } from './life.ts';
import type { Life, Mischief } from './life.ts';
import { Flights } from './wire.ts';

const CLIENT = 0, PRIMARY = 1, BACKUP = 2, ARBITER = 3;
const names = ['client', 'primary', 'backup', 'arbiter'] as const;
const MAC = '02:00:00:00:00:01', ADDRESS = '10.0.0.1';
const CLIENT_DELAY = 60, LOG_DELAY = 40, ARBITER_DELAY = 100, LATE = 3000;
/** Virtual time in which everything is over, µs: every time-out of TCP. */
const LONGEST = 1_800_000_000;
/** Acts after which a life is taken for one without end. */
const MOST_ACTS = 20_000;

const small: Omit<HostConfig, 'mac' | 'addresses'> = {
	profile: linux, chunk: 2048, pages: 24, tcp: { connections: 4, runs: 32, ranges: 16 },
	quotas: { neighbours: 4, udpSockets: 1, udpQueue: 2048, outbox: 8192, reassemblies: 1, reassembly: 2048 },
};
const likeness = { build: '0000000000000001', layout: '0000000000000001', profile: '0000000000000001' };
const knobs: Partial<Knobs> = { logBytes: 0x4000, logEntries: 256, gateBytes: 0x4000, gateOutputs: 128, messageBytes: 2200, announceTimes: 2, witness: false };

function machine(): Host {
	return new Host({ ...small, mac: MAC, addresses: [`${ADDRESS}/24`], application: new Counter(), pools: [machinePool] });
}

/** The plan of the client; what it says is looked up when it is due, so that one client plays every life. */
class Plan {
	requests: number[] = [];
	end: 'close' | 'abort' | 'half' = 'close';
}

/** What became of a life. */
export interface Lived {
	readonly replies: number;
	readonly acts: number;
	readonly tookOver: boolean;
	/** the client was told of an error */
	readonly failed: boolean;
}

/**
 * A stage without scenery, for lives by the thousand: one client, the pair and
 * its arbiter, made once and set back for every life. The same replicas, the
 * same bytes; of the trace only what the judgement needs.
 */
export class Theatre {
	readonly trace: Trace = new Trace(1);
	readonly #plan: Plan = new Plan();
	readonly #flights: Flights = new Flights();
	readonly #client: Host;
	readonly #replicas: readonly [Replica, Replica];
	readonly #arbiter: Arbiter;
	readonly #reference: Host;
	readonly #nodes: readonly Node[];
	readonly #sinks: readonly Sink[];
	readonly #saved: { readonly client: Uint8Array; readonly replicas: readonly [SavedReplica, SavedReplica]; readonly arbiter: ReturnType<Arbiter['save']>; readonly reference: Uint8Array };
	readonly #mark: ReturnType<Trace['mark']>;
	readonly #announced: readonly Uint8Array[];
	readonly #alive: boolean[] = [true, true, true, true];
	#now = 0;
	#acts = 0;
	/** who is to die, and the number of the act before which */
	#doomed = -1;
	#doom = 0;
	/** the replica the switch knows the address at */
	#port = PRIMARY;
	#drawn = 0;
	/** events looked at, and whether one of them told the client of an end */
	#seen = 0;
	#told = false;
	#life: Life | null = null;
	/** called with every frame that is handed over */
	watch: ((at: number, from: string, to: string, bytes: Uint8Array) => void) | null = null;

	/** @param turned  what is to be otherwise with the pair: to see that it is found */
	constructor(turned: Partial<Knobs> = {}) {
		const { trace } = this;
		const places = names.map((name) => trace.place(name));
		const identity = { mac: parseMac(MAC), address: parseAddress(ADDRESS) };
		this.#client = new Host({ ...small, mac: '02:00:00:00:00:0b', addresses: ['10.0.0.11/24'], application: new TcpClient(this.#plan) });
		this.#client.observe(trace, places[CLIENT]!);
		const replica = (role: 'primary' | 'backup', id: number): Replica => new Replica({ id, peer: 3 - id, role, host: machine(), identity, likeness, knobs: { ...knobs, ...turned }, trace, place: places[id]! }, 0);
		this.#replicas = [replica('primary', 1), replica('backup', 2)];
		this.#arbiter = new Arbiter(new MemoryLedger({ epoch: 1, winner: 1, members: [1, 2] }), trace, places[ARBITER]!);
		this.#reference = machine();
		this.#nodes = [this.#client, ...this.#replicas, this.#arbiter];
		this.#sinks = this.#nodes.map((_, from): Sink => ({ take: (bytes, at, length, port) => this.#take(from, port, bytes, at, length) }));
		const announced = announcement(this.#replicas[0].knobs.announce, identity);
		this.#announced = announced === null ? [] : [announced];
		this.#mark = trace.mark();
		this.#saved = { client: this.#client.save(), replicas: [this.#replicas[0].save(), this.#replicas[1].save()], arbiter: this.#arbiter.save(), reference: this.#reference.save() };
	}

	#reset(life: Life): void {
		this.trace.rewind(this.#mark);
		this.#client.restore(this.#saved.client);
		this.#replicas[0].restore(this.#saved.replicas[0]);
		this.#replicas[1].restore(this.#saved.replicas[1]);
		this.#arbiter.restore(this.#saved.arbiter);
		this.#flights.clear();
		this.#alive.fill(true);
		this.#plan.requests = Array.from({ length: life.requests }, (_, i) => 500 + i * life.pause);
		this.#plan.end = life.end;
		for (const one of this.#replicas) one.pace = { every: life.every, behind: life.behind };
		this.#now = 1;
		this.#acts = 0;
		this.#doomed = life.act === 0 ? -1 : life.who === 'primary' ? PRIMARY : BACKUP;
		this.#doom = life.act;
		this.#port = PRIMARY;
		this.#drawn = life.seed;
		this.#life = life;
		this.#seen = 0;
		this.#told = false;
	}

	/** Plays a life to its end. @throws {Violation} */
	play(life: Life): Lived {
		this.#reset(life);
		const seed = new Uint8Array(16);
		for (let i = 0; i < 16; i++) seed[i] = mixed(life.seed + i);
		this.#replicas[0].entropy(seed, 1);
		for (let i = 0; i < this.#nodes.length; i++) this.#drain(i);
		while (this.#next()) { /* one act after the other */ }
		return this.#judge();
	}

	/** Whether nothing of interest is left: the client is done, and so is who serves it. */
	#isOver(): boolean {
		if (!this.#isTold() || this.#client.wakeAt < this.#now + 1_000_000) return false;
		for (let i = PRIMARY; i <= BACKUP; i++) {
			const { role, machine: { host } } = this.#replicas[i - 1]!;
			// Who does not speak may be behind for ever.
			if (this.#alive[i] && (role === 'primary' || role === 'alone') && host.image.live((host as Host).tcp.tcbs) > 1) return false;
		}
		return true;
	}

	/** Whether a machine is left that speaks. */
	#isServed(): boolean {
		return this.#replicas.some(({ role }, i) => this.#alive[PRIMARY + i] && (role === 'primary' || role === 'alone'));
	}

	/** Whether the client was told how its connection ended. */
	#isTold(): boolean {
		const { trace } = this;
		for (; this.#seen < trace.length && !this.#told; this.#seen++) {
			const kind = trace.kindOf(this.#seen);
			this.#told = kind === Kind.closed || kind === Kind.failed;
		}
		return this.#told;
	}

	#next(): boolean {
		const flying = this.#flights.due;
		let due = flying, who = -1;
		for (let i = 0; i < ARBITER; i++) {
			if (!this.#alive[i]) continue;
			const at = this.#nodes[i]!.wakeAt;
			if (at < due) {
				due = at;
				who = i;
			}
		}
		if (due > LONGEST || this.#acts > MOST_ACTS) return false;
		if (due > this.#now) {
			if (due > this.#now + 500 && this.#isOver()) return false;
			this.#now = due;
			this.trace.time = due;
		}
		if (who >= 0) this.#wake(who);
		else this.#deliver();
		return true;
	}

	/** One more act; whether whoever does it lives to. */
	#act(who: number): boolean {
		this.#acts++;
		if (this.#acts === this.#doom && this.#doomed >= 0) this.#kill(this.#doomed);
		return this.#alive[who]!;
	}

	#kill(who: number): void {
		this.#alive[who] = false;
		this.trace.put(Kind.crashed, who);
	}

	#wake(who: number): void {
		if (!this.#act(who)) return;
		this.#nodes[who]!.wake(this.#now);
		this.#drain(who);
	}

	#deliver(): void {
		const { from, to, port, at, length } = this.#flights.take();
		if (!this.#alive[to]) return;
		if (!this.#act(to)) return;
		this.watch?.(this.#now, names[from]!, names[to]!, this.#flights.u8.slice(at, at + length));
		this.#nodes[to]!.receive(port, this.#flights.u8, at, length, this.#now);
		this.#drain(to);
	}

	#drain(who: number): void {
		if (this.#alive[who]) this.#nodes[who]!.drain(this.#sinks[who]!);
	}

	/** An output is put on its link: an act of its own. */
	#take(from: number, port: number, bytes: Uint8Array, at: number, length: number): void {
		if (!this.#alive[from] || (from !== ARBITER && !this.#act(from))) return;
		const { client, log } = this.#life!;
		if (from === CLIENT) return this.#carry(from, this.#port, 0, bytes, at, length, CLIENT_DELAY, client);
		if (from === ARBITER) return this.#carry(from, port === 0 ? PRIMARY : BACKUP, 2, bytes, at, length, ARBITER_DELAY, null);
		if (port === 2) return this.#carry(from, ARBITER, from - PRIMARY, bytes, at, length, ARBITER_DELAY, null);
		if (port === 1) return this.#carry(from, PRIMARY + BACKUP - from, 1, bytes, at, length, LOG_DELAY, log);
		this.trace.putBytes(Kind.frameSent, from, 0, -1, 0, 0, bytes, at, length);
		this.#port = from;
		this.#carry(from, CLIENT, 0, bytes, at, length, CLIENT_DELAY, client);
	}

	#carry(from: number, to: number, port: number, bytes: Uint8Array, at: number, length: number, delay: number, mischief: Mischief | null): void {
		let due = this.#now + delay;
		if (mischief !== null) {
			if (this.#happens(mischief.lose)) return;
			if (this.#happens(mischief.delay)) due += LATE;
			if (this.#happens(mischief.repeat)) this.#flights.send(from, to, port, bytes, at, length, due + LATE / 2);
		}
		this.#flights.send(from, to, port, bytes, at, length, due);
	}

	#happens(chance: number): boolean {
		if (chance === 0) return false;
		this.#drawn = (this.#drawn + 0x9e37_79b9) | 0;
		return (mixed(this.#drawn) & 255) < chance;
	}

	/** @throws {Violation} */
	#judge(): Lived {
		const { trace } = this;
		const laws = new Invariants(trace);
		const logged: Uint8Array[] = [];
		let replies = 0, requests = 0, closed = false, failed = false, tookOver = false;
		for (let i = 0; i < trace.length; i++) {
			switch (trace.kindOf(i)) {
				case Kind.entryLogged: logged.push(trace.bytesOf(i)); break;
				case Kind.wrote: requests++; break;
				case Kind.delivered: {
					const told = String.fromCharCode(...trace.bytesOf(i));
					if (told !== String(11 + replies++)) throw new Violation('bytes-are-right', `reply ${replies} is ${told}`);
					if (replies > requests) throw new Violation('bytes-are-right', `${told} was not asked for`);
					break;
				}
				case Kind.closed: closed = true; break;
				case Kind.failed: failed = true; break;
				case Kind.tookOver: tookOver = true; laws.see(trace.event(i)); break;
				case Kind.entryReceived: case Kind.entryExecuted: case Kind.outputReleased: case Kind.outputRepeated: case Kind.wentAlone: case Kind.crashed: case Kind.halted: laws.see(trace.event(i)); break;
				default:
			}
		}
		const [found] = laws.violations;
		if (found !== undefined) throw new Violation(found.invariant, found.text);
		for (const { fault } of this.#replicas) if (fault !== null) throw new Violation('never-throws', String(fault));
		this.#compare(logged);
		if (this.#acts > MOST_ACTS) throw new Violation('progress', `${MOST_ACTS} acts, and no end`);
		// Where the last that could serve has lost and halted, a client with nothing outstanding rightly waits.
		if (!this.#isServed()) return { replies, acts: this.#acts, tookOver, failed };
		if (!closed && !failed) throw new Violation('all-is-settled', `half an hour later the client was told ${replies} replies of ${this.#life!.requests} and of no end`);
		if (!failed && replies < this.#life!.requests) throw new Violation('bytes-are-right', `the client was told of an orderly end after ${replies} of ${this.#life!.requests} replies`);
		return { replies, acts: this.#acts, tookOver, failed };
	}

	/** The criterion (DESIGN.md §0): every frame the pair put on the client's network is one of a machine that never failed, or an announcement. */
	#compare(logged: readonly Uint8Array[]): void {
		const { trace } = this;
		const { entries, conflict } = survivingLog(logged);
		if (conflict !== null) throw new Violation('oracle', `two machines wrote entry ${conflict.index} in epoch ${conflict.epoch}`);
		this.#reference.restore(this.#saved.reference);
		const oracle = new Oracle(this.#reference, this.#announced);
		oracle.execute(entries);
		if (oracle.fault !== null) throw new Violation('never-throws', String(oracle.fault));
		for (let i = 0; i < trace.length; i++) {
			if (trace.kindOf(i) !== Kind.frameSent) continue;
			const bytes = trace.bytesOf(i);
			if (oracle.numberOf(bytes) < 0) throw new Violation('oracle', oracle.explain(0, bytes).text);
		}
	}
}
