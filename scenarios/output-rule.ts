import { ACK, SYN } from '../lib/wire/tcp.ts';
import { Counter, TcpClient, UdpClient, carries, choice, claim, hasFlags, isBareAck, logs, number, profileOf, scenario, sent, toggle } from '../lib/study/scenario.ts';
import type { Claim, Run, Scenario } from '../lib/study/scenario.ts';

const outputRule: Scenario = scenario({
	name: 'output-rule',
	title: 'No output leaves before the backup has what it came from',
	lecture:
		'The primary may not answer before the backup has acknowledged the log entry of the request. If it did, and died with the entry on its way, the client would know of an 11 that the backup never heard of. ' +
		'Only the output waits; the primary goes on executing.',
	knobs: {
		'output-rule': toggle(false, 'no output leaves before the backup has acknowledged the log entry it came from'),
		transport: choice('tcp', ['tcp', 'udp'], 'how the client asks'),
		'challenge-acks': number(10, 'ACKs a second that answer what cannot be (RFC 5961 §7)', 1, 1000),
		patience: number(5, 'how often the client sends a segment again before it gives its connection up', 1, 15),
	},
	arms: {
		off: { title: 'rule off, TCP: the log message with the request is lost, and the primary dies after its reply', breaks: 'the client was told 11 by a machine whose past is gone' },
		'off-udp': { title: 'rule off, UDP', knobs: { transport: 'udp' }, breaks: 'one client is told 11 for two requests' },
		on: { title: 'rule on, TCP', knobs: { 'output-rule': true } },
	},
	clients: 2,
	service: () => new Counter(),
	until: ({ patience }) => 1_000_000 + 300_000 * 2 ** (patience + 1),
	stage: (knobs) => ({ profile: { ...profileOf(knobs.profile), challengeAcks: knobs['challenge-acks'] } }),
	play(stage, { transport, patience, 'client-profile': name, 'challenge-acks': challengeAcks }) {
		if (transport === 'udp') stage.client(new UdpClient({ requests: [20_000, 150_000] }));
		else stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000, 150_000] }), { profile: { ...profileOf(name), retries: patience, challengeAcks } });
		stage.client(new TcpClient({ connectAt: 180_000, requests: [190_000] }));
		stage.links.log.script('primary', { act: 'lose', when: logs('inc') });
		stage.crash(sent('primary', carries('11')));
	},
	claims: (run, knobs) => {
		if (knobs['output-rule']) return kept(run, knobs.transport === 'tcp');
		return knobs.transport === 'udp' ? brokenUdp(run) : broken(run);
	},
});

export default outputRule;

/** The reply that left, and whether the backup had its entry then. */
function premise(run: Run): { readonly left: number; readonly had: boolean; readonly entry: number } {
	const released = run.events('outputReleased', 'primary').find(({ bytes }) => String.fromCharCode(...bytes).includes('11'));
	const had = run.events('entryReceived', 'backup').some(({ last, time }) => last >= (released?.entry ?? Infinity) && time <= (released?.time ?? -1));
	return { left: released?.time ?? -1, had, entry: released?.entry ?? 0 };
}

function early(run: Run): Claim {
	const { left, had, entry } = premise(run);
	const reply = run.find('client', ({ byServer, text }) => byServer && text === '11');
	return claim('too-early', 'The reply left before the backup had the entry it came from.', left >= 0 && !had, [reply], `entry ${entry} was lost with the primary`);
}

function broken(run: Run): Claim[] {
	const first = run.client(), second = run.client('client-2');
	const took = run.tookOverAt;
	const asked = run.on('client').filter((packet) => packet.sent && packet.time > took && packet.text.startsWith('inc'));
	const answers = run.on('client').filter((packet) => packet.byServer && packet.segment !== null && packet.time > took);
	const sentUpTo = Math.max(0, ...answers.map(({ relative }) => relative?.seq ?? 0));
	return [
		early(run),
		claim('told-twice', 'The first client was told 11; a second one is told 11 again.', first.delivered[0] === '11' && second.delivered.join() === '11', [run.find('client', ({ byServer, text }) => byServer && text === '11'), run.find('client-2', ({ byServer, text }) => byServer && text === '11')], `told ${first.delivered.join(', ')} and ${second.delivered.join(', ')}`),
		claim('wedged', 'The old connection does not repeat the lie: it wedges. The client acknowledges bytes this server never sent (SEG.ACK > SND.NXT), and bare ACKs are all it gets.', asked.length > 0 && asked.every(({ relative }) => (relative?.ack ?? 0) > sentUpTo) && answers.every(isBareAck), asked, `the client acknowledges ${asked[0]?.relative?.ack}, the server is at ${sentUpTo}`),
		claim('timeout', 'The old connection ends in a timeout.', first.error === 'ETIMEDOUT', [asked.at(-1)], first.error || 'no error'),
	];
}

function brokenUdp(run: Run): Claim[] {
	const { delivered } = run.client();
	const replies = run.on('client').filter(({ byServer, text }) => byServer && text === '11');
	return [
		early(run),
		claim('same-client', 'Over UDP it is the same client that is told 11 twice, for two requests.', delivered.join() === '11,11', replies, `given ${delivered.join(', ')}`),
	];
}

function kept(run: Run, isTcp: boolean): Claim[] {
	const { left, had } = premise(run);
	const first = run.client(), second = run.client('client-2');
	const reply = run.find('client', ({ byServer, text }) => byServer && text === '11');
	return [
		claim('waited', 'The reply left only when the backup had the entry, although the first log message was lost.', left >= 0 && had, [reply], `${((left - (run.client().wroteAt[0] ?? 0)) / 1000).toFixed(1)} ms after the request`),
		claim('no-lie', 'No two requests are told one number: 11 and 12 for the first client, 13 for the second.', [...new Set(first.delivered)].join() === '11,12' && second.delivered.join() === '13', [], `told ${first.delivered.join(', ')} and ${second.delivered.join(', ')}`),
		...(isTcp ? [costClaim(run)] : []),
		executionClaim(run),
	];
}

/** What the rule costs: seen at an output whose log message was not lost. */
function costClaim(run: Run): Claim {
	const isIt = hasFlags(SYN | ACK);
	const frame = run.find('primary', (packet) => packet.sent && isIt(packet));
	const held = run.events('outputHeld', 'primary'), released = run.events('outputReleased', 'primary');
	const output = released.find(({ bytes }) => frame !== undefined && bytes.length === frame.bytes.length && bytes.every((byte, i) => byte === frame.bytes[i]));
	const from = held.find((event) => event.output === output?.output);
	const waited = (output?.time ?? 0) - (from?.time ?? 0);
	const { delay } = run.stage.links.log.forth.options;
	return claim('one-round-trip', 'The rule costs one round trip on the log link for each output.', from !== undefined && waited >= 2 * delay && waited < 4 * delay, [frame], `the SYN ACK waited ${waited} µs; the log link is ${delay} µs long`);
}

/** Execution does not wait. */
function executionClaim(run: Run): Claim {
	const logged = run.events('entryLogged', 'primary'), executed = run.events('entryExecuted', 'primary');
	const delays = executed.map(({ entry, time }) => time - (logged.find((event) => event.entry === entry)?.time ?? 0));
	return claim('execution-goes-on', 'Only the output waits: the primary executed each entry the moment it logged it.', delays.length > 0 && delays.every((delay) => delay === 0), [], `${delays.length} entries, ${Math.max(...delays)} µs at most`);
}
