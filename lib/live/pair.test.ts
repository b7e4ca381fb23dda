import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PORT_CHANNEL, PORT_CLIENTS } from '../replica/index.ts';
import { kinds } from '../trace/index.ts';
import { readJournal } from './journal.ts';
import { canLive } from './live.test.helper.ts';
import { until } from './pair.ts';
import type { LivePair } from './pair.ts';
import { holds, PATIENCE, withClient } from './pair.test.helper.ts';
import { withPair } from './siege.test.helper.ts';

/** A lease that a busy machine does not break by itself; death by kill -9 is noticed at once all the same. */
const PATIENT = { lease: 2_000_000, silence: 2_000_000 } as const;
/** µs from the last word of its peer's that a replica heard, and echoed, to its own first frame to the clients. */
function silentBefore(pair: LivePair, id: number): number {
	let heard = 0;
	for (const { kind, slots, time } of readJournal(pair.journal(`replica-${id}`)).records) {
		if (kind === kinds.frameArrived.code && slots[0] === PORT_CHANNEL) heard = time;
		if (kind === kinds.frameSent.code && slots[0] === PORT_CLIENTS) return time - heard;
	}
	return Number.NaN;
}

const recorded = { service: 'counter', journals: true, sniff: true, knobs: PATIENT } as const;

if (canLive()) {
	test('kill -9, a new backup, kill -9 again: one connection counts on through all of it', async () => {
		await withPair(recorded, async (pair) => {
			await withClient(pair, async (client) => {
				let expected = 10;
				const count = async (): Promise<void> => assert.is(await client.ask('inc'), String(++expected));
				for (let round = 0; round < 3; round++) {
					for (let i = 0; i < 5; i++) await count();
					const speaker = await pair.find('speaker');
					pair.signal(speaker, 'SIGKILL');
					for (let i = 0; i < 5; i++) await count();
					await pair.join();
				}
				assert.is(client.of('failed').length, 0);
				await holds(pair);
			});
		});
	});

	test('the backup is killed: the client notices nothing', async () => {
		await withPair(recorded, async (pair) => {
			await withClient(pair, async (client) => {
				await client.ask('inc');
				pair.signal(await pair.find('backup'), 'SIGKILL');
				const began = client.reports.length;
				for (let i = 2; i <= 10; i++) assert.is(await client.ask('inc'), String(10 + i));
				assert.ok(client.reports.length > began);
				await until(PATIENCE, async () => (await pair.status())[0]!.status?.role === 'alone', () => 'it did not go on alone');
				await holds(pair);
			});
		});
	});

	test('both are killed: the client sees a timeout and nothing else', async () => {
		await withPair(recorded, async (pair) => {
			// The kernel gives up after three tries instead of a quarter of an hour.
			pair.namespace.run(['sh', '-c', 'echo 3 > /proc/sys/net/ipv4/tcp_retries2']);
			await withClient(pair, async (client) => {
				assert.is(await client.ask('inc'), '11');
				const { speaker, backup } = await pair.paired();
				for (const one of [speaker, backup]) pair.signal(one, 'SIGKILL');
				client.tell({ verb: 'ask', connection: 1, text: 'inc' });
				// Where its question for the address went unanswered too, the kernel says that instead.
				assert.ok(['ETIMEDOUT', 'EHOSTUNREACH'].includes((await client.said('failed', 1)).text));
				assert.equal([client.of('delivered').length, client.of('closed').length], [1, 0]);
				await holds(pair);
			});
		});
	});

	test('the log over TCP: its end proves nothing, and the backup waits for silence', async () => {
		const lease = 800_000;
		await withPair({ ...recorded, channel: 'tcp', knobs: { lease, silence: lease } }, async (pair) => {
			await withClient(pair, async (client) => {
				assert.is(await client.ask('inc'), '11');
				const { speaker, backup } = await pair.paired();
				pair.signal(speaker, 'SIGKILL');
				assert.is(await client.ask('inc'), '12');
				assert.ok(silentBefore(pair, backup.id) >= lease, 'it spoke while the lease may have lasted');
				await pair.paired();
				assert.is(await client.ask('inc'), '13');
				await holds(pair);
			});
		});
	});

	test('an end in order: the backup goes on at once', async () => {
		await withPair(recorded, async (pair) => {
			await withClient(pair, async (client) => {
				await client.ask('inc');
				await pair.tell(await pair.find('speaker'), 'hand-over');
				assert.is(await client.ask('inc'), '12');
				await until(PATIENCE, async () => (await pair.status())[0]!.ended === 'stopped', () => 'it did not end');
				await holds(pair);
			});
		});
	});

	test('nothing is left of a run, and what is named wrongly is an error', async () => {
		let gone: LivePair | null = null;
		await withPair({ service: 'counter' }, async (pair) => {
			gone = pair;
			assert.ok(pair.namespace.exists);
		});
		assert.not(gone!.namespace.exists);
		assert.not(gone!.folder.exists);
		for (const [options, code] of [[{ service: 'none' }, 'SERVICE_UNKNOWN']] as const) {
			let found = '';
			try { await withPair(options, async () => {}); } catch (error) { found = (error as { code: string }).code; }
			assert.is(found, code);
		}
	});
}

test.run();
