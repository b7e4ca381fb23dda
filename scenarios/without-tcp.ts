import { Counter, UdpClient, carries, claim, number, receivedFor, scenario, sent, toggle } from '../lib/study/scenario.ts';
import type { Claim, Run, Scenario } from '../lib/study/scenario.ts';

const CLIENT_ID = 7;

const withoutTcp: Scenario = scenario({
	name: 'without-tcp',
	title: 'Without TCP, serial numbers of the application do it',
	lecture:
		'TCP happens to be what detects the duplicate. Without it another mechanism has to: serial numbers of the application. There are two different duplicates. ' +
		'A repeated reply is dropped by the client; a repeated request is answered by the server from memory.',
	knobs: {
		behind: number(1, 'log entries the backup leaves unexecuted while it follows', 0, 1000),
		serials: toggle(false, 'requests and replies bear serial numbers'),
		retry: toggle(false, 'the primary dies before it can send the reply, and the client asks again'),
	},
	arms: {
		plain: { title: 'UDP without serials: the reply is sent twice' },
		serials: { title: 'UDP with serials: the reply is sent twice', knobs: { serials: true } },
		'retry-plain': { title: 'UDP without serials: the reply is lost, the client asks again', knobs: { retry: true, policy: 'nothing' } },
		'retry-serials': { title: 'UDP with serials: the reply is lost, the client asks again', knobs: { serials: true, retry: true, policy: 'nothing' } },
	},
	service: () => new Counter(),
	until: 2_000_000,
	play(stage, { serials, retry }) {
		const id = serials ? CLIENT_ID : 0;
		stage.client(new UdpClient({ id, requests: [20_000], ...(retry ? { timeout: 300_000, retries: 3 } : {}) }));
		stage.crash(retry ? receivedFor(carries('11')) : sent('primary', carries('11')));
	},
	claims: (run, { serials, retry }) => (retry ? retried(run, serials) : repeated(run, serials)),
});

export default withoutTcp;

/** The reply arrives twice: what keeps the application from believing it twice is the client. */
function repeated(run: Run, serials: boolean): Claim[] {
	const { delivered, discarded } = run.client();
	const repeat = run.repeatOf('11');
	return [
		claim('same-bytes', 'The reply arrives twice, every byte the same.', repeat?.identical ?? false, [repeat?.first, repeat?.again], repeat === undefined ? 'it was not seen twice' : `SHA-256 ${repeat.sha256.slice(0, 16)}… twice`),
		serials
			? claim('client-drops', 'The application is given 11 once: the second reply answers no outstanding request, and the client drops it.', delivered.join() === '11' && discarded.join() === '11', [repeat?.again], `given ${delivered.join(', ')}, dropped ${discarded.join(', ') || 'nothing'}`)
			: claim('seen-twice', 'UDP has no memory: the application is given 11 twice.', delivered.join() === '11,11', [repeat?.first, repeat?.again], `given ${delivered.join(', ')}`),
		claim('counted-once', 'The request was executed once all the same: the counter stands at 11.', run.service['counter'] === 11, [], `counter ${run.service['counter']}`),
	];
}

/** The request arrives twice: what keeps it from being executed twice is the server. */
function retried(run: Run, serials: boolean): Claim[] {
	const { delivered } = run.client();
	const asked = run.on('client').filter((packet) => packet.sent && packet.text.startsWith('inc'));
	const answer = run.find('client', ({ byServer, kind }) => byServer && kind === 'udp');
	const stored = `given ${delivered.join(', ') || 'nothing'}; counter ${run.service['counter']}`;
	const twice = claim('asked-twice', 'The reply never came, and the client asked again with the same bytes.', asked.length === 2 && asked[0]!.text === asked[1]!.text, asked, asked.map(({ text }) => `"${text}"`).join(', then '));
	if (serials) {
		return [twice,
			claim('stored-reply', 'The new primary answers from memory what the old one had answered: 11. The memory of replies is part of the replicated state.', delivered.join() === '11', [asked[1], answer], stored),
			claim('counted-once', 'The request was executed once: the counter stands at 11.', run.service['counter'] === 11, [], `counter ${run.service['counter']}`)];
	}
	return [twice,
		claim('executed-twice', 'Without serials nobody can tell: the request is executed a second time, and the client is told 12.', delivered.join() === '12' && run.service['counter'] === 12, [asked[1], answer], stored)];
}
