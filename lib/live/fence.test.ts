import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kinds } from '../trace/index.ts';
import { LIVE, tapName } from './bridge.ts';
import { readJournal } from './journal.ts';
import { KernelClient } from './kernel-client.ts';
import { canLive } from './live.test.helper.ts';
import { until } from './pair.ts';
import type { LivePair } from './pair.ts';
import { withPair } from './siege.test.helper.ts';
import { verdictOf } from './verdict.ts';

/** Stops at moments spread over a request's life. DUPACK_STOPS asks for more of them. */
const STOPS = Number(process.env['DUPACK_STOPS'] ?? 3);
/** Short, but longer than a busy machine makes a living process wait. */
const LEASE = 200_000;
/** How long is waited for what has to come, ms. */
const PATIENCE = 20_000;

/** Frames of the server's by their bytes, with how often each occurs, from a time on. */
function tally(pair: LivePair, journal: string, kind: number, from: number): Map<string, number> {
	const counts = new Map<string, number>();
	const mac = Buffer.from(LIVE.serverMac.replaceAll(':', ''), 'hex');
	for (const { kind: found, slots, time, bytes } of readJournal(pair.journal(journal)).records) {
		if (found !== kind || slots[0] !== 0 || time < from || !mac.equals(bytes.subarray(6, 12))) continue;
		const key = Buffer.from(bytes).toString('latin1');
		counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	return counts;
}

/** That everything of the server's that came to the client since then was sent by the one who took over. */
async function onlyFrom(pair: LivePair, id: number, from: number): Promise<void> {
	await pair.sniffed();
	// What arrived is read first, and held against everything that was ever sent: it is later than its sending.
	const arrived = tally(pair, 'client', kinds.frameArrived.code, from);
	const sent = tally(pair, `replica-${id}`, kinds.frameSent.code, 0);
	for (const [frame, count] of arrived) assert.ok(count <= (sent.get(frame) ?? 0), `a frame came ${count} times and was sent ${sent.get(frame) ?? 0} times: ${Buffer.from(frame, 'latin1').toString('hex')}`);
}

if (canLive()) {
	test(`stopped ${STOPS} times and continued: no frame of the one that lost gets out or moves the bridge's table`, async () => {
		await withPair({ service: 'counter', journals: true, sniff: true, knobs: { lease: LEASE, silence: LEASE } }, async (pair) => {
			const client = new KernelClient(pair);
			try {
				await client.connect();
				let expected = 10;
				for (let round = 0; round < STOPS; round++) {
					const { speaker, backup: next } = await pair.paired();
					// A request is under way, at another point of its life each time.
					client.tell({ verb: 'ask', connection: 1, text: 'inc' });
					await sleep((round * 7) % 5);
					pair.signal(speaker, 'SIGSTOP');
					await until(PATIENCE, async () => (await pair.status()).find(({ id }) => id === next.id)?.status?.role === 'alone', () => 'nobody took over');
					const since = pair.clock.now();
					assert.is((await client.said('delivered', ++expected - 10)).text, String(expected));
					assert.is(await client.ask('inc'), String(++expected));
					pair.signal(speaker, 'SIGCONT');
					await until(PATIENCE, async () => (await pair.status()).find(({ id }) => id === speaker.id)?.process === 'ended', () => 'it did not halt');
					assert.is((await pair.status()).find(({ id }) => id === speaker.id)!.ended, 'lost');
					assert.is(await client.ask('inc'), String(++expected));
					await onlyFrom(pair, next.id, since);
					assert.is(pair.bridge.portOf(LIVE.serverMac), tapName(next.id));
					assert.not(pair.bridge.isUp(tapName(speaker.id)), 'its port is open');
				}
				assert.is(client.of('failed').length, 0);
				const { violation, conflict, fault } = await verdictOf(pair);
				assert.equal([violation?.text, conflict, fault], [undefined, null, null]);
			} finally {
				client.quit();
			}
		});
	});
}

test.run();
