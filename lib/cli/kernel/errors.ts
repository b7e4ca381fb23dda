import { constants } from 'node:os';

/** Errors of sockets that Node has no name for. */
const MORE: Readonly<Record<number, string>> = { 64: 'ENONET', 108: 'ESHUTDOWN', 112: 'EHOSTDOWN' };
const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(constants.errno).filter(([name]) => name !== 'EWOULDBLOCK').map(([name, number]) => [number, name]));

/** An error's name as scripts write it. */
export function errorName(errno: number): string {
	return NAMES.get(errno) ?? MORE[errno] ?? `errno ${errno}`;
}
