import { setTimeout as sleep } from 'node:timers/promises';
import { KernelClient, LIVE, LivePair } from '../../live/index.ts';
import { claim } from '../../study/index.ts';
import type { Claim, Run, Scene } from '../../study/index.ts';
import { discardClaims } from '../../../scenarios/shared.ts';
import { PATIENT, connectionClaim, gapsOf, last, oracleClaim, repliesClaim, tableClaim } from './act.ts';
import type { Act } from './act.ts';
import { recordingOf } from './recording.ts';

const REQUESTS = 5, KILLED_AT = 3, START = 10;

/** Kills the primary once its reply to a request has left, and goes on counting. */
export async function firstAct(name: string): Promise<Act> {
	const pair = await LivePair.up({ name, service: 'counter', journals: true, sniff: true, knobs: { ...PATIENT, executeBehind: 1 } });
	const client = new KernelClient(pair);
	try {
		await client.connect();
		for (let i = 1; i < KILLED_AT; i++) await client.ask('inc');
		const before = { when: 'before', entries: pair.table() };
		await pair.trap(await pair.find('speaker'), { text: `${START + KILLED_AT}\n`, after: 0, signal: 'SIGKILL', when: 'after' });
		for (let i = KILLED_AT; i <= REQUESTS; i++) await client.ask('inc');
		const after = { when: 'after', entries: pair.table() };
		await sleep(50);
		return judged(await recordingOf(pair, client), [before, after]);
	} finally {
		client.quit();
		pair.down();
	}
}

function judged(run: Run<Scene>, tables: Act['tables']): Act {
	const expected = Array.from({ length: REQUESTS }, (_, i) => String(START + 1 + i));
	const repeat = run.repeatOf(expected[KILLED_AT - 1]!);
	return {
		id: 'kill', title: 'kill -9 under a connection',
		text: `A client of the kernel's counts over one connection. The moment the primary has sent ${START + KILLED_AT} it is killed with kill -9; the request still lies in the backup's log buffer.`,
		run, tables, gaps: gapsOf(run),
		claims: [
			connectionClaim(run, 1),
			repliesClaim(run, expected),
			killedClaim(run),
			claim('same-bytes', 'The backup sends the reply again, and every byte of the frame is the same.', repeat?.identical ?? false, [repeat?.first, repeat?.again], repeat === undefined ? 'the reply was not seen twice' : `${repeat.first.bytes.length} bytes, SHA-256 ${repeat.sha256.slice(0, 16)}… twice`),
			...discardClaims(run, repeat),
			tableClaim(tables, LIVE.serverMac, ['dk1', 'dk2']),
			oracleClaim(run),
		],
	};
}

function killedClaim(run: Run<Scene>): Claim {
	const [crash] = run.events('crashed');
	const reply = last(run.packets, ({ sent, interface: at, event }) => sent && at === 'primary' && event < (crash?.index ?? -1));
	const took = run.events('tookOver')[0];
	return claim('killed', 'The primary was killed with its reply on the wire, and the backup executed what lay in its buffer before it went live.', crash !== undefined && (took?.drained ?? 0) > 0, [reply], took === undefined ? 'nobody took over' : `${took.drained} ${took.drained === 1 ? 'entry' : 'entries'} executed between asking the arbiter and going live`);
}
