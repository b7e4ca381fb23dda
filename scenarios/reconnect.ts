import { RST } from '../lib/wire/tcp.ts';
import { SessionClient, SessionCounter } from '../lib/service/index.ts';
import { carries, claim, number, receivedFor, scenario, toggle } from '../lib/study/scenario.ts';
import type { Claim, Packet, Run, Scenario } from '../lib/study/scenario.ts';

const reconnect: Scenario = scenario({
	name: 'reconnect',
	title: 'The client gives its connection up and asks again over another',
	lecture:
		'TCP finds duplicates within one connection, and forgets them with it. A client that has waited too long, connects anew and asks again has made a duplicate that no TCP can see: ' +
		'the request is executed twice. Serial numbers of the application outlive the connection; and so that they do not live for ever, a client that was silent for too long is forgotten, and told so.',
	knobs: {
		'behind': number(1, 'log entries the backup leaves unexecuted while it follows', 0, 1000),
		'serials': toggle(false, 'the client has a session, and its requests bear serial numbers'),
		'lifetime': number(60_000_000, 'how long a silent client is remembered, µs; 0: for ever', 0),
		'timeout': number(30_000, 'how long the client waits before it gives a connection up, µs', 1000),
	},
	arms: {
		plain: { title: 'without serials' },
		serials: { title: 'with serials', knobs: { serials: true } },
		expired: { title: 'with serials, and a server that forgets sooner than the client comes back', knobs: { serials: true, lifetime: 40_000 } },
	},
	service: ({ lifetime }) => new SessionCounter({ lifetime }),
	until: 1_200_000,
	stage: () => ({ describe: (image) => SessionCounter.stateIn(image) }),
	play(stage, { serials, timeout }) {
		stage.client(new SessionClient({ connectAt: 10_000, requests: [20_000, 500_000], session: serials, timeout, tries: 20 }));
		// The request is logged with the backup, and the reply never leaves.
		stage.crash(receivedFor(carries('11')));
	},
	claims(run, { serials, lifetime, timeout }) {
		const first = [askedClaim(run, timeout), forgottenClaim(run)];
		if (!serials) return [...first, ...executedTwice(run)];
		return [...first, ...(lifetime > 0 && lifetime < 50_000 ? expired(run) : stored(run))];
	},
});

export default reconnect;

function requests(run: Run): Packet[] {
	return run.on('client').filter((packet) => packet.sent && packet.text.startsWith('inc'));
}

/** The request as the dead primary got it, and the first that another connection brought to the new one. */
function pair(run: Run): { readonly before: Packet | undefined; readonly after: Packet | undefined } {
	const asked = requests(run), [before] = asked;
	const after = asked.find((packet) => packet.time >= run.tookOverAt && packet.source !== before?.source);
	return { before, after };
}

function askedClaim(run: Run, timeout: number): Claim {
	const { before, after } = pair(run);
	const connections = run.events('connecting', 'client').length;
	return claim('asked-again', 'No reply comes. The client gives its connection up, opens another, and asks again: the same words from another port.', before !== undefined && after !== undefined && before.text === after.text, [before, after],
		`"${before?.text ?? ''}" twice, ${(((after?.time ?? 0) - (before?.time ?? 0)) / 1000).toFixed(1)} ms apart; it waits ${timeout / 1000} ms, and tried ${connections} connections`);
}

/** The new primary sends the first reply on the old connection, where nobody is any more. */
function forgottenClaim(run: Run): Claim {
	const { before } = pair(run);
	const late = run.on('client').find((packet) => packet.byServer && !packet.sent && packet.text.startsWith('11') && packet.destination === before?.source);
	const answer = late === undefined ? undefined : run.answers(late).find(({ segment }) => segment !== null && (segment.flags & RST) !== 0);
	return claim('forgotten', 'The reply to the first comes all the same, on the old connection. What TCP knew of duplicates went with that connection: the client answers with a RST, and its application hears nothing.', late !== undefined && answer !== undefined, [late, answer], late === undefined ? 'it did not come' : `"${late.text}" and a RST`);
}

function counterText(run: Run): string {
	return `told ${run.client().delivered.join(', ') || 'nothing'}; counter ${run.service['counter']}`;
}

function executedTwice(run: Run): Claim[] {
	const { after } = pair(run);
	return [
		claim('executed-twice', 'Without serials nobody can tell a request from its copy: it is executed twice, and the client is told 12 for its first increment.', run.client().delivered.join() === '12,13' && run.service['counter'] === 13, [after, run.find('client', ({ byServer, sent, text }) => byServer && !sent && text === '12')], counterText(run)),
		claim('no-machines-fault', 'No replica has done wrong. A single machine behind a network that delays would have done the same: this is for the application to solve.', run.oracle.ok, []),
	];
}

function stored(run: Run): Claim[] {
	const { after } = pair(run);
	const { replies, sessions, counter } = run.service;
	return [
		claim('stored-reply', 'The new primary finds the serial among what was executed, and answers from memory, as the dead one would have: 11.', run.client().delivered.join() === '11,12' && counter === 12, [after, run.find('client', ({ byServer, sent, text, destination }) => byServer && !sent && text.startsWith('11 ') && destination === after?.source)], counterText(run)),
		claim('collected', 'With its next request the client says up to where it has its replies: what is below is let go.', sessions === 1 && replies === 1, [requests(run).at(-1)], `"${requests(run).at(-1)?.text ?? ''}" leaves ${replies} reply kept of ${sessions} client`),
	];
}

function expired(run: Run): Claim[] {
	const { delivered, error, wrote } = run.client();
	const { after } = pair(run);
	const refused = run.find('client', ({ byServer, sent, text }) => byServer && !sent && text.startsWith('expired'));
	return [
		claim('error', 'The server does not know the client any more, and so not whether it has executed this. It says so, and executes nothing.', refused !== undefined && run.service['counter'] === 11 && delivered.length === 0, [after, refused], `"${refused?.text ?? ''}"; counter ${run.service['counter']}`),
		claim('not-in-silence', 'Nobody makes a new session for it behind its back: its application is told, and has to find out for itself.', error === 'ESESSION' && run.service['sessions'] === 0 && wrote.filter((line) => line === 'hello').length === 1, [], `told ${error}`),
		claim('same-entry', 'Time is that of the log: every replica, and a machine that never fails, forgets the client at the same entry.', run.violations.length === 0 && run.oracle.ok, []),
	];
}
