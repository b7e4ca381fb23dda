import type { Host } from '../../host/index.ts';
import type { Replica } from '../../replica/index.ts';
import { formatAddress } from '../../wire/address.ts';
import { LISTEN, Tcb, stateNames } from '../../../tcp/index.ts';
import type { Stage } from '../stage.ts';
import { entryRows, outputRows } from './entries.ts';
import type { Row } from './row.ts';

/** How a world stands between two steps. */
export interface View {
	/** world time, µs */
	readonly time: number;
	readonly step: number;
	/** the machines, in the order of the values; the replicas are the first two */
	readonly places: readonly string[];
	readonly groups: readonly { readonly title: string; readonly rows: readonly Row[] }[];
	/** what is to happen next, soonest first, in words */
	readonly pending: readonly string[];
}

/** A control block by the names of RFC 9293, sequence numbers counted from their first. */
interface Block {
	readonly key: string;
	readonly fields: readonly (readonly [name: string, value: string])[];
}

function sequence(number: number, first: number): string {
	return String((number - first) | 0);
}

/** When a timer is due, ms of the machine's clock. */
function timer(due: number): string {
	return due === 0 ? '–' : `${(due / 1000).toFixed(3)}`;
}

function block(tcb: Tcb, u8: Uint8Array): Block {
	const address = tcb.remote.addr;
	const peer = `${formatAddress(u8, address)}:${tcb.remote.port}`;
	return {
		key: `${tcb.local.port} ${peer}`,
		fields: [
			['state', stateNames[tcb.state] ?? String(tcb.state)],
			['snd.una', sequence(tcb.snd.una, tcb.snd.iss)], ['snd.nxt', sequence(tcb.snd.nxt, tcb.snd.iss)], ['snd.wnd', String(tcb.snd.wnd)],
			['rcv.nxt', tcb.rcv.irs === 0 && tcb.rcv.nxt === 0 ? '–' : sequence(tcb.rcv.nxt, tcb.rcv.irs)], ['rcv.wnd', String((tcb.rcv.edge - tcb.rcv.nxt) | 0)],
			['send queue', String(tcb.sendq.length)], ['receive queue', String(tcb.recvq.length)],
			['cwnd', String(tcb.cc.cwnd)], ['srtt', tcb.rtt.has === 0 ? '–' : String(tcb.rtt.srtt >> 3)], ['rto', String(tcb.rtt.rto)],
			['retransmission due', timer(tcb.timer.rexmt)], ['delayed ACK due', timer(tcb.timer.delack)], ['TIME-WAIT until', timer(tcb.timer.wait)],
		],
	};
}

/** The control blocks of a host's connections, listeners left out. */
function blocksOf({ image }: Host): Block[] {
	const pool = image.pool('tcb');
	const tcb = new Tcb(image);
	const blocks: Block[] = [];
	for (let at = image.first(pool); at !== 0; at = image.next(pool, at)) {
		tcb.go(at);
		if (tcb.state !== LISTEN) blocks.push(block(tcb, image.u8));
	}
	return blocks;
}

function row(key: string, values: readonly string[], compared: boolean = false): Row {
	return { key, name: key, values, compared };
}

/** The two replicas as they stand, each in its own words. */
function replicaRows(stage: Stage, replicas: readonly Replica[]): Row[] {
	const of = (key: string, tell: (replica: Replica, computer: 'primary' | 'backup') => string, compared = false): Row =>
		row(key, replicas.map((replica, i) => tell(replica, i === 0 ? 'primary' : 'backup')), compared);
	const place = (computer: string): { standing: string; outputs: number } => stage.world.place(computer);
	return [
		of('stands', (_replica, computer) => place(computer).standing),
		of('role', (replica) => replica.role + (replica.haltReason === '' ? '' : ` (${replica.haltReason})`)),
		of('epoch', ({ epoch }) => String(epoch)),
	];
}

function logRows(replicas: readonly Replica[]): Row[] {
	return [
		row('newest entry', replicas.map(({ logged }) => String(logged)), true),
		row('executed', replicas.map(({ executed }) => String(executed)), true),
		row('acknowledged by the other', replicas.map((replica) => (replica.role === 'backup' ? '–' : String(replica.acknowledged)))),
	];
}

function gateRows(stage: Stage, replicas: readonly Replica[]): Row[] {
	return [
		row('outputs that wait', replicas.map(({ held }) => String(held))),
		row('watermark', replicas.map(({ watermark }) => String(watermark)), true),
		row('made, not yet on a link', (['primary', 'backup'] as const).map((computer) => String(stage.world.place(computer).outputs))),
	];
}

function serviceRows(stage: Stage, hosts: readonly Host[]): Row[] {
	const told = hosts.map((host) => stage.describe(host));
	return Object.keys(told[0] ?? {}).map((key) => row(key, told.map((one) => String(one[key] ?? '')), true));
}

/** Every connection of the replicas, one behind the other; the clients' own ends beside them. */
function blockGroups(hosts: readonly Host[], clients: Stage['clients']): { title: string; rows: Row[] }[] {
	const all = hosts.map(blocksOf);
	const keys = [...new Set(all.slice(0, 2).flatMap((blocks) => blocks.map(({ key }) => key)))];
	const groups = keys.map((key) => {
		const blocks = all.slice(0, 2).map((some) => some.find((one) => one.key === key));
		const [, peer = ''] = key.split(' ');
		const [address = '', port = ''] = [peer.slice(0, peer.lastIndexOf(':')), peer.slice(peer.lastIndexOf(':') + 1)];
		const own = clients.map((client, i) => (client.address === address ? all[i + 2]?.find((one) => one.key.startsWith(`${port} `)) : undefined));
		return tableOf(`connection with ${peer}`, key, [...blocks, ...own]);
	});
	// Ends of clients that no replica has a block for.
	clients.forEach((client, i) => {
		for (const one of all[i + 2] ?? []) {
			const port = one.key.split(' ')[0]!;
			if (keys.some((key) => key.endsWith(` ${client.address}:${port}`))) continue;
			groups.push(tableOf(`connection of ${client.name}, port ${port}`, `${client.address}:${port}`, [undefined, undefined, ...clients.map((_, j) => (j === i ? one : undefined))]));
		}
	});
	return groups;
}

function tableOf(title: string, key: string, blocks: readonly (Block | undefined)[]): { title: string; rows: Row[] } {
	const names = blocks.find((one) => one !== undefined)!.fields.map(([name]) => name);
	const rows = names.map((name, i): Row => ({ key: `${key} ${name}`, name, values: blocks.map((one) => one?.fields[i]![1] ?? ''), compared: true }));
	return { title, rows };
}

function switchRows(stage: Stage): Row[] {
	const ports = ['the primary', 'the backup', ...stage.clients.map(({ name }) => name)];
	return stage.switch.entries().map(({ mac, port }) => {
		const text = mac.toString(16).padStart(12, '0').replace(/(..)(?!$)/g, '$1:');
		return { key: `switch ${text}`, name: text, values: [`at ${ports[port] ?? `port ${port}`}`], compared: false };
	});
}

/** Looks at a whole world; nothing in it is changed. */
export function viewOf(stage: Stage): View {
	const replicas = [stage.replica('primary'), stage.replica('backup')];
	const machines = replicas.map(({ machine }) => machine.host as Host);
	const hosts = [...machines, ...stage.clients.map(({ host }) => host)];
	const groups = [
		{ title: 'replica', rows: replicaRows(stage, replicas) }, { title: 'log', rows: [...logRows(replicas), ...entryRows(stage.trace)] }, { title: 'gate', rows: [...gateRows(stage, replicas), ...outputRows(stage.trace)] },
		{ title: 'service', rows: serviceRows(stage, machines) }, ...blockGroups(hosts, stage.clients), { title: 'switch', rows: switchRows(stage) },
	];
	const { pending } = stage.world.run({ maxSteps: 0 });
	return { time: stage.world.now, step: stage.world.steps, places: ['primary', 'backup', ...stage.clients.map(({ name }) => name)], groups: groups.filter(({ rows }) => rows.length > 0), pending };
}
