import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE } from '../bridge.ts';
import { KernelClient } from '../kernel-client.ts';
import { LivePair } from '../pair.ts';
import type { Trap } from '../replica-order.ts';
import { sumOf } from './plays.ts';
import type { Crossing } from './scene.ts';
import { Tcpdump } from './tcpdump.ts';

/** A pair that loses its primary under a client of the kernel's. */
export interface Takeover {
	readonly file: string;
	readonly shows: string;
	readonly made: string;
	readonly service: string;
	readonly must: readonly string[];
	/** what is asked, line by line */
	readonly requests: readonly string[];
	/** before which of them the trap is set, counted from 1, and where it springs */
	readonly killedAt: number;
	readonly trap: Trap;
	/** what is answered */
	readonly reply: (request: string, nth: number) => string;
}

/** The frames of a bulk are told by it. */
const LINE = 'dupack '.repeat(1100);

export const takeovers: readonly Takeover[] = [
	{
		file: 'takeover-client.pcap', shows: 'the primary dies the moment its reply 13 has left; the backup sends the same frame again, the client discards it and acknowledges; the connection goes on',
		made: 'a live pair running the counter, a kernel\'s client; recorded at the client', service: 'counter', must: ['spurious_retransmission'],
		requests: ['inc', 'inc', 'inc', 'inc', 'inc'], killedAt: 3, trap: { text: '13\n', after: 0, signal: 'SIGKILL', when: 'after' },
		reply: (_request, nth) => String(10 + nth),
	},
	{
		file: 'takeover-before.pcap', shows: 'the primary dies before its reply 13 has left: nothing is repeated, the client sees the reply once, late',
		made: 'as above, killed before the frame leaves', service: 'counter', must: [],
		requests: ['inc', 'inc', 'inc', 'inc', 'inc'], killedAt: 3, trap: { text: '13\n', after: 0, signal: 'SIGKILL', when: 'before' },
		reply: (_request, nth) => String(10 + nth),
	},
	{
		file: 'takeover-bulk.pcap', shows: 'the primary dies in the middle of a bulk: the backup goes on where it was, with the segments of the last entries again',
		made: 'a live pair running the echo, killed after the third segment of a reply', service: 'echo', must: ['spurious_retransmission'],
		requests: ['hello', LINE], killedAt: 2, trap: { text: 'dupack', after: 2, signal: 'SIGKILL', when: 'after' },
		reply: (request) => request,
	},
];

/** Plays one. @throws LiveError */
export async function recordTakeover(takeover: Takeover): Promise<{ readonly bytes: Buffer; readonly streams: readonly Crossing[] }> {
	const { service, requests, killedAt, trap, reply } = takeover;
	const pair = await LivePair.up({ name: `dkfx-${process.pid}-pair`, service, journals: true, sniff: true, knobs: { executeBehind: 1 } });
	const clear = (): void => pair.down();
	process.once('exit', clear);
	const client = new KernelClient(pair);
	let dump: Tcpdump | null = null;
	try {
		dump = await Tcpdump.start(pair.namespace, ['-i', LIVE.bridge]);
		await client.connect();
		for (const [i, request] of requests.entries()) {
			if (i + 1 === killedAt) await pair.trap(await pair.find('speaker'), trap);
			await client.ask(request);
		}
		client.tell({ verb: 'end', connection: 1 });
		await client.said('closed', 2);
		await sleep(100);
		const lines = client.of('delivered').map(({ text }) => text);
		const expected = requests.map((request, i) => reply(request, i + 1));
		if (lines.join() !== expected.join()) throw new Error(`${takeover.file}: the client was told ${lines.join(', ').slice(0, 200)}`);
		const text = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
		return { bytes: await dump.finish(), streams: [{ toServer: sumOf(text(requests)), toClient: sumOf(text(lines)) }] };
	} finally {
		dump?.child.kill('SIGKILL');
		client.quit();
		pair.down();
		process.off('exit', clear);
	}
}
