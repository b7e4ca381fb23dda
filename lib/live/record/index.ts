import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { LiveError } from '../error.ts';
import { hasProgram, isRoot, require } from '../requirements.ts';
import { kernelScenes } from './kernel-scenes.ts';
import { removeRun, sweep } from './leftovers.ts';
import { readManifest, verdict, writeManifest } from './manifest.ts';
import type { Fixture } from './manifest.ts';
import { ownScenes } from './own-scenes.ts';
import type { Crossing, Scene } from './scene.ts';
import { Stage } from './stage.ts';
import { recordTakeover, takeovers } from './takeovers.ts';

/** Where fixtures go, and what judges them. */
export interface Recording {
	readonly folder: string;
	/** the dupack command, as a program and its first arguments */
	readonly dupack: readonly [string, ...string[]];
	readonly say: (line: string) => void;
}

/** One capture that was made. */
interface Made { readonly file: string; readonly bytes: Buffer; readonly streams: readonly Crossing[]; readonly must: readonly string[] }

/** A recipe for one or two files. */
interface Recipe {
	readonly files: readonly string[];
	readonly shows: string;
	readonly made: string;
	make(recording: Recording): Promise<readonly Made[]>;
}

/** No fixture is larger, bytes. */
const LARGEST = 40_000;
/** Something may go otherwise on a busy machine; it is played again then. */
const TRIES = 3;

async function playScene(scene: Scene): Promise<readonly Made[]> {
	return Stage.use(scene.stage, async (stage) => {
		const dumps = [];
		for (const { file, at, must, options = [] } of scene.captures) dumps.push({ file, must, dump: at === 'cooked' ? await stage.recordCooked(options) : await stage.record(at, options) });
		const streams = await scene.play(stage);
		const made: Made[] = [];
		for (const { file, must, dump } of dumps) made.push({ file, must, streams, bytes: await dump.finish() });
		return made;
	});
}

/** An act of `dupack live demo`, as it writes it itself. */
function demo(act: string, file: string, shows: string): Recipe {
	return {
		files: [file], shows, made: `\`dupack live demo --act ${act} --pcap\`: an interface for each place, with comments; packed`,
		async make({ dupack: [program, ...first] }) {
			const folder = mkdtempSync(join(tmpdir(), 'dkfx-'));
			const name = `dkfx-${process.pid}-demo`;
			const clear = (): void => removeRun(name);
			process.once('exit', clear);
			try {
				const path = join(folder, 'capture');
				await promisify(execFile)(program, [...first, 'live', 'demo', '--name', name, '--act', act, '--pcap', path, '--json'], { timeout: 120_000 });
				return [{ file, must: [], streams: [], bytes: gzipSync(readFileSync(path), { level: 9 }) }];
			} finally {
				clear();
				process.off('exit', clear);
				rmSync(folder, { recursive: true, force: true });
			}
		},
	};
}

const recipes: readonly Recipe[] = [
	...[...kernelScenes, ...ownScenes].map((scene): Recipe => ({ files: scene.captures.map(({ file }) => file), shows: scene.shows, made: scene.made, make: () => playScene(scene) })),
	...takeovers.map((takeover): Recipe => ({
		files: [takeover.file], shows: takeover.shows, made: takeover.made,
		make: async () => [{ file: takeover.file, must: takeover.must, ...await recordTakeover(takeover) }],
	})),
	demo('kill', 'takeover.pcapng.gz', 'the same as `takeover-client.pcap`, seen from everywhere at once: client, primary, backup and the log between them'),
	demo('closed', 'takeover-closed.pcapng.gz', 'the client had closed when the backup takes over'),
];

/** What the analysis says of a file. */
function judged({ dupack: [program, ...first] }: Recording, { shows, made }: Recipe, { file, bytes, streams }: Made): Fixture {
	const text = execFileSync(program, [...first, 'analyze', '-', '--json'], { input: bytes, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 1e8 });
	const { frames, skipped } = JSON.parse(text) as { frames: { frame: number; flags: string[] }[]; skipped: { [reason: string]: number } };
	const flags = Object.fromEntries(frames.filter((row) => row.flags.length > 0).map((row) => [row.frame, row.flags]));
	const packets = frames.length + Object.values(skipped).reduce((sum, count) => sum + count, 0);
	return { file, shows, made, packets, flags, streams };
}

/** What is wrong with what was made; '' where nothing. */
function wrong(fixture: Fixture, { bytes, must }: Made): string {
	const found = new Set(Object.values(fixture.flags).flat());
	const missing = must.filter((flags) => !flags.split(' or ').some((flag) => found.has(flag)));
	if (missing.length > 0) return `it lacks ${missing.join(' and ')}`;
	return bytes.length > LARGEST ? `it has ${bytes.length} bytes` : '';
}

/** Makes the files of a recipe, and writes those that show what they are for. @throws Error where they do not, however often it is tried */
async function follow(recording: Recording, recipe: Recipe): Promise<readonly Fixture[]> {
	let why = '';
	for (let tried = 0; tried < TRIES; tried++) {
		try {
			const all = await recipe.make(recording);
			const fixtures = all.map((made) => judged(recording, recipe, made));
			why = all.map((made, i) => wrong(fixtures[i]!, made)).find((text) => text !== '') ?? '';
			if (why === '') {
				for (const { file, bytes } of all) writeFileSync(join(recording.folder, file), bytes);
				return fixtures;
			}
		} catch (error) {
			why = (error instanceof Error ? error.message : String(error)).slice(0, 300);
		}
		recording.say(`${recipe.files.join(', ')}: ${why}`);
	}
	throw new Error(`${recipe.files.join(', ')} cannot be recorded: ${why}`);
}

/** @throws LiveError  with what is missing */
function prepare(): void {
	require();
	if (!isRoot()) throw new LiveError('NOT_PERMITTED', 'Recording takes three namespaces that know each other.', 'Run it as root.');
	if (!hasProgram('tcpdump')) throw new LiveError('TCPDUMP_MISSING', 'The program tcpdump is missing.', 'Run: apt-get install tcpdump');
	sweep();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}

/**
 * Records fixtures anew, and says in the manifest what they are.
 *
 * @param names  beginnings of file names; none: all
 * @returns      files that could not be recorded
 * @throws LiveError  where something is missing
 */
export async function recordFixtures(recording: Recording, names: readonly string[]): Promise<readonly string[]> {
	prepare();
	const chosen = recipes.filter(({ files }) => names.length === 0 || files.some((file) => names.some((name) => file.startsWith(name))));
	if (chosen.length === 0) throw new Error(`There is no fixture '${names.join(' ')}'. There are ${recipes.flatMap(({ files }) => files).join(', ')}.`);
	const failed: string[] = [];
	for (const recipe of chosen) {
		try {
			const fixtures = await follow(recording, recipe);
			const known = new Map([...readManifest(recording.folder), ...fixtures].map((fixture) => [fixture.file, fixture]));
			writeManifest(recording.folder, recipes.flatMap(({ files }) => files).flatMap((file) => known.get(file) ?? []));
			for (const fixture of fixtures) recording.say(`${fixture.file}: ${verdict(fixture)}`);
		} catch (error) {
			recording.say(error instanceof Error ? error.message : String(error));
			failed.push(...recipe.files);
		}
	}
	return failed;
}
