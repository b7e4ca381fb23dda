import { randomBytes } from 'node:crypto';
import type { Knobs } from '../replica/index.ts';
import { enrol } from './charter.ts';
import type { Enrolment } from './charter.ts';
import { Clock } from './clock.ts';
import { LiveError } from './error.ts';
import type { MachineOrder } from './machine-order.ts';
import { clear, hasten, liveKnobs } from './pair.ts';
import { isAlive, startedAt } from './process-table.ts';
import { enrolAt } from './remote-arbiter.ts';
import type { ReplicaOrder } from './replica-order.ts';
import { ReplicaProcess } from './replica-process.ts';
import { RunFolder } from './run-folder.ts';
import { loadService } from './services.ts';

/** What one machine of a pair is started with. */
export interface LoneOptions {
	/** of the run on this machine */
	readonly name: string;
	readonly service: string;
	/** of the replicated machine: MAC address, IPv4 address and its prefix's length */
	readonly mac: string;
	readonly address: string;
	readonly prefix: number;
	/** TAP device, made where there is none, and the bridge to put it under; '' for none */
	readonly tap: string;
	readonly bridge: string;
	/** where a backup finds this one, and where this one finds who speaks: `tcp:10.0.0.1:7000`; the latter '' for nowhere */
	readonly listen: string;
	readonly connect: string;
	/** folder on storage that both share, or `tcp:10.0.0.3:7001` of an arbiter that runs */
	readonly arbiter: string;
	readonly journal: boolean;
	readonly knobs: Partial<Knobs>;
}

/** What is asked of the arbiter; who comes first has it. */
function proposal({ service, mac, address, prefix }: LoneOptions): MachineOrder {
	return { mac, address, prefix, service, epoch: Math.floor(Date.now() / 1000), seed: randomBytes(16).toString('hex'), connections: 1024, pages: 8192 };
}

/** A folder for the run; what a process left behind that is no more gives way. */
function ownFolder(name: string): RunFolder {
	const folder = new RunFolder(name);
	if (folder.exists) {
		if (folder.read().processes.some(({ pid, started }) => isAlive(pid, started))) throw new LiveError('RUN_EXISTS', `There is a live run '${name}' already.`, `End it: npx dupack live down --name ${name}`);
		clear(folder);
	}
	folder.make();
	return folder;
}

/** The other machine is out of reach here: its lease has to run out by itself, and its port is closed by nobody. */
function orderOf(options: LoneOptions, { id, founder, machine }: Enrolment, folder: RunFolder, knobs: Partial<Knobs>): ReplicaOrder {
	const founds = founder === id;
	if (!founds && options.connect === '') throw new LiveError('PEER_UNNAMED', `Replica ${founder} founded the machine, and replica ${id} has nobody to join.`, 'Say where the one that speaks is to be found: --connect HOST:PORT');
	return {
		id, peer: founds ? 0 : founder, role: founds ? 'alone' : 'joining', machine, clockBase: new Clock().base, knobs, tap: options.tap, bridge: options.bridge, offload: true, peerTap: '',
		listen: options.listen, connect: founds ? '' : options.connect, ledger: options.arbiter, ledgerOutlivesMachine: true,
		control: folder.file(`replica-${id}`), journal: options.journal ? folder.file(`replica-${id}.journal`) : '', epitaph: folder.file(`replica-${id}.end`),
	};
}

/**
 * One machine of a pair whose other is elsewhere: enrols with the arbiter, runs
 * the replica in this process, and returns when it has ended. The first to
 * enrol begins alone, whoever comes later joins. The run's folder says
 * afterwards how it ended, until the next of its name or `clear`.
 *
 * @param begun  called before it runs, since nothing else is heard until it ends
 * @returns      why it ended
 * @throws LiveError, LedgerError
 */
export async function runLone(options: LoneOptions, begun: (order: ReplicaOrder) => void): Promise<string> {
	await loadService(options.service);
	const folder = ownFolder(options.name);
	try {
		const { arbiter } = options;
		const enrolment = arbiter.startsWith('tcp:') ? enrolAt(arbiter, proposal(options)) : enrol(arbiter, proposal(options));
		const knobs = { ...liveKnobs, ...options.knobs };
		const order = orderOf(options, enrolment, folder, knobs);
		folder.write({
			name: options.name, namespace: { name: '', pid: 0, started: '' }, bridge: options.bridge, clockBase: order.clockBase, machine: order.machine, knobs, channel: 'tcp', relay: 0, arbiter,
			journals: options.journal, sniffing: false, pcap: '', processes: [{ pid: process.pid, started: startedAt(process.pid), what: `replica ${order.id}`, id: order.id }], lastId: order.id,
		});
		hasten(process.pid);
		const replica = new ReplicaProcess(order);
		begun(order);
		return replica.run();
	} catch (error) {
		folder.remove();
		throw error;
	}
}
