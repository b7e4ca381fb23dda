import type { End } from './fault.ts';
import type { Sum } from './puppet-main.ts';
import type { Stage, StageOptions } from './stage.ts';

/** What was read on one connection, by the applications' own account. */
export interface Crossing { readonly toServer: Sum; readonly toClient: Sum }

/** What is played, and recorded as one capture or as two. */
export interface Scene {
	/** what the captures show, for people */
	readonly shows: string;
	/** how it came about, for people */
	readonly made: string;
	readonly stage: StageOptions;
	readonly captures: readonly CaptureOptions[];
	/** @returns  for each connection that ended in order, what crossed; empty where it did not */
	play(stage: Stage): Promise<readonly Crossing[]>;
}

/** One file. */
export interface CaptureOptions {
	readonly file: string;
	/** the end of the wire it is recorded at; `cooked`: inside the client's kernel, on all its devices */
	readonly at: End | 'cooked';
	readonly options?: readonly string[];
	/** flags without which it does not show what it is for; `a or b` where the round trip decides which of them it is */
	readonly must: readonly string[];
}
