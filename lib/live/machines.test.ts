import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LIVE } from './bridge.ts';
import { KernelClient } from './kernel-client.ts';
import { canLive } from './live.test.helper.ts';
import { Machines } from './machines.test.helper.ts';
import type { MachineName } from './machines.test.helper.ts';
import { until } from './pair.ts';
import { isRoot } from './requirements.ts';

const PATIENCE = 30_000;

const possible = canLive();
if (possible && !isRoot()) console.log('SKIP two machines: cables between network namespaces take root');

/** A client with one connection, whose replies count up from 11. */
class Counting {
	readonly client: KernelClient;
	#expected = 10;
	constructor(machines: Machines) { this.client = new KernelClient(machines); }
	async ask(): Promise<void> { assert.is(await this.client.ask('inc'), String(++this.#expected)); }
}

/** Starts both; `first` founds the machine, the other joins. */
async function paired(machines: Machines, first: MachineName, second: MachineName): Promise<void> {
	await machines.replica(first);
	await machines.becomes(first, 'alone');
	await machines.replica(second);
	await machines.becomes(second, 'backup');
	await machines.becomes(first, 'primary');
}

if (possible && isRoot()) {
	test('two machines, the log over TCP, an arbiter on a third: killed, cut off, split, and one connection all the while', async () => {
		await Machines.use(async (machines) => {
			await paired(machines, 'a', 'b');
			const counting = new Counting(machines);
			try {
				await counting.client.connect();
				await counting.ask();

				// kill -9: the end of a TCP connection proves nothing, the lease decides.
				process.kill((await machines.status('a'))!.pid, 'SIGKILL');
				await counting.ask();
				await machines.becomes('b', 'alone');
				await machines.replica('a');
				await machines.becomes('a', 'backup');
				await machines.becomes('b', 'primary');
				await counting.ask();

				// A machine that nothing comes from any more, and whose sockets nobody closes.
				machines.cables('b', false);
				await counting.ask();
				await machines.becomes('a', 'alone');
				await until(PATIENCE, async () => ((await machines.status('b'))?.status?.arbiter ?? '') !== '', () => 'the one that is cut off does not say why it is silent');
				assert.is((await machines.status('b'))!.status!.role, 'primary');
				machines.cables('b', true);
				assert.is((await machines.becomes('b', 'ended')).ended, 'lost');
				await counting.ask();
				assert.is(machines.bridge.portOf(LIVE.serverMac), 'lan-a');
				await machines.replica('b');
				await machines.becomes('b', 'backup');
				await machines.becomes('a', 'primary');

				// The log's cable alone: both reach the arbiter and the client, and exactly one goes on.
				machines.cables('b', false, ['log']);
				await until(PATIENCE, async () => (await Promise.all((['a', 'b'] as const).map((one) => machines.status(one)))).some((one) => one?.process === 'ended'), () => 'nobody lost');
				const [left, right] = [(await machines.status('a'))!, (await machines.status('b'))!];
				const [winner, loser] = left.process === 'ended' ? [right, left] : [left, right];
				assert.is(loser.ended, 'lost');
				await machines.becomes(winner === left ? 'a' : 'b', 'alone');
				await counting.ask();

				assert.is(counting.client.of('failed').length, 0);
				const { violation, conflict, fault, seen } = machines.verdict();
				assert.equal([violation?.text, conflict, fault], [undefined, null, null]);
				assert.ok(seen > 0);
			} finally {
				counting.client.quit();
			}
		});
	});
}

test.run();
