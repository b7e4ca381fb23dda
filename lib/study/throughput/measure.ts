import { Host } from '../../host/index.ts';
import type { Service } from '../../service/service.ts';
import { World } from '../../sim/index.ts';
import type { LaneOptions } from '../../sim/index.ts';
import type { Profile } from '../../../tcp/index.ts';
import { Drinker, Pourer } from './bulk.ts';
import type { Cell, Crowd } from './cells.ts';
import { senders } from './senders.ts';

/** What a transfer came to: kbit/s of text that arrived in order, segments sent again, time-outs. */
export type Figures = readonly [kbits: number, again: number, timeouts: number];

/** What a crowd came to: kbit/s of all together, Jain's index in thousandths, segments sent again, time-outs. */
export type CrowdFigures = readonly [kbits: number, jain: number, again: number, timeouts: number];

/** A bottleneck: bits per second, and frames that wait before it. The jitter keeps a crowd from marching in step. */
const narrow: LaneOptions = { bandwidth: 20e6, queue: 100 };
const crowded: LaneOptions = { bandwidth: 50e6, queue: 250, delay: 10_000, jitter: 250 };
/** How long a transfer is watched, and a crowd from when to when, µs. */
const WATCHED = 10e6, CROWD_FROM = 10e6, CROWD_UNTIL = 30e6;
const CHUNK = 4096;
/** Octets of pages where the buffers are left to grow: enough that none is held back. */
const TUNED_PAGES = 16 << 20;

interface Setting { readonly profile: Profile; readonly flows: number; readonly buffer: number; readonly link: LaneOptions }

/** Two hosts over one link. */
class Transfer {
	readonly from: Host;
	readonly to: Host;
	readonly #world: World = new World({ seed: 1 });
	readonly #flows: number;

	constructor({ profile, flows, buffer, link }: Setting) {
		const pages = (flows + 1) * ((buffer || TUNED_PAGES) / CHUNK + 2);
		const sized = buffer === 0 ? profile : { ...profile, sendBuffer: buffer, receiveBuffer: buffer, sendBufferMax: 0, receiveBufferMax: 0 };
		const host = (i: number, application: Service): Host => new Host({
			mac: `02:00:00:00:00:0${i}`, addresses: [`10.0.0.${i}/24`], application, profile: sized, chunk: CHUNK, pages,
			tcp: { connections: flows + 2, runs: 512 + 64 * flows },
		});
		this.#flows = flows;
		this.from = host(1, new Pourer('10.0.0.2', flows));
		this.to = host(2, new Drinker());
		this.#world.add('sender', this.from);
		this.#world.add('receiver', this.to);
		this.#world.link(['sender', 0], ['receiver', 0], link);
	}

	/**
	 * Goes on until a time.
	 *
	 * @throws what a machine has thrown
	 */
	run(until: number): void {
		const { ended } = this.#world.run({ until, maxSteps: Infinity });
		for (const { error } of this.#world.failures) throw error;
		if (ended !== 'until') throw new Error(`a transfer ended by itself: ${ended}`);
	}

	/** Octets that have arrived in order, by the sender's order of connections. */
	shares(): number[] {
		const { image, tcp } = this.to;
		const arrived = new Map<number, number>();
		for (let at = image.first(tcp.tcbs); at !== 0; at = image.next(tcp.tcbs, at)) {
			tcp.tcb.go(at);
			arrived.set(tcp.tcb.remote.port, tcp.tcb.info.received);
		}
		const { tcb, tcbs } = this.from.tcp;
		const found: number[] = [];
		for (let at = this.from.image.first(tcbs); at !== 0; at = this.from.image.next(tcbs, at)) {
			tcb.go(at);
			found.push(arrived.get(tcb.local.port) ?? 0);
		}
		while (found.length < this.#flows) found.push(0);
		return found;
	}
}

function kbits(octets: number, us: number): number { return Math.round((octets * 8000) / us); }

/** Jain's index of fairness, thousandths: 1000 where all have the same, 1000 ÷ n where one has it all. */
export function jain(all: readonly number[]): number {
	const sum = all.reduce((a, b) => a + b, 0), squares = all.reduce((a, b) => a + b * b, 0);
	return squares === 0 ? 1000 : Math.round((1000 * sum * sum) / (all.length * squares));
}

/** One flow over a link that loses by chance. */
export function measureCell({ sender, buffer, loss, delay }: Cell): Figures {
	const transfer = new Transfer({ profile: senders[sender]!, flows: 1, buffer, link: { ...narrow, loss, delay } });
	transfer.run(WATCHED);
	const [octets = 0] = transfer.shares();
	const { retransmits, timeouts } = transfer.from.tcp.counters;
	return [kbits(octets, WATCHED), retransmits, timeouts];
}

/** Flows that have nothing but each other to lose segments by, once all have begun. */
export function measureCrowd({ sender, flows }: Crowd): CrowdFigures {
	const transfer = new Transfer({ profile: senders[sender]!, flows, buffer: 262_144, link: crowded });
	transfer.run(CROWD_FROM);
	const before = transfer.shares();
	transfer.run(CROWD_UNTIL);
	const each = transfer.shares().map((octets, i) => octets - before[i]!);
	const octets = each.reduce((a, b) => a + b, 0);
	const { retransmits, timeouts } = transfer.from.tcp.counters;
	return [kbits(octets, CROWD_UNTIL - CROWD_FROM), jain(each), retransmits, timeouts];
}
