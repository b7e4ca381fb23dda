import { closeSync, writeSync } from 'node:fs';
import { ReplayError, streamText } from '../capture/replay/index.ts';
import { writeCapture } from '../study/index.ts';
import { crashFrame, playedFrames, replayCrash, replayPair } from '../study/replay-pair.ts';
import type { CrashReplay, PairOptions, PairReplay } from '../study/replay-pair.ts';
import { CommandError, EXIT_USAGE } from './exit.ts';
import { errorsJson, nativeWork, streamsOf } from './replay-job.ts';
import type { Output, ReplayJob } from './replay-job.ts';
import { openToWrite } from './own-files.ts';

/** Replays into the pair; returns the streams where something did not hold. */
export async function replayIntoPair(job: ReplayJob, output: Output): Promise<number[]> {
	const { out } = output, { options } = job, isJson = options.json === true;
	const bad: number[] = [];
	const streams = chosen(job);
	if (options.pcap !== undefined && (streams.length > 1 || options.crashAfter === 'all')) throw new CommandError('--pcap writes one run: choose one with --stream N, and --crash-after N where the primary is to die');
	if (isJson) out.write('{"streams":[');
	for (const [nth, stream] of streams.entries()) {
		const ok = await replayStream(job, stream, output, nth > 0);
		if (!ok) bad.push(stream);
	}
	output.progress('');
	if (isJson) out.write(`\n],"errors":${errorsJson(job.read.error)}}\n`);
	else if (streams.length === 0) out.write(`no TCP connection in ${job.read.packets} packets\n`);
	return bad;
}

/** The streams to play: where a frame is named, the one it belongs to. */
function chosen(job: ReplayJob): readonly number[] {
	const { options: { crashAfter, stream }, replay } = job;
	const streams = streamsOf(job);
	if (typeof crashAfter !== 'number' || stream !== undefined) return streams;
	const { recording } = replay.recorder;
	const found = streams.filter((one) => recording.rowsOf(one).some((row) => recording.frame(row) === crashAfter));
	if (found.length === 0 && job.read.error === undefined) throw new CommandError(`Frame ${crashAfter} is no segment of any connection that can be played: 'dupack analyze' lists the frames.`, EXIT_USAGE);
	return found;
}

async function replayStream(job: ReplayJob, stream: number, output: Output, isLater: boolean): Promise<boolean> {
	const { replay, options, pace } = job, { out } = output;
	const how: PairOptions = { pace, work: nativeWork };
	const whole = replayPair(replay, stream, how);
	const frames = framesOf(job, stream);
	const wholeOk = whole.stream.ok && whole.run.holds;
	out.write(options.json === true ? `${isLater ? ',' : ''}\n${head(whole)}` : `${streamText(whole.stream).join('\n')}\n  oracle: ${whole.run.verdict}\n`);
	let held = 0, last: PairReplay = whole;
	for (const [nth, frame] of frames.entries()) {
		output.progress(`stream ${stream}: crash ${nth + 1} of ${frames.length}`);
		const crash = replayCrash(replay, whole, frame, how);
		last = crash;
		if (crash.ok) held++;
		out.write(options.json === true ? `${nth > 0 ? ',' : ''}\n${crashJson(crash)}` : crashText(crash));
		await out.ready();
	}
	const ok = wholeOk && held === frames.length;
	if (options.json === true) out.write(`],"ok":${ok}}`);
	else out.write(frames.length === 0 ? '\n' : `  ${held} of ${frames.length} crash points hold\n\n`);
	if (options.pcap !== undefined) writePcap(options.pcap, last, output);
	return ok;
}

function framesOf({ replay, options: { crashAfter } }: ReplayJob, stream: number): number[] {
	if (crashAfter === undefined) return [];
	const plan = replay.plan(stream);
	try {
		return crashAfter === 'all' ? playedFrames(plan) : [crashFrame(plan, crashAfter)];
	} catch (error) {
		if (error instanceof ReplayError) throw new CommandError(error.message, EXIT_USAGE);
		throw error;
	}
}

/** The stream as JSON has it, left open for the crash points. */
function head({ stream: { ok: _ok, ...rest }, run }: PairReplay): string {
	return `${JSON.stringify({ ...rest, oracle: run.verdict, digest: run.digest, steps: run.steps }).slice(0, -1)},"crashes":[`;
}

function crashJson({ frame, ok, stream, repeated, identical, claims, run }: CrashReplay): string {
	return JSON.stringify({ frame, ok, in: stream.in, out: stream.out, repeated, identical, policies: stream.policies, claims, digest: run.digest });
}

function crashText(crash: CrashReplay): string {
	const mark = crash.ok ? '✓' : '✗';
	const lines = [`  ${mark} the primary dies after frame ${crash.frame}: ${crash.stream.out.bytes} bytes of replies, ${crash.repeated} ${crash.repeated === 1 ? 'frame' : 'frames'} sent again${crash.identical ? '' : ', NOT the same'}`];
	for (const { ok, text, evidence } of crash.claims) if (!ok) lines.push(`      ✗ ${text} ${evidence}`);
	return `${lines.join('\n')}\n`;
}

function writePcap(path: string, { run }: PairReplay, output: Output): void {
	const file = openToWrite(path);
	writeCapture(run, (chunk) => { writeSync(file, chunk); });
	closeSync(file);
	output.say(`${run.packets.length} frames in ${path}`);
}
