import { parentPort } from 'node:worker_threads';
import { cellsOf } from '../study/matrix/index.ts';
import type { Coordinates } from '../study/matrix/index.ts';

/** What a worker is asked: one combination of the matrix. */
export interface MatrixJob {
	readonly place: number;
	readonly coordinates: Coordinates;
	readonly seed: number;
}

// Imported by the main thread for the type alone, it does nothing.
parentPort?.on('message', ({ place, coordinates, seed }: MatrixJob) => {
	parentPort!.postMessage({ place, cells: cellsOf(coordinates, seed) }, []);
});
