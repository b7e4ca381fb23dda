import { Machine, Oracle } from '../../replica/index.ts';
import type { MachineHost, Outputs } from '../../replica/index.ts';
import { Hash } from '../../sim/index.ts';

/** The machine that never failed behind one log: its outputs, and where it goes from there. */
interface Behind {
	readonly image: Uint8Array;
	readonly outputs: ReadonlySet<string>;
	readonly next: Map<string, Behind>;
}

function hashOf(bytes: Uint8Array, at: number = 0, length: number = bytes.length): string {
	const hash = new Hash();
	hash.bytes(bytes, at, length);
	return hash.hex();
}

/** The machine that never failed (DESIGN.md §0), for many logs that begin alike: each entry is executed once. */
export class Reference {
	readonly #make: () => MachineHost;
	readonly #machine: Machine;
	readonly #first: Behind;

	/** @param make  makes the host in its initial state */
	constructor(make: () => MachineHost) {
		this.#make = make;
		const host = make();
		this.#machine = new Machine(host);
		this.#first = { image: host.image.snapshot(), outputs: new Set(), next: new Map() };
	}

	/** Hashes of every output behind a log. */
	outputsOf(entries: readonly Uint8Array[]): ReadonlySet<string> {
		let at = this.#first;
		for (const entry of entries) {
			const key = hashOf(entry);
			let behind = at.next.get(key);
			if (behind === undefined) at.next.set(key, behind = this.#step(at, entry));
			at = behind;
		}
		return at.outputs;
	}

	#step({ image, outputs }: Behind, entry: Uint8Array): Behind {
		const { host } = this.#machine;
		host.image.restore(image);
		this.#machine.attach();
		const more = new Set(outputs);
		const take: Outputs = { output: (_number, _entry, bytes, at, length) => { more.add(hashOf(bytes, at, length)); } };
		this.#machine.step(entry, 0, take);
		return { image: host.image.snapshot(), outputs: more, next: new Map() };
	}

	/** Says why a frame is none of the outputs. */
	explain(entries: readonly Uint8Array[], frame: Uint8Array): string {
		const oracle = new Oracle(this.#make());
		oracle.execute(entries);
		return oracle.explain(0, frame).text;
	}
}
