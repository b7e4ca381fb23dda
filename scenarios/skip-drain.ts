import { Counter, TcpClient, claim, isBareAck, number, profileOf, scenario, toggle } from '../lib/study/scenario.ts';
import type { Claim, Run, Scenario } from '../lib/study/scenario.ts';

const skipDrain: Scenario = scenario({
	name: 'skip-drain',
	title: 'A backup that goes live without its log has forgotten what was acknowledged',
	lecture:
		'Before it takes over, the backup has to consume every entry in its log buffer. One that does not goes live in a past in which the last requests were never made: ' +
		'the client was told 11, and the counter stands at 10 again.',
	knobs: {
		drain: toggle(false, 'the backup executes its whole log before it goes live'),
		behind: number(2, 'log entries the backup leaves unexecuted while it follows', 0, 1000),
		'challenge-acks': number(10, 'ACKs a second that answer what cannot be (RFC 5961 §7)', 1, 1000),
		patience: number(5, 'how often the client sends a segment again before it gives its connection up', 1, 15),
	},
	arms: {
		skip: { title: 'the log buffer is not consumed', breaks: 'two clients are told 11' },
		drain: { title: 'the log buffer is consumed first', knobs: { drain: true } },
	},
	clients: 2,
	service: () => new Counter(),
	until: ({ patience }) => 1_000_000 + 300_000 * 2 ** (patience + 1),
	stage: (knobs) => ({ profile: { ...profileOf(knobs.profile), challengeAcks: knobs['challenge-acks'] } }),
	play(stage, { patience, 'client-profile': name, 'challenge-acks': challengeAcks }) {
		stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000, 250_000] }), { profile: { ...profileOf(name), retries: patience, challengeAcks } });
		stage.client(new TcpClient({ connectAt: 200_000, requests: [210_000] }));
		// Long enough after the reply for a delayed ACK of it to be in the log too.
		stage.crash(110_000);
	},
	claims: (run, { drain, 'challenge-acks': limit }) => (drain ? drained(run) : skipped(run, limit)),
});

export default skipDrain;

function drained(run: Run): Claim[] {
	const { delivered, error } = run.client();
	const other = run.client('client-2').delivered;
	return [
		claim('goes-on', 'The old connection goes on as if nothing had happened: its next request is answered 13.', delivered.join() === '11,13' && error === '', [], `it was given ${delivered.join(', ')}`),
		claim('other', 'A new connection is told 12: nobody is told a number twice.', other.join() === '12', [], `it was given ${other.join(', ')}`),
		claim('counted', 'All three requests count: the counter stands at 13.', run.service['counter'] === 13, [], `counter ${run.service['counter']}`),
	];
}

function skipped(run: Run, limit: number): Claim[] {
	const first = run.client(), second = run.client('client-2');
	const told = run.find('client', ({ byServer, text }) => byServer && text === '11'), toldAgain = run.find('client-2', ({ byServer, text }) => byServer && text === '11');
	const took = run.tookOverAt;
	const late = run.on('client').filter((packet) => packet.time > took && packet.sent && packet.text.startsWith('inc'));
	const answers = run.on('client').filter((packet) => packet.time > took && packet.byServer && packet.segment !== null);
	const next = Math.max(...answers.map(({ relative }) => relative?.seq ?? 0));
	const ahead = late.filter(({ relative }) => (relative?.ack ?? 0) > next);
	const most = Math.max(...answers.map(({ time }) => answers.filter((other) => other.time >= time && other.time < time + 1_000_000).length));
	return [
		claim('told-twice', 'The client was told 11 before the failure, and a new connection is told 11 a second time.', first.delivered.join() === '11' && second.delivered.join() === '11', [told, toldAgain], `told ${first.delivered.join(', ')} and ${second.delivered.join(', ')}`),
		claim('forgotten', 'The request was acknowledged, and is gone: two clients\' requests were answered, and the counter counts one.', (told?.relative?.ack ?? 0) > 1 && run.service['counter'] === 11, [told], `the reply acknowledged up to ${told?.relative?.ack}; counter ${run.service['counter']}`),
		claim('wedged', 'The old connection has come apart: the client acknowledges what this server has not sent yet (SEG.ACK > SND.NXT).', ahead.length > 0 && ahead.length === late.length, late, `the client acknowledges ${late[0]?.relative?.ack}, the server is at ${next}`),
		claim('challenged', `Such segments are answered by bare ACKs and dropped; no second has more than ${limit} of them, or the two would answer each other for ever.`, answers.length > 0 && most <= limit && answers.every(isBareAck), answers, `${answers.length} ACKs in all, at most ${most} within a second`),
		claim('timeout', 'The application never gets its answer: in the end it is told that its connection timed out.', first.error === 'ETIMEDOUT', [late.at(-1)], first.error === '' ? 'it was told nothing' : `${first.error} after ${((first.errorAt - (first.wroteAt[1] ?? 0)) / 1e6).toFixed(1)} s`),
	];
}
