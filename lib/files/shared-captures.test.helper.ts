import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A folder of captures kept beside the repository, for tests: `../shared`
 * from the folder that holds package.json, or the environment's
 * DUPACK_SHARED. Undefined, and one line that says so, where it is absent.
 *
 * @param name  below `captures/`
 */
export function sharedCaptures(name: string): string | undefined {
	const folder = join(process.env['DUPACK_SHARED'] ?? join(repository(), '..', 'shared'), 'captures', name);
	if (existsSync(folder)) return folder;
	console.log(`SKIP the captures of ${join('shared', 'captures', name)} are not here`);
	return undefined;
}

/** Names of the captures in a folder, in a fixed order. */
export function captureNames(folder: string): string[] {
	return readdirSync(folder).filter((name) => /\.(?:p?cap|pcapng)(?:\.gz)?$/.test(name)).sort();
}

function repository(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
	return folder;
}
