import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIVE } from '../bridge.ts';
import { LiveError } from '../error.ts';
import { Namespace } from '../namespace.ts';
import type { End, Fault } from './fault.ts';
import { Puppet } from './puppet.ts';
import { Tcpdump } from './tcpdump.ts';
import type { WireOrder } from './wire-main.ts';

/** Addresses at the two ends, of IPv4 and of IPv6. */
export const ADDRESSES: { readonly [E in End]: { readonly mac: string; readonly v4: string; readonly v6: string } } = {
	client: { mac: LIVE.bridgeMac, v4: LIVE.client, v6: 'fd00::b' },
	server: { mac: LIVE.serverMac, v4: LIVE.server, v6: 'fd00::1' },
};
const PREFIX_V6 = 64;
const MIRRORS: { readonly [E in End]: string } = { client: 'dkfx-mc', server: 'dkfx-ms' };
const ENDS: { readonly [E in End]: string } = { client: 'dkfx-c', server: 'dkfx-s' };

/** What is between two hosts, and what they are. */
export interface StageOptions {
	readonly faults?: readonly Fault[];
	/** one way, µs; default 5 ms */
	readonly delay?: number;
	readonly vlan?: number;
	/** a service of ours at the server's end; '' (default): the kernel's own TCP */
	readonly service?: string;
	/** the profile of its stack; default `linux` */
	readonly profile?: 'linux' | 'rfc';
	/** both ends have addresses of IPv6 too; default no, and then nothing of it is on the wire */
	readonly ipv6?: boolean;
	/** below /proc/sys/net/ipv4, for both or for one of the kernels */
	readonly sysctl?: { readonly [name: string]: string };
	readonly clientSysctl?: { readonly [name: string]: string };
	readonly serverSysctl?: { readonly [name: string]: string };
}

/** Has a kernel keep IPv6 to itself. */
const NO_IPV6 = ['sh', '-c', 'for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done'];
const extension = extname(import.meta.url);

function modulePath(name: string): string {
	return fileURLToPath(new URL(`./${name}${extension}`, import.meta.url));
}

/**
 * Two hosts in namespaces of their own and a wire between them, in a third with
 * its mirrors. All of it goes when the use ends, however it ends.
 */
export class Stage {
	readonly #options: StageOptions;
	readonly #namespaces: Map<string, Namespace> = new Map();
	readonly #children: ChildProcess[] = [];
	#client: Puppet | null = null;
	#server: Puppet | null = null;

	private constructor(options: StageOptions) {
		this.#options = options;
	}

	static async use<T>(options: StageOptions, work: (stage: Stage) => Promise<T>): Promise<T> {
		const stage = new Stage(options);
		const clear = (): void => stage.#clear();
		process.once('exit', clear);
		try {
			await stage.#build();
			return await work(stage);
		} finally {
			stage.#clear();
			process.off('exit', clear);
		}
	}

	#clear(): void {
		for (const child of this.#children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
		for (const namespace of this.#namespaces.values()) namespace.remove();
		this.#namespaces.clear();
	}

	/** The client, on the kernel's sockets. */
	get client(): Puppet { return this.#client!; }

	/** The server on the kernel's sockets. @throws LiveError where a service of ours stands there */
	get server(): Puppet {
		if (this.#server === null) throw new LiveError('NO_PUPPET', 'At the server\'s end stands a service of ours.');
		return this.#server;
	}

	#in(name: string): Namespace {
		return this.#namespaces.get(name)!;
	}

	async #build(): Promise<void> {
		const { service = '' } = this.#options;
		const ends: End[] = service === '' ? ['client', 'server'] : ['client'];
		for (const name of ['wire', ...ends]) this.#namespaces.set(name, await Namespace.make(`dkfx-${process.pid}-${name}`));
		// A kernel that only mirrors has nothing to say.
		this.#in('wire').run(NO_IPV6);
		await this.#startWire(service, ends);
		this.#in('wire').run(['ip', '-batch', '-'], [
			...Object.values(MIRRORS).map((name) => `link set ${name} up`),
			...ends.map((end) => `link set ${ENDS[end]} netns ${this.#in(end).record.name}`),
		].join('\n'));
		for (const end of ends) this.#configure(end);
		this.#client = this.#puppet('client', 'abcdefghijklmnopqrstuvwxyz');
		if (service === '') this.#server = this.#puppet('server', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
	}

	async #startWire(service: string, ends: readonly End[]): Promise<void> {
		const { faults = [], delay = 5000, vlan = 0, profile = 'linux' } = this.#options;
		const { v4, v6 } = ADDRESSES.server;
		const order: WireOrder = {
			faults, delay, vlan, service, profile, addresses: [`${v4}/${LIVE.prefix}`, `${v6}/${PREFIX_V6}`],
			taps: [ENDS.client, ends.includes('server') ? ENDS.server : '', MIRRORS.client, MIRRORS.server],
		};
		const [program, ...rest] = [...this.#in('wire').prefix, process.execPath, ...process.execArgv, modulePath('wire-main'), JSON.stringify(order)];
		const child = spawn(program!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.#children.push(child);
		await new Promise<void>((resolve, reject) => {
			child.stdout.once('data', () => resolve());
			child.once('exit', (code) => reject(new LiveError('WIRE_FAILED', `The wire ended with ${code}.`)));
		});
	}

	#configure(end: End): void {
		const { sysctl, clientSysctl, serverSysctl, ipv6 = false } = this.#options;
		const { mac, v4, v6 } = ADDRESSES[end];
		const name = ENDS[end];
		const settings = Object.entries({ ...sysctl, ...(end === 'client' ? clientSysctl : serverSysctl) });
		if (settings.length > 0) this.#in(end).run(['sh', '-e'], settings.map(([key, value]) => `echo '${value}' > /proc/sys/net/ipv4/${key}\n`).join(''));
		if (!ipv6) this.#in(end).run(NO_IPV6);
		this.#in(end).run(['ip', '-batch', '-'], [
			'link set lo up',
			// Without an address of the link there is nobody to solicit routers.
			...(ipv6 ? [`link set ${name} addrgenmode none`] : []),
			`link set ${name} address ${mac} up`,
			`address add ${v4}/${LIVE.prefix} dev ${name}`,
			...(ipv6 ? [`address add ${v6}/${PREFIX_V6} dev ${name} nodad`] : []),
		].join('\n'));
	}

	#puppet(end: End, letters: string): Puppet {
		const puppet = new Puppet(end, [...this.#in(end).prefix, process.execPath, ...process.execArgv, modulePath('puppet-main'), letters]);
		this.#children.push(puppet.child);
		return puppet;
	}

	/** Records what is seen at one end of the wire. */
	async record(end: End, options: readonly string[] = []): Promise<Tcpdump> {
		return this.#recorded('wire', ['-i', MIRRORS[end], '-Q', 'in', ...options]);
	}

	/** Records what the client's kernel sees on all its devices at once: Linux's cooked frames. */
	async recordCooked(options: readonly string[] = []): Promise<Tcpdump> {
		return this.#recorded('client', ['-i', 'any', ...options]);
	}

	async #recorded(name: string, options: readonly string[]): Promise<Tcpdump> {
		const dump = await Tcpdump.start(this.#in(name), options);
		this.#children.push(dump.child);
		return dump;
	}
}
