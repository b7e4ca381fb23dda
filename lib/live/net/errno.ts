import { constants } from 'node:os';

/** An error as Node's `net` gives it. */
export interface NetError extends Error {
	readonly code: string;
	readonly errno: number;
	readonly syscall: string;
	address?: string;
	port?: number;
}

/** Makes the error of a call: `connect ECONNREFUSED 10.0.0.1:80`, with `code`, `errno`, `syscall` and where it went. */
export function netError(code: string, syscall: string, address: string = '', port: number = 0): NetError {
	const where = address === '' ? '' : ` ${address}:${port}`;
	const errno = (constants.errno as { readonly [name: string]: number })[code] ?? 0;
	const error: NetError = Object.assign(new Error(`${syscall} ${code}${where}`), { code, errno: -errno, syscall });
	return address === '' ? error : Object.assign(error, { address, port });
}
