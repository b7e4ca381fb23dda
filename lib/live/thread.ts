import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * A thread of the built program, or one of the sources, which has to load them
 * as the main thread did.
 *
 * @param here  `import.meta.url` of who starts it
 * @param name  of the file beside it, without its extension
 */
export function newThread(here: string, name: string, workerData: unknown = null): Worker {
	const extension = extname(fileURLToPath(here));
	const file = new URL(`./${name}${extension}`, here);
	if (extension === '.js') return new Worker(file, { workerData });
	const tsx = import.meta.resolve('tsx/esm/api');
	return new Worker(`import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(file.href)}); });`, { eval: true, workerData });
}
