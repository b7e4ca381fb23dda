import { ACK, FIN, RST, SYN } from '../lib/wire/tcp.ts';
import { Counter, TcpClient, UdpClient, carries, choice, claim, hasFlags, profileOf, receivedFor, scenario } from '../lib/study/scenario.ts';
import type { Claim, Fits, Packet, Run, Scenario } from '../lib/study/scenario.ts';

/** What the output that neither side sends is. */
const outputs = ['data', 'syn', 'fin', 'rst'] as const;
type Output = (typeof outputs)[number];

const fits: { readonly [O in Output]: Fits } = {
	data: carries('11'), syn: hasFlags(SYN | ACK), fin: hasFlags(FIN), rst: hasFlags(RST),
};
const names: { readonly [O in Output]: string } = { data: 'reply', syn: 'SYN ACK', fin: 'FIN', rst: 'RST' };

const neitherSideSends: Scenario = scenario({
	name: 'neither-side-sends',
	title: 'Sending on neither side is worse than sending twice',
	lecture:
		'Duplicates could be avoided by letting neither machine send what falls into the takeover. For the client that is a lost request. TCP mends it, at the price of a timeout: ' +
		'the backup still holds what was not acknowledged. What no timer guards is lost for good.',
	knobs: {
		policy: choice('nothing', ['unreleased', 'lecture', 'nothing'], 'which outputs a new primary sends again'),
		transport: choice('tcp', ['tcp', 'udp'], 'how the client asks'),
		output: choice('data', outputs, 'what neither side sends (over TCP)'),
	},
	arms: {
		data: { title: 'the reply, over TCP with Linux\'s timers' },
		rfc: { title: 'the reply, over TCP with the RFC\'s timers', knobs: { profile: 'rfc' } },
		syn: { title: 'the SYN ACK', knobs: { output: 'syn' } },
		fin: { title: 'the FIN', knobs: { output: 'fin' } },
		rst: { title: 'a RST', knobs: { output: 'rst' } },
		udp: { title: 'the reply, over UDP', knobs: { transport: 'udp' } },
	},
	service: ({ output, transport }) => new Counter(output === 'rst' && transport === 'tcp' ? { lifetime: 30_000 } : {}),
	until: 5_000_000,
	play(stage, { transport, output, 'client-profile': name }) {
		if (transport === 'udp') stage.client(new UdpClient({ requests: [20_000] }));
		else if (output === 'rst') stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000, 4_000_000] }));
		// A client that asks again after the first second would draw the SYN ACK before the backup's timer has come.
		else if (output === 'syn') stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000] }), { profile: { ...profileOf(name), rtoInitial: 3_000_000 } });
		else stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000], end: output === 'fin' ? 'close' : 'stay', endAfter: 10_000 }));
		stage.crash(receivedFor(transport === 'udp' ? carries('11') : fits[output]));
	},
	claims(run, { transport, output, profile, policy }) {
		const waiting = waitingClaim(run, transport === 'udp' ? carries('11') : fits[output]);
		if (policy !== 'nothing') return [waiting, claim('sent-again', 'With this policy the new primary sends what waited.', run.events('outputRepeated').length > 0, [], `${run.events('outputRepeated').length} outputs sent again`)];
		if (transport === 'udp') return [waiting, ...lost(run)];
		return [waiting, ...(output === 'rst' ? neverRepaired(run) : repaired(run, output, profileOf(profile)[output === 'syn' ? 'rtoInitial' : 'rtoMin']))];
	},
});

export default neitherSideSends;

/** The output was made, waited, and left neither the primary nor, at its takeover, the backup. */
function waitingClaim(run: Run, isIt: Fits): Claim {
	const sentBefore = run.on('primary').find((packet) => packet.sent && isIt(packet));
	const given = run.events('outputDiscarded', 'backup').filter(({ reason }) => reason === 'policy');
	return claim('neither', 'The primary died before it could send it, and the backup, by this policy, gives it up.', sentBefore === undefined && (given.length > 0 || run.events('outputRepeated').length > 0), [sentBefore], `${given.length} output${given.length === 1 ? '' : 's'} given up at the takeover`);
}

/** What TCP's retransmission timer mends, and how much later. */
function repaired(run: Run, output: Output, least: number): Claim[] {
	const { delivered, closed, error } = run.client();
	const took = run.tookOverAt;
	const mended: Packet | undefined = run.packets.find((packet) => packet.interface === 'backup' && packet.sent && packet.time >= took && fits[output](packet));
	const isTimer = mended !== undefined && run.trace.slotOf(mended.event, 2) === -1;
	const seen = run.packets.find((packet) => packet.interface === 'client' && !packet.sent && packet.number > (mended?.number ?? Infinity) && fits[output](packet));
	const later = mended === undefined ? 0 : mended.time - took;
	const claims = [
		claim('own-timer', `The backup's own retransmission timer sends the ${names[output]}: no earlier than the profile's ${least / 1000} ms after it went live.`, isTimer && later >= least, [seen], mended === undefined ? 'it was never sent' : `${(later / 1000).toFixed(0)} ms after it went live`),
		claim('repaired', 'The application gets its answer, once, and no error.', delivered.join() === '11' && error === '', [], `given ${delivered.join(', ') || 'nothing'}${output === 'fin' ? '' : output === 'syn' ? `; connected after ${connectedAfter(run)}` : `, ${delayOf(run)} after it asked`}`),
	];
	if (output === 'fin') claims.push(claim('closed', 'The connection ends in order.', closed === 'client', [seen], `closed by ${closed || 'nobody'}`));
	return claims;
}

function connectedAfter(run: Run): string {
	const asked = run.events('connecting', 'client')[0], open = run.events('connected', 'client')[0];
	return asked === undefined || open === undefined ? 'nothing' : `${((open.time - asked.time) / 1000).toFixed(1)} ms`;
}

function delayOf(run: Run): string {
	const { deliveredAt, wroteAt } = run.client();
	const asked = wroteAt[0], given = deliveredAt[0];
	return asked === undefined || given === undefined ? 'never' : `${((given - asked) / 1000).toFixed(1)} ms`;
}

/** No timer stands behind a RST: whoever does not speak never learns of it. */
function neverRepaired(run: Run): Claim[] {
	const { wroteAt, errorAt, error } = run.client();
	const took = run.tookOverAt, spoke = wroteAt[1] ?? Infinity;
	const resets = run.on('client').filter((packet) => packet.byServer && hasFlags(RST)(packet));
	const early = run.on('client').filter((packet) => packet.byServer && packet.segment !== null && packet.time > took && packet.time < spoke);
	return [
		claim('never-repaired', 'Nobody ever sends that RST again: the client believes in a connection that is gone.', took > 0 && early.length === 0, early, `${((Math.min(spoke, run.stage.world.now) - took) / 1e6).toFixed(1)} s of silence`),
		claim('drawn', 'Only when the client speaks does it draw another RST, and its application an error.', error === 'ECONNRESET' && errorAt > spoke && resets.length > 0, resets, error === '' ? 'it was told nothing' : `${error} ${((errorAt - spoke) / 1000).toFixed(1)} ms after it asked again`),
	];
}

/** Over UDP nothing mends anything. */
function lost(run: Run): Claim[] {
	const { delivered, wrote } = run.client();
	const reply = run.find('client', ({ byServer, text }) => byServer && text === '11');
	return [
		claim('lost', 'Over UDP the reply is lost for good: the client waits for ever.', wrote.length === 1 && delivered.length === 0 && reply === undefined, [reply], `asked ${wrote.length}, given ${delivered.length}`),
		claim('executed', 'Yet the request was executed: the counter stands at 11.', run.service['counter'] === 11, [], `counter ${run.service['counter']}`),
	];
}
