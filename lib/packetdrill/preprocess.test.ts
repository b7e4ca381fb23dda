import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ScriptError } from './error.ts';
import { preprocess } from './preprocess.ts';
import { Source } from './source.ts';

function run(text: string, symbols?: string[]): string[] {
	return preprocess(new Source('x.pkt', text), symbols && new Set(symbols)).text.split('\n').map((line) => line.trim());
}

test('takes STANDARD, drops FreeBSD, and keeps every line where it was', () => {
	const text = 'a\n#ifdef STANDARD\nb\n#endif\n#ifdef FreeBSD\nc\n#endif\nd';
	assert.equal(run(text), ['a', '', 'b', '', '', '', '', 'd']);
	assert.is(preprocess(new Source('x.pkt', text)).text.length, text.length);
});

test('other symbols can be taken instead', () => {
	assert.equal(run('#ifdef STANDARD\nb\n#else\nc\n#endif', ['FreeBSD']), ['', '', '', 'c', '']);
});

test('an untaken branch hides what is nested in it', () => {
	assert.equal(run('#ifdef FreeBSD\n#ifdef STANDARD\na\n#else\nb\n#endif\n#else\nc\n#endif'), ['', '', '', '', '', '', '', 'c', '']);
	assert.equal(run('#ifndef FreeBSD\na\n#endif'), ['', 'a', '']);
});

test('any other # line is left to be a comment', () => {
	assert.equal(run('# if only\n#define X\n#endless'), ['# if only', '#define X', '#endless']);
});

for (const [text, line, expected] of [
	['a\n#ifdef STANDARD\nb', 2, '#endif to this directive'],
	['a\n#endif', 2, '#ifdef before this directive'],
	['#ifdef\n#endif', 1, 'a name after #ifdef'],
	['#ifdef A\n#else\n#else\n#endif', 3, '#endif'],
] as const) {
	test(`names what is wrong with ${JSON.stringify(text)}`, () => {
		try {
			run(text);
			assert.unreachable();
		} catch (error) {
			assert.instance(error, ScriptError);
			assert.equal([(error as ScriptError).code, (error as ScriptError).line, (error as ScriptError).expected], ['SCRIPT_DIRECTIVE', line, expected]);
		}
	});
}

test.run();
