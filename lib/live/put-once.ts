import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

let tries = 0;

function write(path: string, text: string, lasting: boolean): void {
	const file = openSync(path, 'wx');
	try {
		// All of it, or an error: a full disk may take a part.
		writeFileSync(file, text);
		if (lasting) fsyncSync(file);
	} finally {
		closeSync(file);
	}
}

/** The names in a folder are on the disk too. */
function settle(path: string): void {
	const folder = openSync(path, 'r');
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}

/** Why a call on files failed, by its name. */
export function reasonOf(error: unknown): string {
	return (error as NodeJS.ErrnoException).code ?? String(error);
}

/**
 * Makes a file in a folder that others reach too, whole and in one act: it is
 * written under another name, and named by link(2), which only one can do and
 * which never shows half a file.
 *
 * @param lasting  whether it has to outlive this machine
 * @returns        false where there is such a file already, which stays
 * @throws         what the file system throws
 */
export function putOnce(folder: string, name: string, text: string, lasting: boolean): boolean {
	const draft = join(folder, `.draft-${process.pid}-${++tries}`);
	try {
		write(draft, text, lasting);
		linkSync(draft, join(folder, name));
		if (lasting) settle(folder);
		return true;
	} catch (error) {
		if (reasonOf(error) === 'EEXIST') return false;
		throw error;
	} finally {
		rmSync(draft, { force: true });
	}
}
