import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kv } from './kv.ts';
import type { KvOptions } from './kv.ts';
import { talk } from './kv.test.helper.ts';
import type { Piece, TalkOptions } from './kv.test.helper.ts';

const PORT = 6379;
/** Images of a size that many can be made of. */
const SMALL: KvOptions = { keys: 64, cells: 2048 };

function request(...words: readonly string[]): string {
	return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** What the store answers to requests made one right behind the other. */
function answers(requests: readonly (readonly string[])[], options: TalkOptions & { kv?: KvOptions } = {}): string {
	return talk(new Kv({ ...SMALL, ...options.kv }), PORT, [{ at: 0, text: requests.map((words) => request(...words)).join('') }], options).talker.heard;
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

test('the commands answer as their namesakes do', () => {
	const cases: readonly (readonly [words: string, reply: string])[] = [
		['PING', '+PONG\r\n'], ['PING hi', bulk('hi')], ['ECHO a', bulk('a')], ['GET a', '$-1\r\n'], ['SET a 1', '+OK\r\n'], ['GET a', bulk('1')], ['get a', bulk('1')],
		['SET a 2 NX', '$-1\r\n'], ['SET b 2 XX', '$-1\r\n'], ['SET a 5 XX', '+OK\r\n'], ['INCR a', ':6\r\n'], ['DECR a', ':5\r\n'], ['INCRBY a 10', ':15\r\n'], ['DECRBY a 20', ':-5\r\n'], ['INCR new', ':1\r\n'],
		['APPEND s ab', ':2\r\n'], ['APPEND s cd', ':4\r\n'], ['GET s', bulk('abcd')], ['STRLEN s', ':4\r\n'], ['INCR s', '-ERR value is not an integer or out of range\r\n'],
		['MSET x 1 y 2', '+OK\r\n'], ['MGET x none y', `*3\r\n${bulk('1')}$-1\r\n${bulk('2')}`], ['EXISTS x y none x', ':3\r\n'], ['DEL x none', ':1\r\n'], ['DBSIZE', ':4\r\n'],
		['TTL a', ':-1\r\n'], ['TTL none', ':-2\r\n'], ['EXPIRE a 100', ':1\r\n'], ['EXPIRE none 100', ':0\r\n'], ['TTL a', ':100\r\n'], ['PTTL a', ':100000\r\n'], ['PERSIST a', ':1\r\n'], ['TTL a', ':-1\r\n'], ['PERSIST a', ':0\r\n'],
		['SET t 1 EX 10', '+OK\r\n'], ['TTL t', ':10\r\n'], ['SET t 2 KEEPTTL', '+OK\r\n'], ['TTL t', ':10\r\n'], ['SET t 3', '+OK\r\n'], ['TTL t', ':-1\r\n'], ['EXPIRE t 0', ':1\r\n'], ['GET t', '$-1\r\n'],
		['SET a 1 EX 0', '-ERR invalid expire time in \'set\' command\r\n'], ['SET a 1 EX x', '-ERR value is not an integer or out of range\r\n'], ['SET a 1 NX XX', '-ERR syntax error\r\n'], ['SET a', '-ERR wrong number of arguments for \'set\' command\r\n'],
		['MSET a 1 b', '-ERR wrong number of arguments for \'mset\' command\r\n'], ['LPUSH a 1', '-ERR unknown command \'lpush\'\r\n'], ['SELECT 0', '+OK\r\n'], ['SELECT 1', '-ERR DB index is out of range\r\n'],
		['HELLO 3', '-NOPROTO unsupported protocol version\r\n'], ['COMMAND DOCS', '*0\r\n'], ['CLIENT SETINFO LIB-NAME x', '+OK\r\n'], ['CONFIG GET save', `*2\r\n${bulk('save')}${bulk('')}`],
		['SET max 9007199254740991', '+OK\r\n'], ['INCR max', '-ERR increment or decrement would overflow\r\n'], ['constructor a', '-ERR unknown command \'constructor\'\r\n'],
		['FLUSHALL', '+OK\r\n'], ['DBSIZE', ':0\r\n'],
	];
	assert.is(answers(cases.map(([words]) => words.split(' '))), cases.map(([, reply]) => reply).join(''));
});

test('lines as a person types them are requests too', () => {
	assert.is(talk(new Kv(SMALL), PORT, [{ at: 0, text: 'SET a 1\r\n\r\nGET a\nQUIT\r\nGET a\r\n' }]).talker.heard, `+OK\r\n${bulk('1')}+OK\r\n`);
});

test('HELLO and INFO are what clients read when they connect', () => {
	const text = answers([['HELLO'], ['HELLO', '2'], ['INFO']]);
	assert.match(text, /^\*14\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n/);
	assert.match(text, /redis_version:7\.0\.0\r\n/);
	assert.match(text, /connected_clients:1\r\n/);
});

test('what has expired is gone, by the machine\'s clock, and is swept away unasked', () => {
	const pieces: Piece[] = [
		{ at: 10_000, text: request('SET', 'a', '1', 'PX', '500') + request('SET', 'b', '1', 'EX', '5') + request('GET', 'a') },
		{ at: 600_000, text: request('GET', 'a') + request('EXISTS', 'a', 'b') + request('TTL', 'b') },
	];
	const { talker, server } = talk(new Kv(SMALL), PORT, pieces);
	assert.is(talker.heard, `+OK\r\n+OK\r\n${bulk('1')}$-1\r\n:1\r\n:4\r\n`);
	assert.is(server.image.live(server.image.pool('entry')), 1);
	const later = talk(new Kv(SMALL), PORT, pieces, { until: 7_000_000 }).server;
	assert.is(later.image.live(later.image.pool('entry')), 0);
	assert.is(later.image.live(later.image.pool('cell')), 0);
});

test('a protocol error is told, and ends the connection', () => {
	for (const [text, expected] of [['*1\r\n!', '-ERR Protocol error: expected \'$\'\r\n'], ['*x\r\n', '-ERR Protocol error: invalid multibulk length\r\n'], ['*1\r\n$-5\r\n', '-ERR Protocol error: invalid bulk length\r\n'], ['*5000\r\n', '-ERR Protocol error: invalid multibulk length\r\n'], ['GET "a\r\n', '-ERR Protocol error: unbalanced quotes in request\r\n']] as const) {
		const { talker } = talk(new Kv(SMALL), PORT, [{ at: 0, text: request('PING') + text }], { closes: false });
		assert.is(talker.heard, `+PONG\r\n${expected}`);
		assert.ok(talker.finished, text);
	}
});

test('a request that can never be whole ends the connection', () => {
	const { talker } = talk(new Kv(SMALL), PORT, [{ at: 0, text: `*2\r\n$3\r\nGET\r\n$90000\r\n${'x'.repeat(90_000)}\r\n` }], { closes: false });
	assert.match(talker.heard, /^-ERR Protocol error: too big a request/);
});

test('a full store says so and loses nothing', () => {
	const kv = { keys: 3, cells: 8 };
	assert.is(answers([['MSET', 'a', '1', 'b', '2', 'c', '3'], ['SET', 'd', '4'], ['SET', 'a', '5'], ['MSET', 'a', '6', 'd', '7'], ['GET', 'a'], ['SET', 'a', 'x'.repeat(2000)], ['APPEND', 'a', 'x'.repeat(2000)], ['GET', 'a'], ['DEL', 'b'], ['SET', 'd', '4'], ['DBSIZE']], { kv }),
		`+OK\r\n-OOM command not allowed when used memory > 'maxmemory'.\r\n+OK\r\n-OOM command not allowed when used memory > 'maxmemory'.\r\n${bulk('5')}-OOM command not allowed when used memory > 'maxmemory'.\r\n-OOM command not allowed when used memory > 'maxmemory'.\r\n${bulk('5')}:1\r\n+OK\r\n:3\r\n`);
	assert.is(answers([['SET', 'k', 'x'.repeat(60_001)], ['SET', 'k'.repeat(1025), 'x']]), '-ERR string exceeds maximum allowed size\r\n-ERR string exceeds maximum allowed size\r\n');
});

test('replies that do not fit wait for room, and nothing is carried out twice', () => {
	const value = 'v'.repeat(50_000);
	const requests = [['SET', 'big', value], ...Array.from({ length: 40 }, () => [['GET', 'big'], ['INCR', 'n']]).flat(), ['MGET', 'big', 'big'], ['GET', 'n']];
	const expected = `+OK\r\n${Array.from({ length: 40 }, (_, i) => `${bulk(value)}:${i + 1}\r\n`).join('')}-ERR the reply is too big: ask for less at once\r\n${bulk('40')}`;
	for (const appetite of [Infinity, 20_000]) {
		const heard = answers(requests, { appetite, until: 5_000_000 });
		assert.is(heard.length, expected.length);
		assert.ok(heard === expected);
	}
});

test('the connection is closed once all was answered, and its client is counted off', () => {
	const { talker, server } = talk(new Kv(SMALL), PORT, [{ at: 0, text: request('PING') }]);
	assert.ok(talker.finished);
	const own = server.image.pool('kv');
	assert.is(server.image.i32[(server.image.first(own) >> 2) + 2], 0);
});

/** A model: what a store should answer. */
function model(requests: readonly (readonly string[])[]): string {
	const map = new Map<string, string>();
	return requests.map(([name, key = '', value = '']) => {
		const old = map.get(key);
		switch (name) {
			case 'SET': map.set(key, value); return '+OK\r\n';
			case 'GET': return old === undefined ? '$-1\r\n' : bulk(old);
			case 'APPEND': map.set(key, (old ?? '') + value); return `:${map.get(key)!.length}\r\n`;
			case 'DEL': return map.delete(key) ? ':1\r\n' : ':0\r\n';
			case 'STRLEN': return `:${(old ?? '').length}\r\n`;
			case 'DBSIZE': return `:${map.size}\r\n`;
			case 'FLUSHALL': map.clear(); return '+OK\r\n';
			default: return '';
		}
	}).join('');
}

const key = fc.constantFrom('a', 'b', '\u0000\u00ff\r\n', 'k'.repeat(300));
const value = fc.oneof(fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 20 }), fc.integer({ min: 0, max: 3000 }).map((length) => 'v'.repeat(length)));
const command = fc.oneof(
	fc.tuple(fc.constantFrom('SET', 'APPEND'), key, value), fc.tuple(fc.constantFrom('GET', 'DEL', 'STRLEN'), key), fc.tuple(fc.constantFrom('DBSIZE')), fc.tuple(fc.constantFrom('FLUSHALL')),
);

test('any requests, cut anywhere, are answered as a map would answer; and nothing is kept outside the image', () => {
	fc.assert(fc.property(fc.array(command, { maxLength: 30 }), fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 8 }), (requests, cuts) => {
		const text = requests.map((words) => request(...words)).join('');
		const pieces: Piece[] = [];
		for (let at = 0, i = 0; at < text.length; i++) {
			const length = cuts[i % cuts.length]!;
			pieces.push({ at: 10_000 + i * 500, text: text.slice(at, at + length) });
			at += length;
		}
		const until = 200_000 + pieces.length * 500;
		const once = talk(new Kv({ keys: 64, cells: 4096 }), PORT, pieces, { until });
		assert.is(once.talker.heard, model(requests));
		const again = talk(new Kv({ keys: 64, cells: 4096 }), PORT, pieces, { until, forgetEvery: 700 });
		assert.is(again.talker.heard, once.talker.heard);
		assert.is(again.server.image.digest(), once.server.image.digest());
	}), { numRuns: 40 });
});

test('any bytes at all are answered by errors at worst', () => {
	fc.assert(fc.property(fc.string({ unit: fc.constantFrom('*', '$', '1', '2', '-', '\r\n', 'GET', ' ', '"', '\u0000', '9999999999'), maxLength: 60 }), (text) => {
		const { talker } = talk(new Kv({ keys: 8, cells: 64 }), PORT, [{ at: 0, text }], { until: 1_000_000 });
		assert.ok(talker.finished || talker.error !== '', JSON.stringify(text));
	}), { numRuns: 100 });
});

test.run();
