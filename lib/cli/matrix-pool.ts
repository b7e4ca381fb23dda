import { availableParallelism } from 'node:os';
import { newThread } from '../live/thread.ts';
import { cellsOf } from '../study/matrix/index.ts';
import type { Cell, Coordinates } from '../study/matrix/index.ts';
import type { MatrixJob } from './matrix-worker.ts';

/** From how many combinations on it pays to begin threads. */
const FEW = 12;

interface Answer {
	readonly place: number;
	readonly cells: readonly Cell[];
}

/** Runs jobs one after the other in one thread, taking the next whenever it is done. */
function serve(jobs: MatrixJob[], take: (answer: Answer) => void): Promise<void> {
	const worker = newThread(import.meta.url, 'matrix-worker');
	return new Promise((resolve, reject) => {
		const next = (): void => {
			const job = jobs.shift();
			if (job === undefined) void worker.terminate().then(() => { resolve(); });
			else worker.postMessage(job, []);
		};
		worker.on('error', reject);
		worker.on('message', (answer: Answer) => {
			take(answer);
			next();
		});
		next();
	});
}

/**
 * Runs combinations on as many threads as there are cores. Seeds go in and cells
 * come out, so that the order of the threads cannot be seen in what comes of it.
 *
 * @param done  told after each combination: how many are done, and how many cells there are
 */
export async function runCombinations(combinations: readonly Coordinates[], seed: number, threads: number, done: (combinations: number, cells: number) => void): Promise<Cell[]> {
	const found: (readonly Cell[])[] = [];
	let count = 0, cells = 0;
	const take = ({ place, cells: some }: Answer): void => {
		found[place] = some;
		cells += some.length;
		done(++count, cells);
	};
	const jobs = combinations.map((coordinates, place): MatrixJob => ({ place, coordinates, seed }));
	const many = threads > 0 ? threads : combinations.length < FEW ? 1 : availableParallelism();
	if (many === 1) for (const { place, coordinates } of jobs) take({ place, cells: cellsOf(coordinates, seed) });
	else await Promise.all(Array.from({ length: many }, () => serve(jobs, take)));
	return found.flat();
}
