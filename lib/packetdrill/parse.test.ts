import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ScriptError } from './error.ts';
import { customaryDefines, parseScript } from './parse.ts';
import type { CallAction, EventTime, Script, Value } from './tree.ts';

function parse(text: string): Script {
	return parseScript(text, 'x.pkt');
}

function time(text: string): EventTime {
	const event = parse(`${text} > . 1:1(0) ack 1`).events[0];
	if (event === undefined) throw new Error('no event');
	return event.time;
}

function call(text: string): CallAction {
	return callAt(parse(`+0${text.startsWith('...') ? '' : ' '}${text}`), 0);
}

function callAt(script: Script, index: number): CallAction {
	const action = script.events[index]?.action;
	if (action?.kind !== 'call') throw new Error('no call');
	return action;
}

function value(text: string): Value | undefined {
	return call(`f(${text}) = 0`).args[0];
}

test('options, set-up, events and clean-up, in order', () => {
	const script = parse('// c\n--tolerance_usecs=10000 --flag\n--ip_version=ipv4\n`set up\nmore`\n+0 `timed`\n0.1 close(3) = 0\n`clean up`\n');
	assert.equal(script.options, [
		{ line: 2, name: 'tolerance_usecs', value: '10000' },
		{ line: 2, name: 'flag', value: null },
		{ line: 3, name: 'ip_version', value: 'ipv4' },
	]);
	assert.equal(script.init, ['set up\nmore']);
	assert.equal(script.events.map(({ line, column, action }) => [line, column, action.kind]), [[6, 1, 'command'], [7, 1, 'call']]);
	assert.equal(script.cleanup, ['clean up']);
});

test('comments of all three kinds, and none inside quotes', () => {
	const script = parse('# a\n/* b\n+0 close(9) = 0 */ +0 /* c */ write(3, "// \\"#\\" /*", 3) = 3 // d\n+0 `sysctl // # x` # e');
	assert.is(script.events.length, 2);
	assert.equal(callAt(script, 0).args[1], { kind: 'string', value: '// "#" /*', partial: false });
	assert.equal(script.events[1]?.action, { kind: 'command', text: 'sysctl // # x' });
});

test('times in all their forms, as microseconds', () => {
	assert.equal(time('0.1'), { kind: 'absolute', at: 100_000 });
	assert.equal(time('  + 0.25'), { kind: 'after', by: 250_000 });
	assert.equal(time('+.000001'), { kind: 'after', by: 1 });
	assert.equal(time('3'), { kind: 'absolute', at: 3_000_000 });
	assert.equal(time('0.2~0.300'), { kind: 'absolute-range', from: 200_000, to: 300_000 });
	assert.equal(time('+0.2~+0.3'), { kind: 'after-range', from: 200_000, to: 300_000 });
	assert.equal(time('*'), { kind: 'any' });
	assert.equal(time('0.29'), { kind: 'absolute', at: 290_000 });
});

test('a call that blocks has a time to return at', () => {
	assert.is(call('...0.2 connect(3, ..., ...) = 0').returns, 200_000);
	assert.is(parse('1.5...1.75 accept(3, ..., ...) = 4').events[0]?.action.kind, 'call');
	assert.is(call('connect(3, ..., ...) = 0').returns, null);
});

test('results, errors and notes', () => {
	const refused = call('connect(3, ..., ...) = -1 EINPROGRESS (Operation now in (some) progress, isn\'t it)');
	assert.equal([refused.result, refused.errno, refused.note], [{ kind: 'integer', value: -1, hex: false }, 'EINPROGRESS', 'Operation now in (some) progress, isn\'t it']);
	const flags = call('fcntl(3, F_GETFL) = 0x02 (flags O_RDWR|O_NONBLOCK)');
	assert.equal([flags.result, flags.errno, flags.note], [{ kind: 'integer', value: 2, hex: true }, null, 'flags O_RDWR|O_NONBLOCK']);
	assert.is(call('read(3, ..., 1) = -1 EAGAIN').errno, 'EAGAIN');
	assert.equal(call('write (4, ..., 1) = ...').result, { kind: 'ellipsis' });
});

test('values of every kind', () => {
	assert.equal(value('...'), { kind: 'ellipsis' });
	assert.equal(value('-5'), { kind: 'integer', value: -5, hex: false });
	assert.equal(value('0xFF'), { kind: 'integer', value: 255, hex: true });
	assert.equal(value('18446744073709551615'), { kind: 'huge', text: '18446744073709551615' });
	assert.equal(value('"a\\x00\\n"...'), { kind: 'string', value: 'a\0\n', partial: true });
	assert.equal(value('O_RDWR | O_NONBLOCK'), { kind: 'or', terms: [{ kind: 'symbol', name: 'O_RDWR' }, { kind: 'symbol', name: 'O_NONBLOCK' }] });
	assert.equal(value('[1, [X]]'), { kind: 'array', items: [{ kind: 'integer', value: 1, hex: false }, { kind: 'array', items: [{ kind: 'symbol', name: 'X' }] }] });
	assert.equal(value('sizeof(x)'), { kind: 'apply', name: 'sizeof', args: [{ kind: 'symbol', name: 'x' }] });
	assert.equal(value('[]'), { kind: 'array', items: [] });
});

test('structs of the kinds scripts use', () => {
	assert.equal(value('{...,1000}'), { kind: 'struct', members: [{ name: null, extent: null, value: { kind: 'ellipsis' } }, { name: null, extent: null, value: { kind: 'integer', value: 1000, hex: false } }] });
	const message = value('{msg_name(...)=..., msg_iov(1)=[{..., 100}], msg_flags=MSG_ERRQUEUE, msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_TIMESTAMPING, cmsg_data={scm_sec=0, scm_nsec=10000000}}]}');
	assert.equal(message?.kind === 'struct' && message.members.map(({ name, extent, value: { kind } }) => [name, extent?.kind ?? null, kind]), [
		['msg_name', 'ellipsis', 'ellipsis'], ['msg_iov', 'integer', 'array'], ['msg_flags', null, 'symbol'], ['msg_control', null, 'array'],
	]);
	for (const [text, names] of [
		['{onoff=1, linger=0}', ['onoff', 'linger']],
		['{fd=4, events=POLLIN|POLLOUT, revents=POLLERR}', ['fd', 'events', 'revents']],
		['{sa_family = AF_INET, sin_port = htons(8080), sin_addr = inet_addr("192.0.2.1")}', ['sa_family', 'sin_port', 'sin_addr']],
		['{sa_family=AF_INET6, sin6_port=htons(8080), inet_pton(AF_INET6, "::1", &sin6_addr)}', ['sa_family', 'sin6_port', null]],
		['{ee_errno=0, ee_origin=SO_EE_ORIGIN_ZEROCOPY, ee_type=0, ee_code=1, ee_info=0, ee_data=0}', ['ee_errno', 'ee_origin', 'ee_type', 'ee_code', 'ee_info', 'ee_data']],
	] as const) {
		const struct = value(text);
		assert.equal(struct?.kind === 'struct' && struct.members.map(({ name }) => name), [...names]);
	}
});

test('code keeps its text and its line, over several lines too', () => {
	const script = parse('+0 %{ assert a == 1 }%\n+0 %{\nassert b == 2, "}"\n}%\n');
	assert.equal(script.events.map(({ action }) => action), [
		{ kind: 'code', text: ' assert a == 1 ', line: 1 },
		{ kind: 'code', text: '\nassert b == 2, "}"\n', line: 2 },
	]);
});

test('words are replaced by what they are defined as', () => {
	const defines = new Map([...customaryDefines(6), ['N', '7']]);
	const script = parseScript('+0 f(CMSG_LEVEL_IP, N) = 0\n+0 < S 0:0(0) win 1 <FO TFO_COOKIE>', 'x.pkt', { defines });
	assert.equal(callAt(script, 0).args, [{ kind: 'symbol', name: 'SOL_IPV6' }, { kind: 'integer', value: 7, hex: false }]);
	assert.equal(callAt(parse('--ip_version=ipv6\n+0 f(CMSG_TYPE_RECVERR) = 0'), 0).args, [{ kind: 'symbol', name: 'IPV6_RECVERR' }]);
	assert.equal(callAt(parse('+0 f(CMSG_TYPE_RECVERR) = 0'), 0).args, [{ kind: 'symbol', name: 'IP_RECVERR' }]);
	assert.match(JSON.stringify(script.events[1]), '"cookie":"3021b9d889017eeb"');
});

for (const [text, message] of [
	['+0 socket(..., SOCK_STREAM, IPPROTO_TCP = 3', 'x.pkt:1:41: expected \',\' or \')\' after the arguments of the call, found \'=\''],
	['+0 close(3)\n+0 close(4) = 0', 'x.pkt:2:1: expected \'=\' and the result after the call, found \'+\''],
	['+0', 'x.pkt:1:3: expected a packet (< or >), a system call, a `command` or a %{ code block }%, found the end of the script'],
	['close(3) = 0', 'x.pkt:1:1: expected an event, which begins with a time, found \'close\''],
	['+0 "text"', 'x.pkt:1:4: expected a packet (< or >), a system call, a `command` or a %{ code block }%, found the string "text"'],
	['+0 write(3, "abc', 'x.pkt:1:13: expected " to this string, found the end of the script'],
	['+0 write(3, "abc\n", 3) = 3', 'x.pkt:1:13: expected " to this string, found the end of the line'],
	['\n /* never', 'x.pkt:2:2: expected */ to this comment, found the end of the script'],
	['+0 `never', 'x.pkt:1:4: expected ` to this `, found the end of the script'],
	['+0 %{ never', 'x.pkt:1:4: expected }% to this %{, found the end of the script'],
	['+0 close(3) = 0 (never\n', 'x.pkt:1:17: expected \')\' to this \'(\', found the end of the line'],
	['+0~0.1 > . 1:1(0) ack 1', 'x.pkt:1:4: expected \'+\' and the end of the range, found \'0.1\''],
	['+0.2~+0.1 > . 1:1(0) ack 1', 'x.pkt:1:1: expected a range that ends no earlier than it begins, found \'+\''],
	['* < . 1:1(0) ack 1', 'x.pkt:1:1: expected one time (a range or * is for outbound packets only), found \'*\''],
	['+0.2...0.1 connect(3, ..., ...) = 0', 'x.pkt:1:1: expected a call that returns no earlier than it is made, found \'+\''],
	['99999999999 close(3) = 0', 'x.pkt:1:1: expected an event, which begins with a time of at most 1000000000 s, found \'99999999999\''],
	['+0 `a`\n`b`\n+0 close(3) = 0', 'x.pkt:3:1: expected nothing after the commands that clean up (a command between events needs a time), found \'+\''],
	[`+0 f(${'['.repeat(200)}`, 'x.pkt:1:71: expected values nested at most 64 deep, found \'[\''],
] as const) {
	test(`says what is wrong with ${text.slice(0, 40)}`, () => {
		try {
			parse(text);
			assert.unreachable();
		} catch (error) {
			assert.instance(error, ScriptError);
			assert.is((error as ScriptError).message, message);
		}
	});
}

test.run();
