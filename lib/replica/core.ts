import { Kind } from '../trace/index.ts';
import type { Trace } from '../trace/index.ts';
import { get16 } from '../wire/bytes.ts';
import type { Sink } from '../wire/node.ts';
import { ReplicaCounters } from './counters.ts';
import { CONTROL_DIGEST, ENTRY, ENTRY_CONTROL, LONGEST_BODY, entryName } from './entry.ts';
import { Gate } from './gate.ts';
import { getDigest, putDigest } from './greeting.ts';
import type { Likeness } from './greeting.ts';
import type { Knobs } from './knobs.ts';
import { LETTER, Post } from './letter.ts';
import { Log } from './log.ts';
import type { Luggage } from './luggage.ts';
import { Machine } from './machine.ts';
import type { MachineHost } from './machine.ts';
import { get64, getU32 } from './number.ts';
import { Store } from './store.ts';

/** The port of the client network: the machine's own interface. */
export const PORT_CLIENTS = 0;
/** The port of the log channel. */
export const PORT_CHANNEL = 1;
/** The port towards the arbiter. */
export const PORT_ARBITER = 2;

/** Why a replica fell silent for good. */
export const haltReasons = ['', 'lost', 'fault', 'refused', 'diverged', 'stopped'] as const;
export type HaltReason = (typeof haltReasons)[number];

/** How fast a backup executes. */
export interface Pace {
	/** time it takes for an entry, µs; 0: none */
	readonly every: number;
	/** entries it leaves unexecuted while it follows */
	readonly behind: number;
}

/** The address that moves with a takeover. */
export interface Identity {
	/** 6 bytes */
	readonly mac: Uint8Array;
	/** IPv4: 4 bytes, or 16 as a v4-mapped address */
	readonly address: Uint8Array;
}

export interface CoreConfig {
	/** machine id, unique to this incarnation; 1 … 2³²−1 */
	readonly id: number;
	readonly host: MachineHost;
	readonly identity: Identity;
	readonly likeness: Likeness;
	readonly knobs: Knobs;
	readonly trace: Trace | null;
	/** its number in the trace */
	readonly place: number;
}

const nobody: Uint8Array = new Uint8Array(LONGEST_BODY);

/** As much of a digest as a number holds exactly. */
function numberOf(digest: string): number {
	return Number.parseInt(digest.slice(0, 12), 16);
}

/**
 * What a replica has in every role: the machine, the log, the gate, memory for
 * messages, its clock, its epoch.
 */
export class Core {
	readonly id: number;
	readonly knobs: Knobs;
	readonly identity: Identity;
	readonly likeness: Likeness;
	readonly machine: Machine;
	readonly log: Log;
	readonly gate: Gate;
	readonly post: Post;
	readonly counters: ReplicaCounters = new ReplicaCounters();
	readonly trace: Trace | null;
	readonly place: number;
	/** digest of the image it began with */
	readonly began: string;
	/** own clock when it was last called, µs */
	now: number;
	/** machine id of the peer; 0 where there is none */
	peer: number;
	epoch: number;
	/** machine time less own time, µs */
	offset: number;
	/** of a backup; one who speaks executes as it goes */
	pace: Pace;
	/** '' while it is not halted */
	halted: HaltReason = '';
	/** what a step threw */
	fault: unknown = null;
	readonly #digest: Uint8Array = new Uint8Array(8);

	constructor(config: CoreConfig, peer: number, epoch: number, now: number) {
		const { knobs } = config;
		this.id = config.id;
		this.knobs = knobs;
		this.identity = config.identity;
		this.likeness = config.likeness;
		this.trace = config.trace;
		this.place = config.place;
		this.now = now;
		this.peer = peer;
		this.epoch = epoch;
		this.pace = { every: knobs.executeEvery, behind: knobs.executeBehind };
		this.machine = new Machine(config.host);
		this.began = config.host.image.digest();
		const longest = knobs.messageBytes - LETTER.end;
		const log = { bytes: knobs.logBytes, entries: knobs.logEntries, longest, batch: knobs.batch };
		const gate = { bytes: knobs.gateBytes, outputs: knobs.gateOutputs, longest: knobs.frameBytes };
		const store = new Store(Log.sizeOf(log) + Gate.sizeOf(gate) + Post.sizeOf(knobs.messageBytes) + 64);
		this.log = new Log(store, log);
		this.gate = new Gate(store, gate, config.trace, config.place);
		this.post = new Post(store, knobs.messageBytes, config.id, knobs.checksum);
		this.log.reset(this.machine.record.index, this.machine.record.time);
		// Machine time begins where the image stands, whatever the own clock shows.
		this.offset = this.machine.record.time - now;
	}

	/** Index of the last entry executed. */
	get executed(): number { return this.machine.record.index; }

	/** Machine time now, µs; never before that of the newest entry. */
	get machineTime(): number { return Math.max(this.now + this.offset, this.log.time); }

	/** When the machine's first timer is due, own clock in µs. */
	get timersAt(): number { return this.machine.host.wakeAt - this.offset; }

	/** Makes the frames gathered an entry. */
	flush(): void {
		const { log } = this;
		if (log.pending === 0) return;
		log.appendFrames(this.epoch, this.machineTime);
		this.#logged();
	}

	/** Appends an entry that is not of frames; false where the log is full. */
	append(kind: number, detail: number, body: Uint8Array = nobody, at: number = 0, length: number = 0): boolean {
		this.flush();
		const { log } = this;
		if (!log.hasRoom) return false;
		log.append(kind, detail, body, at, length, this.epoch, this.machineTime);
		this.#logged();
		return true;
	}

	#logged(): void {
		const { trace } = this;
		if (trace === null) return;
		const { ring } = this.log;
		const at = ring.placeOf(this.log.last);
		const name = trace.name(entryName(ring.u8[at + ENTRY.kind]!, ring.u8[at + ENTRY.detail]!));
		trace.putBytes(Kind.entryLogged, this.place, this.log.last, this.epoch, get16(ring.u8, at + ENTRY.count), name, ring.u8, at, ring.lengthOf(this.log.last));
	}

	/** Takes a client's frame into the entry being gathered; false where the log is full. */
	gather(bytes: Uint8Array, at: number, length: number): boolean {
		const { log } = this;
		if (log.overflows(length)) this.flush();
		return log.gather(bytes, at, length);
	}

	/**
	 * Executes the next entry of the log. A fault halts the replica before any
	 * output of that step (fail-stop).
	 *
	 * @param instead  an entry to execute in its place; null for none
	 * @returns        false where it halted
	 */
	step(instead: Uint8Array | null = null): boolean {
		const { machine, gate, trace } = this;
		const { ring } = this.log;
		const at = ring.placeOf(machine.record.index + 1);
		const before = machine.record.outputs;
		if (!this.#agrees(ring.u8, at)) return false;
		try {
			if (instead === null) machine.step(ring.u8, at, gate);
			else machine.step(instead, 0, gate);
		} catch (fault) {
			gate.abandon();
			this.fault = fault;
			this.halt('fault');
			return false;
		}
		gate.commit();
		if (trace !== null) this.#executed(trace, getU32(ring.u8, at + ENTRY.epoch), machine.record.outputs - before);
		return true;
	}

	#executed(trace: Trace, epoch: number, outputs: number): void {
		const { record, host } = this.machine;
		if (this.knobs.witness) putDigest(this.#digest, 0, host.image.digest());
		trace.putBytes(Kind.entryExecuted, this.place, record.index, epoch, outputs, record.time, this.#digest, 0, this.knobs.witness ? 8 : 0);
	}

	/** Compares the image with what a digest entry says it was; where it parted the replica halts. */
	#agrees(u8: Uint8Array, at: number): boolean {
		if (u8[at + ENTRY.kind] !== ENTRY_CONTROL || u8[at + ENTRY.detail] !== CONTROL_DIGEST) return true;
		const mine = this.machine.host.image.digest();
		const other = getDigest(u8, at + ENTRY.end);
		if (mine === other) return true;
		if (this.trace !== null) this.trace.put(Kind.diverged, this.place, get64(u8, at + ENTRY.index), numberOf(mine), numberOf(other), this.trace.name('digest'));
		this.halt('diverged');
		return false;
	}

	/** Falls silent for good. */
	halt(reason: HaltReason): void {
		if (this.halted !== '') return;
		this.halted = reason;
		this.gate.discard(Infinity, Infinity, reason === 'fault' ? 'fault' : 'halted');
		if (this.trace !== null) this.trace.put(Kind.halted, this.place, this.epoch, this.executed, this.trace.name(reason));
	}

	/** Writes the message whose body lies in `post`, and hands it over. */
	send(sink: Sink, kind: number, flags: number, time: number, index: number, mark: number, room: number, length: number): void {
		const { post } = this;
		const bytes = post.seal(kind, flags, this.epoch, time, index, mark, room, length);
		this.counters.messages++;
		this.counters.messageBytes += bytes;
		sink.take(post.u8, post.at, bytes, PORT_CHANNEL);
	}

	/** Counts a frame that is dropped. */
	drop(counter: keyof ReplicaCounters, port: number): void {
		this.counters[counter]++;
		if (this.trace !== null) this.trace.put(Kind.dropped, this.place, port, this.trace.name(counter));
	}

	carry(luggage: Luggage): void {
		this.now = luggage.number(this.now);
		this.peer = luggage.number(this.peer);
		this.epoch = luggage.number(this.epoch);
		this.offset = luggage.number(this.offset);
		this.pace = { every: luggage.number(this.pace.every), behind: luggage.number(this.pace.behind) };
		this.halted = haltReasons[luggage.number(haltReasons.indexOf(this.halted))]!;
		this.log.carry(luggage);
		this.gate.carry(luggage);
	}
}
