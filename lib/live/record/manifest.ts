import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Crossing } from './scene.ts';

/** What is known of a fixture. */
export interface Fixture {
	readonly file: string;
	readonly shows: string;
	readonly made: string;
	/** packets in the file */
	readonly packets: number;
	/** what `dupack analyze` says of its frames with TCP: the number of each that has flags, and its flags */
	readonly flags: { readonly [frame: string]: readonly string[] };
	/** of each connection that ended in order, what the applications read; empty where one did not */
	readonly streams: readonly Crossing[];
}

const NAME = 'fixtures.json';
const BEGIN = '<!-- what follows is written by record.ts -->', END = '<!-- that was it -->';

/** What a folder of fixtures says of them. */
export function readManifest(folder: string): readonly Fixture[] {
	const path = join(folder, NAME);
	return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as Fixture[] : [];
}

/** Frame numbers for people: 7, 9–12. */
function ranges(frames: readonly number[]): string {
	const parts: string[] = [];
	for (let i = 0; i < frames.length;) {
		let end = i;
		while (frames[end + 1] === frames[end]! + 1) end++;
		parts.push(end === i ? `${frames[i]}` : `${frames[i]}–${frames[end]}`);
		i = end + 1;
	}
	return parts.join(', ');
}

/** What the analysis says, flag by flag. */
export function verdict({ flags, packets }: Fixture): string {
	const frames = new Map<string, number[]>();
	for (const [frame, names] of Object.entries(flags)) for (const name of names) frames.set(name, [...(frames.get(name) ?? []), Number(frame)]);
	const parts = [...frames].map(([name, found]) => `\`${name}\` ${ranges(found)}`);
	return `${packets} packets: ${parts.length === 0 ? 'nothing to remark' : parts.join('; ')}`;
}

function table(fixtures: readonly Fixture[]): string {
	const rows = fixtures.map((fixture) => `| \`${fixture.file}\` | ${fixture.shows} | ${fixture.made} | ${verdict(fixture)} |`);
	return ['| file | shows | made by | `dupack analyze` says (frame numbers) |', '|---|---|---|---|', ...rows].join('\n');
}

/** Writes the manifest, and the table between its two marks in README.md. */
export function writeManifest(folder: string, fixtures: readonly Fixture[]): void {
	const lines = fixtures.map((fixture) => JSON.stringify(fixture));
	writeFileSync(join(folder, NAME), `[\n${lines.join(',\n')}\n]\n`);
	const path = join(folder, 'README.md');
	const readme = readFileSync(path, 'utf8');
	const begin = readme.indexOf(BEGIN), end = readme.indexOf(END);
	if (begin < 0 || end < begin) throw new Error(`${path} lacks the marks its table stands between.`);
	writeFileSync(path, `${readme.slice(0, begin + BEGIN.length)}\n${table(fixtures)}\n${readme.slice(end)}`);
}
