import { Arbiter, MemoryLedger } from '../lib/replica/index.ts';
import type { Ledger } from '../lib/replica/index.ts';
import { Counter, TcpClient, choice, claim, isBareAck, number, profileOf, scenario } from '../lib/study/scenario.ts';
import type { Claim, Packet, Run, Scenario, Stage } from '../lib/study/scenario.ts';

/** When the log link is cut, when the first client asks behind that, and when it asks again, µs. */
const CUT = 30_000, ASKED = 40_000, AGAIN = 1_000_000;
/** When an arbiter that could not be reached can be, and how long one is down, µs. */
const MENDED = 400_000, DOWN = 30_000;

const splitBrain: Scenario = scenario({
	name: 'split-brain',
	title: 'Each of two hears nothing of the other',
	lecture:
		'When the link between the two breaks, each may believe that the other is dead. If both went on there would be two counters, and two clients would be told the same number. ' +
		'So somebody outside is asked who may go on, and gives that away once: test-and-set. Who does not get it stops.',
	knobs: {
		'trouble': choice('none', ['none', 'unreachable', 'answer-lost', 'restarted', 'forgets'], 'what is the matter with the arbiter'),
		'challenge-acks': number(10, 'ACKs a second that answer what cannot be (RFC 5961 §7)', 1, 1000),
		'patience': number(3, 'how often a client sends a segment again before it gives its connection up', 1, 15),
	},
	arms: {
		'arbiter': { title: 'the log link is cut while both live, and the arbiter decides' },
		'no-arbiter': { title: 'nobody is asked: both go on', knobs: { 'arbiter': false, 'announce-times': 10 }, breaks: 'two machines have gone on from one counter' },
		'unreachable': { title: 'the arbiter cannot be reached for a while', knobs: { trouble: 'unreachable' } },
		'answer-lost': { title: 'the arbiter\'s first answers are lost', knobs: { trouble: 'answer-lost' } },
		'restarted': { title: 'the arbiter dies when it has decided and told nobody, and is started again', knobs: { trouble: 'restarted' } },
		'forgets': { title: 'the arbiter is started again and does not know what it decided', knobs: { 'trouble': 'forgets', 'announce-times': 10 }, breaks: 'two machines have gone on from one counter' },
	},
	clients: 2,
	service: () => new Counter(),
	until: ({ patience }) => 1_500_000 + 300_000 * 2 ** (patience + 1),
	stage: (knobs) => ({ profile: { ...profileOf(knobs.profile), challengeAcks: knobs['challenge-acks'] } }),
	unsafe: ({ trouble }) => trouble === 'forgets',
	play(stage, { trouble, patience, 'client-profile': name, 'challenge-acks': challengeAcks }) {
		const profile = { ...profileOf(name), retries: patience, challengeAcks };
		stage.client(new TcpClient({ connectAt: 10_000, requests: [ASKED, AGAIN] }), { profile });
		stage.client(new TcpClient({ connectAt: 900_000, requests: [910_000] }), { profile });
		stage.at(CUT, ({ world, links }) => world.cut(links.log));
		troubles[trouble]!(stage);
	},
	claims(run, { trouble, arbiter }) {
		if (!arbiter || trouble === 'forgets') return [premise(run), ...both(run)];
		return [premise(run), ...one(run), ...special[trouble]?.(run) ?? []];
	},
});

export default splitBrain;

const troubles: { readonly [trouble: string]: (stage: Stage) => void } = {
	'none': () => {},
	'unreachable': (stage) => {
		stage.at(CUT, ({ world, links }) => { for (const link of links.arbiter) world.cut(link); });
		stage.at(MENDED, ({ world, links }) => { for (const link of links.arbiter) world.mend(link); });
	},
	'answer-lost': ({ links }) => { for (const link of links.arbiter) link.script('arbiter', { act: 'lose' }); },
	'restarted': (stage) => stage.when(({ kind }) => kind === 'arbiterDecided', ({ world, arbiter }) => {
		world.crash('arbiter');
		world.at(world.now + DOWN, () => startArbiter(stage, arbiter.ledger));
	}),
	'forgets': (stage) => stage.when(({ kind }) => kind === 'arbiterAnswered', ({ world }) => {
		world.crash('arbiter');
		startArbiter(stage, new MemoryLedger({ epoch: 1, winner: 1, members: [1, 2] }));
	}),
};

function startArbiter({ world, trace }: Stage, ledger: Ledger): void {
	world.start('arbiter', new Arbiter(ledger, trace, trace.place('arbiter')));
}

/** The events by which a machine goes on without the other. */
function goneOn(run: Run): { readonly place: string; readonly time: number; readonly epoch: number }[] {
	return [...run.events('tookOver'), ...run.events('wentAlone')].sort((a, b) => a.time - b.time);
}

function seconds(time: number): string {
	return `${(time / 1000).toFixed(1)} ms`;
}

function sentBy(run: Run, place: string): Packet[] {
	return run.on(place).filter((packet) => packet.sent);
}

function reply(run: Run, client: string, text: string): Packet | undefined {
	return run.find(client, (packet) => packet.byServer && packet.text === text);
}

function premise(run: Run): Claim {
	const cut = run.events('linkCut').find(({ link }) => link === run.stage.links.log.id);
	const silent = run.events('peerSilent');
	return claim('both-live', 'The link between the two is cut, and nothing dies: each hears nothing of the other.', cut !== undefined && run.crashedAt < 0 && run.events('crashed', 'backup').length === 0 && silent.length === 2, [],
		silent.map(({ place, time }) => `the ${place} judges so ${seconds(time - (cut?.time ?? 0))} after the cut`).join(', '));
}

/** One goes on and the other stops, and in between nobody speaks. */
function one(run: Run): Claim[] {
	const gone = goneOn(run), lost = run.events('halted').filter(({ reason }) => reason === 'lost');
	const [winner] = gone, loser = lost[0]?.place ?? '';
	const last = sentBy(run, loser).at(-1), first = winner === undefined ? undefined : sentBy(run, winner.place).find(({ time }) => time >= winner.time);
	const decided = run.events('arbiterDecided');
	const told = [run.client().delivered.join(', '), run.client('client-2').delivered.join(', ')];
	return [
		claim('decided-once', 'The arbiter gives the next epoch away once.', decided.length === 1 && decided[0]!.epoch === 2, [], decided.map(({ epoch, winner: id, time }) => `epoch ${epoch} to machine ${id}, ${seconds(time - CUT)} after the cut`).join(', ')),
		claim('one-goes-on', 'Exactly one goes on; the other is told that it lost, and stops for good.', gone.length === 1 && lost.length === 1 && loser !== winner?.place, [], `the ${winner?.place} goes on, the ${loser} stops`),
		claim('never-two', 'The loser had sent its last frame before the winner sent its first.', first !== undefined && (last?.time ?? -1) < first.time, [last, first], first === undefined ? '' : `${seconds(first.time - (last?.time ?? 0))} between them`),
		claim('one-counter', 'The clients are told one number each: 11, 12 and 13.', told.join(' and ') === '11, 13 and 12', [reply(run, 'client', '11'), reply(run, 'client-2', '12'), reply(run, 'client', '13')], `told ${told.join(' and ')}`),
	];
}

const special: { readonly [trouble: string]: (run: Run) => Claim[] } = {
	'unreachable': (run) => {
		const asked = run.events('arbiterAsked'), before = asked.filter(({ time }) => time < MENDED);
		const expired = run.events('leaseExpired', 'primary')[0]?.time ?? -1;
		const frames = run.packets.filter((packet) => packet.sent && packet.byServer && packet.time > expired && packet.time < MENDED && (packet.interface === 'primary' || packet.interface === 'backup'));
		const places = (['primary', 'backup'] as const).map((place) => before.filter((event) => event.place === place).length);
		return [
			claim('asks-again', 'Without an answer each asks again, for as long as it takes.', places.every((times) => times > 5), [], `the primary ${places[0]} times, the backup ${places[1]} times`),
			claim('silence', 'Meanwhile neither guesses: nothing at all is sent to the clients.', expired > 0 && frames.length === 0 && goneOn(run).every(({ time }) => time > MENDED), [], `${seconds(MENDED - expired)} of silence`),
		];
	},
	'answer-lost': (run) => {
		const [winner] = goneOn(run);
		const asked = run.events('arbiterAsked', winner?.place), answers = run.events('arbiterAnswered', winner?.place);
		return [claim('told-again', 'The winner did not hear that it won. It asks again, and is told the same.', asked.length > 1 && answers.length === 1 && answers[0]!.answer === 'won', [], `asked ${asked.length} times, told '${answers.map(({ answer }) => answer).join()}'`)];
	},
	'restarted': (run) => {
		const decided = run.events('arbiterDecided')[0], started = run.events('started', 'arbiter')[0];
		const answers = run.events('arbiterAnswered').filter(({ time }) => time > (started?.time ?? Infinity));
		const won = answers.filter(({ answer }) => answer === 'won');
		return [claim('settled', 'What it decided it had written down first: started again, it tells both what was settled before.', decided !== undefined && won.length === 1 && won[0]!.winner === decided.winner && answers.every(({ winner }) => winner === decided.winner), [],
			`decided after ${seconds((decided?.time ?? 0) - CUT)}, started again after ${seconds((started?.time ?? 0) - CUT)}; then ${answers.map(({ place, answer }) => `'${answer}' to the ${place}`).join(', ')}`)];
	},
};

/** Two counters: two clients are told one number, and a connection ends up at the one that does not know it. */
function both(run: Run): Claim[] {
	const gone = goneOn(run);
	const first = run.client(), second = run.client('client-2');
	const moved = run.events('macMoved', 'switch');
	const asked = run.on('client').filter((packet) => packet.sent && packet.time >= AGAIN && packet.text.startsWith('inc'));
	const answers = run.on('client').filter((packet) => packet.byServer && packet.segment !== null && packet.time >= (asked[0]?.time ?? Infinity));
	const sentUpTo = Math.max(0, ...answers.map(({ relative }) => relative?.seq ?? 0));
	const wedged = asked.length > 0 && answers.length > 0 && asked.every(({ relative }) => (relative?.ack ?? 0) > sentUpTo) && answers.every(isBareAck);
	return [
		claim('both-go-on', 'Both go on, and each believes to be the only one.', gone.length === 2 && gone[0]!.place !== gone[1]!.place, [], gone.map(({ place, time, epoch }) => `the ${place} after ${seconds(time - CUT)}, in epoch ${epoch}`).join(', ')),
		claim('told-twice', 'Two clients of one counter are both told 11.', first.delivered[0] === '11' && second.delivered[0] === '11', [reply(run, 'client', '11'), reply(run, 'client-2', '11')], `told ${first.delivered.join(', ')} and ${second.delivered.join(', ')}`),
		claim('flaps', 'One address at two ports: the switch believes whoever spoke last.', moved.length > 2, [], `it moves ${moved.length} times`),
		claim('wedged', 'The first client was answered by one and its next request comes to the other, which never sent what the client acknowledges (SEG.ACK > SND.NXT): bare ACKs are all it gets.', wedged, asked.slice(0, 4), `the client acknowledges ${asked[0]?.relative?.ack}, this server is at ${sentUpTo}`),
		claim('timeout', 'That connection ends in a timeout.', first.error === 'ETIMEDOUT', [asked.at(-1)], first.error || 'no error'),
	];
}
