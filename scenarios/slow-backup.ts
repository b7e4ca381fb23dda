import { pool, record } from '../lib/memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../lib/memory/index.ts';
import type { Application, Sockets } from '../lib/host/index.ts';
import { ascii } from '../lib/service/index.ts';
import { Counter, TcpClient, carries, choice, claim, durationText, failoverLines, failoversOf, lagOf, lagPlot, number, readLetter, scenario, sent } from '../lib/study/scenario.ts';
import type { Claim, Exhibit, Run, Scenario } from '../lib/study/scenario.ts';

/** When clients begin, and how long they go on, µs. */
const BEGIN = 20_000, LASTS = 160_000;
/** How often the one that does not wait for answers sends, µs. */
const FLOOD = 250;

const slowBackup: Scenario = scenario({
	name: 'slow-backup',
	title: 'The backup falls behind',
	lecture:
		'What the backup has received and not executed lies in its buffer. That is safe, but not free: when it has to take over it first executes all of it, and the clients wait. ' +
		'So a primary whose backup falls behind is slowed down; and when the buffer is full it has to stop.',
	knobs: {
		'pace': number(10_000, 'time the backup takes for an entry, µs', 0),
		'every': number(4_000, 'how often the client asks, µs', 50),
		'throttle': number(0, 'entries the backup may lag before the primary takes its input in more slowly; 0: it never does', 0),
		'buffer': choice('large', ['large', 'small'], 'what fits into a log buffer: 1024 entries or 16'),
	},
	arms: {
		'lags': { title: 'a backup that is too slow, and a primary that does not care' },
		'keeps-up': { title: 'a backup that is fast enough', knobs: { pace: 100 } },
		'throttled': { title: 'the slow backup, and a primary that is slowed down when it lags', knobs: { throttle: 4 } },
		'full': { title: 'the slow backup with a small buffer, and a client that does not wait for answers', knobs: { buffer: 'small' } },
	},
	clients: 2,
	service: () => new Counter(),
	until: 1_500_000,
	stage: ({ pace, throttle, buffer }) => ({
		replica: {
			executeEvery: pace, throttleLag: throttle, throttleEvery: 5_000,
			...(buffer === 'small' ? { logEntries: 16, logBytes: 4096, messageBytes: 2600 } : {}),
		},
	}),
	play(stage, { every, buffer }) {
		const requests = Math.floor(LASTS / every);
		stage.client(new TcpClient({ connectAt: 10_000, requests: Array.from({ length: requests }, (_, i) => BEGIN + i * every) }));
		if (buffer === 'small') stage.client(new Flood(BEGIN + LASTS / 4, LASTS / 2));
		else stage.when(({ time }) => time >= BEGIN + LASTS * 0.75, () => stage.crash(sent('primary', carries('\n'))));
	},
	claims(run, { pace, throttle, buffer }) {
		if (buffer === 'small') return full(run);
		const caughtUp = pace < 1_000;
		return [lagClaim(run, throttle, caughtUp), failoverClaim(run), splitClaim(run, caughtUp), ...(throttle > 0 ? [priceClaim(run)] : []), toldClaim(run)];
	},
	exhibits: (run, { buffer, throttle }) => exhibitsOf(run, buffer === 'small' ? 16 : throttle),
});

export default slowBackup;

const shape = { nextAt: 'f64', socket: 'i32' } as const;
const FloodRecord: RecordType<typeof shape> = record(shape);

/** Sends datagrams at its own pace, and takes what comes back. */
class Flood implements Application {
	readonly name = 'flood';
	readonly pools: readonly PoolSpec[] = [pool('flood', FloodRecord, 1)];
	readonly #from: number;
	readonly #lasts: number;
	#own: Cursor<typeof shape> | null = null;

	constructor(from: number, lasts: number) {
		this.#from = from;
		this.#lasts = lasts;
	}

	start(io: Sockets): void {
		this.#own!.socket = io.bind(0);
		io.setAlarm(this.#from);
	}

	attach(io: Sockets): void {
		const records = io.image.pool('flood');
		this.#own = new FloodRecord(io.image);
		this.#own.go(io.image.first(records) || io.image.alloc(records));
	}

	alarm(io: Sockets): void {
		const text = ascii('inc');
		io.sendTo(this.#own!.socket, io.address('10.0.0.1'), 7000, text);
		io.tell('wrote', 0, 0, text);
		if (io.now + FLOOD < this.#from + this.#lasts) io.setAlarm(io.now + FLOOD);
	}

	ready(): void {}

	datagrams(io: Sockets, socket: number): void {
		for (let length = io.receiveFrom(socket); length >= 0; length = io.receiveFrom(socket)) io.tell('delivered', 0, 0, io.bytes.slice(io.at, io.at + length));
	}
}

function lagAt(run: Run, time: number): { readonly entries: number; readonly age: number } {
	let last = { entries: 0, age: 0 };
	for (const lag of lagOf(run)) if (lag.time <= time) last = lag;
	return last;
}

function lagClaim(run: Run, throttle: number, caughtUp: boolean): Claim {
	const lags = lagOf(run).filter(({ time }) => time <= run.crashedAt);
	const most = Math.max(...lags.map(({ entries }) => entries)), oldest = Math.max(...lags.map(({ age }) => age));
	const evidence = `${most} entries at most, the oldest of them logged ${durationText(oldest)} before`;
	if (caughtUp) return claim('lag', 'It keeps up: hardly anything is ever unexecuted.', most <= 3, [], evidence);
	const end = lagAt(run, run.crashedAt).entries;
	if (throttle > 0) return claim('lag', 'A slow feedback loop brings the lag back to what is allowed: the further behind the backup is, the longer the primary waits between two entries.', most > throttle && most <= 4 * throttle && end <= 2 * throttle, [], `${evidence}, ${end} in the end; ${throttle} allowed`);
	const middle = lagAt(run, (BEGIN + run.crashedAt) / 2).entries;
	return claim('lag', 'The lag grows as long as the clients go on: nothing holds the primary back.', end > middle * 1.5 && middle > 4, [], `${evidence}; ${middle} half way, ${end} in the end`);
}

/** Nobody served for so long, and each part of it is seen in the run. */
function failoverClaim(run: Run): Claim {
	const [failover] = failoversOf(run);
	const repeat = run.repeats.find(({ first }) => first.text !== '');
	const next = run.on('client').find((packet) => packet.byServer && !packet.sent && packet.time >= run.tookOverAt && packet.segment !== null);
	const { detection = 0, drain = 0, switch: moved = 0, total = Infinity } = failover ?? {};
	return claim('failover', 'From the death of the primary until clients hear of the new one: detection, drain and switch.', failover !== undefined && detection + drain + moved === total && next !== undefined && next.time - run.crashedAt >= total, [repeat?.first, next],
		`${durationText(total)} = ${durationText(detection)} until it asks the arbiter, ${durationText(drain)} until it is live, ${durationText(moved)} until a client hears of it`);
}

function splitClaim(run: Run, caughtUp: boolean): Claim {
	const [failover] = failoversOf(run);
	const { entries = -1, drain = Infinity, execution = -1, answer = 0 } = failover ?? {};
	const lag = lagAt(run, run.crashedAt).entries, { executeEvery } = run.stage.knobs;
	if (caughtUp) return claim('drain', 'There is nothing to execute first: it goes live when the arbiter has answered.', entries === 0 && drain < 1_000, [], `the arbiter took ${durationText(answer)}`);
	return claim('drain', 'It executes its log before it goes live, at its own pace, and has gone on with that while it was waiting to be sure.', entries >= 0 && entries <= lag && Math.abs(execution - entries * executeEvery) <= executeEvery, [],
		`${lag} entries behind at the death; ${lag - entries} of them executed during detection, and ${entries} in the ${durationText(drain)} of the drain, ${durationText(executeEvery)} each`);
}

function median(times: readonly number[]): number {
	return [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;
}

function repliesIn(run: Run): { readonly at: number; readonly took: number }[] {
	const { wroteAt, deliveredAt } = run.client();
	return deliveredAt.map((time, i) => ({ at: wroteAt[i] ?? 0, took: time - (wroteAt[i] ?? 0) })).filter(({ at, took }) => at + took < run.crashedAt);
}

function priceClaim(run: Run): Claim {
	const replies = repliesIn(run);
	const early = median(replies.slice(0, 10).map(({ took }) => took)), late = median(replies.slice(-10).map(({ took }) => took));
	return claim('price', 'The clients pay for it with every answer: they are served at the pace of the backup.', late > early, [], `a reply takes ${durationText(early)} in the beginning and ${durationText(late)} in the end; ${replies.length} requests were answered`);
}

function toldClaim(run: Run): Claim {
	const { delivered, error } = run.client();
	return claim('one-counter', 'However far behind, the backup makes the same of it: the client is told every number once and in order.', delivered.length > 10 && delivered.every((text, i) => text === String(11 + i)) && error === '', [], `told ${delivered[0]} to ${delivered.at(-1)}`);
}

function full(run: Run): Claim[] {
	const dropped = run.events('dropped', 'primary').filter(({ counter }) => counter === 'logFull');
	const first = dropped[0]?.time ?? 0, last = dropped.at(-1)?.time ?? 0;
	const letters = run.on('log').filter((packet) => packet.time >= first && packet.time <= last).map((packet) => ({ packet, kind: readLetter(packet.bytes).kind }));
	const beats = letters.filter(({ kind }) => kind === 'heartbeat'), answers = letters.filter(({ kind }) => kind === 'acknowledgement');
	const judged = [...run.events('peerSilent'), ...run.events('arbiterAsked'), ...run.events('halted')];
	const { delivered, error } = run.client(), other = run.client('client-2');
	const lags = lagOf(run);
	return [
		claim('full', 'The backup\'s buffer is full, then the primary\'s own: the primary stops. It takes nothing in, and what arrives meanwhile its network card drops.', dropped.length > 0 && last > first, run.on('primary').filter((packet) => !packet.sent && dropped.some(({ time }) => time === packet.time)), `${dropped.length} frames dropped in ${durationText(last - first)}`),
		claim('heartbeats-pass', 'Heartbeats bypass the buffer and are answered: each knows that the other lives, and nobody asks the arbiter.', beats.length > 0 && answers.length >= beats.length && judged.length === 0, [...beats.slice(0, 2), ...answers.slice(0, 2)].map(({ packet }) => packet), `${beats.length} heartbeats, ${answers.length} acknowledgements meanwhile`),
		claim('catches-up', 'When the clients let it, the backup executes what it has, and the primary goes on.', lags.at(-1)?.entries === 0 && run.stage.primary.role === 'primary' && run.stage.backup.executed === run.stage.primary.executed, [], `${Math.max(...lags.map(({ entries }) => entries))} entries behind at most, 0 in the end`),
		claim('tcp-recovers', 'What was dropped is for the clients to send again: TCP does, and its client is told every number once. Over UDP it is lost.', delivered.every((text, i, all) => i === 0 || Number(text) > Number(all[i - 1])) && error === '' && delivered.length === run.client().wrote.length && other.delivered.length < other.wrote.length, [], `TCP: ${delivered.length} of ${run.client().wrote.length} answered; UDP: ${other.delivered.length} of ${other.wrote.length}`),
	];
}

function exhibitsOf(run: Run, allowed: number): Exhibit[] {
	const took = run.tookOverAt;
	const dropped = run.events('dropped', 'primary').filter(({ counter }) => counter === 'logFull');
	const moments = [
		...(run.crashedAt >= 0 ? [{ time: run.crashedAt, mark: '╳', text: 'the primary dies' }] : []),
		...(took >= 0 ? [{ time: took, mark: '◆', text: 'the backup goes live' }] : []),
		...(dropped.length > 0 ? [{ time: dropped[0]!.time, mark: '■', text: 'the primary stops' }, { time: dropped.at(-1)!.time, mark: '▸', text: 'the last frame that is dropped' }] : []),
	];
	const until = Math.max(took, ...lagOf(run).filter(({ entries }) => entries > 0).map(({ time }) => time)) + 5_000;
	const marks = allowed > 0 ? [{ entries: allowed, text: dropped.length > 0 ? 'buffer' : 'allowed' }] : [];
	const failovers = failoversOf(run);
	return [
		{ title: 'entries that the backup has not executed', lines: lagPlot(run, { from: 0, until, marks, moments }) },
		...(failovers.length > 0 ? [{ title: 'failover', lines: failoverLines(failovers) }] : []),
	];
}
