import type { Trace } from '../trace/index.ts';
import type { Node, Sink } from '../wire/node.ts';
import { readBallot } from './ballot.ts';
import { Core, PORT_ARBITER, PORT_CHANNEL, PORT_CLIENTS } from './core.ts';
import type { HaltReason, Identity, Pace } from './core.ts';
import type { ReplicaCounters } from './counters.ts';
import type { Likeness } from './greeting.ts';
import { turned } from './knobs.ts';
import type { Knobs } from './knobs.ts';
import type { Refusal } from './letter.ts';
import { Listener, WON } from './listener.ts';
import { Newcomer } from './newcomer.ts';
import { Packer, Unpacker } from './luggage.ts';
import type { Luggage } from './luggage.ts';
import type { Machine, MachineHost } from './machine.ts';
import type { Side } from './side.ts';
import { takeOver } from './takeover.ts';
import { ADMITTING, ALONE, PAIRED } from './speaker-phase.ts';
import { Speaker } from './speaker.ts';

/** `joining`: it receives or follows a machine, and is no member yet. */
export type Role = 'primary' | 'backup' | 'alone' | 'joining' | 'halted';

export interface ReplicaConfig {
	/** machine id, unique to this incarnation: 1 … 2³²−1 */
	readonly id: number;
	/** machine id of the other member; 0 for one who is alone or joining */
	readonly peer: number;
	readonly role: 'primary' | 'backup' | 'alone' | 'joining';
	/** the host, in its initial state; its image has the pool `machinePool` */
	readonly host: MachineHost;
	/** what an announcement bears: the machine's own addresses */
	readonly identity: Identity;
	readonly likeness: Likeness;
	/** the epoch it begins in; default 1 */
	readonly epoch?: number;
	readonly knobs?: Partial<Knobs>;
	readonly trace?: Trace | null;
	/** its number in the trace */
	readonly place?: number;
}

/** A replica as `save` leaves it. */
export interface SavedReplica {
	/** the machine: a snapshot of its image */
	readonly image: Uint8Array;
	/** everything outside the machine; equal states are equal bytes */
	readonly outside: Uint8Array;
}

function sideOf(role: ReplicaConfig['role'], core: Core): Speaker | Listener | Newcomer {
	switch (role) {
		case 'primary': return new Speaker(core, PAIRED);
		case 'alone': return new Speaker(core, ALONE);
		case 'backup': return new Listener(core);
		case 'joining': return new Newcomer(core);
	}
}

const sides = [Speaker, Listener, Newcomer] as const;

/**
 * One machine of the pair. Port 0 is the machine's own Ethernet, port 1 the log
 * channel to the peer, port 2 the arbiter; whole frames leave by all three.
 */
export class Replica implements Node {
	readonly machine: Machine;
	readonly counters: ReplicaCounters;
	readonly knobs: Knobs;
	readonly #core: Core;
	#side: Speaker | Listener | Newcomer;

	/**
	 * @param now  its clock, µs
	 * @throws KnobError; RangeError where the image lacks the machine's pool
	 */
	constructor(config: ReplicaConfig, now: number = 0) {
		this.knobs = turned(config.knobs ?? {});
		this.#core = new Core({ ...config, knobs: this.knobs, trace: config.trace ?? null, place: config.place ?? 0 }, config.peer, config.epoch ?? 1, now);
		this.machine = this.#core.machine;
		this.counters = this.#core.counters;
		this.#side = sideOf(config.role, this.#core);
	}

	get id(): number { return this.#core.id; }
	get epoch(): number { return this.#core.epoch; }

	get role(): Role {
		if (this.#core.halted !== '') return 'halted';
		if (this.#side instanceof Newcomer) return 'joining';
		if (this.#side instanceof Listener) return this.#side.member ? 'backup' : 'joining';
		return this.#side.phase === ALONE || this.#side.phase === ADMITTING ? 'alone' : 'primary';
	}

	/** Why it halted; '' while it has not. */
	get haltReason(): HaltReason { return this.#core.halted; }
	/** What a step threw, where the reason is `fault`. */
	get fault(): unknown { return this.#core.fault; }
	/** Why the peer refused it, or it the peer. */
	get refusal(): Refusal { return this.#side instanceof Speaker ? 'NONE' : this.#side.refusal; }
	/** Index of the newest entry in its log. */
	get logged(): number { return this.#core.log.last; }
	/** Index of the last entry executed. */
	get executed(): number { return this.#core.executed; }
	/** Newest entry the peer is known to have; that is all of them for one without. */
	get acknowledged(): number { return this.#side instanceof Speaker && this.#side.phase === PAIRED ? this.#side.sender.acknowledged : this.#core.log.last; }
	/** Entries the backup has not yet executed, as far as the primary knows; of a backup its own. */
	get lag(): number { return this.#core.log.last - (this.#side instanceof Speaker ? (this.#side.phase === PAIRED ? this.#side.sender.executed : this.#core.log.last) : this.#core.executed); }
	/** Highest output number released, or heard to be. */
	get watermark(): number { return this.#core.gate.watermark; }
	/** Outputs that wait in the gate. */
	get held(): number { return this.#core.gate.held; }
	/** Outputs given up that the client may never have seen. */
	get suppressed(): number { return this.#core.gate.suppressed; }
	/** Outputs dropped because the gate was full. */
	get gateFull(): number { return this.#core.gate.full; }
	/** A backup has won and waits until the old primary's lease has surely run out: the driver may fence its switch port and say so. */
	get mayFence(): boolean { return this.#side instanceof Listener && this.#side.phase === WON && !this.#side.freed; }
	/** When outputs may be released until, own clock in µs. */
	get leaseEnd(): number { return this.#side instanceof Speaker ? this.#side.leaseEnd : -Infinity; }

	/** How fast it executes as a backup; of no effect on one who speaks. */
	get pace(): Pace { return this.#core.pace; }
	set pace(pace: Pace) {
		this.#core.pace = pace;
		if (this.#side instanceof Listener) this.#side.paced();
	}

	get wakeAt(): number { return this.#core.halted === '' ? this.#side.wakeAt : Infinity; }

	receive(port: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		const core = this.#core;
		this.#tick(now);
		if (core.halted !== '') return core.drop('notSpeaking', port);
		if (port === PORT_CLIENTS) return this.#side.frame(bytes, at, length);
		if (port === PORT_CHANNEL) return this.#letter(bytes, at, length);
		if (port === PORT_ARBITER) return this.#ballot(bytes, at, length);
		core.drop('portUnknown', port);
	}

	#tick(now: number): void {
		if (now > this.#core.now) this.#core.now = now;
	}

	#letter(bytes: Uint8Array, at: number, length: number): void {
		const fault = this.#core.post.open(bytes, at, length);
		if (fault !== '') return this.#core.drop(fault, PORT_CHANNEL);
		this.#side.letter(this.#core.post.letter);
	}

	#ballot(bytes: Uint8Array, at: number, length: number): void {
		const ballot = readBallot(bytes, at, length);
		if (ballot === null) return this.#core.drop('arbiterMalformed', PORT_ARBITER);
		this.#side.answer(ballot);
	}

	wake(now: number): void {
		const wanted = this.wakeAt;
		this.#tick(now);
		if (this.#core.halted === '') this.#side.wake(wanted);
	}

	drain(sink: Sink): void {
		if (this.#core.halted !== '') return;
		this.#side.drain(sink);
		if (this.#side instanceof Speaker || this.#core.halted !== '') return;
		if (this.#side instanceof Newcomer) {
			if (this.#side.complete) this.#side = new Listener(this.#core, true);
		} else if (this.#side.ready) {
			this.#takeOver(this.#side);
			if (this.#core.halted === '') this.#side.drain(sink);
		}
	}

	#takeOver(backup: Listener): void {
		const speaker = new Speaker(this.#core, ALONE);
		this.#side = speaker;
		takeOver(this.#core, speaker.announcer, backup.sinceLast, backup.drained);
	}

	/** The operating system closed the peer's end of the channel, and everything it sent was received: it is dead. */
	peerDied(now: number): void {
		this.#tick(now);
		if (this.#core.halted === '') this.#side.peerDied();
	}

	/** The old primary's switch port is closed, which only one who has won may do: nothing of it can reach a client any more. */
	fenced(now: number): void {
		this.#tick(now);
		if (this.mayFence) (this.#side as Listener).freed = true;
	}

	/** Refills the machine's generator, by way of the log; of no effect on one who does not speak. */
	entropy(bytes: Uint8Array, now: number): void {
		this.#tick(now);
		if (this.#core.halted === '' && this.#side instanceof Speaker) this.#side.entropy(bytes, 0, bytes.length);
	}

	/** Ends the pair in order: everything logged is executed, every output leaves, nobody takes over. */
	stop(now: number): void {
		this.#tick(now);
		if (this.#side instanceof Speaker) this.#side.end(false);
	}

	/** Ends this machine in order: the backup goes on at once, without a repeat. */
	handOver(now: number): void {
		this.#tick(now);
		if (this.#side instanceof Speaker) this.#side.end(true);
	}

	/** Which of `sides` it is. */
	get #kind(): number { return sides.findIndex((side) => this.#side instanceof side); }

	/** The state, machine and all. What a driver has drained is not in it. */
	save(): SavedReplica {
		const packer = new Packer();
		packer.number(this.#kind);
		this.#carry(packer);
		return { image: this.machine.host.image.snapshot(), outside: packer.packed() };
	}

	/** Goes back to a state of this same replica. */
	restore(saved: SavedReplica): void {
		this.machine.host.image.restore(saved.image);
		this.machine.attach();
		const unpacker = new Unpacker(saved.outside);
		const kind = unpacker.number();
		if (kind !== this.#kind) this.#side = kind === 0 ? new Speaker(this.#core, ALONE) : new sides[kind === 1 ? 1 : 2](this.#core);
		this.#carry(unpacker);
	}

	#carry(luggage: Luggage): void {
		this.#core.carry(luggage);
		(this.#side as Side).carry(luggage);
	}
}
