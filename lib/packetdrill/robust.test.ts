import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { script } from './arbitrary.test.helper.ts';
import { ScriptError } from './error.ts';
import { parseScript } from './parse.ts';
import { printScript } from './print.ts';
import { surveyScript } from './survey.ts';

/** Reads a text; what is thrown must be the typed error with a place inside the text. */
function read(text: string): void {
	let tree;
	try {
		tree = parseScript(text, 'x.pkt');
	} catch (error) {
		if (!(error instanceof ScriptError)) throw error;
		const lines = text.split('\n');
		assert.ok(error.line >= 1 && error.line <= lines.length);
		assert.ok(error.column >= 1 && error.column <= (lines[error.line - 1] ?? '').length + 1);
		assert.ok(error.message.startsWith(`x.pkt:${error.line}:${error.column}: expected `));
		return;
	}
	surveyScript(tree);
}

test('any text is a script or a typed error', () => {
	fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), read), { numRuns: 2000 });
});

const PIECES = [
	'+0 ', '0.1', '~', '*', '...', '<', '> ', '. ', 'S. ', '1:1(0)', ' ack 1', ' win 9', ' urg 1', '<mss 1460,', 'nop>', 'sack 1:2', 'TS val 1 ecr 2', 'FO ab', 'md5', 'udp ', 'icmp ', 'sctp', 'ipv4 ', 'gre ',
	'1.2.3.4', ':', '[', ']', '{', '}', '(', ')', ',', '=', '|', '-', '&', '"', '\\', '`', '%{', '}%', '\n', '//', '/*', '*/', '#', '\n#ifdef STANDARD\n', '\n#endif\n', '\n#else\n', '--a=b', 'close(3) = 0', ' EAGAIN ', '(x)', '0x1f', '99999999999999999999', 'ect0', 'ttl 5',
];

test('any sequence of pieces of scripts is a script or a typed error', () => {
	fc.assert(fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => pieces.join('')), read), { numRuns: 5000 });
});

test('a script with any part cut out or doubled is a script or a typed error', () => {
	fc.assert(
		fc.property(script, fc.nat(), fc.nat(40), fc.boolean(), (tree, from, length, doubled) => {
			const text = printScript(tree);
			const at = from % text.length;
			const part = text.slice(at, at + length);
			read(text.slice(0, at) + (doubled ? part + part : '') + text.slice(at + length));
		}),
		{ numRuns: 1000 },
	);
});

test('depth and length do not exhaust the stack', () => {
	for (const text of ['['.repeat(1e5), '{'.repeat(1e5), 'f('.repeat(1e5), '-'.repeat(1e5), '('.repeat(1e5), '"'.padEnd(1e5, 'a'), '1|'.repeat(1e5), '"\\x00'.repeat(1e4)]) {
		read(`+0 f(${text}`);
		read(`+0 > ${text}`);
		read(`+0 > . 1:1(0) <${text}`);
		read(`+0 %{ assert ${text} }%`);
		read(`+0 \`${text}\``);
		read(text);
	}
	read('#ifdef A\n'.repeat(1e4));
	read('+0 f() = 0 (x)\n'.repeat(1e4));
});

test.run();
