import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Counter, Echo, Http, Kv } from '../service/index.ts';
import type { Service } from '../service/index.ts';
import { LiveError } from './error.ts';
import { offerOwnModules } from './own-modules.ts';

/** A service as a live machine runs it. */
export interface ServiceKind {
	/** TCP port */
	readonly port: number;
	/** @param epoch  seconds since 1970 when the machine's clock stood at 0 */
	readonly make: (epoch: number) => Service;
	/** a request to rehearse with; default: none */
	readonly warm?: string;
	/** commands to try it with, given the address */
	readonly examples?: (address: string) => readonly string[];
}

export const services: { readonly [name: string]: ServiceKind } = {
	counter: { port: 7000, make: () => new Counter({ sessions: 1024 }), warm: 'inc\n', examples: (address) => [`bash -c 'exec 3<>/dev/tcp/${address}/7000; while echo inc >&3 && read -r n <&3; do echo "$n"; sleep 0.1; done'`] },
	'counter-once': { port: 7000, make: () => new Counter({ endAfter: 1 }), warm: 'inc\n', examples: (address) => [`bash -c 'exec 3<>/dev/tcp/${address}/7000; echo inc >&3; read -r n <&3; echo "$n"'`] },
	http: {
		port: 80, make: (epoch) => new Http({ epoch }), warm: 'POST /counter HTTP/1.1\r\nHost: a\r\n\r\nGET /bytes/20000 HTTP/1.1\r\nHost: a\r\n\r\nPUT /objects/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /objects/a HTTP/1.1\r\nHost: a\r\n\r\n',
		examples: (address) => [`curl http://${address}/`, `curl -X POST http://${address}/counter`, `curl -o /dev/null http://${address}/bytes/100000000`, `curl -T README.md http://${address}/objects/readme`],
	},
	kv: { port: 6379, make: () => new Kv(), warm: '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$4\r\nINCR\r\n$1\r\na\r\n', examples: (address) => [`redis-cli -h ${address}`, `redis-benchmark -h ${address} -q -t set,get,incr -n 20000`] },
	echo: { port: 7, make: () => new Echo(), warm: 'x'.repeat(2000), examples: (address) => [`bash -c 'exec 3<>/dev/tcp/${address}/7; echo hello >&3; read -r line <&3; echo "$line"'`] },
};

/** Services of files that were loaded, by their paths. */
const loaded = new Map<string, ServiceKind>();

/** Whether a service is meant that lies in a file of its own. */
export function isServiceFile(name: string): boolean { return isAbsolute(name); }

/** The service of that name. @throws LiveError SERVICE_UNKNOWN */
export function serviceOf(name: string): ServiceKind {
	const found = services[name] ?? loaded.get(name);
	if (found === undefined) throw new LiveError('SERVICE_UNKNOWN', `There is no service '${name}'.`, `There are ${Object.keys(services).join(', ')}; one of your own is given with the path of its file.`);
	return found;
}

function isKind(value: unknown): value is ServiceKind {
	const { port, make } = (value ?? {}) as Partial<ServiceKind>;
	return Number.isInteger(port) && port! > 0 && port! < 65536 && typeof make === 'function';
}

/**
 * Loads a service from its file, whose default export is a `ServiceKind`; does
 * nothing for one of the house.
 *
 * @throws LiveError  SERVICE_UNKNOWN, SERVICE_INVALID
 */
export async function loadService(name: string): Promise<void> {
	if (!isServiceFile(name) || loaded.has(name)) return;
	if (!existsSync(name)) throw new LiveError('SERVICE_UNKNOWN', `There is no file '${name}'.`);
	let module: { readonly default?: unknown };
	try {
		if (name.endsWith('ts')) (await import('tsx/esm/api')).register();
		offerOwnModules();
		module = await import(pathToFileURL(name).href) as typeof module;
	} catch (error) {
		throw new LiveError('SERVICE_INVALID', `The service file '${name}' cannot be loaded: ${error instanceof Error ? error.message : String(error)}.`);
	}
	// A file that is loaded as CommonJS hands its default over one level down.
	const found = [module.default, (module.default as { readonly default?: unknown } | undefined)?.default].find(isKind);
	if (found === undefined) throw new LiveError('SERVICE_INVALID', `'${name}' has no service as its default export: write 'export default { port: 7001, make: () => new Mine() }'.`);
	loaded.set(name, found);
}
