import type { CaptureRecord } from '../capture-record.ts';
import type { Endpoint } from '../stream-table.ts';
import { Comparison } from './compare.ts';
import { Conversation } from './conversation.ts';
import { Tally, plainWork } from './digester.ts';
import type { Crossed } from './digester.ts';
import type { Divergence } from './divergence.ts';
import type { LiveFlow } from './live-flow.ts';
import type { Pace } from './pace.ts';
import { Plan } from './plan.ts';
import type { Side } from './plan.ts';
import { Player } from './player.ts';
import type { FrameWatcher, Played, PlayerOptions } from './player.ts';
import type { Policies } from './policies.ts';
import { Recorder } from './recorder.ts';
import type { RecorderOptions } from './recorder.ts';
import { ReplayError } from './replay-error.ts';
import type { Strand } from './strand.ts';

/** How a capture is replayed. */
export interface ReplayOptions extends RecorderOptions, PlayerOptions {
	/** which side our stack takes; default server */
	readonly side?: Side;
	/** default: pauses are left out */
	readonly pace?: Pace;
}

/** What became of one stream. */
export interface StreamReplay {
	/** tshark's tcp.stream */
	readonly stream: number;
	readonly client: Endpoint;
	readonly server: Endpoint;
	/** captured segments */
	readonly segments: number;
	/** the side our stack took */
	readonly side: Side;
	/** what our application received */
	readonly in: Crossed;
	/** what it wrote, and the side that was played received and acknowledged */
	readonly out: Crossed;
	/** the same of the capture, put in order */
	readonly captured: { readonly in: Crossed; readonly out: Crossed };
	/** whether the bytes are the same, both ways */
	readonly ok: boolean;
	/** what our stack did otherwise, the first first */
	readonly divergences: readonly Divergence[];
	/** what was done to the stream so that it could be played, counted */
	readonly policies: Policies;
	/** frames of the replay, both ways */
	readonly frames: number;
	/** virtual time it took, µs */
	readonly time: number;
}

/**
 * Replays a capture:
 *
 *     for each packet: replay.take(record);
 *     for (const stream of replay.streams()) replay.play(stream);
 */
export class Replay {
	readonly recorder: Recorder;
	readonly options: ReplayOptions;
	readonly #comparison: Comparison = new Comparison();
	readonly #tally: Tally = new Tally();
	#player: Player | undefined;

	constructor(options: ReplayOptions = {}) {
		this.options = options;
		this.recorder = new Recorder(options);
	}

	/**
	 * Takes one packet of the capture, borrowed for the call.
	 *
	 * @throws ReplayError REPLAY_TOO_LARGE
	 */
	take(record: CaptureRecord): void { this.recorder.take(record); }

	/**
	 * The streams there are to play.
	 *
	 * @throws ReplayError REPLAY_NO_STREAM where one was asked for that the capture does not have
	 */
	streams(): readonly number[] {
		const { stream } = this.options, { recording, streamCount } = this.recorder;
		if (stream !== undefined && !recording.streams.includes(stream)) {
			throw new ReplayError('REPLAY_NO_STREAM', streamCount === 0
				? `There is no stream ${stream}: the capture has no TCP connection.`
				: `There is no stream ${stream} that can be played: the capture has ${streamCount}, counted from 0.`);
		}
		return [...recording.streams].sort((a, b) => a - b);
	}

	/** How a stream is to be played; a plan counts what is done, so each replay has one of its own. */
	plan(stream: number, pace: Pace = this.options.pace ?? { kind: 'virtual' }): Plan {
		const { recorder, options: { side = 'server' } } = this;
		const ports = { 0: recorder.endpoint(stream, 0).port, 1: recorder.endpoint(stream, 1).port };
		return new Plan(recorder.recording, new Conversation(recorder.recording, stream, ports), ports, side, pace);
	}

	/** Whether a stream is of IPv6. */
	isIpv6(stream: number): boolean { return this.recorder.endpoint(stream, 0).address.includes(':'); }

	/** Plays a stream and compares. */
	play(stream: number, watcher?: FrameWatcher): StreamReplay {
		this.#player ??= new Player(this.options);
		const plan = this.plan(stream);
		const played = this.#player.play(plan, this.isIpv6(stream), watcher);
		return this.judge(plan, played, this.#player.peer.live);
	}

	/** Says what became of a stream that was played, here or elsewhere. */
	judge(plan: Plan, played: Played, live: LiveFlow): StreamReplay {
		const { recorder } = this, { conversation } = plan, { client, stream } = conversation;
		const captured = { in: this.#captured(plan, plan.read, played, played.in), out: this.#captured(plan, plan.written, played, played.out) };
		const divergences = this.#comparison.compare(plan, live);
		const ok = same(played.in, captured.in) && same(played.out, captured.out);
		if (!ok) divergences.push(dataDivergence(played.in, played.out, captured));
		return {
			stream, client: recorder.endpoint(stream, client), server: recorder.endpoint(stream, client ^ 1), segments: conversation.rows.length, side: plan.side,
			in: played.in, out: played.out, captured, ok, divergences, policies: plan.policies, frames: played.frames, time: played.time,
		};
	}

	/** What a captured side sent; the same as what crossed, where that was found to be so byte by byte. */
	#captured(plan: Plan, strand: Strand, played: Played, crossed: Crossed): Crossed {
		if (played.isSame && crossed.bytes === strand.end) return crossed;
		this.#tally.begin(this.options.work ?? plainWork, strand, plan.recording);
		this.#tally.takeExpected();
		return this.#tally.end();
	}
}

/** Whether the same bytes crossed. */
export function same(a: Crossed, b: Crossed): boolean { return a.bytes === b.bytes && a.sha256 === b.sha256; }

function dataDivergence(into: Crossed, out: Crossed, captured: StreamReplay['captured']): Divergence {
	const text = `received ${into.bytes} of ${captured.in.bytes} bytes, sent ${out.bytes} of ${captured.out.bytes}`;
	return { class: 'data', count: 1, frame: 0, expected: null, got: null, text };
}
