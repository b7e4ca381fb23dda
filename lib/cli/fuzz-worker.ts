import { parentPort } from 'node:worker_threads';
import { targets } from '../files/fuzz-targets.ts';
import { covered } from '../search/coverage.ts';
import { search } from '../search/property.ts';
import type { AnyProperty, Outcome } from '../search/property.ts';

/** What a worker is asked: so many cases of one property, from one seed. */
export interface FuzzJob {
	readonly property: string;
	readonly seed: number;
	readonly runs: number;
}

/** What it found, and everything it has ever covered. */
export interface FuzzAnswer {
	readonly outcome: Omit<Outcome, 'exhibit'>;
	readonly covered: readonly string[];
}

/** Tries the cases of a job. */
export function tryCases(property: AnyProperty, { seed, runs }: FuzzJob, progress?: (runs: number) => void): FuzzAnswer {
	const { exhibit: _, ...outcome } = search(property, { seed, runs, ...(progress === undefined ? {} : { progress }) });
	return { outcome, covered: covered() };
}

// Imported by the main thread, it does nothing of itself.
parentPort?.on('message', (job: FuzzJob) => { parentPort!.postMessage(tryCases(targets.find(({ name }) => name === job.property)!, job), []); });
