import { linux } from '../tcp/index.ts';
import { Counter, TcpClient, claim, isBareAck, number, scenario, toggle } from '../lib/study/scenario.ts';
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
		patience: number(5, 'how often the client sends a segment again before it gives its connection up', 1, 15),
	},
	arms: {
		skip: { title: 'the log buffer is not consumed', breaks: 'two clients are told 11' },
		drain: { title: 'the log buffer is consumed first', knobs: { drain: true } },
	},
	clients: 2,
	service: () => new Counter(),
	until: ({ patience }) => 1_000_000 + 300_000 * 2 ** (patience + 1),
	play(stage, { patience }) {
		stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000, 150_000] }), { profile: { ...linux, retries: patience } });
		stage.client(new TcpClient({ connectAt: 120_000, requests: [130_000] }));
		stage.crash(40_000);
	},
	claims: (run, { drain }) => (drain ? drained(run) : skipped(run)),
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

function skipped(run: Run): Claim[] {
	const first = run.client(), second = run.client('client-2');
	const told = run.find('client', ({ byServer, text }) => byServer && text === '11'), toldAgain = run.find('client-2', ({ byServer, text }) => byServer && text === '11');
	const took = run.tookOverAt;
	const late = run.on('client').filter((packet) => packet.time > took && packet.sent && packet.text.startsWith('inc'));
	const answers = run.on('client').filter((packet) => packet.time > took && packet.byServer && packet.segment !== null);
	const next = Math.max(...answers.map(({ relative }) => relative?.seq ?? 0));
	const ahead = late.filter(({ relative }) => (relative?.ack ?? 0) > next);
	return [
		claim('told-twice', 'The client was told 11 before the failure, and a new connection is told 11 a second time.', first.delivered.join() === '11' && second.delivered.join() === '11', [told, toldAgain], `told ${first.delivered.join(', ')} and ${second.delivered.join(', ')}`),
		claim('forgotten', 'The request was acknowledged, and is gone: two clients\' requests were answered, and the counter counts one.', (told?.relative?.ack ?? 0) > 1 && run.service['counter'] === 11, [told], `the reply acknowledged up to ${told?.relative?.ack}; counter ${run.service['counter']}`),
		claim('wedged', 'The old connection has come apart: the client acknowledges what this server has not sent yet (SEG.ACK > SND.NXT).', ahead.length > 0 && ahead.length === late.length, late, `the client acknowledges ${late[0]?.relative?.ack}, the server is at ${next}`),
		claim('challenged', 'Each such segment is answered by a bare ACK and dropped; there are no more answers than segments.', answers.length > 0 && answers.length <= late.length && answers.every(isBareAck), answers, `${late.length} segments, ${answers.length} ACKs`),
		claim('timeout', 'The application never gets its answer: in the end it is told that its connection timed out.', first.error === 'ETIMEDOUT', [late.at(-1)], first.error === '' ? 'it was told nothing' : `${first.error} after ${((first.errorAt - (first.wroteAt[1] ?? 0)) / 1e6).toFixed(1)} s`),
	];
}
