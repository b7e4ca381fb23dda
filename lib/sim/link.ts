import type { ScriptedFault } from './faults.ts';
import { Lane, type LaneOptions } from './lane.ts';

/** One end of a link: the name of a place, and a port of the machine there. */
export type End = readonly [place: string, port: number];

/** A link: how both directions behave, and where they differ. */
export interface LinkOptions extends LaneOptions {
	/** by default made of its ends */
	readonly name?: string;
	/** what is different from the first end to the second */
	readonly forth?: LaneOptions;
	/** what is different from the second end to the first */
	readonly back?: LaneOptions;
}

/** A cable between two ports: two lanes that are cut and restored together. */
export class Link {
	/** Its number in the world, and in the trace. */
	readonly id: number;
	readonly name: string;
	readonly a: End;
	readonly b: End;
	/** from `a` to `b` */
	readonly forth: Lane;
	/** from `b` to `a` */
	readonly back: Lane;
	/** False while it is cut; `World.cut` and `World.mend` change it. */
	up: boolean;

	constructor(id: number, seed: number, a: End, b: End, options: LinkOptions) {
		const { name = `${a[0]}:${a[1]} ${b[0]}:${b[1]}`, forth = {}, back = {}, ...both } = options;
		this.id = id;
		this.name = name;
		this.a = a;
		this.b = b;
		this.up = true;
		this.forth = new Lane(seed, name, 'forth', { ...both, ...forth });
		this.back = new Lane(seed, name, 'back', { ...both, ...back });
	}

	/** Changes how both directions behave from now on. */
	set(options: LaneOptions): void {
		this.forth.set(options);
		this.back.set(options);
	}

	/** The lane by which frames of this place leave. */
	from(place: string): Lane {
		return place === this.a[0] ? this.forth : this.back;
	}

	/** Adds a scripted fault to the frames that this place sends. */
	script(place: string, fault: ScriptedFault): void {
		this.from(place).script(fault);
	}
}
