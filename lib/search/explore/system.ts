import type { Host } from '../../host/index.ts';
import type { World } from '../../sim/index.ts';
import type { Scene } from '../../study/index.ts';
import type { Watch } from './watch.ts';

/** What can go wrong while a system is explored. The first four befall single frames of links that are not trusted. */
export const faultKinds = ['drop', 'dup', 'delay', 'reorder', 'crash', 'cut'] as const;
export type FaultKind = (typeof faultKinds)[number];

/**
 * A world at the moment exploring begins, with what may befall it. Its links
 * take no time: while frames are under way time stands still, and it jumps to
 * the next timer when none is. What is slower than that is a delayed frame.
 */
export interface System {
	/** every output is on its link; it has a trace, and every machine saves and restores itself */
	readonly world: World;
	/** machines whose TCP is watched, by place */
	readonly hosts: ReadonlyMap<string, Host>;
	/** places that only pass frames on, at once */
	readonly through: readonly string[];
	/** places that may crash, links that may be cut, links whose single frames may be lost, repeated, delayed, overtaken: by name */
	readonly mayCrash: readonly string[];
	readonly mayBeCut: readonly string[];
	readonly mayFail: readonly string[];
	/** how late a delayed frame or a copy may arrive, µs */
	readonly patience: number;
	/** how much later it comes than what it comes behind, µs; above 0 where a late SYN can open a connection, since clocks have to tick between two of one name (RFC 6528 §3) */
	readonly tick: number;
	readonly watch: Watch<unknown>;
	/** what else of a machine decides whether a history may end so, as text; of one whose TCP is watched */
	describe(place: string): string;
	/** what a ladder is drawn of */
	readonly scene: Scene;
}

/** A system that can be explored by name. */
export interface Explorable {
	readonly name: string;
	/** one sentence: what is explored */
	readonly text: string;
	/** what befalls it where nothing else is asked for, and how often at most: frames, machines, links */
	readonly faults: readonly FaultKind[];
	readonly most: Spending;
	/** Makes the system anew, the same each time. */
	build(): System;
}

/** How often something of a kind has happened, or may. */
export interface Spending {
	/** single frames lost, repeated, delayed or overtaken */
	readonly frames: number;
	readonly crashes: number;
	readonly cuts: number;
}
