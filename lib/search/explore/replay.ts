import type { World } from '../../sim/index.ts';
import type { Move } from './move.ts';
import type { System } from './system.ts';

/** Walks a path that was found, in a world with a trace, so that everything can be seen of it. */
export class Replay {
	readonly #system: System;
	readonly #world: World;

	/** @param system  built anew */
	constructor(system: System) {
		this.#system = system;
		this.#world = system.world;
	}

	/** Does every move in turn. */
	walk(path: readonly Move[]): void {
		for (const move of path) this.#make(move);
	}

	#make(move: Move): void {
		const world = this.#world;
		switch (move.kind) {
			case 'drop': return world.choices.lose({ kind: 'frame', lane: move.lane, nth: move.nth });
			case 'delay': return;
			case 'cut': return world.cut(world.links[move.link]!);
			case 'mend': return world.mend(world.links[move.link]!);
			case 'wake': {
				const place = world.places[move.place]!;
				world.choices.take({ kind: 'wake', place: place.name });
				return this.#send(place.name, move.crash);
			}
			case 'deliver': return this.#deliver(move);
		}
	}

	#deliver(move: Move & { kind: 'deliver' }): void {
		const world = this.#world;
		const frame = { kind: 'frame', lane: move.lane, nth: move.nth } as const;
		if (move.copies) world.choices.copy(frame);
		const link = world.links[move.lane >> 1]!;
		world.choices.take(frame, move.late ? world.now + this.#system.tick : 0);
		this.#send((move.lane & 1) === 0 ? link.b[0] : link.a[0], move.crash);
	}

	/** Puts a machine's outputs on their links, all or as many as it lives for, and passes on what only passes through. */
	#send(name: string, crash: number): void {
		const world = this.#world;
		const place = world.place(name);
		for (let count = 0; place.standing === 'running' && place.outputs > 0 && count !== crash; count++) {
			world.choices.take({ kind: 'output', place: name });
			this.#pass();
		}
		if (crash >= 0) world.crash(name);
	}

	#pass(): void {
		const world = this.#world;
		for (const [i, { a, b }] of world.links.entries()) {
			for (const [lane, to] of [[i * 2, b[0]], [i * 2 + 1, a[0]]] as const) {
				if (!this.#system.through.includes(to) || world.choices.onLane(lane) === 0) continue;
				world.choices.take({ kind: 'frame', lane, nth: 0 });
				this.#send(to, -1);
			}
		}
	}
}
