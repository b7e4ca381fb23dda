import type { Worker } from 'node:worker_threads';
import { newThread } from '../live/thread.ts';
import type { AnyProperty } from '../search/property.ts';
import { tryCases } from './fuzz-worker.ts';
import type { FuzzAnswer, FuzzJob } from './fuzz-worker.ts';

/** Threads, or this one, that try cases. */
export class FuzzPool {
	readonly #workers: Worker[];

	/** @param jobs  threads; 1: none but this one */
	constructor(jobs: number) {
		this.#workers = jobs > 1 ? Array.from({ length: jobs }, () => newThread(import.meta.url, 'fuzz-worker')) : [];
	}

	/**
	 * Tries one job after the other until none is left. What they find is handed
	 * over in the order of the jobs, whichever thread is done first.
	 *
	 * @param property  what the jobs are about; threads know it by its name
	 * @param next  the next job; null: there are no more
	 * @param take  gets what came of each; true: enough
	 */
	async run(property: AnyProperty, next: (place: number) => FuzzJob | null, take: (answer: FuzzAnswer) => boolean, progress: (runs: number) => void): Promise<void> {
		if (this.#workers.length === 0) {
			for (let place = 0, job = next(0); job !== null; job = next(++place)) if (take(tryCases(property, job, progress))) return;
			return;
		}
		let place = 0, handed = 0, over = false;
		const found = new Map<number, FuzzAnswer>();
		const done = (at: number, answer: FuzzAnswer): void => {
			found.set(at, answer);
			for (let first = found.get(handed); first !== undefined && !over; first = found.get(handed)) {
				found.delete(handed++);
				over = take(first);
			}
		};
		await Promise.all(this.#workers.map((worker) => new Promise<void>((resolve, reject) => {
			let at = 0;
			const go = (): void => {
				const job = over ? null : next(at = place++);
				if (job === null) {
					worker.removeAllListeners();
					resolve();
				} else worker.postMessage(job, []);
			};
			worker.on('error', reject);
			worker.on('message', (answer: FuzzAnswer) => {
				done(at, answer);
				go();
			});
			go();
		})));
	}

	async end(): Promise<void> { await Promise.all(this.#workers.map((worker) => worker.terminate())); }
}
