import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ArbiterServer, LIVE, Poller, runLone, serviceOf } from '../../live/index.ts';
import { CommandError, EXIT_OK, EXIT_VIOLATED } from '../exit.ts';
import type { Screen } from '../screen.ts';
import { leaseKnobs, serviceNamed } from './commands.ts';

export interface ReplicaOptions {
	readonly name: string;
	readonly json?: true;
	readonly service: string;
	readonly tap: string;
	readonly bridge?: string;
	readonly listen: string;
	readonly connect?: string;
	readonly arbiter: string;
	readonly address: string;
	readonly mac: string;
	readonly lease?: string;
	readonly journal?: true;
}

/** `HOST:PORT` as a stream's address. */
async function streamAt(option: string, text: string): Promise<string> {
	const [, host = '', port = '0'] = /^([^:]+):(\d+)$/.exec(text) ?? [];
	if (host === '' || !(Number(port) > 0 && Number(port) < 65_536)) throw new CommandError(`${option} ${text} is no address: give HOST:PORT.`);
	try {
		return `tcp:${(await lookup(host, 4)).address}:${port}`;
	} catch {
		throw new CommandError(`${option} ${text}: nobody knows an IPv4 address of '${host}'.`);
	}
}

/** A folder, which has to be there, or the address of an arbiter that runs. */
async function arbiterAt(text: string): Promise<string> {
	if (text.startsWith('tcp:')) return streamAt('--arbiter', text.slice(4));
	return ledgerAt('--arbiter', text);
}

function ledgerAt(option: string, text: string): string {
	if (!existsSync(text)) throw new CommandError(`${option} ${text}: there is no such folder. Make it, once: one that vanished is not to be taken for an empty one.`);
	return resolve(text);
}

function addressOf(text: string): { readonly address: string; readonly prefix: number } {
	const [, address = '', prefix = ''] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text) ?? [];
	if (address.split('.').some((octet) => !(Number(octet) < 256)) || address === '' || !(Number(prefix) <= 30)) throw new CommandError(`--address ${text} is none: give an IPv4 address with the length of its prefix, such as ${LIVE.server}/${LIVE.prefix}.`);
	return { address, prefix: Number(prefix) };
}

/** `live replica`: runs until the replica ends. */
export async function replica(options: ReplicaOptions, screen: Screen): Promise<number> {
	if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(options.mac)) throw new CommandError(`--mac ${options.mac} is none: six pairs of hexadecimal digits, such as ${LIVE.serverMac}.`);
	const { name, tap, mac, bridge = '' } = options;
	const service = await serviceNamed(options.service);
	const knobs = options.lease === undefined ? {} : leaseKnobs(options.lease);
	const at = addressOf(options.address);
	const listen = await streamAt('--listen', options.listen);
	const connect = options.connect === undefined ? '' : await streamAt('--connect', options.connect);
	const arbiter = await arbiterAt(options.arbiter);
	const reason = await runLone({ name, service, tap, bridge, mac, ...at, listen, connect, arbiter, journal: options.journal === true, knobs }, ({ id, role }) => {
		const { port } = serviceOf(service);
		if (options.json) screen.print(JSON.stringify({ ok: true, name, id, pid: process.pid, role, address: at.address, port, tap, listen, connect, arbiter }));
		else screen.print(`replica ${id}: ${options.service} at ${at.address} port ${port} by the device ${tap}; ${role === 'alone' ? 'it founds the machine' : `it joins whoever speaks at ${connect}`}`);
	});
	screen.say(`the replica has ended: ${reason}`);
	return reason === 'stopped' ? EXIT_OK : EXIT_VIOLATED;
}

/** `live arbiter`: serves until it is ended by a signal. */
export async function arbiter(options: { readonly listen: string; readonly ledger: string; readonly json?: true }, screen: Screen): Promise<number> {
	const poller = new Poller();
	const listen = await streamAt('--listen', options.listen);
	const ledger = ledgerAt('--ledger', options.ledger);
	const server = new ArbiterServer(poller, listen, ledger);
	screen.print(options.json ? JSON.stringify({ ok: true, pid: process.pid, listen, ledger }) : `the arbiter is asked at ${listen}, and keeps its ledger in ${ledger}`);
	for (let complaint = ''; ;) {
		if (poller.wait(Infinity)) poller.serve();
		const now = server.arbiter.fault?.message ?? '';
		if (now !== complaint) screen.say(now === '' ? 'the ledger can be reached again' : `silent: ${now}`);
		complaint = now;
	}
}
