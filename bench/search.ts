import { Host } from '../lib/host/index.ts';
import { Explorer, explorables } from '../lib/search/explore/index.ts';
import { lifeOf } from '../lib/search/lives/life.ts';
import { Theatre } from '../lib/search/lives/theatre.ts';
import { Echo } from '../lib/service/echo.ts';
import { Talker } from '../lib/search/talker.ts';
import { linux } from '../tcp/index.ts';
import { median, timed } from './measure.ts';
import type { Figure } from './measure.ts';

const RUNS = 5;
const PORT = 5000;

function figure(name: string, unit: string, note: string, count: number, work: () => void): Figure {
	work();
	const { median: middle, least, most } = median(RUNS, () => timed(work) / count);
	return { name, value: 1 / middle, unit, note: `${note}; ${Math.round(1 / most).toLocaleString('en')}–${Math.round(1 / least).toLocaleString('en')}` };
}

const small = { profile: linux, chunk: 1024, pages: 40, tcp: { connections: 4, runs: 32, ranges: 16 }, quotas: { neighbours: 4, udpSockets: 1, udpQueue: 1024, outbox: 8192, reassemblies: 1, reassembly: 2048 } } as const;

/** Two hosts: one connects, says something, hears it again and closes. */
class Two {
	readonly #client: Host = new Host({ ...small, mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], application: new Talker({ octets: 200, piece: 200, awaits: 200, pause: 0, peer: '10.0.0.2' }) });
	readonly #server: Host = new Host({ ...small, mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application: new Talker({ octets: 200, piece: 200, awaits: 200, pause: 0, peer: '' }) });
	readonly #saved: readonly [Uint8Array, Uint8Array] = [this.#client.save(), this.#server.save()];
	/** frames handed over; those to the server are kept where that is asked for */
	frames = 0;
	kept: Uint8Array[] | null = null;

	live(): void {
		const client = this.#client, server = this.#server;
		client.restore(this.#saved[0]);
		server.restore(this.#saved[1]);
		let now = 1;
		const hand = (to: Host, kept: Uint8Array[] | null) => (bytes: Uint8Array, at: number, length: number): void => {
			this.frames++;
			kept?.push(bytes.slice(at, at + length));
			to.receive(0, bytes, at, length, now);
		};
		const toServer = { take: hand(server, this.kept) }, toClient = { take: hand(client, null) };
		client.wake(now);
		server.wake(now);
		for (let before = -1; before !== this.frames; now += 10) {
			before = this.frames;
			client.drain(toServer);
			server.drain(toClient);
		}
	}
}

/** Frames of a conversation, each with a few octets changed: to a listener whose neighbour they come from. */
function malformed(count: number): Uint8Array[] {
	const two = new Two();
	two.kept = [];
	two.live();
	let drawn = 1;
	const draw = (most: number): number => (drawn = (Math.imul(drawn, 1_103_515_245) + 12_345) & 0x7fff_ffff) % most;
	return Array.from({ length: count }, () => {
		const frame = two.kept![draw(two.kept!.length)]!.slice();
		for (let edits = 1 + draw(4); edits > 0; edits--) frame[draw(Math.min(80, frame.length))] = draw(256);
		return draw(5) === 0 ? frame.subarray(0, draw(frame.length + 1)) : frame;
	});
}

function benchMalformed(): Figure {
	const host = new Host({ ...small, mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application: new Echo(PORT) });
	const frames = malformed(4096);
	const nowhere = { take: () => {} };
	let now = 1;
	const rounds = 60;
	return figure('malformed frames', '/s', 'into a host, drained every 32', rounds * frames.length, () => {
		for (let round = 0; round < rounds; round++) {
			for (let i = 0; i < frames.length; i++) {
				const frame = frames[i]!;
				host.receive(0, frame, 0, frame.length, ++now);
				if ((i & 31) === 0) host.drain(nowhere);
			}
		}
	});
}

function benchLives(): Figure[] {
	const theatre = new Theatre(), two = new Two();
	let number = 0;
	return [
		figure('lives of a pair', '/s', 'connect, requests, crash, takeover, close, judged by the criterion', 2000, () => { for (let i = 0; i < 2000; i++) theatre.play(lifeOf(1, number++)); }),
		figure('lives of two hosts', '/s', 'connect, 200 octets each way, close', 10_000, () => { for (let i = 0; i < 10_000; i++) two.live(); }),
	];
}

function benchExplore(): Figure {
	const world = explorables.find(({ name }) => name === 'duplicate-output')!;
	let visited = 0;
	const seconds = Array.from({ length: 3 }, () => {
		const system = world.build();
		return timed(() => { visited = new Explorer(system, { faults: world.faults, most: world.most, situations: 40_000 }).run().situations; }) / visited;
	}).sort((a, b) => a - b);
	return { name: 'situations explored', value: 1 / seconds[1]!, unit: '/s', note: `duplicate-output; ${Math.round(1 / seconds[2]!).toLocaleString('en')}–${Math.round(1 / seconds[0]!).toLocaleString('en')}` };
}

/** What a second of one core searches. */
export function benchSearch(): Figure[] {
	return [...benchLives(), benchMalformed(), benchExplore()];
}
