import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Command } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scenarios } from '../../scenarios/index.ts';
import { chapters, exercises, guideMarkdown, languages } from '../study/guide/index.ts';
import type { Shown } from '../study/guide/index.ts';
import { checkCommand } from './check.ts';
import { CommandError } from './exit.ts';
import { guideCommand } from './guide.ts';
import { matrixCommand } from './matrix.ts';
import { runCommand } from './run.ts';
import { columnsOf, wrapWide } from './wrap-wide.ts';

const here = fileURLToPath(import.meta.url);
process.env['COLUMNS'] = '110';
process.env['NO_COLOR'] = '1';

function rootOf(start: string): string {
	for (let folder = start; ; folder = dirname(folder)) if (existsSync(join(folder, 'package.json'))) return folder;
}
const root = rootOf(dirname(here));

interface Ended { readonly code: number; readonly out: string }

/** Runs a command in this process: every chapter has several, and a process each takes its time. */
async function dupack(...args: string[]): Promise<Ended> {
	const program = new Command('dupack').exitOverride();
	for (const add of [runCommand, matrixCommand, guideCommand, checkCommand]) add(program);
	const { write } = process.stdout;
	let out = '';
	process.exitCode = 0;
	process.stdout.write = (text: string | Uint8Array): boolean => {
		out += String(text);
		return true;
	};
	try {
		await program.parseAsync(args, { from: 'user' });
		return { code: Number(process.exitCode), out };
	} finally {
		process.stdout.write = write;
		process.exitCode = 0;
	}
}

/** What a refused command says. */
async function refusal(...args: string[]): Promise<string> {
	try {
		await dupack(...args);
	} catch (error) {
		assert.ok(error instanceof CommandError);
		assert.is(error.exitCode, 2);
		return error.message;
	}
	return '';
}

/** Spaces and line ends make no difference: a terminal is as wide as it is. */
function flat(text: string): string {
	return text.replace(/\s+/g, ' ');
}

const known = new Map<string, Promise<Ended>>();
/** Runs a command of the guide, each once. */
function output(command: string): Promise<Ended> {
	const found = known.get(command) ?? dupack(...command.split(' '));
	known.set(command, found);
	return found;
}

async function prints({ command, quotes }: Shown): Promise<void> {
	const { code, out } = await output(command);
	assert.is(code, 0, command);
	for (const quote of quotes) assert.ok(flat(out).includes(flat(quote)), `'${command}' does not print: ${quote}`);
}

test('every scenario has its chapter, in the order of the lecture', () => {
	assert.equal(chapters.map(({ id }) => id), [...scenarios.map(({ name }) => name), 'matrix']);
});

for (const { id, run, next } of chapters) {
	test(`${id}: what the guide quotes is what the command prints`, async () => {
		assert.ok(run.quotes.length > 0 && next.quotes.length > 0);
		await prints(run);
		await prints(next);
	});
}

test('the commands that questions name are commands that run', async () => {
	const named = exercises.flatMap(({ question }) => [...question.en.matchAll(/npx dupack ([a-z][^:)]*?(?= --crash \d+)(?: --crash \d+)|[a-z][^:)]*?)(?=[.):]|\s(?:one|and)\s|$)/g)].map((found) => found[1]!.trim()));
	assert.ok(named.length >= 4);
	for (const command of new Set(named)) assert.is((await output(command)).code, 0, command);
});

test('every exercise belongs to a chapter, and every chapter has one', () => {
	const used = chapters.flatMap((chapter) => chapter.exercises);
	assert.equal([...new Set(used)].sort(), exercises.map(({ id }) => id).sort());
	assert.ok(chapters.every((chapter) => chapter.exercises.length > 0));
});

test('the README of the scenarios is the guide, in both languages', () => {
	for (const [file, language] of [['README.md', 'en'], ['README.zh.md', 'zh']] as const) {
		assert.ok(readFileSync(join(root, 'scenarios', file), 'utf8') === guideMarkdown(language), `scenarios/${file} is not the guide: write it with dupack guide --lang ${language} --markdown`);
	}
});

test('no text is missing in either language, and none is the other one', () => {
	for (const { title, question, look, next } of chapters) {
		for (const text of [title, question, look, next.text]) {
			for (const language of languages) assert.ok(text[language].length > 1);
			assert.match(text.zh, /[\u4e00-\u9fff]/);
			assert.not.match(text.en, /[\u4e00-\u9fff]/);
		}
	}
	for (const { question } of exercises) assert.match(question.zh, /[\u4e00-\u9fff]/);
});

test('the guide is printed whole, by chapter, and as JSON', async () => {
	const whole = await dupack('guide'), one = await dupack('guide', 'client-closed', '--lang', 'zh'), json = await dupack('guide', '--json');
	assert.is(whole.code, 0);
	for (const { title } of chapters) assert.ok(whole.out.includes(title.en));
	assert.match(one.out, '6. 连接在此期间已经关闭');
	assert.ok(one.out.split('\n').every((line) => columnsOf(line) <= 112));
	assert.is((JSON.parse(json.out) as unknown[]).length, chapters.length);
	assert.match(await refusal('guide', 'client-close'), "Did you mean 'client-closed'?");
});

test('Chinese is broken between any two characters, and no line begins with a comma', () => {
	const lines = wrapWide('一二三四五，六七八九十 abc def', 10);
	assert.equal(lines.slice(0, 1), ['一二三四五，']);
	assert.ok(lines.every((line) => columnsOf(line) <= 12 && !/^[，。]/.test(line)));
	assert.equal(wrapWide('one two three', 8), ['one two', 'three']);
});

test('answers are checked by the command: right, wrong, none', async () => {
	const right = await dupack('check', 'epochs', '21'), wrong = await dupack('check', 'epochs', '11', '--lang', 'zh');
	assert.equal([right.code, wrong.code], [0, 1]);
	assert.match(right.out, '✓ Right.');
	assert.match(wrong.out, '✗ 还不对。');
	assert.match(await refusal('check', 'epochs', 'many'), "'many' is no whole number");
	assert.is((JSON.parse((await dupack('check', 'poison', '1', '--json')).out) as { ok: boolean }).ok, false);
	const list = await dupack('check');
	for (const { id } of exercises) assert.ok(list.out.includes(id));
	assert.match(await refusal('check', 'poisson'), "Did you mean 'poison'?");
});

test.run();
