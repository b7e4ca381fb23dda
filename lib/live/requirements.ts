import { accessSync, constants, existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { LiveError } from './error.ts';
import { libc } from './libc.ts';
import { TUN_DEVICE } from './tap.ts';

/** What is missing for live runs, and what mends it. */
export interface Lack {
	readonly code: string;
	readonly what: string;
	readonly remedy: string;
}

/** Whether a program can be started. */
export function hasProgram(name: string): boolean {
	return (process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin').split(':').some((folder) => existsSync(`${folder}/${name}`));
}

/** Whether this process is root, so that a namespace can have a name. */
export function isRoot(): boolean {
	return process.getuid?.() === 0;
}

function tunLack(): Lack | null {
	if (!existsSync(TUN_DEVICE)) return { code: 'TUN_MISSING', what: `${TUN_DEVICE} is missing`, remedy: 'modprobe tun' };
	try {
		accessSync(TUN_DEVICE, constants.R_OK | constants.W_OK);
		return null;
	} catch {
		return { code: 'NOT_PERMITTED', what: `${TUN_DEVICE} may be used by root alone`, remedy: 'sudo chmod 0666 /dev/net/tun, or run as root' };
	}
}

function namespaceLack(): Lack | null {
	const [program, ...flags] = isRoot() ? ['unshare', '-n', 'true'] : ['unshare', '-Urn', 'true'];
	if (!hasProgram('unshare')) return { code: 'UNSHARE_MISSING', what: 'the program unshare is missing', remedy: 'apt-get install util-linux' };
	if (spawnSync(program!, flags, { stdio: 'ignore' }).status === 0) return null;
	return { code: 'NOT_PERMITTED', what: isRoot() ? 'network namespaces may not be made here' : 'user namespaces may not be made by this user', remedy: isRoot() ? 'run with CAP_SYS_ADMIN' : 'run as root, or: sysctl kernel.unprivileged_userns_clone=1' };
}

/** What this machine lacks for live runs; empty where nothing. */
export function lacks(): Lack[] {
	try {
		libc();
	} catch (error) {
		if (!(error instanceof LiveError)) throw error;
		return [{ code: error.code, what: error.message, remedy: error.remedy }];
	}
	const ip: Lack | null = hasProgram('ip') ? null : { code: 'IP_MISSING', what: 'the program ip is missing', remedy: 'apt-get install iproute2' };
	return [tunLack(), ip, namespaceLack()].filter((lack) => lack !== null);
}

/** @throws LiveError  with the first thing that is missing */
export function require(): void {
	const [lack] = lacks();
	if (lack !== undefined) throw new LiveError(lack.code, `Live runs are not possible here: ${lack.what}.`, `Mend it: ${lack.remedy}`);
}
