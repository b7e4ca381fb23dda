import { enact } from '../lib/study/perform.ts';
import { Counter, TcpClient, carries, choice, claim, durationText, failoversOf, number, scenario, sent, toggle } from '../lib/study/scenario.ts';
import type { Claim, KnobValue, Line, Packet, Run, Scenario } from '../lib/study/scenario.ts';
import { discardClaims } from './shared.ts';

/** When the client asks, µs: three times in a row, once while nobody serves, once when all is over. */
const ASKS = [20_000, 30_000, 40_000, 50_000, 400_000] as const;
/** The reply behind which somebody dies. */
const LAST = '13\n';

const outputFromBackup: Scenario = scenario({
	name: 'output-from-backup',
	title: 'Input at the primary, output from the backup',
	lecture:
		'An open question of the lecture: could the primary take the input and the backup send the output? The backup then sends what it has executed, and nobody has to wait for its word. ' +
		'The primary keeps each output until it hears that it has left. One duplicate goes away, and another comes.',
	knobs: {
		'output-from': choice('backup', ['primary', 'backup'], 'who sends the outputs; the input is the primary\'s'),
		'dies': choice('primary', ['primary', 'backup', 'nobody'], 'who dies behind the third reply'),
		'pace': number(0, 'time the backup takes for an entry, µs', 0),
		'silence': number(15_000, 'silence behind which the backup asks the arbiter, µs; shorter than the lease', 1000),
		'port-learns': toggle(false, 'the switch port of the backup learns like any other'),
	},
	arms: {
		'primary-dies': { title: 'the primary dies behind a reply' },
		'backup-dies': { title: 'the backup dies behind a reply', knobs: { dies: 'backup' } },
		'slow': { title: 'nobody dies, but the backup takes 3 ms for an entry', knobs: { dies: 'nobody', pace: 3_000 } },
		'port-learns': { title: 'the switch learns from the backup\'s frames', knobs: { 'dies': 'nobody', 'port-learns': true } },
	},
	service: () => new Counter(),
	until: 1_500_000,
	stage: ({ pace, silence }) => ({ replica: { executeEvery: pace, silence } }),
	play(stage, { dies, 'output-from': from, 'port-learns': learns }) {
		stage.client(new TcpClient({ connectAt: 10_000, requests: ASKS }));
		if (learns) stage.switch.setLearning(1, true);
		if (dies !== 'nobody') stage.crash(sent(from, carries(LAST)), 1, dies);
	},
	claims(run, knobs) {
		const { dies, pace, 'output-from': from, 'port-learns': learns } = knobs;
		if (from === 'primary') return [toldClaim(run)];
		if (learns) return lost(run);
		const usual = otherWay(run, knobs);
		const apart = [inputClaim(run), oneWayClaim(run, usual, pace), acksClaim(run, usual), toldClaim(run)];
		if (dies === 'nobody') return apart;
		return [...(dies === 'primary' ? survived(run, usual) : repeated(run, usual)), ...apart];
	},
	exhibits: (run, knobs) => (knobs['output-from'] === 'primary' || knobs['port-learns'] ? [] : [{ title: 'the same run with the outputs sent by the one and by the other', lines: table(run, otherWay(run, knobs)) }]),
});

export default outputFromBackup;

/** The same world with the outputs sent by the primary, as usual; made once for a run. */
const others: WeakMap<Run, Run> = new WeakMap();

function otherWay(run: Run, knobs: { readonly [name: string]: KnobValue }): Run {
	const known = others.get(run);
	if (known !== undefined) return known;
	const made = enact(outputFromBackup, { ...knobs, 'output-from': 'primary' }, { seed: run.seed });
	others.set(run, made);
	return made;
}

/** Until when a run is as if nobody were to die: the third reply is with the client. */
function calmUntil(run: Run): number {
	return run.client().deliveredAt[2] ?? Infinity;
}

/** How long the application waited for each of the first three replies, the shortest, µs. */
function latency(run: Run): number {
	const { wroteAt, deliveredAt } = run.client();
	return Math.min(...deliveredAt.slice(0, 3).map((time, i) => time - (wroteAt[i] ?? 0)));
}

/** Messages of a replica on the log channel, from the first request to the third reply. */
function letters(run: Run, place: 'primary' | 'backup'): number {
	const from = run.client().wroteAt[0] ?? 0, until = calmUntil(run);
	return run.events('frameSent', place).filter(({ port, time }) => port === 1 && time >= from && time <= until).length;
}

/** How long the request waited that was made while nobody served, µs. */
function worst(run: Run): number {
	const { wroteAt, deliveredAt } = run.client();
	return Math.max(...deliveredAt.map((time, i) => time - (wroteAt[i] ?? time)));
}

/** From the death of a computer until the other goes on, µs; 0 where nobody died. */
function interval(run: Run): number {
	const [failover] = failoversOf(run), [alone] = run.events('wentAlone'), [crash] = run.events('crashed');
	if (failover !== undefined) return failover.detection + failover.drain;
	return alone === undefined || crash === undefined ? 0 : alone.time - crash.time;
}

/** Server frames with text that came to the client more than once. */
function twice(run: Run): number {
	const texts = run.seenByClients.filter(({ payload }) => payload.length > 0).map(({ bytes }) => bytes.join());
	return texts.length - new Set(texts).size;
}

const measures: readonly { readonly name: string; readonly of: (run: Run) => string }[] = [
	{ name: 'a reply after its request', of: (run) => durationText(latency(run)) },
	{ name: 'log messages of the primary', of: (run) => String(letters(run, 'primary')) },
	{ name: 'acknowledgements of the backup', of: (run) => String(letters(run, 'backup')) },
	{ name: 'outputs sent again', of: (run) => String(run.events('outputRepeated').length) },
	{ name: 'replies that came twice', of: (run) => String(twice(run)) },
	{ name: 'from the death until the other goes on', of: (run) => (interval(run) === 0 ? '–' : durationText(interval(run))) },
	{ name: 'the longest wait for a reply', of: (run) => durationText(worst(run)) },
];

const NAME = 40, VALUE = 16;

function table(run: Run, usual: Run): Line[] {
	const line = (name: string, primary: string, backup: string): Line => [{ text: `  ${name.padEnd(NAME)}${primary.padEnd(VALUE)}`, tone: 'plain' }, { text: backup, tone: 'first' }];
	return [line('output from', 'the primary', 'the backup'), ...measures.map(({ name, of }) => line(name, of(usual), of(run)))];
}

/** Who took input, and who sent. */
function inputClaim(run: Run): Claim {
	const until = calmUntil(run);
	const inputs = run.events('entryLogged').filter(({ of, time }) => of === 'frames' && time <= until);
	const outputs = run.events('outputReleased').filter(({ time }) => time <= until);
	const moved = run.events('macMoved', 'switch').filter(({ time }) => time <= until);
	const ok = inputs.length > 0 && inputs.every(({ place }) => place === 'primary') && outputs.length > 2 && outputs.every(({ place }) => place === 'backup') && moved.length === 0;
	return claim('apart', 'Every input is logged by the primary, and every output leaves from the backup. The switch goes on sending to the primary: it does not learn at the backup\'s port.', ok, [], `${inputs.length} entries with frames, ${outputs.length} outputs`);
}

/** What is saved: a way back on the log link. */
function oneWayClaim(run: Run, usual: Run, pace: number): Claim {
	const { delay } = run.stage.links.log.forth.options;
	const [took, usually] = [latency(run), latency(usual)];
	if (pace > 0) return claim('execution-waits', 'What is sent has to be executed first, and not merely received: with a slow backup every reply is late, and with the output at the primary it is not.', took - usually >= pace / 2, [], `${durationText(took)} after the request; from the primary ${durationText(usually)}`);
	return claim('one-way', 'A reply waits for one way over the log link, not for a round trip: whoever has executed an entry knows that the other has it.', usually - took >= delay && usually - took < 2 * delay, [], `${durationText(took)} after the request; from the primary ${durationText(usually)}; the log link is ${delay} µs long`);
}

function acksClaim(run: Run, usual: Run): Claim {
	const [own, other] = [letters(run, 'backup'), letters(usual, 'backup')];
	return claim('fewer-acks', 'No output waits for an acknowledgement, so that they may wait too, and one does for several entries.', own < other, [], `${own} between the first request and the third reply; ${other} with the output at the primary`);
}

function toldClaim(run: Run): Claim {
	const { delivered, error } = run.client();
	return claim('told', 'The application is given 11 to 15, each once.', delivered.join() === '11,12,13,14,15' && error === '', [], `given ${delivered.join(', ')}`);
}

/** The primary died: who sent the reply knows that it did. */
function survived(run: Run, usual: Run): Claim[] {
	const again = run.events('outputRepeated').length;
	return [
		claim('no-repeat', 'The backup itself sent what was sent. It takes over and repeats nothing.', run.tookOverAt > 0 && again === 0 && twice(run) === 0, [], `${again} outputs sent again; ${usual.events('outputRepeated').length} with the output at the primary`),
		claim('no-lease', 'Nor does it wait until a lease has run out: the dead primary had no leave to send anything.', interval(usual) - interval(run) > 10_000, [], `live ${durationText(interval(run))} after the death; ${durationText(interval(usual))} with the output at the primary`),
	];
}

/** The backup died: whether its last outputs left, the primary cannot know. */
function repeated(run: Run, usual: Run): Claim[] {
	const repeat = run.repeatOf('13');
	return [
		claim('alone', 'The primary goes on alone, input and output.', run.events('wentAlone', 'primary').length === 1, [], `${durationText(interval(run))} after the death of the backup`),
		claim('repeats', 'It kept the replies of which it had not heard that they left, and sends them again: here it is the death of the backup that makes the duplicate.', repeat !== undefined && repeat.first.byServer && usual.events('outputRepeated').length === 0, [repeat?.first, repeat?.again], `${run.events('outputRepeated').length} outputs sent again; none with the output at the primary`),
		claim('same-bytes', 'Every byte is the same.', repeat?.identical ?? false, [repeat?.first, repeat?.again], repeat === undefined ? '' : `SHA-256 ${repeat.sha256.slice(0, 16)}… twice`),
		...discardClaims(run, repeat),
	];
}

/** The switch learns where the output comes from, and sends the input there. */
function lost(run: Run): Claim[] {
	const first = run.on('backup').find((packet) => packet.sent);
	const after = (packet: Packet): boolean => !packet.sent && packet.segment !== null && packet.time > (first?.time ?? Infinity);
	const astray = run.on('backup').filter(after), reached = run.on('primary').filter(after);
	const moved = run.events('macMoved', 'switch')[0];
	return [
		claim('moved', 'The first frame that leaves the backup moves the address to its port.', moved !== undefined && moved.port === 1, [first], moved === undefined ? 'it did not move' : `from port ${moved.from} to port ${moved.port}`),
		claim('astray', 'From then on the client\'s frames come to the backup, which takes no input. Only when the primary announces itself does one come there, and the answer moves the address again.', astray.length > reached.length, astray, `${astray.length} frames to the backup, ${reached.length} to the primary`),
		claim('no-service', 'The client is not served.', run.client().delivered.length === 0, [], `given ${run.client().delivered.join(', ') || 'nothing'}`),
	];
}
