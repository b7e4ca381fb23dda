import { Host } from '../host/index.ts';
import { machinePool } from '../replica/index.ts';
import { Run } from '../study/index.ts';
import type { Scene } from '../study/index.ts';
import { Kind, Trace } from '../trace/index.ts';
import { parseAddress, parseMac } from '../wire/address.ts';

/** A case as it can be looked at. */
export interface Exhibit {
	/** what is drawn as a ladder, and written as pcapng where there is no other capture; null: nothing happened on a wire */
	readonly run: Run<Scene> | null;
	/** a capture file that is the case itself */
	readonly capture: Uint8Array | null;
	/** a packetdrill script that shows it, or is the case itself */
	readonly script: string | null;
}

/** A frame that crossed from one place to another, or was lost on the way. */
export interface Crossing {
	/** µs */
	readonly at: number;
	readonly from: string;
	readonly to: string;
	readonly bytes: Uint8Array;
}

/** The ports of two places on the link between them. */
export type PortsOf = (a: string, b: string) => readonly [number, number];

/**
 * Frames that were seen between a few places, as a run that can be drawn.
 *
 * @param drawn    the places, in the order of their columns
 * @param portsOf  default: each has one interface
 */
export function runOf(drawn: readonly string[], crossings: readonly Crossing[], portsOf: PortsOf = () => [0, 0]): Run<Scene> {
	const trace = new Trace(1);
	const numbers = new Map(drawn.map((name) => [name, trace.place(name)]));
	const links = new Map<string, { link: number; ports: readonly [number, number] }>();
	for (const { at, from, to, bytes } of crossings) {
		const [a, b] = drawn.indexOf(from) < drawn.indexOf(to) ? [from, to] : [to, from];
		let way = links.get(`${a} ${b}`);
		if (way === undefined) {
			const ports = portsOf(a, b);
			way = { link: trace.link(`${a} and ${b}`, { place: numbers.get(a)!, port: ports[0] }, { place: numbers.get(b)!, port: ports[1] }), ports };
			links.set(`${a} ${b}`, way);
			for (const [name, port] of [[a, ports[0]], [b, ports[1]]] as const) {
				if (!trace.taps.some((tap) => tap.place === numbers.get(name) && tap.port === port)) trace.tap(numbers.get(name)!, port, name);
			}
		}
		const [out, into] = from === a ? way.ports : [way.ports[1], way.ports[0]];
		trace.time = at;
		trace.step++;
		const sent = trace.putBytes(Kind.frameSent, numbers.get(from)!, out, way.link, -1, 0, bytes, 0, bytes.length);
		trace.putSame(Kind.frameArrived, numbers.get(to)!, into, way.link, sent, 0, sent);
	}
	return new Run<Scene>(sceneOf(trace, drawn.filter((name) => name !== 'primary' && name !== 'backup')));
}

/** A scene of hosts, around a trace. */
export function sceneOf(trace: Trace, hosts: readonly string[]): Scene {
	return {
		trace, world: { steps: trace.step, now: trace.time, failures: [] }, knobs: { announce: 'none' },
		identity: { mac: parseMac('02:00:00:00:00:ff'), address: parseAddress('10.0.0.255') },
		clients: hosts.map((name) => ({ name, mac: '', address: '' })),
		machine: () => new Host({ mac: '02:00:00:00:00:ff', addresses: ['10.0.0.255/24'], pools: [machinePool], pages: 8, chunk: 1024, tcp: { connections: 1 }, quotas: { neighbours: 1, udpSockets: 1, udpQueue: 1024, outbox: 2048, reassemblies: 1, reassembly: 1024 } }),
		describe: () => ({}),
	};
}
