import type { Node, Sink } from '../wire/node.ts';
import type { Clock } from './clock.ts';
import type { Poller, Watch } from './poller.ts';

/** How long a thread stays awake for what it expects, µs: a round trip between two processes. */
const AWAKE = 150;
/** Times it sleeps at once after it stayed awake for nothing: on a busy machine that only takes the processor from who is waited for. */
const ASLEEP = 32;

/** What is plugged into a port of a node: a device, a stream, an arbiter beside it. */
export interface Line {
	/** Sends one frame or message; bytes are borrowed for the call. */
	send(bytes: Uint8Array, at: number, length: number): void;
	/** Sends now what was kept back to be sent together; called at the end of every turn. */
	flush?(): void;
	/** What to wait for; null for one that answers by itself. */
	readonly watch: Watch | null;
}

/** Something besides the node that wants to be woken. */
export interface Task {
	/** own clock, µs; `Infinity`: not now */
	readonly wakeAt: number;
	wake(now: number): void;
}

/** Sees everything that comes and goes, before the node or the line does. */
export interface Recorder {
	/** A turn begins, or a frame is about to leave. */
	at(now: number): void;
	arrived(port: number, bytes: Uint8Array, at: number, length: number): void;
	leaving(port: number, bytes: Uint8Array, at: number, length: number): void;
	/** The frame that was leaving has left. */
	left(port: number, bytes: Uint8Array, at: number, length: number): void;
}

/**
 * Drives a node with real time and real frames: waits, hands over what has
 * come in batches, wakes it, drains it, and sets the next deadline. It is the
 * same for a host, a replica and whatever else has the four verbs.
 */
export class Driver implements Sink {
	/** lines hand in what they read */
	readonly input: Sink = { take: (bytes, at, length, port) => this.#arrived(bytes, at, length, port) };
	/** called at the end of every turn */
	after: (() => void) | null = null;
	/** whether what is waited for is expected at once: then the thread stays awake for it a little while */
	eager: (() => boolean) | null = null;
	/** turns made, and how long the longest took, µs */
	turns: number = 0;
	longest: number = 0;
	readonly clock: Clock;
	readonly poller: Poller;
	readonly #node: Node;
	readonly #recorder: Recorder | null;
	readonly #lines: (Line | undefined)[] = [];
	#tasks: readonly Task[] = [];
	#now = 0;
	#stopped = false;
	#asleep = 0;

	constructor(node: Node, clock: Clock, poller: Poller, recorder: Recorder | null = null) {
		this.#node = node;
		this.clock = clock;
		this.poller = poller;
		this.#recorder = recorder;
	}

	/** Plugs a line into a port; its watch is waited for from now on. */
	plug(port: number, line: Line): void {
		this.#lines[port] = line;
		if (line.watch !== null) this.poller.add(line.watch);
	}

	task(task: Task): void { this.#tasks = [...this.#tasks, task]; }

	/** The time of the turn under way, µs. */
	get now(): number { return this.#now; }

	#arrived(bytes: Uint8Array, at: number, length: number, port: number): void {
		if (this.#recorder !== null) this.#recorder.arrived(port, bytes, at, length);
		this.#node.receive(port, bytes, at, length, this.#now);
	}

	/** Sends what the node hands over. */
	take(bytes: Uint8Array, at: number, length: number, port: number): void {
		const line = this.#lines[port];
		if (line === undefined) return;
		const recorder = this.#recorder;
		if (recorder === null) return line.send(bytes, at, length);
		recorder.at(this.clock.now());
		recorder.leaving(port, bytes, at, length);
		line.send(bytes, at, length);
		recorder.left(port, bytes, at, length);
	}

	/** When something is due next, µs. */
	get wakeAt(): number {
		let at = this.#node.wakeAt;
		for (const task of this.#tasks) at = Math.min(at, task.wakeAt);
		return at;
	}

	/** Waits for one thing to happen, at most until `until`, and does all that follows. */
	turn(until: number = Infinity): void {
		const { clock, poller } = this;
		const ready = this.#isSoonReady() || poller.wait(Math.min(this.wakeAt, until) - clock.now());
		this.#now = clock.now();
		this.turns++;
		if (this.#recorder !== null) this.#recorder.at(this.#now);
		// What has arrived is read before time is judged: silence is no silence while words wait unread.
		if (ready) poller.serve();
		this.settle();
		this.after?.();
		this.longest = Math.max(this.longest, clock.now() - this.#now);
	}

	/** Looks again and again for a while where that is worth it: a thread that sleeps takes longer to wake than a peer to answer. */
	#isSoonReady(): boolean {
		if (this.eager === null || !this.eager()) return false;
		if (this.#asleep > 0) {
			this.#asleep--;
			return false;
		}
		const end = Math.min(this.clock.now() + AWAKE, this.wakeAt);
		do {
			if (this.poller.wait(0)) return true;
		} while (this.clock.now() < end);
		this.#asleep = ASLEEP;
		return false;
	}

	/** Does what is due now, and sends what that makes. */
	settle(): void {
		for (const task of this.#tasks) if (task.wakeAt <= this.#now) task.wake(this.#now);
		if (this.#node.wakeAt <= this.#now) this.#node.wake(this.#now);
		this.#node.drain(this);
		for (const line of this.#lines) line?.flush?.();
	}

	/** Turns until `stop`. */
	run(): void {
		this.#now = this.clock.now();
		this.settle();
		this.after?.();
		while (!this.#stopped) this.turn();
	}

	/** Ends `run` with the turn under way. */
	stop(): void { this.#stopped = true; }
}
