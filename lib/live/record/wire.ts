import type { Node, Sink } from '../../wire/node.ts';
import { Faults } from './fault.ts';
import type { Fault } from './fault.ts';

/** Ports of a wire: its two ends, and a mirror of what is seen at each. */
export const CLIENT = 0, SERVER = 1, CLIENT_MIRROR = 2, SERVER_MIRROR = 3;

export interface WireOptions {
	/** how long a frame is under way, µs */
	readonly delay: number;
	readonly faults: readonly Fault[];
	/** VLAN identifier that frames bear on the wire; 0: none */
	readonly vlan: number;
}

/** A frame under way, tagged where the wire tags. */
interface Flight {
	readonly due: number;
	readonly to: number;
	readonly frame: Uint8Array;
}

/** A frame that waits until so many from its end have passed it. */
interface Held { readonly frame: Uint8Array; behind: number }

/** 802.1Q: the tag stands after the addresses */
const TAG_AT = 12, TAG = 4, TYPE_8021Q = 0x8100;

function tagged(frame: Uint8Array, vlan: number): Uint8Array {
	const bytes = new Uint8Array(frame.length + TAG);
	bytes.set(frame.subarray(0, TAG_AT));
	new DataView(bytes.buffer).setUint32(TAG_AT, TYPE_8021Q * 0x1_0000 + vlan);
	bytes.set(frame.subarray(TAG_AT), TAG_AT + TAG);
	return bytes;
}

function untagged(frame: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(frame.length - TAG);
	bytes.set(frame.subarray(0, TAG_AT));
	bytes.set(frame.subarray(TAG_AT + TAG), TAG_AT);
	return bytes;
}

/**
 * A cable between two hosts that loses, repeats and overtakes exactly where it
 * is told to. Each mirror shows what a capture at that end shows: what the end
 * sends before anything befalls it, and what reaches it.
 */
export class Wire implements Node {
	/** frames that were taken from the wire, by what was done to them */
	readonly done: { drop: number; repeat: number; hold: number } = { drop: 0, repeat: 0, hold: 0 };
	readonly #options: WireOptions;
	readonly #faults: Faults;
	/** in the order they are due */
	#flights: Flight[] = [];
	readonly #held: readonly [Held[], Held[]] = [[], []];
	#outgoing: { readonly port: number; readonly frame: Uint8Array }[] = [];

	constructor(options: WireOptions) {
		this.#options = options;
		this.#faults = new Faults(options.faults);
	}

	receive(port: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		if (port !== CLIENT && port !== SERVER) return;
		const plain = bytes.slice(at, at + length);
		const { vlan, delay } = this.#options;
		const frame = vlan === 0 ? plain : tagged(plain, vlan);
		const to = port === CLIENT ? SERVER : CLIENT;
		const due = now + delay;
		this.#outgoing.push({ port: port === CLIENT ? CLIENT_MIRROR : SERVER_MIRROR, frame });
		const fault = this.#faults.of(port === CLIENT ? 'client' : 'server', plain);
		if (fault !== undefined) this.done[fault.does]++;
		if (fault?.does === 'drop') return;
		if (fault?.does === 'hold') {
			this.#held[port].push({ frame, behind: fault.behind ?? 1 });
			return;
		}
		this.#launch({ due, to, frame });
		if (fault?.does === 'repeat') this.#launch({ due: due + (fault.later ?? 0), to, frame });
		this.#overtaken(port, to, due);
	}

	/** A frame has passed those that are held at its end. */
	#overtaken(port: typeof CLIENT | typeof SERVER, to: number, due: number): void {
		const held = this.#held[port];
		for (const one of held) one.behind--;
		while (held.length > 0 && held[0]!.behind <= 0) this.#launch({ due, to, frame: held.shift()!.frame });
	}

	/** Puts a frame behind all that are due no later. */
	#launch(flight: Flight): void {
		const at = this.#flights.findIndex(({ due }) => due > flight.due);
		this.#flights.splice(at < 0 ? this.#flights.length : at, 0, flight);
	}

	get wakeAt(): number { return this.#flights[0]?.due ?? Infinity; }

	wake(now: number): void {
		while (this.wakeAt <= now) {
			const { to, frame } = this.#flights.shift()!;
			this.#outgoing.push({ port: to === CLIENT ? CLIENT_MIRROR : SERVER_MIRROR, frame });
			this.#outgoing.push({ port: to, frame: this.#options.vlan === 0 ? frame : untagged(frame) });
		}
	}

	drain(sink: Sink): void {
		// Whoever answers at once adds to the list while it is gone through.
		for (let i = 0; i < this.#outgoing.length; i++) {
			const { port, frame } = this.#outgoing[i]!;
			sink.take(frame, 0, frame.length, port);
		}
		this.#outgoing = [];
	}
}
