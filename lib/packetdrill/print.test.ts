import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { script } from './arbitrary.test.helper.ts';
import { parseScript } from './parse.ts';
import { printScript, printSeconds } from './print.ts';
import type { Script } from './tree.ts';

/** Lines and columns are where the printer puts things, not part of what is said. */
function placeless(tree: Script): unknown {
	return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'line' || key === 'column' ? 0 : value)));
}

test('a tree, written and read again, is the same tree', () => {
	fc.assert(
		fc.property(script, (tree) => {
			assert.equal(placeless(parseScript(printScript(tree), tree.file)), placeless(tree));
		}),
		{ numRuns: 500 },
	);
});

test('writes what people write', () => {
	const text = [
		'--tolerance_usecs=10000',
		'`../../common/defaults.sh`',
		'0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
		'+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
		'+0...0.2 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)',
		'+0.1 < S 0:0(0) win 32792 <mss 1000,nop,nop,sackOK,nop,wscale 7>',
		'* > [ect0] SE. 0:0(0) ack 1 <...>',
		'+0.2~+0.25 > P. 1:1001(1000) ack 1 win 256 <nop,nop,TS val 100 ecr 200>',
		'+0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]',
		'+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0x2 (flags)',
		'+0 %{ assert tcpi_snd_cwnd == 10 }%',
		'`clean up`',
		'',
	].join('\n');
	assert.is(printScript(parseScript(text, 'x.pkt')), text);
});

test('times are written without what says nothing', () => {
	assert.equal([0, 1, 10, 250_000, 1_000_000, 1_500_000, 1e15].map(printSeconds), ['0', '0.000001', '0.00001', '0.25', '1', '1.5', '1000000000']);
});

test.run();
