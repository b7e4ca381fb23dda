import { closeSync, writeSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { PcapngWriter } from '../capture/pcapng-writer.ts';
import { Replay, ReplayError, streamText } from '../capture/replay/index.ts';
import type { FrameWatcher, Pace } from '../capture/replay/index.ts';
import { CaptureFileError } from '../files/capture-file.ts';
import { readPackets } from '../files/read-packets.ts';
import type { ReadPackets } from '../files/read-packets.ts';
import { CommandError, EXIT_OK, EXIT_USAGE, EXIT_VIOLATED } from './exit.ts';
import { errorsJson, nativeWork, streamsOf } from './replay-job.ts';
import type { Output, ReplayCommandOptions, ReplayJob } from './replay-job.ts';
import { replayIntoPair } from './replay-pair.ts';
import { TextSink } from './text-sink.ts';
import { openToWrite } from './own-files.ts';

/**
 * Replays a capture and writes the report.
 *
 * @param path  a file, or `-` for standard input
 * @returns     the exit code: 1 where bytes differ or the capture is damaged
 * @throws CommandError where it cannot be begun
 */
export async function replayCapture(path: string, factor: string | undefined, options: ReplayCommandOptions, output: Output): Promise<number> {
	const { pace, file } = paceOf(path, factor, options);
	if (options.crashAfter !== undefined && options.pair !== true) throw new CommandError('--crash-after kills the primary of a pair: add --pair');
	const replay = new Replay({ side: options.as, pace, work: nativeWork, ...(options.stream === undefined ? {} : { stream: options.stream }) });
	const job: ReplayJob = { path: file, options, pace, replay, read: await readAll(file, replay) };
	const bad = options.pair === true ? await replayIntoPair(job, output) : await replayAlone(job, output);
	if (job.read.error !== undefined) output.say(`${job.read.error.code}: ${job.read.error.message}`);
	if (bad.length === 0 && job.read.error === undefined) return EXIT_OK;
	output.say(`Again: ${again(job, bad)}`);
	return EXIT_VIOLATED;
}

/** The factor of `--time scaled X` comes as an operand of its own. */
function paceOf(first: string, second: string | undefined, { time }: ReplayCommandOptions): { pace: Pace; file: string } {
	if (time !== 'scaled') {
		if (second !== undefined) throw new CommandError(`one capture at a time: '${second}' is one too many`);
		if (time === 'virtual') return { file: first, pace: { kind: 'virtual' } };
		return { file: first, pace: { kind: 'scaled', factor: time === 'recorded' ? 1 : time.factor } };
	}
	if (second === undefined) throw new CommandError('--time scaled needs a factor: --time scaled 0.1 makes every pause a tenth as long');
	const factor = factorOf(second);
	return factor === undefined ? { file: second, pace: { kind: 'scaled', factor: factorOf(first) ?? wrongFactor(first) } } : { file: first, pace: { kind: 'scaled', factor } };
}

function factorOf(text: string): number | undefined {
	const factor = text.trim() === '' ? NaN : Number(text);
	return factor >= 0 && factor <= 1000 ? factor : undefined;
}

function wrongFactor(text: string): never {
	throw new CommandError(`'${text}' is no factor: --time scaled takes a number from 0 to 1000`);
}

async function readAll(path: string, replay: Replay): Promise<ReadPackets> {
	try {
		return await readPackets(path, (record) => { replay.take(record); });
	} catch (error) {
		if (error instanceof CaptureFileError || error instanceof ReplayError) throw new CommandError(error.message, EXIT_USAGE);
		throw error;
	}
}

/** Plays into one stack; returns the streams whose bytes differ. */
async function replayAlone(job: ReplayJob, output: Output): Promise<number[]> {
	const { out } = output, { replay, options } = job;
	const file = options.pcap === undefined ? undefined : new ReplayFile(options.pcap);
	const bad: number[] = [];
	const streams = streamsOf(job);
	if (options.json === true) out.write('{"streams":[');
	for (const [nth, stream] of streams.entries()) {
		output.progress(`stream ${nth + 1} of ${streams.length}`);
		const played = replay.play(stream, file);
		file?.next(played.time);
		if (!played.ok) bad.push(stream);
		out.write(options.json === true ? `${nth > 0 ? ',' : ''}\n${JSON.stringify(played)}` : `${streamText(played).join('\n')}\n\n`);
		await out.ready();
	}
	output.progress('');
	file?.close();
	out.write(options.json === true ? `\n],"errors":${errorsJson(job.read.error)}}\n` : summary(job, streams.length, bad));
	return bad;
}

function summary({ replay, read, options }: ReplayJob, played: number, bad: readonly number[]): string {
	if (played === 0) return `no TCP connection in ${read.packets} packets\n`;
	const same = bad.length === 0 ? 'the bytes of all are as captured' : `the bytes of ${bad.length} are not as captured: ${bad.join(', ')}`;
	const passed = replay.recorder.skipped > 0 ? `; ${replay.recorder.skipped} packets without a TCP segment to play` : '';
	return `${played} ${played === 1 ? 'stream' : 'streams'} played into our stack as ${options.as}, ${same}${passed}\n`;
}

/** The command line that plays what differed again. */
function again({ path, options, pace, replay }: ReplayJob, bad: readonly number[]): string {
	const stream = options.stream ?? (replay.recorder.streamCount > 1 ? bad[0] : undefined);
	return [
		'npx dupack replay', /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll('\'', '\'\\\'\'')}'`, `--as ${options.as}`,
		...(stream === undefined ? [] : [`--stream ${stream}`]),
		...(pace.kind === 'virtual' ? [] : [pace.factor === 1 ? '--time recorded' : `--time scaled ${pace.factor}`]),
		...(options.pair === true ? ['--pair'] : []),
		...(options.crashAfter === undefined ? [] : [`--crash-after ${options.crashAfter}`]),
		...(options.json === true ? ['--json'] : []),
	].join(' ');
}

/** Writes the frames of a replay as pcapng; the streams follow one another in time. */
class ReplayFile implements FrameWatcher {
	readonly #file: number;
	readonly #writer: PcapngWriter;
	readonly #interface: number;
	#base = 0;

	constructor(path: string) {
		this.#file = openToWrite(path);
		this.#writer = new PcapngWriter((chunk) => { writeSync(this.#file, chunk); });
		this.#interface = this.#writer.addInterface('stack');
	}

	frame(fromStack: boolean, time: number, bytes: Uint8Array, at: number, length: number, captured: number): void {
		const comment = fromStack || captured === 0 ? [] : [`captured frame ${captured}`];
		this.#writer.packet(this.#interface, this.#base + time, bytes, at, length, ...comment);
	}

	/** The stream has ended, at that time of its own. */
	next(time: number): void { this.#base += time + 1000; }

	close(): void { closeSync(this.#file); }
}

function streamNumber(text: string): number {
	if (!/^\d+$/.test(text)) throw new InvalidArgumentError('A stream is a number, counted from 0.');
	return Number(text);
}

function frameNumber(text: string): number | 'all' {
	if (text === 'all') return 'all';
	if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A frame is a number, counted from 1, or \'all\'.');
	return Number(text);
}

function timeOf(text: string): ReplayCommandOptions['time'] {
	if (text === 'virtual' || text === 'scaled' || text === 'recorded') return text;
	const factor = factorOf(/^scaled[ =:](.*)$/.exec(text)?.[1] ?? '');
	if (factor === undefined) throw new InvalidArgumentError('Allowed are virtual, recorded, and scaled with a factor from 0 to 1000.');
	return { factor };
}

const examples = `
Examples:
  $ dupack replay trace.pcap                        our stack is the server of every connection
  $ dupack replay trace.pcap --as client --json
  $ dupack replay trace.pcap --stream 3 --pcap replay.pcapng
  $ dupack replay trace.pcap --stream 3 --time scaled 0.1
  $ dupack replay trace.pcap --stream 3 --pair --crash-after all
`;

/** Adds `dupack replay` to the command line. */
export function replayCommand(program: Command): void {
	program
		.command('replay')
		.description('play one side of a captured connection into our stack, or into the pair, and compare what it sends with what the captured side sent')
		.argument('<capture>', 'pcap or pcapng, also gzipped; - for standard input')
		.argument('[factor]', 'of --time scaled')
		.addOption(new Option('--as <side>', 'which side our stack takes').choices(['server', 'client']).default('server'))
		.option('--stream <N>', 'this connection alone, counted as tshark counts them', streamNumber)
		.option('--time <pace>', 'virtual: pauses are left out; recorded: kept on the machine\'s clock, a minute at most; scaled X: times X. Nobody waits', timeOf, 'virtual')
		.option('--pair', 'into the replicated pair')
		.option('--crash-after <N>', 'kill the primary after the captured frame N was delivered; all: after each in turn', frameNumber)
		.option('--pcap <file>', 'write the frames of the replay as pcapng')
		.option('--json', 'one JSON object: streams, errors')
		.addHelpText('after', examples)
		.action(async (capture: string, factor: string | undefined, options: ReplayCommandOptions) => {
			const out = new TextSink(process.stdout);
			process.exitCode = await replayCapture(capture, factor, options, {
				out,
				say: (text) => { process.stderr.write(`${text}\n`); },
				progress: (text) => { if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`); },
			});
			await out.end();
		});
}
