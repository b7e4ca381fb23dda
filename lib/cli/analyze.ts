import { basename } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { AnalysisJson } from '../capture/analysis-json.ts';
import { CaptureLadder } from '../capture/capture-ladder.ts';
import { CaptureAnalysis, CaptureError, TimeSequencePlot } from '../capture/index.ts';
import { CaptureFileError, captureChunks } from '../files/capture-file.ts';
import { frameLine, streamLines } from './analyze-text.ts';
import { CommandError, EXIT_OK, EXIT_USAGE, EXIT_VIOLATED } from './exit.ts';
import { TextSink } from './text-sink.ts';
import { writeFile } from './own-files.ts';

export interface AnalyzeOptions {
	readonly json?: boolean;
	readonly ladder?: boolean;
	/** a stream number, as tshark counts */
	readonly stream?: number;
	/** name of the SVG file */
	readonly plot?: string;
}

/** One form of the report, written frame by frame. */
interface View {
	/** before the first frame */
	begin(): void;
	/** for the frame that the analysis stands at */
	frame(): void;
	/** after the last */
	end(errors: readonly CaptureError[]): Iterable<string>;
}

/**
 * Analyses a capture and writes the report.
 *
 * @param path  a file, or `-` for standard input
 * @param out   gets data
 * @param say   gets messages
 * @returns     the exit code: 1 where the capture is damaged; what is good of it is reported all the same
 * @throws CommandError where it cannot be begun
 */
export async function analyze(path: string, options: AnalyzeOptions, out: TextSink, say: (text: string) => void): Promise<number> {
	if (options.plot !== undefined && options.stream === undefined) throw new CommandError('--plot draws one stream: name it with --stream N');
	const analysis = new CaptureAnalysis();
	const view = viewOf(analysis, options, out);
	const plot = options.plot === undefined ? undefined : new TimeSequencePlot(options.stream ?? 0);
	view.begin();
	const broken = await readAll(path, analysis, out, () => {
		view.frame();
		plot?.take(analysis);
	});
	const errors = [analysis.error, broken].filter((error) => error !== undefined).slice(0, 1);
	for (const text of view.end(errors)) {
		out.write(text);
		await out.ready();
	}
	for (const error of errors) say(`${error.code}: ${error.message}`);
	if (plot !== undefined && options.plot !== undefined) writePlot(analysis, plot, path, options.plot, say);
	if (errors.length === 0 && options.stream !== undefined && options.stream >= analysis.endpoints.count) {
		say(`There is no stream ${options.stream}: the capture has ${analysis.endpoints.count}, counted from 0.`);
		return EXIT_USAGE;
	}
	if (errors.length === 0) return EXIT_OK;
	say(`Again: npx dupack analyze ${commandLine(path, options)}`);
	return EXIT_VIOLATED;
}

/** Feeds the analysis; a file that cannot be unpacked to its end gives the error that is returned. */
async function readAll(path: string, analysis: CaptureAnalysis, out: TextSink, onFrame: () => void): Promise<CaptureError | undefined> {
	let broken: CaptureError | undefined;
	try {
		for await (const chunk of captureChunks(path)) {
			analysis.push(chunk);
			while (analysis.next()) onFrame();
			if (analysis.error !== undefined) break;
			await out.ready();
		}
	} catch (error) {
		if (error instanceof CaptureFileError) throw new CommandError(error.message, EXIT_USAGE);
		if (!(error instanceof CaptureError)) throw error;
		broken = error;
	}
	// Where unpacking failed, that the capture ends early is its consequence.
	if (broken === undefined) analysis.end();
	return broken;
}

function viewOf(analysis: CaptureAnalysis, options: AnalyzeOptions, out: TextSink): View {
	if (options.json === true) {
		const json = new AnalysisJson(analysis, options.stream, (piece) => { out.write(piece); });
		return { begin: () => { json.begin(); }, frame: () => { json.row(); }, end: (errors) => json.end(errors) };
	}
	return options.ladder === true ? ladderView(analysis, options.stream, out) : textView(analysis, options.stream, out);
}

function ladderView(analysis: CaptureAnalysis, stream: number | undefined, out: TextSink): View {
	const ladder = new CaptureLadder(analysis, stream);
	return {
		begin: () => undefined,
		frame: () => { out.write(joined(ladder.take())); },
		end: () => [joined(ladder.end()), ...summary(analysis, stream)],
	};
}

function joined(lines: readonly { readonly text: string }[]): string {
	return lines.map(({ text }) => `${text}\n`).join('');
}

function textView(analysis: CaptureAnalysis, stream: number | undefined, out: TextSink): View {
	return {
		begin: () => undefined,
		frame: () => {
			const line = stream === undefined || analysis.stream === stream ? frameLine(analysis) : undefined;
			if (line !== undefined) out.write(`${line}\n`);
		},
		end: () => summary(analysis, stream),
	};
}

function* summary(analysis: CaptureAnalysis, stream: number | undefined): Generator<string> {
	for (const report of analysis.streams()) {
		if (stream === undefined || report.stream === stream) yield `\n${streamLines(report).join('\n')}\n`;
	}
	const passed = Object.entries(analysis.skipped).filter(([, count]) => count > 0).map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`);
	if (passed.length > 0) yield `\npackets without TCP: ${passed.join(', ')}\n`;
}

function writePlot(analysis: CaptureAnalysis, plot: TimeSequencePlot, path: string, file: string, say: (text: string) => void): void {
	if (plot.isEmpty) throw new CommandError(`there is no stream ${plot.stream} to plot: the capture has ${analysis.endpoints.count}, counted from 0`, EXIT_USAGE);
	const names = ([0, 1] as const).map((end) => {
		const { address, port } = analysis.endpoints.endpoint(plot.stream, end);
		return `${address} port ${port}`;
	});
	writeFile(file, plot.svg(path === '-' ? 'standard input' : basename(path), [names[0] ?? '', names[1] ?? ''], analysis.clientEnd(plot.stream)));
	say(`The plot of stream ${plot.stream} is in ${file}`);
}

function commandLine(path: string, options: AnalyzeOptions): string {
	return [
		/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll('\'', '\'\\\'\'')}'`,
		...(options.json === true ? ['--json'] : []),
		...(options.ladder === true ? ['--ladder'] : []),
		...(options.stream === undefined ? [] : [`--stream ${options.stream}`]),
		...(options.plot === undefined ? [] : [`--plot ${options.plot}`]),
	].join(' ');
}

function streamNumber(text: string): number {
	if (!/^\d+$/.test(text)) throw new InvalidArgumentError('A stream is a number, counted from 0.');
	return Number(text);
}

/** Adds `dupack analyze` to the command line. */
export function analyzeCommand(program: Command): void {
	program
		.command('analyze')
		.description('say what TCP did in a capture: frame by frame with tshark\'s flags, and a summary of every connection')
		.argument('<capture>', 'pcap or pcapng, also gzipped; - for standard input')
		.option('--json', 'one JSON object: frames, streams, skipped, errors')
		.option('--stream <N>', 'this connection alone, counted as tshark counts them', streamNumber)
		.option('--ladder', 'draw each segment as an arrow')
		.option('--plot <file>', 'write the time-sequence graph of --stream N as SVG')
		.addHelpText('after', '\nExamples:\n  $ dupack analyze trace.pcapng\n  $ dupack analyze trace.pcap.gz --json\n  $ dupack analyze trace.pcap --stream 3 --ladder\n  $ tcpdump -w - tcp | dupack analyze -\n')
		.action(async (capture: string, options: AnalyzeOptions) => {
			const sink = new TextSink(process.stdout);
			process.exitCode = await analyze(capture, options, sink, (text) => { process.stderr.write(`${text}\n`); });
			await sink.end();
		});
}
