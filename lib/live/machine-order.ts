import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Host } from '../host/index.ts';
import { machinePool } from '../replica/index.ts';
import type { Identity, Likeness } from '../replica/index.ts';
import { linux } from '../../tcp/index.ts';
import type { Profile } from '../../tcp/index.ts';
import { parseAddress, parseMac } from '../wire/address.ts';
import { isServiceFile, serviceOf } from './services.ts';

/** What makes a machine, as a file can hold it: whoever has the same order makes the same machine. */
export interface MachineOrder {
	readonly mac: string;
	/** IPv4 */
	readonly address: string;
	readonly prefix: number;
	readonly service: string;
	/** seconds since 1970 when its clock stood at 0 */
	readonly epoch: number;
	/** what its generator begins with, hex */
	readonly seed: string;
	/** connections at once */
	readonly connections: number;
	/** pages of 4 KiB for TCP's queues */
	readonly pages: number;
}

/** Linux's constants, with the buffers that it grows to by itself. */
const profile: Profile = { ...linux, sendBuffer: 0x10_0000, receiveBuffer: 0x10_0000 };

/** The machine in its initial state. */
export function makeMachine(order: MachineOrder): Host {
	return new Host({
		mac: order.mac, addresses: [`${order.address}/${order.prefix}`], profile, application: serviceOf(order.service).make(order.epoch), pools: [machinePool],
		seed: Uint8Array.from(Buffer.from(order.seed, 'hex')), tcp: { connections: order.connections }, pages: order.pages, fast: true, quotas: { neighbours: 64, udpSockets: 4 },
	});
}

/** What its announcements bear. */
export function identityOf(order: MachineOrder): Identity {
	return { mac: parseMac(order.mac), address: parseAddress(order.address) };
}

function digest(...parts: readonly (string | Uint8Array)[]): string {
	const hash = createHash('sha256');
	for (const part of parts) hash.update(part);
	return hash.digest('hex').slice(0, 16);
}

/** The rooms whose code decides what a machine does. */
const ROOMS = ['lib/memory', 'lib/wire', 'tcp', 'lib/host', 'lib/service', 'lib/replica'];

/** Digest of the code this process runs, a service's own file included. */
function buildDigest(service: string): string {
	const extension = extname(import.meta.url);
	const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
	const files = ROOMS.flatMap((room) => readdirSync(join(root, room), { recursive: true }).map((name) => join(root, room, String(name))));
	const sources = files.filter((name) => name.endsWith(extension) && !name.includes('.test.') && !name.endsWith('.d.ts')).sort();
	return digest(...[...sources, ...(isServiceFile(service) ? [service] : [])].map((name) => readFileSync(name)));
}

/** What two replicas of a machine have to have in common. */
export function likenessOf(order: MachineOrder, host: Host): Likeness {
	return { build: buildDigest(order.service), layout: host.image.digest(), profile: digest(JSON.stringify(order)) };
}
