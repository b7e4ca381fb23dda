import { setTimeout as sleep } from 'node:timers/promises';
import { KernelClient, LIVE, LivePair } from '../../live/index.ts';
import { claim } from '../../study/index.ts';
import type { Claim, Run, Scene } from '../../study/index.ts';
import { PATIENT, connectionClaim, gapsOf, oracleClaim, repliesClaim, tableClaim } from './act.ts';
import type { Act } from './act.ts';
import { recordingOf } from './recording.ts';

const START = 10;

/** Kills the primary, has a new backup join, and kills the second machine too. */
export async function thirdAct(name: string): Promise<Act> {
	const pair = await LivePair.up({ name, service: 'counter', journals: true, sniff: true, knobs: PATIENT });
	const client = new KernelClient(pair);
	const tables: { readonly when: string; readonly entries: ReturnType<LivePair['table']> }[] = [];
	const look = (when: string): void => { tables.push({ when, entries: pair.table() }); };
	/** Kills whoever speaks, the moment its reply to the next request has left. */
	const killAt = async (reply: number): Promise<void> => {
		await pair.trap(await pair.find('speaker'), { text: `${reply}\n`, after: 0, signal: 'SIGKILL', when: 'after' });
		await client.ask('inc');
		await client.ask('inc');
	};
	try {
		await client.connect();
		await client.ask('inc');
		look('at first');
		await killAt(START + 2);
		look('after the first death');
		await pair.join();
		await client.ask('inc');
		await killAt(START + 5);
		look('after the second');
		await sleep(50);
		return judged(await recordingOf(pair, client), tables);
	} finally {
		client.quit();
		pair.down();
	}
}

function judged(run: Run<Scene>, tables: Act['tables']): Act {
	const expected = Array.from({ length: 6 }, (_, i) => String(START + 1 + i));
	return {
		id: 'join', title: 'A new backup joins, and the second machine is killed too',
		text: 'After the first takeover nothing is replicated any more. A new process joins: it is sent the machine while that runs on, follows its log, and is taken in by the arbiter. Then the second machine is killed as the first was. The client counts on, over the same connection.',
		run, tables, gaps: gapsOf(run),
		claims: [
			connectionClaim(run, 1),
			repliesClaim(run, expected),
			joinedClaim(run),
			repeatsClaim(run),
			tableClaim(tables, LIVE.serverMac, ['dk1', 'dk2', 'dk3']),
			oracleClaim(run),
		],
	};
}

function joinedClaim(run: Run<Scene>): Claim {
	const took = run.events('tookOver'), joined = run.events('joined');
	const epochs = [...took, ...joined].sort((a, b) => a.index - b.index).map(({ epoch }) => epoch);
	return claim('two-takeovers', 'Two machines died and two took over, the second from the image and the log it had been sent.', took.length === 2 && joined.length > 0, [], `epochs 1, ${epochs.join(', ')}`);
}

function repeatsClaim(run: Run<Scene>): Claim {
	const { repeats } = run;
	const equal = repeats.filter(({ identical }) => identical);
	return claim('same-bytes', 'What was sent again after a takeover was the same to the last byte.', repeats.length >= 2 && equal.length === repeats.length, repeats.flatMap(({ first, again }) => [first, again]), `${equal.length} of ${repeats.length} repeated frames are identical`);
}
