import { CapturedPeer, PLAY, ReplayError, ScriptedApplication, Tally, plainWork, same, station } from '../capture/replay/index.ts';
import type { ByteWork, Pace, Patience, Plan, Played, Replay, Script, StreamReplay } from '../capture/replay/index.ts';
import { PORT_CLIENTS } from '../replica/index.ts';
import { linux } from '../../tcp/index.ts';
import type { Profile } from '../../tcp/index.ts';
import { Run } from './run.ts';
import { claim } from './scenario.ts';
import type { Claim } from './scenario.ts';
import { SERVER, Stage } from './stage.ts';

/** The side that is played, as a station at the switch. */
const CLIENT = station('02:00:00:00:00:0b', '10.0.0.11', 'fd00::b');
const PAIR = station(SERVER.mac, SERVER.address, 'fd00::1');
const CLIENT_PORT = 2;
/** Between two captured segments where pauses are left out, µs: longer than the way to the pair and back. */
const STEP = 500;
/** The pair answers behind a log round trip; while it takes over nobody answers at all. */
const PATIENCE: Patience = { stall: 2_000, resend: 250_000, giveUp: 10_000_000 };
/** The image of a replica of a stage holds less than a host's alone. */
const profile: Profile = { ...linux, sendBuffer: 24_576, receiveBuffer: 32_768 };
/** The world is looked at this often, µs. */
const GLANCE = 20_000;
/** How long a takeover and what follows it are waited for when all was played, µs. */
const AFTERMATH = 1_000_000;

export interface PairOptions {
	/** default: pauses are left out */
	readonly pace?: Pace;
	/** default 1 */
	readonly seed?: number;
	readonly work?: ByteWork;
}

/** A stream that was played into the pair. */
export interface PairReplay {
	/** what crossed, and how the pair differs from the captured side */
	readonly stream: StreamReplay;
	readonly run: Run;
}

/** The same with the primary killed on the way. */
export interface CrashReplay extends PairReplay {
	/** number of the captured frame after whose delivery it was killed */
	readonly frame: number;
	/** frames that were on the network twice because of the takeover */
	readonly repeated: number;
	/** whether each was the same, byte for byte */
	readonly identical: boolean;
	readonly claims: readonly Claim[];
	readonly ok: boolean;
}

/** Numbers of the captured frames of a stream that are played, in order. */
export function playedFrames(plan: Plan): number[] {
	const { recording, conversation } = plan;
	return plan.kinds.flatMap((kind, step) => (kind === PLAY ? [recording.frame(conversation.rows[plan.segments[step]!]!)] : []));
}

/**
 * The captured frame after which the primary is killed: the last that is played up to the one asked for.
 *
 * @throws ReplayError REPLAY_NO_FRAME
 */
export function crashFrame(plan: Plan, wanted: number): number {
	const frames = playedFrames(plan).filter((frame) => frame <= wanted);
	if (frames.length === 0) throw new ReplayError('REPLAY_NO_FRAME', `No frame of stream ${plan.conversation.stream} is delivered up to frame ${wanted}: its side that is played begins with frame ${playedFrames(plan)[0] ?? 'none'}.`);
	return Math.max(...frames);
}

function equal(a: Uint8Array, b: Uint8Array | null): boolean {
	return b !== null && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** A world with the pair and one captured stream at its switch. */
class PairStage {
	readonly stage: Stage;
	readonly plan: Plan;
	readonly peer: CapturedPeer = new CapturedPeer(CLIENT, PAIR, PATIENCE);
	/** what each replica's application read, in the order in which they were made */
	readonly #reads: Tally[] = [];
	readonly #got: Tally = new Tally();

	constructor(plan: Plan, options: PairOptions) {
		const { seed = 1, work = plainWork } = options;
		this.plan = plan;
		this.#got.begin(work, plan.written, plan.recording);
		const script: Script = { ...plan.script, listens: plan.accepts ? plan.script.listens : 0, address: plan.side === 'client' ? CLIENT.address4 : '' };
		this.stage = new Stage({
			seed, profile,
			service: () => {
				const application = new ScriptedApplication(script);
				const read = new Tally();
				read.begin(work, plan.read, plan.recording);
				this.#reads.push(read);
				application.reader = read;
				return application;
			},
		});
		const { world } = this.stage;
		this.peer.begin(plan, false, this.#got, 0);
		world.add('client', this.peer);
		world.link(['client', 0], ['switch', CLIENT_PORT], { name: 'client', delay: 50 });
		world.tap(['client', 0], 'client');
		world.tap(['primary', PORT_CLIENTS], 'primary');
		world.tap(['backup', PORT_CLIENTS], 'backup');
	}

	/** Kills the primary once a captured frame was delivered to it. */
	crashAfter(frame: number): void {
		const { peer, stage } = this;
		peer.watched = frame;
		stage.crash((event) => event.kind === 'frameArrived' && event.place === 'primary' && event.port === PORT_CLIENTS && equal(event.bytes, peer.watchedBytes));
	}

	/** Runs until everything was played, and a takeover that is under way is over. */
	play(): void {
		const { stage, peer, plan } = this;
		const limit = (plan.moments.at(-1) ?? 0) + plan.kinds.length * PATIENCE.giveUp;
		let until = 0;
		while (!peer.isDone && until < limit && stage.world.failures.length === 0) stage.run(until += GLANCE);
		if (!peer.isDone) plan.policies.givenUp = 1;
		// The last frame may still be on its way to the primary, and kill it there.
		stage.run(until += GLANCE);
		const end = until + AFTERMATH;
		while (until < end && this.isDown && !this.hasTakenOver) stage.run(until += GLANCE);
		stage.run(until + GLANCE);
	}

	get isDown(): boolean { return this.stage.world.place('primary').standing === 'dead'; }

	get hasTakenOver(): boolean { return !this.stage.trace.of('tookOver').next().done; }

	/** What crossed: what the surviving application read, and what the client was sent. Ends the digests. */
	end(): Pick<Played, 'in' | 'out' | 'isSame'> {
		// Replicas are made after the host that shows their likeness.
		const read = this.#reads[this.isDown ? 2 : 1]!, got = this.#got;
		return { in: read.end(), out: got.end(), isSame: read.isSame && got.isSame };
	}
}

/** Plays a stream of a capture into the replicated pair, which nothing happens to. */
export function replayPair(replay: Replay, stream: number, options: PairOptions = {}): PairReplay {
	return enact(replay, stream, options, 0).replayed;
}

function enact(replay: Replay, stream: number, options: PairOptions, frame: number): { replayed: PairReplay; scene: PairStage } {
	const pace = options.pace ?? { kind: 'virtual', step: STEP };
	const plan = replay.plan(stream, pace.kind === 'virtual' ? { kind: 'virtual', step: STEP } : pace);
	const scene = new PairStage(plan, options);
	if (frame > 0) scene.crashAfter(frame);
	scene.play();
	const run = new Run(scene.stage);
	const played = { ...scene.end(), frames: run.on('client').length, time: scene.stage.world.now };
	return { replayed: { stream: replay.judge(plan, played, scene.peer.live), run }, scene };
}

/**
 * Plays the stream again and kills the primary after the delivery of a captured frame.
 *
 * @param whole  the same without the crash
 * @param frame  one of `playedFrames`
 */
export function replayCrash(replay: Replay, whole: PairReplay, frame: number, options: PairOptions = {}): CrashReplay {
	const { replayed, scene } = enact(replay, whole.stream.stream, options, frame);
	const { run, stream } = replayed;
	const { repeats } = run;
	const identical = repeats.every((repeat) => repeat.identical);
	const claims: Claim[] = [
		claim('took-over', 'The primary died after that frame, and the backup went on.', scene.isDown && scene.hasTakenOver, [], scene.isDown ? (scene.hasTakenOver ? '' : 'the backup did not take over') : 'the frame was never delivered to the primary'),
		claim('same-replies', 'The client was sent the same bytes as without the crash.', same(stream.out, whole.stream.out), [], `${stream.out.bytes} of ${whole.stream.out.bytes} bytes`),
		claim('same-requests', 'The application read the same bytes as without the crash.', same(stream.in, whole.stream.in), [], `${stream.in.bytes} of ${whole.stream.in.bytes} bytes`),
		claim('same-bytes', 'Every frame that was sent again is the same, byte for byte.', identical, repeats.filter((repeat) => !repeat.identical).map(({ again }) => again), `${repeats.length} sent again`),
		claim('oracle', 'Everything the client saw could have come from a machine that never failed.', run.holds, [], run.verdict),
	];
	return { ...replayed, frame, repeated: repeats.length, identical, claims, ok: claims.every(({ ok }) => ok) };
}
