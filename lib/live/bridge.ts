import { execFileSync } from 'node:child_process';
import { LiveError } from './error.ts';
import type { Namespace } from './namespace.ts';

/** Addresses of a live run, those of a simulated stage. The server's are the replicated machine's, on whichever port it is. */
export const LIVE: { readonly bridge: string; readonly bridgeMac: string; readonly client: string; readonly prefix: number; readonly server: string; readonly serverMac: string } = {
	bridge: 'br0', bridgeMac: '02:00:00:00:00:0b', client: '10.0.0.11', prefix: 24, server: '10.0.0.1', serverMac: '02:00:00:00:00:01',
};

/** An entry of a bridge's forwarding table. */
export interface FdbEntry {
	readonly mac: string;
	/** the interface frames to it leave by */
	readonly port: string;
}

/** The TAP device of a replica. */
export function tapName(id: number): string {
	return `dk${id}`;
}

function asPort(bridge: string, name: string): string {
	return `link set ${name} txqueuelen 4096 master ${bridge} up`;
}

/** Puts a device of this process's network namespace under a bridge there. @throws LiveError BRIDGE_FAILED */
export function putUnder(bridge: string, name: string): void {
	try {
		execFileSync('ip', asPort(bridge, name).split(' '), { encoding: 'utf8', stdio: 'pipe' });
	} catch (error) {
		throw new LiveError('BRIDGE_FAILED', `The device '${name}' cannot be put under the bridge '${bridge}': ${(error as { stderr?: string }).stderr?.trim() ?? String(error)}.`, `Make the bridge: ip link add ${bridge} type bridge`);
	}
}

/**
 * A bridge inside a namespace. The kernel's own end of it is the client's
 * interface; each replica has a port, a TAP device that outlives it.
 */
export class Bridge {
	readonly #namespace: Namespace;
	readonly #name: string;

	constructor(namespace: Namespace, name: string = LIVE.bridge) {
		this.#namespace = namespace;
		this.#name = name;
	}

	#ip(lines: readonly string[]): void {
		this.#namespace.run(['ip', '-batch', '-'], `${lines.join('\n')}\n`);
	}

	/** Makes the bridge, with the client's address. @throws LiveError */
	build(): void {
		const { bridgeMac, client, prefix } = LIVE;
		const bridge = this.#name;
		// Router solicitations and the like would only clutter the captures.
		this.#namespace.run(['sh', '-c', 'for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done 2>/dev/null || true']);
		this.#ip([
			'link set lo up',
			`link add ${bridge} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
			`link set ${bridge} address ${bridgeMac} up`,
			`address add ${client}/${prefix} dev ${bridge}`,
		]);
	}

	/** Adds the port of a replica: a TAP device that stays when its process dies. */
	addPort(name: string): void {
		this.#ip([`tuntap add dev ${name} mode tap`, asPort(this.#name, name)]);
	}

	removePort(name: string): void {
		this.#ip([`tuntap del dev ${name} mode tap`]);
	}

	/** Has an address come and go in its table, for whoever listens to what it learns. */
	mark(mac: string): void {
		this.#namespace.run(['bridge', '-batch', '-'], `fdb replace ${mac} dev ${this.#name} self local\nfdb del ${mac} dev ${this.#name} self\n`);
	}

	/** The bridge's forwarding table, without its own addresses. */
	table(): FdbEntry[] {
		if (this.#name === '') return [];
		const text = this.#namespace.run(['bridge', '-json', 'fdb', 'show', 'br', this.#name]);
		const entries = JSON.parse(text === '' ? '[]' : text) as { mac?: string; ifname?: string; state?: string }[];
		return entries.filter(({ state }) => state !== 'permanent').map(({ mac = '', ifname = '' }) => ({ mac, port: ifname }));
	}

	/** The port an address is behind, as the bridge believes; '' where it has not learnt it. */
	portOf(mac: string): string {
		return this.table().find((entry) => entry.mac === mac)?.port ?? '';
	}

	/** Whether a port carries frames: up, and held by a process. @throws LiveError  where there is none */
	isUp(name: string): boolean {
		const [link] = JSON.parse(this.#namespace.run(['ip', '-json', 'link', 'show', 'dev', name])) as { flags?: string[] }[];
		if (link === undefined) throw new LiveError('PORT_UNKNOWN', `The bridge has no port '${name}'.`);
		return link.flags?.includes('UP') === true && link.flags.includes('LOWER_UP');
	}
}
