import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeConstants, stateNamed, stateNumber } from './code-constants.ts';
import { evaluate, makeScope, operate } from './code-evaluate.ts';
import { parseCode } from './code-parse.ts';
import { runCode } from './code-run.ts';
import type { CodeOutcome } from './code-run.ts';
import { splitStatements } from './code-scan.ts';
import type { CodeScope } from './code-evaluate.ts';
import type { CodeValue } from './code-tree.ts';

const INFO: Readonly<Record<string, number>> = { tcpi_snd_cwnd: 10, tcpi_state: 4, tcpi_rtt: 100_250, tcpi_options: 7, tcpi_ca_state: 3, tcpi_lost: 0 };

function scope(): CodeScope {
	return makeScope(codeConstants('freebsd'), (name) => (Object.hasOwn(INFO, name) ? INFO[name] : undefined));
}

function run(text: string, names: CodeScope = scope()): CodeOutcome {
	return runCode({ kind: 'code', text, line: 1 }, names);
}

function value(text: string): CodeValue {
	const [statement] = parseCode(`x = ${text}`);
	if (statement?.kind !== 'assign') throw new Error('no assignment');
	return evaluate(statement.value, scope(), 0);
}

for (const text of [
	'assert tcpi_state == TCPI_ESTABLISHED',
	'assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd',
	'assert 9 < tcpi_snd_cwnd <= 10 == 10 != 11',
	'assert(tcpi_snd_cwnd == 10 and not tcpi_lost)',
	'assert (tcpi_options & TCPI_OPT_SACK) != 0, "sack"',
	'assert abs(tcpi_rtt - 100000) < 1000 or False',
	'assert min(1, 2, 3) == 1 and max([4, 5]) == 5',
	'assert tcpi_ca_state in (TCP_CA_Recovery, TCP_CA_Loss)',
	'assert tcpi_ca_state not in [TCP_CA_Open]',
	'assert 7 // 2 == 3 and 7 / 2 == 3.5 and -7 // 2 == -4 and -7 % 3 == 2 and 2 ** 3 ** 2 == 512',
	'assert 1 << 4 | 1 == 17 and 6 ^ 3 == 5 and ~0 == -1 and -2 ** 2 == -4',
	'assert True == 1 and None == None and "a" != 1 and (1, 2) == (1, 2)',
	'assert int(3.9) == 3 and str(3) == "3" and float(2) == 2',
	'a = 5; b = a * 2 # doubled\nassert b == tcpi_snd_cwnd',
	'assert (1 ==\n  1)\n\n  pass',
	'assert 1 == 1, \\\n "continued"',
]) {
	test(`holds: ${text}`, () => {
		assert.equal(run(text), { kind: 'held', printed: [] });
	});
}

for (const [text, line, message] of [
	['assert tcpi_snd_cwnd == 11', 1, 'assert tcpi_snd_cwnd == 11: tcpi_snd_cwnd is 10'],
	['\na = 11\nassert tcpi_snd_cwnd == a, "cwnd %d of %s" % (tcpi_snd_cwnd, "all")', 3, 'assert tcpi_snd_cwnd == a: tcpi_snd_cwnd is 10, a is 11 (cwnd 10 of all)'],
	['assert tcpi_lost, tcpi_lost', 1, 'assert tcpi_lost: tcpi_lost is 0 (0)'],
	['assert 0, f"{tcpi_lost}"', 1, 'assert 0 (f"{tcpi_lost}")'],
	['assert 0, "%d" % "text"', 1, 'assert 0 ("%d" % "text")'],
	['assert not 1', 1, 'assert not 1'],
	['assert 1 < 2 < 2', 1, 'assert 1 < 2 < 2'],
] as const) {
	test(`fails: ${text}`, () => {
		assert.equal(run(text), { kind: 'failed', line, message, printed: [] });
	});
}

for (const [text, line, message] of [
	['from os import path', 1, 'the statement from os import path'],
	['a = 1\nif a: assert 0', 2, 'the statement if a: assert 0'],
	['assert tcpi_unknown == 1', 1, 'the name tcpi_unknown'],
	['assert os.path', 1, '\'.\' after a value'],
	['assert open("x")', 1, 'the function open'],
	['assert [x for x in y]', 1, 'a missing \']\''],
	['assert 1 if 2 else 3', 1, '\'if\' in assert 1 if 2 else 3'],
	['assert 1 / 0', 1, 'a division by zero'],
	['assert "a" + 1', 1, 'arithmetic with a'],
	['assert 0.5 & 1', 1, 'bits of 0.5'],
	['assert 1 << 99', 1, 'a shift by 99'],
	['assert "abc', 1, 'a string that is not closed'],
	['assert', 1, 'an expression that ends too soon'],
	['assert $', 1, '\'$\' in an expression'],
	[`assert ${'('.repeat(100)}`, 1, 'an expression nested more than 64 deep'],
	[`assert ${'1+'.repeat(3000)}1`, 1, 'a statement of more than 2000 words'],
] as const) {
	test(`is not claimed to be understood: ${text.slice(0, 40)}`, () => {
		assert.equal(run(text), { kind: 'unsupported', line, message, printed: [] });
	});
}

test('an import does nothing, and what it would have brought is not known', () => {
	assert.equal(run('import sys, os\nprint("still here")').kind, 'held');
	assert.equal(run('import sys\nsys.exit(1)').kind, 'unsupported');
});

test('a block that cannot be read as a whole is not run at all', () => {
	assert.equal(run('print("first")\nassert 0\ndel a'), { kind: 'unsupported', line: 3, message: 'the statement del a', printed: [] });
});

test('prints, as function and as statement', () => {
	assert.equal(run('print(tcpi_snd_cwnd, "a")\nprint "rtt=%5.1f|%-4d|%04x|%%" % (tcpi_rtt, 7, 255)\nprint\nprint (1, (2, "b")), None\nprint f"x"'), {
		kind: 'held', printed: ['10 a', 'rtt=100250.0|7   |00ff|%', '', '(1, (2, \'b\')) None', 'f"x"'],
	});
});

test('variables live from block to block', () => {
	const names = scope();
	run('seen = tcpi_snd_cwnd\nseen += 2', names);
	assert.equal(run('assert seen == 12', names), { kind: 'held', printed: [] });
	assert.is(run('never += 1', names).kind, 'unsupported');
});

test('statements know the line they begin on', () => {
	assert.equal(splitStatements('\na;b # c;\n  d(\n1); "x;y#"\n'), [
		{ line: 1, text: 'a' }, { line: 1, text: 'b' }, { line: 2, text: 'd( 1)' }, { line: 3, text: '"x;y#"' },
	]);
});

test('states have the number their system gives them, under either name', () => {
	for (const profile of ['linux', 'freebsd', 'rfc'] as const) {
		const constants = codeConstants(profile);
		assert.is(constants.get('TCPI_FIN_WAIT_1'), stateNumber('FIN-WAIT-1', profile));
		assert.is(constants.get('TCP_FIN_WAIT1'), stateNumber('FIN-WAIT-1', profile));
		assert.is(new Set(['CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'].map((state) => stateNumber(stateNamed(state) ?? 'CLOSED', profile))).size, 11);
	}
	assert.equal([stateNumber('ESTABLISHED', 'linux'), stateNumber('ESTABLISHED', 'freebsd')], [1, 4]);
	assert.equal(['SYN_RCVD', 'SYN-RECV', 'estab', 'FIN_WAIT_2', 'TCPS_TIME_WAIT', 'TCP_CLOSE', 'x'].map(stateNamed), ['SYN-RECEIVED', 'SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED', undefined]);
});

test('integers divide as in Python: a == (a // b) * b + a % b, with the sign of b', () => {
	fc.assert(
		fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: -1e3, max: 1e3 }).filter((b) => b !== 0), (a, b) => {
			const quotient = Number(operate('//', a, b, 0));
			const rest = Number(operate('%', a, b, 0));
			assert.is(quotient * b + rest, a);
			assert.ok(rest === 0 || Math.sign(rest) === Math.sign(b));
			assert.ok(Math.abs(rest) < Math.abs(b));
		}),
	);
});

test('operators bind as in Python, where & binds closer than ==', () => {
	assert.equal([value('2 + 3 * 4'), value('(2 + 3) * 4'), value('10 - 3 - 2'), value('1 + 1 << 2'), value('6 & 3 == 2')], [14, 20, 5, 8, true]);
});

test('no text makes it throw', () => {
	const pieces = fc.constantFrom('assert ', 'print ', 'a', ' = ', '==', '<', '(', ')', '[', ']', ',', '1', '0x', '.5', '"', '\'', '\\', '\n', ';', ' not ', ' in ', ' and ', 'tcpi_rtt', '%', '**', '-', '~', '#', 'min(', '$', '%d');
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''))), (text) => {
			assert.ok(['held', 'failed', 'unsupported'].includes(run(text).kind));
		}),
		{ numRuns: 2000 },
	);
});

test.run();
