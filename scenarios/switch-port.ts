import { Counter, TcpClient, carries, choice, claim, number, scenario, sent, toggle } from '../lib/study/scenario.ts';
import type { Claim, Packet, Run, Scenario } from '../lib/study/scenario.ts';

const names = { 'gratuitous-arp': 'gratuitous ARP', 'rarp': 'RARP', 'any': 'a frame of no protocol', 'none': 'no announcement' } as const;

const switchPort: Scenario = scenario({
	name: 'switch-port',
	title: 'One MAC address moves to another port of the switch',
	lecture:
		'Both computers hang on one switch, at two ports, with one MAC address between them. At the takeover the switch has to learn that the address has moved, ' +
		'or it goes on sending to the port of the dead. Usually the machine sees to it with a gratuitous ARP.',
	knobs: {
		'announce': choice('gratuitous-arp', ['gratuitous-arp', 'rarp', 'any', 'none'], 'how a new primary tells the switch where its address is'),
		'quiet': toggle(true, 'the backup has nothing to send when it goes live'),
		'ageing': number(3_000_000, 'how long the switch remembers a silent address, µs', 1),
	},
	arms: {
		'arp': { title: 'gratuitous ARP' },
		'rarp': { title: 'RARP, as hypervisors send it', knobs: { announce: 'rarp' } },
		'any-frame': { title: 'any frame from that address', knobs: { announce: 'any' } },
		'repeat': { title: 'no announcement, but a reply to repeat', knobs: { announce: 'none', quiet: false } },
		'port-dies': { title: 'no announcement, but the dead computer\'s port goes down', knobs: { 'announce': 'none', 'port-dies': true } },
		'black-hole': { title: 'no announcement, nothing to send, and the dead port stays up', knobs: { announce: 'none' } },
	},
	service: () => new Counter(),
	until: 10_000_000,
	stage: ({ ageing }) => ({ ageing }),
	play(stage, { quiet }) {
		stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000, 400_000] }));
		stage.crash(quiet ? 250_000 : sent('primary', carries('11')));
	},
	claims(run, { announce, quiet, ageing, 'port-dies': portDies }) {
		const learnt = learntClaim(run);
		if (announce !== 'none') return [learnt, announcedClaim(run, announce), movedClaim(run), answeredClaim(run, 'at once', 0, 1_000)];
		if (portDies) return [learnt, portClaim(run), answeredClaim(run, 'at once', 0, 1_000)];
		if (!quiet) return [learnt, movedClaim(run), answeredClaim(run, 'at once', 0, 1_000)];
		return [learnt, ...blackHole(run, ageing)];
	},
});

export default switchPort;

function learntClaim(run: Run): Claim {
	const learnt = run.events('macLearnt', 'switch').find(({ port }) => port === 0);
	return claim('learnt', 'Before the failure the switch has learnt the address at the primary\'s port: the backup is silent there.', learnt !== undefined && learnt.time < run.crashedAt && run.on('backup').every((packet) => !packet.sent || packet.time >= run.tookOverAt), [], `learnt ${((learnt?.time ?? 0) / 1000).toFixed(1)} ms after the start`);
}

function announcedClaim(run: Run, announce: 'gratuitous-arp' | 'rarp' | 'any'): Claim {
	const announcements = run.on('backup').filter((packet) => packet.sent && packet.destinationMac === 'ff:ff:ff:ff:ff:ff' && packet.payload.length === 0 && packet.time >= run.tookOverAt && packet.operation !== 'request');
	return claim('announced', `The new primary announces itself by ${names[announce]}, to all and several times: one could be lost.`, announcements.length > 1, announcements, `${announcements.length} times`);
}

function movedClaim(run: Run): Claim {
	const moved = run.events('macMoved', 'switch')[0];
	const first = run.on('backup').find((packet) => packet.sent);
	return claim('moved', 'The first frame that leaves the backup moves the address from the primary\'s port to its own.', moved !== undefined && moved.from === 0 && moved.port === 1 && first !== undefined && moved.time - first.time < 100, [first], moved === undefined ? 'it never moved' : `${moved.time - run.tookOverAt} µs after the takeover`);
}

function nextRequests(run: Run): Packet[] {
	return run.on('client').filter((packet) => packet.sent && packet.time > run.tookOverAt && packet.text.startsWith('inc'));
}

function answeredClaim(run: Run, how: string, least: number, most: number): Claim {
	const { delivered, deliveredAt, wroteAt } = run.client();
	const delay = (deliveredAt[1] ?? Infinity) - (wroteAt[1] ?? 0);
	const answer = run.on('client').find(({ byServer, text }) => byServer && text === '12');
	return claim('answered', `The client's next request is answered ${how}.`, delivered.join() === '11,12' && delay >= least && delay <= most, [nextRequests(run)[0], answer], delivered.length < 2 ? 'it never was' : `after ${(delay / 1000).toFixed(1)} ms`);
}

function portClaim(run: Run): Claim {
	const forgotten = run.events('macForgotten', 'switch').find(({ reason }) => reason === 'port-down');
	const [request] = nextRequests(run);
	const reached = run.on('backup').find((packet) => !packet.sent && packet.text.startsWith('inc') && packet.time > run.tookOverAt);
	return claim('forgotten', 'With its port down the switch forgets the address, sends the next frame out by every port, and so it comes to the backup.', forgotten !== undefined && reached !== undefined, [request, reached], forgotten === undefined ? 'it was not forgotten' : '');
}

function blackHole(run: Run, ageing: number): Claim[] {
	const asked = nextRequests(run);
	const reached = run.on('backup').filter((packet) => !packet.sent && packet.text.startsWith('inc') && packet.time > run.tookOverAt);
	const aged = run.events('macForgotten', 'switch').find(({ reason }) => reason === 'aged');
	const lost = asked.filter(({ time }) => time < (reached[0]?.time ?? Infinity) - 1000);
	return [
		claim('black-holed', 'The client\'s request, and each time it is sent again, goes to the port of the dead.', lost.length > 1, lost, `${lost.length} times`),
		claim('aged', 'Only when the switch has forgotten the silent address does a frame come to the backup.', aged !== undefined && reached.length > 0 && aged.time <= reached[0]!.time, [reached[0]], aged === undefined ? 'it was not forgotten' : `forgotten after ${(aged.time / 1e6).toFixed(1)} s; ageing is ${(ageing / 1e6).toFixed(1)} s`),
		answeredClaim(run, 'no sooner than that', Math.max(0, ageing - 200_000), Infinity),
	];
}
