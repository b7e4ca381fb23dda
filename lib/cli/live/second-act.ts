import { setTimeout as sleep } from 'node:timers/promises';
import { KernelClient, LivePair, readJournal, until } from '../../live/index.ts';
import { claim } from '../../study/index.ts';
import type { Claim, Packet, Run, Scene } from '../../study/index.ts';
import { kinds } from '../../trace/index.ts';
import { PORT_CLIENTS } from '../../replica/index.ts';
import { ETHERNET } from '../../wire/ethernet.ts';
import { IPV4 } from '../../wire/ipv4.ts';
import { FIN, PSH, RST, TCP_FLAGS } from '../../wire/tcp.ts';
import { PATIENT, gapsOf, oracleClaim } from './act.ts';
import type { Act } from './act.ts';
import { recordingOf } from './recording.ts';

const FIRST = 1, OTHER = 2;
/** How long is waited for what the client sends, ms. */
const PATIENCE = 20_000;
/** Where the flags of TCP are in a frame without options of IP. */
const FLAGS_AT = ETHERNET.end + IPV4.end + TCP_FLAGS;

/** Waits until a segment with a flag has come to a replica. */
async function reached(pair: LivePair, id: number, flag: number): Promise<void> {
	await until(PATIENCE, () => readJournal(pair.journal(`replica-${id}`)).records.some(({ kind, slots, bytes }) => kind === kinds.frameArrived.code && slots[0] === PORT_CLIENTS && (bytes[FLAGS_AT]! & flag) !== 0),
		() => 'What the client sent did not come to the primary.');
}

/**
 * The server closes after its reply and the client closes too, before it has
 * heard the reply: so the client's FIN is in the log when the primary dies with
 * the reply sent and the backup none the wiser.
 *
 * @param remembers  whether the client's kernel keeps connections in TIME-WAIT
 */
async function play(name: string, remembers: boolean): Promise<Run<Scene>> {
	const pair = await LivePair.up({ name, service: 'counter-once', journals: true, sniff: true, knobs: { ...PATIENT, executeBehind: 1 } });
	const client = new KernelClient(pair);
	try {
		if (!remembers) pair.namespace.run(['sh', '-c', 'echo 0 > /proc/sys/net/ipv4/tcp_max_tw_buckets']);
		await client.connect(FIRST);
		await client.connect(OTHER);
		const backup = await pair.find('backup'), primary = await pair.find('speaker');
		pair.signal(backup, 'SIGSTOP');
		client.tell({ verb: 'ask', connection: FIRST, text: 'inc' });
		await reached(pair, primary.id, PSH);
		client.tell({ verb: 'end', connection: FIRST });
		await reached(pair, primary.id, FIN);
		// The reply with the server's FIN, and the ACK of the client's: then it is over.
		await pair.trap(primary, { text: '', after: 1, signal: 'SIGKILL', when: 'after' });
		pair.signal(backup, 'SIGCONT');
		await client.said('delivered', 1, FIRST);
		await client.ask('inc', OTHER);
		await sleep(100);
		return await recordingOf(pair, client);
	} finally {
		client.quit();
		pair.down();
	}
}

/** The seed's question, in both forms: a client without a control block, and one in TIME-WAIT. */
export async function secondAct(name: string): Promise<readonly Act[]> {
	return [closedAct(await play(name, false)), timeWaitAct(await play(name, true))];
}

/** The reply that was sent again, and what the client's kernel answered. */
function answerOf(run: Run<Scene>): { readonly again: Packet | undefined; readonly answer: Packet | undefined } {
	const again = run.repeatOf('11')?.again;
	return { again, answer: again === undefined ? undefined : run.answers(again)[0] };
}

function closedAct(run: Run<Scene>): Act {
	const { again, answer } = answerOf(run);
	const isReset = answer?.segment != null && (answer.segment.flags & RST) !== 0;
	const next = endOfClient(run);
	const below = isReset && next !== undefined && ((answer.segment!.seq - next) | 0) < 0;
	return {
		id: 'closed', title: 'The client is gone: the kernel answers with a RST',
		text: 'The server closes after its reply, the client closes too and keeps nothing of the connection. The primary dies with the last entries in the backup\'s buffer, and the backup sends the reply again to somebody who knows no such connection.',
		run, tables: [], gaps: gapsOf(run),
		claims: [
			repeatClaim(run),
			claim('reset', 'The client\'s kernel has no control block any more and answers the repeated reply with a RST.', isReset, [again, answer], isReset ? `its SEQ is the ACK of the old frame: ${answer.relative?.seq}` : 'it did not'),
			claim('below-window', 'That RST lies below the backup\'s RCV.NXT, which counts the client\'s FIN: it is dropped, as the lecture says.', below, [answer], next === undefined || !isReset ? '' : `SEQ ${answer.segment!.seq}, RCV.NXT ${next}`),
			...othersClaims(run),
		],
	};
}

function timeWaitAct(run: Run<Scene>): Act {
	const { again, answer } = answerOf(run);
	const isAck = answer?.segment != null && (answer.segment.flags & RST) === 0;
	return {
		id: 'closed-time-wait', title: 'Beside it: the client is in TIME-WAIT and answers with an ACK',
		text: 'The same, with a kernel that keeps the connection in TIME-WAIT as usual.',
		run, tables: [], gaps: gapsOf(run),
		claims: [
			repeatClaim(run),
			claim('time-wait', 'TIME-WAIT still knows the connection: the kernel answers with an ACK, and sends no RST at all.', isAck && run.client().resets.length === 0, [again, answer], `${run.client().resets.length} RSTs`),
			...othersClaims(run),
		],
	};
}

/** The sequence number behind the client's FIN on its first connection: where the backup's RCV.NXT stands once it has executed its log. */
function endOfClient(run: Run<Scene>): number | undefined {
	const fin = run.on('client').find(({ sent, segment }) => sent && segment !== null && (segment.flags & FIN) !== 0);
	return fin === undefined ? undefined : (fin.segment!.seq + fin.segment!.length) | 0;
}

function repeatClaim(run: Run<Scene>): Claim {
	const repeat = run.repeatOf('11');
	return claim('same-bytes', 'The backup sends the reply again, and every byte of the frame is the same.', repeat?.identical ?? false, [repeat?.first, repeat?.again], repeat === undefined ? 'the reply was not seen twice' : `${repeat.first.bytes.length} bytes, SHA-256 ${repeat.sha256.slice(0, 16)}… twice`);
}

function othersClaims(run: Run<Scene>): Claim[] {
	const { delivered } = run.client();
	return [
		claim('others', 'The client on the other connection is served on, by the same counter.', delivered.join() === '11,12', [], `the application was given ${delivered.join(', ') || 'nothing'}`),
		oracleClaim(run),
	];
}
