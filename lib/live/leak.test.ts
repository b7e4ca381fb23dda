import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LIVE } from './bridge.ts';
import { canLive } from './live.test.helper.ts';
import type { LivePair } from './pair.ts';
import type { ReplicaStatus } from './replica-order.ts';
import { script, withPair } from './siege.test.helper.ts';

/** Takeovers in a row. DUPACK_TAKEOVERS asks for more of them. */
const TAKEOVERS = Number(process.env['DUPACK_TAKEOVERS'] ?? 3);
const PATIENT = { lease: 5_000_000, silence: 5_000_000 } as const;
/** What memory may grow by without anything leaking: young objects that are not yet collected, code that is compiled. */
const SLACK = 24_000_000;

async function speaker(pair: LivePair): Promise<ReplicaStatus> {
	const { id } = await pair.find('speaker');
	return (await pair.status()).find((one) => one.id === id)!.status!;
}

/** Opens connections, asks on each, and closes it, a few at once. */
async function connections(pair: LivePair, count: number): Promise<void> {
	const client = script(pair, `import { connect } from 'node:net';
		const one = () => new Promise((resolve, reject) => {
			const socket = connect(7000, '${LIVE.server}', () => socket.end('inc\\n'));
			socket.resume();
			socket.on('close', resolve);
			socket.on('error', reject);
		});
		for (let i = 0; i < ${count / 25}; i++) await Promise.all(Array.from({ length: 25 }, one));`);
	assert.is(await client.ended, 0);
}

if (canLive()) {
	test('a thousand connections opened and closed leave nothing behind', async () => {
		await withPair({ service: 'counter', knobs: PATIENT }, async (pair) => {
			await connections(pair, 500);
			const before = await pair.status();
			await connections(pair, 1000);
			const after = await pair.status();
			for (const [i, { status }] of after.entries()) {
				assert.is(status!.files, before[i]!.status!.files, 'open files');
				const grown = status!.rss - before[i]!.status!.rss;
				assert.ok(grown < SLACK, `replica ${i + 1} has grown by ${grown} bytes`);
			}
		});
	});

	test(`${TAKEOVERS} takeovers in a row, each with a new backup: memory and files stay as they were`, async () => {
		await withPair({ service: 'counter', knobs: PATIENT }, async (pair) => {
			const seen: ReplicaStatus[] = [];
			for (let i = 0; i < TAKEOVERS; i++) {
				await connections(pair, 25);
				pair.signal(await pair.find('speaker'), 'SIGKILL');
				await pair.paired();
				pair.forgetEnded();
				seen.push(await speaker(pair));
			}
			const [first] = seen;
			for (const { id, files, rss } of seen) {
				assert.is(files, first!.files, `open files of replica ${id}`);
				assert.ok(rss - first!.rss < SLACK, `replica ${id} has ${rss - first!.rss} bytes more than the first`);
			}
			assert.equal(pair.members.length, 2);
		});
	});
}

test.run();
