import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { canLive } from './live.test.helper.ts';
import { Siege } from './siege.ts';
import type { Assault } from './siege.ts';
import { hasClient, siegeClients } from './siege-client.ts';
import { withPair } from './siege.test.helper.ts';
import { foundByTsharkAlone } from './tshark.test.helper.ts';
import { verdictOf } from './verdict.ts';

/** Blows of each siege. DUPACK_KILLS and DUPACK_STOPS ask for more of them. */
const TIMES: { readonly [how in Assault]: number } = { kill: Number(process.env['DUPACK_KILLS'] ?? 3), stop: Number(process.env['DUPACK_STOPS'] ?? 3) };
/** A lease that a busy machine does not break; one who is stopped has to be found out by his silence. */
const LEASES: { readonly [how in Assault]: number } = { kill: 2_000_000, stop: 50_000 };

function clientsOf(service: string): string[] {
	const names = Object.keys(siegeClients).filter((name) => siegeClients[name]!.service === service);
	for (const name of names) if (!hasClient(name)) console.log(`SKIP ${name} under siege: the program ${siegeClients[name]!.program} is missing (apt-get install curl redis-tools)`);
	return names.filter(hasClient);
}

if (canLive()) {
	for (const [how, times] of Object.entries(TIMES) as [Assault, number][]) {
		for (const service of ['http', 'kv']) {
			test(`${service}, ${how === 'kill' ? 'killed' : 'stopped and continued'} ${times} times: every reply is right`, async () => {
				const lease = LEASES[how];
				await withPair({ service, journals: true, sniff: true, knobs: { lease, silence: lease } }, async (pair) => {
					const report = await new Siege(pair, { how, times, clients: clientsOf(service) }).run();
					for (const { client, asked, wrong, first } of report.clients) {
						assert.is(wrong, 0, `${client}: ${first}`);
						assert.ok(asked > 0, `${client} was never answered`);
					}
					assert.is(report.blows, times);
					assert.is(report.stands.length, times);
					assert.is(report.slipped, 0, 'frames of one who had lost');
					assert.equal(report.ports, report.expectedPorts);
					if (how === 'kill') assert.ok(report.takeovers >= times);
					const { violation, conflict, fault, seen } = await verdictOf(pair);
					assert.equal([violation?.text, conflict, fault], [undefined, null, null]);
					assert.ok(seen > 0);
					assert.equal(foundByTsharkAlone(pair) ?? [], []);
				});
			});
		}
	}
}

test.run();
