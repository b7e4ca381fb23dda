import { Host } from '../lib/host/index.ts';
import type { HostConfig } from '../lib/host/index.ts';
import type { Sink } from '../lib/wire/node.ts';

/** Two hosts in one process whose frames are handed over as they leave: what is measured is the stack alone. */
export class Pump {
	readonly a: Host;
	readonly b: Host;
	/** frames carried so far, both ways */
	frames = 0;
	now = 1;
	readonly #toA: Sink;
	readonly #toB: Sink;
	#moved = false;

	constructor(a: Omit<HostConfig, 'mac' | 'addresses'>, b: Omit<HostConfig, 'mac' | 'addresses'>) {
		this.a = new Host({ fast: true, ...a, mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/8'] });
		this.b = new Host({ fast: true, ...b, mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/8'] });
		this.#toA = { take: (bytes, at, length) => { this.#moved = true; this.frames++; this.a.receive(0, bytes, at, length, this.now); } };
		this.#toB = { take: (bytes, at, length) => { this.#moved = true; this.frames++; this.b.receive(0, bytes, at, length, this.now); } };
	}

	/** Lets time pass and frames cross until `done`; time jumps to the next timer where nothing moves. */
	run(done: () => boolean): void {
		const { a, b } = this;
		while (!done()) {
			this.#moved = false;
			this.now += 2;
			a.drain(this.#toB);
			b.drain(this.#toA);
			if (this.#moved) continue;
			const at = Math.min(a.wakeAt, b.wakeAt);
			if (at === Infinity) throw new Error('nothing moves any more');
			if (at > this.now) this.now = at;
			a.wake(this.now);
			b.wake(this.now);
		}
	}
}
