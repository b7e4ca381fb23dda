import { readdirSync } from 'node:fs';
import { Namespace } from '../namespace.ts';
import { clear } from '../pair.ts';
import { RunFolder, runNames } from '../run-folder.ts';

/** What recorders name things after: their own process. */
const NAME = /^dkfx-(\d+)-/;

/** Whether something was made by a recorder that is no more. */
function isLeftover(name: string): boolean {
	const pid = Number(NAME.exec(name)?.[1] ?? process.pid);
	try {
		process.kill(pid, 0);
		return false;
	} catch {
		return true;
	}
}

/** Ends a live run, if there is one of that name. */
export function removeRun(name: string): void {
	const folder = new RunFolder(name);
	if (folder.exists) clear(folder);
}

/** Removes what recorders that were killed have left behind. */
export function sweep(): void {
	for (const name of runNames().filter(isLeftover)) removeRun(name);
	let namespaces: string[] = [];
	try { namespaces = readdirSync('/run/netns'); } catch { /* there has never been one */ }
	for (const name of namespaces.filter(isLeftover)) new Namespace({ name, pid: 0, started: '' }).remove();
}
