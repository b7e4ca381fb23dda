import { Counter, TcpClient, carries, choice, claim, number, readLetter, scenario, sent, toldOf } from '../lib/study/scenario.ts';
import type { Claim, Computer, Packet, Run, Scenario, Stage } from '../lib/study/scenario.ts';

const newBackup: Scenario = scenario({
	name: 'new-backup',
	title: 'After a takeover one is left, and gets a new backup',
	lecture:
		'Once the backup has gone live nothing needs to be replicated any more: there is nobody to replicate to. ' +
		'To survive the next failure a new backup has to be made from the one that runs, while it runs; and when that is done the next may die.',
	knobs: {
		'rounds': number(2, 'how many machines die, one after the other', 1, 50),
		'every': number(30_000, 'how often the client asks, µs', 1000),
		'alone': number(4, 'replies the survivor gives before a new machine is started', 1),
		'how': choice('crash', ['crash', 'hand-over', 'half-joined', 'just-joined'], 'how a primary ends: killed behind a reply, in order, killed while a new backup receives the machine, killed the moment it is taken in'),
	},
	arms: {
		'joins': { title: 'the primary dies, a new backup joins, and the next primary dies too' },
		'ten-in-a-row': { title: 'ten machines die, on one TCP connection', knobs: { rounds: 10, every: 10_000 } },
		'planned-stop': { title: 'the primary is stopped in order, and so is the next', knobs: { how: 'hand-over' } },
		'half-joined': { title: 'the survivor dies while a new backup is still receiving the machine', knobs: { how: 'half-joined' } },
		'just-joined': { title: 'the survivor dies when the arbiter has taken the new backup in, and nobody has heard of it', knobs: { how: 'just-joined' } },
	},
	service: () => new Counter(),
	until: ({ rounds }) => 300_000 + rounds * 300_000,
	play(stage, { rounds, every, alone, how }) {
		const requests = Math.floor((200_000 + rounds * 200_000) / every);
		stage.client(new TcpClient({ connectAt: 10_000, requests: Array.from({ length: requests }, (_, i) => 20_000 + i * every) }));
		// Where the primary is killed at a given step, nothing else is.
		let left = stage.options.crashAt === undefined ? rounds : 0;
		const end = (speaker: Computer, by: string): void => { if (left-- > 0) ends[by]!(stage, speaker); };
		end('primary', how === 'hand-over' ? how : 'crash');
		stage.always(({ kind }) => kind === 'tookOver', ({ place }) => {
			const speaker = place as Computer;
			stage.when(sent(speaker, carries('\n')), ({ world }) => {
				world.crash(other(speaker), 'is switched off');
				stage.join(other(speaker));
				if (how.endsWith('joined')) end(speaker, how);
			}, alone);
		});
		stage.always(({ kind }) => kind === 'joined', ({ place }) => { if (!how.endsWith('joined')) end(place as Computer, how); });
	},
	claims(run, { rounds, how }) {
		const common = [toldClaim(run), exactClaim(run)];
		switch (how) {
			case 'crash': return [roundsClaim(run, rounds), aloneClaim(run), pauseClaim(run), repeatsClaim(run, rounds), ...common];
			case 'hand-over': return [...orderClaims(run, rounds), ...common];
			case 'half-joined': return [...halfClaims(run), ...common];
			case 'just-joined': return [...justClaims(run), ...common];
		}
	},
});

export default newBackup;

/** Pieces of the image that have arrived when the survivor dies. */
const PIECES = 2;

/** How the machine that speaks comes to its end. */
const ends: { readonly [how: string]: (stage: Stage, speaker: Computer) => void } = {
	'crash': (stage, speaker) => stage.when(sent(speaker, carries('\n')), () => stage.kill(speaker), 3),
	'hand-over': (stage, speaker) => stage.when(sent(speaker, carries('\n')), ({ world }) => {
		stage.replica(speaker).handOver(world.place(speaker).clock.toNode(world.now));
		world.touch(speaker);
	}, 3),
	'half-joined': (stage, speaker) => {
		const isPiece = (bytes: Uint8Array, at: number, length: number): boolean => readLetter(bytes.slice(at, at + length)).kind === 'image';
		stage.links.log.script(speaker, { act: 'lose', when: isPiece, nth: PIECES + 1, times: Infinity });
		stage.when(toldOf(other(speaker), 'image'), () => stage.kill(speaker), PIECES);
	},
	'just-joined': (stage, speaker) => stage.when(({ kind }) => kind === 'arbiterDecided', () => stage.kill(speaker)),
};

function other(computer: Computer): Computer {
	return computer === 'primary' ? 'backup' : 'primary';
}

function milliseconds(time: number): string {
	return `${(time / 1000).toFixed(1)} ms`;
}

/** What lies between two kinds of events at either computer, in order. */
interface Stretch {
	readonly place: Computer;
	readonly from: number;
	readonly to: number;
}

/** The times in which a machine is alone: from its takeover to the start of a new one. */
function aloneIn(run: Run): Stretch[] {
	const started = run.events('started');
	return run.events('tookOver').map(({ place, time }) => ({ place: place as Computer, from: time, to: started.find((event) => event.time >= time)?.time ?? Infinity }));
}

/** The times in which a new backup receives the machine. */
function joiningIn(run: Run): Stretch[] {
	const joined = run.events('joined');
	return run.events('started').map(({ place, time }) => ({ place: place as Computer, from: time, to: joined.find((event) => event.time >= time)?.time ?? Infinity }));
}

function within(time: number, stretches: readonly Stretch[]): boolean {
	return stretches.some(({ from, to }) => time >= from && time <= to);
}

function toldClaim(run: Run): Claim {
	const { delivered, error, wrote } = run.client();
	const isRight = delivered.every((text, i) => text === String(11 + i));
	return claim('one-counter', 'Over one connection the client is told every number once and in order, as one machine would have told it.', isRight && delivered.length > 1 && error === '' && run.events('connected', 'client').length === 1, [],
		`${wrote.length} requests, told ${delivered[0]} to ${delivered.at(-1)}`);
}

/** The bytes of the connection as the frames brought them, wherever they came from. */
function exactClaim(run: Run): Claim {
	const stream: number[] = [];
	let conflicts = 0, copies = 0;
	for (const { byServer, sent: isSent, relative, payload } of run.on('client')) {
		if (!byServer || isSent || relative === null) continue;
		payload.forEach((byte, i) => {
			const at = relative.seq - 1 + i;
			if (stream[at] === undefined) stream[at] = byte;
			else if (stream[at] === byte) copies++;
			else conflicts++;
		});
	}
	const text = String.fromCharCode(...stream.slice(0, stream.length));
	const told = run.client().delivered.map((number) => `${number}\n`).join('');
	return claim('byte-exact', 'Whichever machine sent it, one place in the stream has one value, and the application was given that.', conflicts === 0 && text === told, [], `${stream.length} bytes, ${copies} of them came more than once`);
}

function roundsClaim(run: Run, rounds: number): Claim {
	const took = run.events('tookOver'), joined = run.events('joined');
	const epoch = joined.at(-1)?.epoch ?? 0;
	return claim('again-and-again', 'Again and again a machine dies. Each time the other goes on, and each time a new backup makes the pair whole.',
		took.length === rounds && joined.length === rounds && epoch === 1 + 2 * rounds && took.every(({ place }, i) => i === 0 || place !== took[i - 1]!.place), [], `${run.events('crashed').length} deaths, ${took.length} takeovers, ${joined.length} joined; the arbiter is at epoch ${epoch}`);
}

/** Nobody to replicate to: nothing waits. */
function aloneClaim(run: Run): Claim {
	const alone = aloneIn(run);
	const logged = new Map(run.events('entryLogged').map((event) => [`${event.place} ${event.entry}`, event.time]));
	const outputs = run.events('outputReleased').filter(({ place, time }) => alone.some((stretch) => stretch.place === place && time > stretch.from && time < stretch.to));
	const waited = outputs.filter(({ place, entry, time }) => logged.get(`${place} ${entry}`) !== time);
	const letters = run.on('log').filter((packet) => within(packet.time, alone) && readLetter(packet.bytes).kind === 'entries');
	const passed = alone.reduce((sum, { from, to }) => sum + to - from, 0);
	return claim('alone', 'While it is alone nothing is replicated: no log is sent, and no output waits.', outputs.length > 0 && waited.length === 0 && letters.length === 0, [], `alone for ${milliseconds(passed)} in all; ${outputs.length} outputs, none of them held`);
}

/** How long the client's requests take while a machine is copied, beside what they take otherwise. */
function pauseClaim(run: Run): Claim {
	const { wroteAt, deliveredAt } = run.client();
	const joining = joiningIn(run), alone = aloneIn(run);
	const times = wroteAt.map((at, i) => ({ at, until: deliveredAt[i] ?? Infinity })).filter(({ until }) => until < Infinity);
	const meanwhile = times.filter(({ at, until }) => joining.some(({ from, to }) => until >= from && at <= to)).map(({ at, until }) => until - at);
	const paired = times.filter(({ at, until }) => ![...joining, ...alone].some(({ from, to }) => until >= from && at <= to)).map(({ at, until }) => until - at).sort((a, b) => a - b);
	const usual = paired[paired.length >> 1] ?? 0, slowest = Math.max(...meanwhile);
	const pieces = run.on('log').filter((packet) => readLetter(packet.bytes).kind === 'image');
	const bytes = pieces.length === 0 ? 0 : readLetter(pieces[0]!.bytes).mark;
	return claim('pause', 'The client hardly notices that the machine is being copied: a reply is late by less than a millisecond.', meanwhile.length > 0 && slowest - usual < 1_000, [],
		`an image of ${bytes} bytes each time, ${milliseconds(Math.max(...joining.filter(({ to }) => to < Infinity).map(({ from, to }) => to - from)))} until the pair is whole; ${meanwhile.length} requests meanwhile took up to ${slowest} µs, with a backup they take ${usual} µs`);
}

function repeatsClaim(run: Run, rounds: number): Claim {
	const { repeats } = run;
	const replies = repeats.filter(({ first }) => first.text !== '');
	return claim('same-bytes', 'Each new primary sends again what its dead one may not have sent: every byte the same, every one thrown away by the client\'s TCP.', replies.length >= rounds && repeats.every(({ identical }) => identical), [replies[0]?.first, replies[0]?.again, replies.at(-1)?.first, replies.at(-1)?.again],
		`${replies.length} replies and ${repeats.length - replies.length} other frames came twice; ${run.client().dupAcks.length} duplicate ACKs`);
}

/** Nothing of the service was seen twice: outputs, frames, text. */
function orderClaims(run: Run, rounds: number): Claim[] {
	const took = run.events('tookOver');
	const farewells = run.on('log').filter((packet) => readLetter(packet.bytes).note === 'farewell');
	const again = run.events('outputRepeated');
	const gaps = took.map(({ place, time }) => {
		const next = run.on(place).find((packet) => packet.sent && packet.time >= time);
		let last: Packet | undefined;
		for (const packet of run.on(other(place as Computer))) if (packet.sent && packet.time < time) last = packet;
		return { last, next, passed: (next?.time ?? Infinity) - (last?.time ?? 0) };
	});
	const longest = Math.max(...gaps.map(({ passed }) => passed));
	const { lease } = run.stage.knobs;
	return [
		claim('in-order', 'The log itself says that the primary ends: a control entry, and when the backup has that, a farewell.', run.events('entryLogged').filter(({ of }) => of === 'hand-over').length === rounds && farewells.length >= rounds && took.length === rounds, farewells.slice(0, 1), `${rounds} hand-overs, ${took.length} takeovers`),
		claim('no-duplicate', 'The backup knows that every output has left. It sends nothing again: the client sees no frame twice, and sends no duplicate ACK.', again.length === 0 && run.client().dupAcks.length === 0 && twice(run).length === 0, twice(run), `${again.length} outputs repeated, ${twice(run).length} frames seen twice`),
		claim('at-once', 'It need not wait for silence, nor for the lease to run out.', longest < lease / 2, gaps.flatMap(({ last, next }) => [last, next]), `${milliseconds(longest)} at most from the last frame of one to the first of the other; the lease is ${milliseconds(lease)}`),
	];
}

/** Segments of the server that arrived at the client a second time. */
function twice(run: Run): Packet[] {
	const seen = new Set<string>();
	return run.on('client').filter(({ byServer, sent: isSent, segment, bytes }) => {
		if (!byServer || isSent || segment === null) return false;
		const key = bytes.join();
		const isAgain = seen.has(key);
		seen.add(key);
		return isAgain;
	});
}

/** One who has but a part of the machine is nobody. */
function halfClaims(run: Run): Claim[] {
	const newcomer = run.events('started')[0]?.place ?? '', since = run.events('started')[0]?.time ?? Infinity;
	const died = run.events('crashed').at(-1);
	const pieces = run.on('log').filter((packet) => packet.time >= since && readLetter(packet.bytes).kind === 'image');
	const arrived = run.trace.length === 0 ? 0 : run.events('frameArrived', newcomer).filter(({ port, bytes, time }) => port === 1 && time >= since && readLetter(bytes).kind === 'image').length;
	const spoke = run.on(newcomer).filter((packet) => packet.sent && packet.time >= since);
	const claims = run.events('arbiterAsked', newcomer).filter(({ time }) => time >= since);
	const asked = run.on('client').filter((packet) => packet.sent && packet.time > (died?.time ?? 0) && packet.text.startsWith('inc'));
	return [
		claim('half', 'The survivor dies while a new backup has a part of the machine.', died !== undefined && arrived > 0 && run.events('joined').length === 0, pieces.slice(0, 1), `${arrived} pieces of ${readLetter(pieces[0]?.bytes ?? new Uint8Array(100)).mark} bytes had arrived`),
		claim('never-picked', 'It is no member: it asks nobody, takes nothing over, and sends nothing to the clients, for ever.', run.events('tookOver').every(({ time }) => time < since) && spoke.length === 0 && claims.length === 0, [], `${spoke.length} frames sent, the arbiter asked ${claims.length} times`),
		claim('silence', 'The service is gone, and that is all: the client asks in vain, and is told nothing wrong.', asked.length > 0 && run.events('delivered', 'client').every(({ time }) => time <= (died?.time ?? 0) + 1_000), asked, `asked ${asked.length} times`),
	];
}

/** One who was taken in is the last member, whether or not it was told. */
function justClaims(run: Run): Claim[] {
	const started = run.events('started')[0], newcomer = started?.place ?? '';
	const decided = run.events('arbiterDecided').find(({ epoch }) => epoch === 3), died = run.events('crashed').find(({ time }) => time === decided?.time);
	const told = run.events('joined').filter(({ epoch }) => epoch === 3);
	const answers = run.events('arbiterAnswered', newcomer).filter(({ time }) => time > (decided?.time ?? 0));
	const took = run.events('tookOver', newcomer).find(({ epoch }) => epoch === 4);
	return [
		claim('taken-in', 'The arbiter has taken the new backup in, and the machine that asked for it dies before it hears so.', decided !== undefined && died !== undefined && told.length === 0, [], `epoch 3 was decided ${milliseconds((decided?.time ?? 0) - (started?.time ?? 0))} after the new machine's start`),
		claim('picked', 'The new backup has everything that was ever released. It asks, learns that it is a member, asks again as such, and takes over.', took !== undefined && answers.map(({ answer }) => answer).join().startsWith('behind,won'), [], `the arbiter's answers: ${answers.map(({ answer }) => answer).join(', ')}`),
	];
}
