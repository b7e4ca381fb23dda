import { FIN, RST } from '../lib/wire/tcp.ts';
import { Counter, TcpClient, arrived, carries, choice, claim, frame, hasFlags, isBareAck, number, scenario, sent, seqDiff, timerLogged } from '../lib/study/scenario.ts';
import type { Claim, Packet, Run, Scenario, Stage } from '../lib/study/scenario.ts';
import { discardClaims } from './shared.ts';

const cases = ['server-closed', 'aborted', 'time-wait', 'no-block', 'half-closed'] as const;
type Case = (typeof cases)[number];

const isFin = hasFlags(FIN), isReset = hasFlags(RST);

const clientClosed: Scenario = scenario({
	name: 'client-closed',
	title: 'The connection was closed meanwhile',
	lecture:
		'What if the client closes its connection between the first reply and the second? The repeat comes to a machine that knows no such connection, and is answered with a TCP reset. ' +
		'The backup practically ignores it, the lecture says. When it does and when not is a question of one sequence number.',
	knobs: {
		'behind': number(0, 'log entries the backup leaves unexecuted while it follows', 0, 1000),
		'log-delay': number(500, 'delay of the log link, µs'),
		'case': choice('server-closed', cases, 'how the connection had ended when the repeat came'),
	},
	arms: {
		a1: { title: 'the server closed first; the client is CLOSED' },
		a2: { title: 'the client aborted, and its RST was lost', knobs: { case: 'aborted' } },
		b1: { title: 'the client closed first, and is in TIME-WAIT', knobs: { case: 'time-wait' } },
		b2: { title: 'the client is in TIME-WAIT, and the backup has no control block any more', knobs: { case: 'no-block' } },
		c: { title: 'the client has half closed: it only listens', knobs: { case: 'half-closed' } },
	},
	clients: 2,
	service: (knobs) => new Counter({ endAfter: knobs.case === 'server-closed' ? 1 : 0, followsClose: knobs.case !== 'half-closed' }),
	until: 5_000_000,
	play(stage, knobs) {
		plays[knobs.case](stage);
		// Another connection, open before the failure and used after it: it has to go on.
		stage.client(new TcpClient({ connectAt: 5_000, requests: [3_000_000] }));
	},
	claims: (run, knobs) => [...claimsOf[knobs.case](run), othersClaim(run)],
});

export default clientClosed;

/** The client's computer stands still from the moment it would hear `what`, and goes on when the primary's timer has been logged. */
function pauseClient(stage: Stage, what: ReturnType<typeof sent>): void {
	stage.when(what, () => stage.world.stop('client'));
	stage.when(timerLogged(what), () => stage.world.cont('client'));
	// Where the primary died before that it has stood still long enough.
	stage.at(2_000_000, () => stage.world.cont('client'));
}

const plays: { readonly [C in Case]: (stage: Stage) => void } = {
	'server-closed'(stage) {
		stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000] }));
		// The reply and the FIN wait at the client until the primary's timer sends them again: the client's FIN then overtakes the repeat in the log.
		const reply = sent('primary', carries('11'));
		pauseClient(stage, reply);
		// The ACK of the client's FIN is the last the primary says: the client is CLOSED when it has it.
		let isClosing = false;
		const seesFin = arrived('primary', (packet) => isFin(packet) && packet.source !== '');
		stage.crash((event) => {
			isClosing ||= seesFin(event);
			return isClosing && sent('primary', isBareAck)(event);
		});
	},
	'aborted'(stage) {
		const client = stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000], end: 'abort' }));
		client.link.script('client', { act: 'lose', when: frame(isReset) });
		stage.crash(sent('primary', carries('11')));
	},
	'time-wait'(stage) {
		stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000], end: 'close', endAfter: 20_000 }));
		stage.crash(sent('primary', isFin));
	},
	'no-block'(stage) {
		stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000], end: 'close', endAfter: 20_000 }));
		const fin = sent('primary', isFin);
		pauseClient(stage, fin);
		// The FIN that the timer sends again is let go after the client's last ACK was logged.
		stage.crash(sent('primary', isFin), 2);
	},
	'half-closed'(stage) {
		stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000], end: 'half', endAfter: 10_000_000 }));
		stage.crash(sent('primary', carries('11')));
	},
};

const claimsOf: { readonly [C in Case]: (run: Run) => Claim[] } = {
	'server-closed': serverClosed, 'aborted': aborted, 'time-wait': timeWait, 'no-block': noBlock, 'half-closed': halfClosed,
};

/** What the client's TCP answered to the repeats, by what was repeated. */
function answersOf(run: Run): { readonly again: Packet; readonly answer: Packet | undefined }[] {
	return run.repeats.filter(({ again }) => again.interface === 'client').map(({ again }) => ({ again, answer: run.answers(again)[0] }));
}

/** The number behind the client's last octet or FIN that a server frame before the crash acknowledged, or that the client sent: the server's RCV.NXT. */
function rcvNxt(run: Run): number {
	const logged = run.on('primary').filter((packet) => !packet.sent && packet.segment !== null && packet.source.startsWith(clientAddress(run)));
	return logged.reduce((next, { segment }) => (seqDiff((segment!.seq + segment!.length) >>> 0, next) > 0 ? (segment!.seq + segment!.length) >>> 0 : next), logged[0]?.segment?.seq ?? 0);
}

function clientAddress(run: Run): string {
	return `${run.stage.clients[0]?.address ?? ''}:`;
}

/** What the server sent on that connection after a frame. */
function serverAfter(run: Run, after: Packet | undefined): Packet[] {
	return run.on('client').filter((packet) => packet.byServer && packet.segment !== null && after !== undefined && packet.number > after.number);
}

/** What the server sent upon frames of the client, or later: not what it had sent before they reached it. */
function unprompted(run: Run, answers: readonly Packet[]): Packet[] {
	const arrivals = run.on('backup').filter((packet) => !packet.sent && answers.some(({ bytes }) => bytes.length === packet.bytes.length && bytes.every((byte, i) => byte === packet.bytes[i])));
	const first = Math.min(...arrivals.map(({ event }) => event));
	return run.on('backup').filter((packet) => packet.sent && packet.event > first && packet.destination === answers[0]?.source && packet.segment !== null);
}

function othersClaim(run: Run): Claim {
	const { delivered, error } = run.client('client-2');
	return claim('others', 'Another connection of the same server goes on through all this.', delivered.length === 1 && error === '', [], `it is given ${delivered.join(', ') || 'nothing'}${error === '' ? '' : `, and told ${error}`}`);
}

function serverClosed(run: Run): Claim[] {
	const replies = run.on('client').filter(({ byServer, text }) => byServer && text === '11');
	const resets = answersOf(run).filter(({ answer }) => answer !== undefined && isReset(answer));
	const old = resets.find(({ again }) => again.text === '11');
	const next = rcvNxt(run);
	const below = old === undefined ? 0 : seqDiff(next, old.answer!.segment!.seq);
	const rest = resets.filter((one) => one !== old);
	return [
		claim('closed', 'The client\'s connection has ended in order: the server closed first, and the client\'s own FIN is acknowledged.', run.client().closed !== '' && run.client().error === '', run.on('client').filter((packet) => packet.sent && isFin(packet)), `closed by the ${run.client().closed}`),
		claim('reset', 'The repeat of the reply comes to a client that knows no such connection: it answers with a RST.', old !== undefined, [old?.again, old?.answer], old === undefined ? 'no RST' : ''),
		claim('below', 'That RST takes its number from the old frame\'s ACK, which is below what the backup expects next: its log has the client\'s FIN.', below > 0, [old?.answer], `SEQ is ${below} below RCV.NXT`),
		claim('ignored', 'The backup ignores it: not a word on that connection in answer, then or later.', old !== undefined && unprompted(run, resets.map(({ answer }) => answer!)).length === 0, [old?.answer], `${unprompted(run, resets.map(({ answer }) => answer!)).length} frames of the server upon it`),
		...(rest.length > 0 ? [claim('last-ack', 'The ACK of the client\'s FIN is repeated too, and answered by a RST that stands exactly at RCV.NXT. What it hits is in TIME-WAIT and over.', rest.every(({ answer }) => answer!.segment!.seq === next), rest.map(({ answer }) => answer), run.stage.options.profile?.timeWaitIgnoresReset === true ? 'this profile ignores it (RFC 1337)' : 'this profile lets it end the wait')] : []),
		claim('once', 'The application was given 11 once.', run.client().delivered.join() === '11' && replies.length > 1, replies, `given ${run.client().delivered.join(', ')}; ${replies.length} replies on the wire`),
	];
}

function aborted(run: Run): Claim[] {
	const lost = run.on('client').find((packet) => packet.sent && isReset(packet) && packet.time < run.tookOverAt);
	const reset = answersOf(run).find(({ answer }) => answer !== undefined && isReset(answer));
	const next = rcvNxt(run);
	const after = serverAfter(run, reset?.answer).filter(({ destination }) => destination === reset?.answer?.source);
	return [
		claim('gone', 'The client aborted its connection, and nobody heard: its RST was lost.', lost !== undefined && run.client().closed === 'abort', [lost], 'the server still believes in the connection'),
		claim('exact', 'The repeat draws a RST, and this one stands exactly at RCV.NXT: the backup never saw the client\'s end.', reset?.answer?.segment?.seq === next, [reset?.again, reset?.answer], reset === undefined ? 'no RST' : `SEQ and RCV.NXT differ by ${seqDiff(reset.answer!.segment!.seq, next)}`),
		claim('aborted', 'That connection is aborted: the server sends nothing more on it, not even by its timer.', reset !== undefined && after.length === 0, after, `${after.length} frames in the ${((run.stage.world.now - (reset?.answer?.time ?? 0)) / 1e6).toFixed(1)} s that follow`),
	];
}

function timeWait(run: Run): Claim[] {
	const repeat = answersOf(run).find(({ again }) => isFin(again));
	const resets = run.client().resets;
	return [
		claim('fin-again', 'The server\'s FIN is repeated to a client that has it: the client closed first and waits in TIME-WAIT.', repeat !== undefined && run.client().closed === 'client', [repeat?.again], repeat === undefined ? 'no FIN was repeated' : ''),
		claim('ack-no-reset', 'TIME-WAIT still has a control block: an ACK answers, and no RST.', repeat?.answer !== undefined && isBareAck(repeat.answer) && resets.length === 0, [repeat?.answer], `${resets.length} RSTs`),
	];
}

function noBlock(run: Run): Claim[] {
	const repeat = answersOf(run).find(({ again }) => isFin(again));
	const ours = serverAfter(run, repeat?.answer).find(isReset);
	const fromClient = run.client().resets;
	return [
		claim('fin-again', 'The server\'s FIN is repeated although its log already has the client\'s last ACK.', repeat !== undefined, [repeat?.again], repeat === undefined ? 'no FIN was repeated' : ''),
		claim('ack', 'The client, in TIME-WAIT, answers with an ACK.', repeat?.answer !== undefined && isBareAck(repeat.answer) && fromClient.length === 0, [repeat?.answer]),
		claim('our-reset', 'To the backup that connection is over: the RST is ours. It could cut the client\'s TIME-WAIT short (RFC 1337).', ours !== undefined && ours.segment?.seq === repeat?.answer?.segment?.ack, [ours], ours === undefined ? 'no RST' : `SEQ ${ours.relative?.seq}, the ACK's number`),
	];
}

function halfClosed(run: Run): Claim[] {
	const repeat = run.repeatOf('11');
	const fin = run.on('client').find((packet) => packet.sent && isFin(packet));
	const serverFin = run.on('client').find((packet) => packet.byServer && isFin(packet));
	return [
		claim('half', 'The client has said that it has nothing more to send, and still listens; the server has not closed.', fin !== undefined && fin.time < run.crashedAt && serverFin === undefined, [fin]),
		...discardClaims(run, repeat),
		claim('once', 'The application was given 11 once.', run.client().delivered.join() === '11', [], `given ${run.client().delivered.join(', ')}`),
		claim('no-reset', 'No RST from anybody.', run.on('client').every((packet) => !isReset(packet)), []),
	];
}
