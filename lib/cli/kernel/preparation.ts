import type { Args } from '../../packetdrill/run/args.ts';
import { done } from '../../packetdrill/run/subject.ts';
import type { Outcome, Plain } from '../../packetdrill/run/subject.ts';
import type { KernelFile, KernelProcess } from './process.ts';
import { Structs } from './structs.ts';

/** A call ready to be made: `finish` reads what it wrote where it did not fail, `failed` is told where it did. */
export interface Prepared {
	readonly name: string;
	readonly args: readonly (number | bigint)[];
	finish(value: number): Outcome;
	readonly failed?: () => void;
}

/** What a call needs to be prepared; `at` numbers are places in the memory of calls. */
export class Preparation {
	readonly process: KernelProcess;
	readonly args: Args;
	readonly structs: Structs;

	constructor(process: KernelProcess, args: Args) {
		this.process = process;
		this.args = args;
		this.structs = new Structs(process.caller);
	}

	/** The file an argument names. @throws NoFile */
	file(i = 0): KernelFile {
		const file = this.process.files.get(this.args.number(i));
		if (file === undefined) throw new NoFile();
		return file;
	}

	address(at: number): bigint { return this.process.caller.address(at); }
}

/** A number that is no file's. */
export class NoFile extends Error {}

export type Prepare = (p: Preparation) => Prepared;

export function plain(value: number): Outcome { return done(value); }

export function withOut(value: number, i: number, out: Plain): Outcome { return done(value, new Map<number, Plain>([[i, out]])); }
