import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { effortFor, hunters } from './budget.ts';
import type { Hunter } from './budget.ts';
import { killAll } from './child.ts';
import { isDead, merged, readFindings, writeFindings } from './findings.ts';
import type { Finding } from './findings.ts';
import { hunt } from './hunt.ts';
import type { Catch } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './plants/index.ts';
import { countsOf, markdown, row, summary } from './table.ts';
import { complaints } from './type-check.ts';
import { Workshop } from './workshop.ts';

interface Options {
	readonly only?: readonly string[];
	readonly hunter?: readonly Hunter[];
	readonly slice?: readonly [number, number];
	readonly jobs: number;
	readonly json?: true;
	readonly keep?: true;
	readonly list?: true;
	readonly first?: true;
	readonly more?: true;
	readonly baseline: boolean;
}

/** Part of the mutants that has to die. */
const ENOUGH = 0.95;

/** The folder that holds the sources, from wherever this was built to. */
function rootOf(start: string): string {
	for (let folder = start; ; folder = dirname(folder)) if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'tsconfig.json'))) return folder;
}
const root = rootOf(dirname(fileURLToPath(import.meta.url)));
const KEPT = join(root, 'lib', 'mutants', 'findings.json'), README = join(root, 'lib', 'mutants', 'README.md');
const BEGIN = '<!-- findings -->', END = '<!-- end of findings -->';

function say(text: string): void { process.stderr.write(`${text}\n`); }

function progress(text: string): void {
	if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

function commitOf(): string {
	const git = (...args: string[]): string => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim();
	const changed = git('status', '--porcelain', '--', 'lib', 'tcp', 'scenarios');
	return `${git('rev-parse', '--short', 'HEAD') || 'unknown'}${changed === '' ? '' : '+'}`;
}

function wanted({ only, slice }: Options): readonly Mutant[] {
	// In the order in which they are asked for.
	const known = only === undefined ? mutants : [...new Set(only.flatMap((word) => mutants.filter(({ name, pitfall }) => name === word || pitfall === word)))];
	for (const name of only ?? []) if (!mutants.some((mutant) => mutant.name === name || mutant.pitfall === name)) throw new InvalidArgumentError(`there is no mutant and no pitfall '${name}': 'npm run mutants -- --list' lists them`);
	return slice === undefined ? known : known.filter((_mutant, i) => i % slice[1] === slice[0] - 1);
}

/** Mutants that were not hunted by all of these in the sources as they are. */
function unknown(list: readonly Mutant[], by: readonly Hunter[], first: boolean): readonly Mutant[] {
	const commit = commitOf(), before = readFindings(KEPT).filter((one) => one.commit === commit);
	return list.filter(({ name }) => !before.some((one) => one.name === name && ((first && isDead(one)) || by.every((hunter) => one.catches[hunter] !== undefined))));
}

const workshops = new Set<Workshop>();

/** No copy is left behind, whatever ends us. */
function clean(): void {
	killAll();
	for (const workshop of workshops) workshop.remove();
}

async function inWorkshop(use: (workshop: Workshop) => Promise<void>): Promise<void> {
	const workshop = new Workshop(root);
	workshops.add(workshop);
	try {
		await use(workshop);
	} finally {
		workshop.remove();
		workshops.delete(workshop);
	}
}

/** Without a bug nobody may find one; returns what is found all the same. */
async function falseAlarms(files: readonly string[], by: readonly Hunter[]): Promise<string[]> {
	const alarms: string[] = [];
	await inWorkshop(async ({ folder }) => {
		for (const hunter of by) {
			// Many files are hunted alike.
			const alike = new Map(files.map((file) => [effortFor(hunter, join(folder, 'dist'), root, file), file]));
			for (const file of alike.values()) {
				progress(`without a bug: ${hunter}, ${dirname(file)}`);
				const found = await hunt(folder, root, hunter, file);
				if (found.fate === 'killed') alarms.push(`${hunter}: ${found.by}: ${found.why}`);
			}
		}
	});
	return alarms;
}

async function huntAll(list: readonly Mutant[], by: readonly Hunter[], { jobs, first }: Options, done: (finding: Finding) => void): Promise<Finding[]> {
	const commit = commitOf();
	const queue = [...list], findings: Finding[] = [];
	const work = async (workshop: Workshop): Promise<void> => {
		for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
			workshop.plant(mutant);
			const catches: { [H in Hunter]?: Catch } = {};
			for (const hunter of by) {
				progress(`${findings.length + 1}/${list.length} ${mutant.name}: ${hunter}`);
				const found = await hunt(workshop.folder, root, hunter, mutant.file);
				catches[hunter] = found;
				if (first && found.fate === 'killed') break;
			}
			const finding = { name: mutant.name, commit, catches };
			findings.push(finding);
			progress('');
			done(finding);
		}
	};
	await Promise.all(Array.from({ length: Math.min(jobs, list.length) }, () => inWorkshop(work)));
	return findings;
}

function keep(findings: readonly Finding[]): void {
	const all = merged(mutants, readFindings(KEPT), findings);
	writeFindings(KEPT, all);
	const text = readFileSync(README, 'utf8');
	const from = text.indexOf(BEGIN), to = text.indexOf(END);
	if (from >= 0 && to > from) writeFileSync(README, `${text.slice(0, from)}${BEGIN}\n${markdown(mutants, all)}\n${text.slice(to)}`);
}

async function run(options: Options): Promise<number> {
	const by = options.hunter ?? hunters;
	const list = options.more ? unknown(wanted(options), by, options.first === true) : wanted(options);
	if (options.list) {
		for (const { name, pitfall, text } of list) process.stdout.write(`${name}  (${pitfall}) ${text}\n`);
		return 0;
	}
	const wrong = options.baseline ? complaints(root, list) : [];
	if (wrong.length > 0) {
		say(`these mutants do not compile:\n${wrong.join('\n')}`);
		return 2;
	}
	if (options.baseline) {
		const alarms = await falseAlarms([...new Set(list.map(({ file }) => file))], by);
		if (alarms.length > 0) {
			say(`something is found without any bug: mend that first\n${alarms.join('\n')}`);
			return 3;
		}
	}
	const width = Math.max(...list.map(({ name }) => name.length));
	const findings = await huntAll(list, by, options, (finding) => {
		if (options.keep) keep([finding]);
		if (!options.json) process.stdout.write(`${row(finding, width)}\n`);
	});
	const { dead, all } = countsOf(findings);
	if (options.json) process.stdout.write(`${JSON.stringify({ commit: findings[0]?.commit ?? '', dead, all, findings })}\n`);
	else for (const line of summary(findings)) process.stdout.write(`${line}\n`);
	for (const one of findings.filter((finding) => !isDead(finding))) say(`lives: ${one.name}. Again: npm run mutants -- --only ${one.name}`);
	return dead >= ENOUGH * all ? 0 : 1;
}

function words(text: string): string[] { return text.split(',').filter((word) => word !== ''); }

function hunterNames(text: string): Hunter[] {
	return words(text).map((word) => {
		const found = hunters.find((one) => one === word);
		if (found === undefined) throw new InvalidArgumentError(`there are ${hunters.join(', ')}.`);
		return found;
	});
}

function sliceOf(text: string): [number, number] {
	const [part, parts] = text.split('/').map(Number);
	if (part === undefined || parts === undefined || !(part >= 1 && part <= parts)) throw new InvalidArgumentError('give a part of how many: 2/7.');
	return [part, parts];
}

function count(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('give a whole number from 1 on.');
	return value;
}

const program = new Command('mutants')
	.description('Plants known bugs into copies of the sources, and sees which checks find them.')
	.option('--only <names>', 'these mutants, or all of these pitfalls', words)
	.option('--hunter <names>', hunters.join(', '), hunterNames)
	.option('--slice <part/parts>', 'every so-manieth mutant: 1/7, 2/7, …', sliceOf)
	.option('--first', 'leave a mutant alone once anybody has found it')
	.option('--more', 'only what lib/mutants/findings.json does not know of these sources')
	.option('--jobs <n>', 'hunts at once', count, 1)
	.option('--json', 'one object on stdout')
	.option('--keep', 'take what is found into lib/mutants/findings.json and the table of lib/mutants/README.md')
	.option('--list', 'list the mutants')
	.option('--no-baseline', 'do not first make sure that all compile, and that nothing is found without a bug')
	.exitOverride();

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => { clean(); process.exit(130); });
try {
	program.parse();
	process.exitCode = await run(program.opts<Options & object>() as Options);
} catch (error) {
	if (error instanceof InvalidArgumentError) say(error.message);
	else if (!(error instanceof CommanderError)) throw error;
	process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
} finally {
	clean();
}
