import { Counter, Echo } from '../service/index.ts';
import type { Service } from '../service/index.ts';
import { LiveError } from './error.ts';

/** A service as a live machine runs it. */
export interface ServiceKind {
	/** TCP port */
	readonly port: number;
	readonly make: () => Service;
	/** commands to try it with, given the address */
	readonly examples: (address: string) => readonly string[];
}

export const services: { readonly [name: string]: ServiceKind } = {
	counter: { port: 7000, make: () => new Counter({ sessions: 1024 }), examples: (address) => [`bash -c 'exec 3<>/dev/tcp/${address}/7000; while echo inc >&3 && read -r n <&3; do echo "$n"; sleep 0.1; done'`] },
	'counter-once': { port: 7000, make: () => new Counter({ endAfter: 1 }), examples: (address) => [`bash -c 'exec 3<>/dev/tcp/${address}/7000; echo inc >&3; read -r n <&3; echo "$n"'`] },
	echo: { port: 7, make: () => new Echo(), examples: (address) => [`bash -c 'exec 3<>/dev/tcp/${address}/7; echo hello >&3; read -r line <&3; echo "$line"'`] },
};

/** The service of that name. @throws LiveError SERVICE_UNKNOWN */
export function serviceOf(name: string): ServiceKind {
	const found = services[name];
	if (found === undefined) throw new LiveError('SERVICE_UNKNOWN', `There is no service '${name}'.`, `There are ${Object.keys(services).join(', ')}.`);
	return found;
}
