import type { Image } from '../memory/index.ts';
import { get16 } from '../wire/bytes.ts';
import type { Sink } from '../wire/node.ts';
import { CONTROL_GO_LIVE, ENTRY, ENTRY_CONTROL, ENTRY_ENTROPY, ENTRY_FRAMES, ENTRY_WAKE, FRAME_HEAD } from './entry.ts';
import { MachineRecord } from './machine-record.ts';
import { get64, getU32 } from './number.ts';

/**
 * What the pair needs of the host it replicates. Between calls its whole state
 * is in `image`, which has the pool `machinePool`; what it does is a function
 * of that image and of the calls alone.
 */
export interface MachineHost {
	readonly image: Image;
	/** when its first timer is due, machine time in µs; `Infinity` for never */
	readonly wakeAt: number;
	/** Takes a frame in; sets the clock and runs due timers first. */
	receive(port: number, bytes: Uint8Array, at: number, length: number, now: number): void;
	/** Sets the clock and runs due timers. */
	wake(now: number): void;
	/** Runs services and hands over every frame there is to send. */
	drain(sink: Sink): void;
	/** Refills the generator in the image. */
	stir(bytes: Uint8Array, at: number, length: number): void;
	/** What a takeover changes in the machine. */
	goLive(now: number): void;
	/** Rebuilds what is only an index after `image.restore`. */
	attach(): void;
}

/** Takes the outputs of a machine, numbered. */
export interface Outputs {
	/**
	 * @param number  the output's number, from 1 without a gap
	 * @param entry   index of the entry it came from
	 * @param bytes   borrowed for the call
	 */
	output(number: number, entry: number, bytes: Uint8Array, at: number, length: number): void;
}

/** An entry was to be executed that is not the next one. */
export class MachineError extends Error {
	readonly code: string = 'ENTRY_OUT_OF_ORDER';
	override readonly name: string = 'MachineError';
}

/**
 * Executes entries on a host, one entry one step, and numbers what comes out.
 * It has no state of its own: that is all in the image.
 */
export class Machine implements Sink {
	readonly host: MachineHost;
	/** the machine's record in the image */
	readonly record: MachineRecord;
	#outputs: Outputs | null = null;

	/** @throws RangeError where the host's image has no pool 'machine' */
	constructor(host: MachineHost) {
		this.host = host;
		this.record = new MachineRecord(host.image);
		this.#find();
	}

	#find(): void {
		const { image } = this.host;
		const pool = image.pool('machine');
		const at = image.first(pool);
		this.record.go(at === 0 ? image.alloc(pool) : at);
	}

	/** Takes up the state that `host.image` was restored to. */
	attach(): void {
		this.#find();
		this.host.attach();
	}

	/**
	 * Executes one entry: sets the clock, runs due timers, takes the input, runs
	 * services, emits every output.
	 *
	 * @throws MachineError  where the entry is not the next one; and whatever a fault in the host throws
	 */
	step(u8: Uint8Array, at: number, outputs: Outputs): void {
		const { host, record } = this;
		const index = get64(u8, at + ENTRY.index);
		if (index !== record.index + 1) throw new MachineError(`entry ${index} cannot follow entry ${record.index}: execute every entry once, in order`);
		record.index = index;
		record.epoch = getU32(u8, at + ENTRY.epoch);
		const time = Math.max(record.time, get64(u8, at + ENTRY.time));
		record.time = time;
		this.#input(u8, at, time);
		this.#outputs = outputs;
		host.drain(this);
		this.#outputs = null;
	}

	#input(u8: Uint8Array, at: number, time: number): void {
		const { host } = this;
		const count = get16(u8, at + ENTRY.count);
		switch (u8[at + ENTRY.kind]!) {
			case ENTRY_FRAMES:
				return this.#frames(u8, at + ENTRY.end, count, time);
			case ENTRY_WAKE:
				return host.wake(time);
			case ENTRY_ENTROPY:
				host.wake(time);
				return host.stir(u8, at + ENTRY.end, count);
			case ENTRY_CONTROL:
				// Nothing that fell due during the outage may fire before the takeover has set it anew.
				if (u8[at + ENTRY.detail] === CONTROL_GO_LIVE) host.goLive(time);
				else host.wake(time);
		}
	}

	#frames(u8: Uint8Array, at: number, count: number, time: number): void {
		let next = at;
		for (let left = count; left > 0; left--) {
			const length = getU32(u8, next);
			this.host.receive(0, u8, next + FRAME_HEAD, length, time);
			next += FRAME_HEAD + length;
		}
	}

	/** Numbers one output of the host. */
	take(bytes: Uint8Array, at: number, length: number, _port: number): void {
		const { record } = this;
		const number = record.outputs + 1;
		record.outputs = number;
		this.#outputs!.output(number, record.index, bytes, at, length);
	}
}
