import * as assert from 'uvu/assert';
import { broken } from '../search/invariants.ts';
import { kinds } from '../trace/index.ts';
import { readJournal } from './journal.ts';
import { KernelClient } from './kernel-client.ts';
import type { LivePair, MemberStatus } from './pair.ts';
import { serverFrames, verdictOf } from './verdict.ts';

/** How long is waited for what has to come, ms. */
export const PATIENCE = 20_000;

/** A client of the kernel's with one connection, for as long as the work takes. */
export async function withClient(pair: LivePair, work: (client: KernelClient) => Promise<void>): Promise<void> {
	const client = new KernelClient(pair);
	try {
		await client.connect();
		await work(client);
	} finally {
		client.quit();
	}
}

/** That everything seen could have come from a machine that never failed. */
export async function holds(pair: LivePair): Promise<void> {
	const verdict = await verdictOf(pair);
	assert.is(verdict.violation?.text, undefined);
	assert.is(verdict.conflict, null);
	assert.is(verdict.fault, null);
	assert.ok(verdict.seen > 0);
	// And what must always hold of a wire, by the frames that came to the kernel's client.
	const frames = (await serverFrames(pair)).map(({ time, bytes }) => ({ host: 'client', sent: false, at: time, bytes }));
	assert.equal(broken({ frames }), []);
}

/** How often a replica has asked the arbiter. */
export function timesAsked(pair: LivePair, id: number): number {
	return readJournal(pair.journal(`replica-${id}`)).records.filter(({ kind }) => kind === kinds.arbiterAsked.code).length;
}

/** How one replica stands. */
export async function statusOf(pair: LivePair, id: number): Promise<MemberStatus> {
	return (await pair.status()).find((one) => one.id === id)!;
}
