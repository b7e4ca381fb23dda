import { Host } from '../host/index.ts';
import type { Application, Sockets } from '../host/index.ts';
import { pool, record } from '../memory/index.ts';
import type { PoolSpec } from '../memory/index.ts';
import { PORT_CHANNEL, PORT_CLIENTS, Replica } from '../replica/index.ts';
import type { Knobs } from '../replica/index.ts';
import type { Node, Sink } from '../wire/node.ts';
import { linux } from '../../tcp/index.ts';
import { identityOf, makeMachine } from './machine-order.ts';
import type { MachineOrder } from './machine-order.ts';
import { serviceOf } from './services.ts';

/** Asks a service the same again and again, for as long as it is answered. */
class Caller implements Application {
	readonly name = 'caller';
	readonly pools: readonly PoolSpec[] = [pool('caller', record({ socket: 'i32' }), 1)];
	readonly #address: string;
	readonly #port: number;
	readonly #text: Uint8Array;

	constructor(address: string, port: number, text: string) {
		this.#address = address;
		this.#port = port;
		this.#text = Buffer.from(text);
	}

	attach(): void {}

	start(io: Sockets): void { io.connect(this.#address, this.#port); }

	ready(io: Sockets, socket: number): void {
		io.consume(socket, io.readable(socket));
		if (this.#text.length > 0 && io.room(socket) >= this.#text.length) io.write(socket, this.#text);
	}
}

/** Frames on their way from one node to others. */
class Cable implements Sink {
	readonly #to: (port: number) => { readonly node: Node; readonly port: number } | null;
	#frames: { readonly node: Node; readonly port: number; readonly bytes: Uint8Array }[] = [];

	constructor(to: (port: number) => { readonly node: Node; readonly port: number } | null) { this.#to = to; }

	take(bytes: Uint8Array, at: number, length: number, port: number): void {
		const end = this.#to(port);
		if (end !== null) this.#frames.push({ ...end, bytes: bytes.slice(at, at + length) });
	}

	deliver(now: number): void {
		const frames = this.#frames;
		this.#frames = [];
		for (const { node, port, bytes } of frames) node.receive(port, bytes, 0, bytes.length, now);
	}
}

/** Small images, so that a rehearsal costs no memory to speak of. */
const SMALL = { connections: 16, pages: 256 } as const;

/**
 * Plays the whole pair in memory for a while, with a client that is never
 * satisfied. Code that has run is fast; a machine whose first request is the
 * first time it runs would be taken for dead by its peer.
 *
 * @param lasting  ms
 */
export function rehearse(order: MachineOrder, knobs: Partial<Knobs>, lasting: number): void {
	const small: MachineOrder = { ...order, ...SMALL };
	const likeness = { build: '0'.repeat(16), layout: '0'.repeat(16), profile: '0'.repeat(16) };
	const make = (id: number): Replica => new Replica({ id, peer: 3 - id, role: id === 1 ? 'primary' : 'backup', host: makeMachine(small), identity: identityOf(order), likeness, knobs }, 0);
	const primary = make(1), backup = make(2);
	const { port, warm = '' } = serviceOf(order.service);
	const client = new Host({ mac: '02:00:00:00:00:fd', addresses: [`${order.address.replace(/\d+$/, '253')}/${order.prefix}`], profile: linux, application: new Caller(order.address, port, warm), tcp: { connections: 16 }, pages: 256 });
	const cables = [
		new Cable((by) => (by === PORT_CLIENTS ? { node: client, port: 0 } : by === PORT_CHANNEL ? { node: backup, port: PORT_CHANNEL } : null)),
		new Cable((by) => (by === PORT_CHANNEL ? { node: primary, port: PORT_CHANNEL } : null)),
		new Cable(() => ({ node: primary, port: PORT_CLIENTS })),
	] as const;
	const nodes: readonly Node[] = [primary, backup, client];
	const end = performance.now() + lasting;
	for (let now = 0; performance.now() < end; now += 100) {
		for (const [i, node] of nodes.entries()) {
			if (node.wakeAt <= now) node.wake(now);
			node.drain(cables[i]!);
		}
		for (const cable of cables) cable.deliver(now);
	}
}
