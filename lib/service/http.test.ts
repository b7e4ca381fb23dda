import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ChunkReader, CHUNK_BEHIND, CHUNK_DATA, CHUNK_OVER, CHUNK_SIZE, CHUNK_TRAILER } from './http-chunks.ts';
import { httpDate } from './http-date.ts';
import { HttpHead } from './http-head.ts';
import { patternByte, putPattern } from './http-routes.ts';
import { Http } from './http.ts';
import type { HttpOptions } from './http.ts';
import { talk } from './kv.test.helper.ts';
import type { Piece, TalkOptions } from './kv.test.helper.ts';

const PORT = 80;
/** Images of a size that many can be made of. */
const SMALL: HttpOptions = { connections: 8, objects: 16, cells: 2048 };
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

interface Response { readonly status: number; readonly fields: { readonly [name: string]: string }; readonly body: string }

/** Cuts what a client heard into responses; `bare` tells which had no body. */
function responses(text: string, bare: readonly number[] = []): Response[] {
	const all: Response[] = [];
	for (let at = 0; at < text.length;) {
		const end = text.indexOf('\r\n\r\n', at);
		const [line = '', ...rest] = text.slice(at, end).split('\r\n');
		const fields = Object.fromEntries(rest.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 2)]));
		const length = bare.includes(all.length) ? 0 : Number(fields['content-length'] ?? 0);
		all.push({ status: Number(line.split(' ')[1]), fields, body: text.slice(end + 4, end + 4 + length) });
		at = end + 4 + length;
	}
	return all;
}

function ask(method: string, path: string, body: string | null = null, ...fields: readonly string[]): string {
	return [`${method} ${path} HTTP/1.1`, 'Host: a', ...(body === null ? [] : [`Content-Length: ${body.length}`]), ...fields, '', body ?? ''].join('\r\n');
}

function answers(text: string, options: TalkOptions & { http?: HttpOptions; bare?: readonly number[] } = {}): Response[] {
	return responses(talk(new Http({ ...SMALL, ...options.http }), PORT, [{ at: 10_000, text }], options).talker.heard, options.bare);
}

const told = (all: readonly Response[]): (readonly [number, string])[] => all.map(({ status, body }) => [status, body] as const);
const pattern = (length: number): string => String.fromCharCode(...Array.from({ length }, (_, i) => patternByte(i)));

test('a counter, a pattern, objects: requests right behind each other are answered in order', () => {
	const text = [
		ask('GET', '/counter'), ask('POST', '/counter'), ask('POST', '/counter', 'ignored'), ask('GET', '/counter?x=1'), ask('GET', '/bytes/300'), ask('GET', '/bytes/0'),
		ask('PUT', '/objects/a', 'hello'), ask('GET', '/objects/a'), ask('PUT', '/objects/a', 'again'), ask('GET', '/objects/a'), ask('DELETE', '/objects/a'), ask('GET', '/objects/a'), ask('DELETE', '/objects/a'), ask('PUT', '/objects/e', ''), ask('GET', '/objects/e'),
	].join('');
	assert.equal(told(answers(text)), [
		[200, '10\n'], [200, '11\n'], [200, '12\n'], [200, '12\n'], [200, pattern(300)], [200, ''],
		[201, '201 Created\n'], [200, 'hello'], [204, ''], [200, 'again'], [204, ''], [404, '404 Not Found\n'], [404, '404 Not Found\n'], [201, '201 Created\n'], [200, ''],
	]);
});

test('HEAD has the fields of GET and no body', () => {
	const [counter, bytes, object, after] = answers(ask('HEAD', '/counter') + ask('HEAD', '/bytes/1000') + ask('HEAD', '/objects/none') + ask('GET', '/counter'), { bare: [0, 1, 2] });
	assert.is(counter!.fields['content-length'], '3');
	assert.is(bytes!.fields['content-length'], '1000');
	assert.is(object!.status, 404);
	assert.is(after!.body, '10\n');
});

test('what is not there, not allowed, not understood', () => {
	assert.equal(answers(ask('GET', '/none') + ask('PUT', '/counter') + ask('PATCH', '/objects/a') + ask('POST', '/bytes/1') + ask('GET', '/bytes/x') + ask('GET', '/bytes/9999999999') + ask('GET', `/objects/${'n'.repeat(201)}`) + ask('GET', '/objects/')).map(({ status, fields }) => [status, fields['allow']]), [
		[404, undefined], [405, 'GET, HEAD, POST'], [405, 'GET, HEAD, PUT, DELETE'], [405, 'GET, HEAD'], [400, undefined], [400, undefined], [414, undefined], [404, undefined],
	]);
});

test('the connection stays or ends as the client wishes', () => {
	const closes = answers(ask('GET', '/counter', null, 'Connection: close') + ask('POST', '/counter'));
	assert.equal(closes.map(({ status, fields }) => [status, fields['connection']]), [[200, 'close']]);
	assert.equal(answers('GET /counter HTTP/1.0\r\n\r\nGET /counter HTTP/1.0\r\n\r\n').map(({ fields }) => fields['connection']), ['close']);
	assert.equal(answers('GET /counter HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /counter HTTP/1.0\r\n\r\n').map(({ fields }) => fields['connection']), ['keep-alive', 'close']);
});

test('a body in chunks is the same body', () => {
	const put = 'PUT /objects/c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n00006\r\n world\r\n0\r\nTrailer: x\r\n\r\n';
	assert.equal(told(answers(put + ask('GET', '/objects/c'))), [[201, '201 Created\n'], [200, 'hello world']]);
	assert.equal(answers('PUT /objects/c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n').map(({ status }) => status), [400]);
	assert.equal(answers('PUT /objects/c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n').map(({ status }) => status), [400]);
});

test('who asks before it sends its body is told to go on', () => {
	const head = 'PUT /objects/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n';
	const heard = responses(talk(new Http(SMALL), PORT, [{ at: 10_000, text: head }, { at: 500_000, text: 'abc' }]).talker.heard);
	assert.equal(heard.map(({ status }) => status), [100, 201]);
});

test('heads that could be understood in two ways are refused, and end the connection', () => {
	const cases: readonly (readonly [string, number])[] = [
		['GET /counter HTTP/1.1\r\n\r\n', 400], ['GET /counter HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400], ['GET  /counter HTTP/1.1\r\nHost: a\r\n\r\n', 400], ['GET /counter\r\n\r\n', 400], ['GET /counter HTTP/2.0\r\nHost: a\r\n\r\n', 505],
		['PUT /objects/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400], ['PUT /objects/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400], ['PUT /objects/a HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400],
		['PUT /objects/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n', 501], ['GET /counter HTTP/1.1\r\nHost : a\r\n\r\n', 400], ['GET /counter HTTP/1.1\r\nHost: a\r\n continued\r\n\r\n', 400], ['GET /counter HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc', 400],
		[`GET /counter HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
	];
	for (const [text, status] of cases) assert.equal(answers(text + ask('POST', '/counter')).map((one) => [one.status, one.fields['connection']]), [[status, 'close']], text.slice(0, 80));
	assert.equal(told(answers('PUT /objects/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab' + ask('GET', '/objects/a'))), [[201, '201 Created\n'], [200, 'ab']]);
});

test('a full store says so, keeps what it has, and gives back what was half written', () => {
	const http = { objects: 2, cells: 10 };
	assert.equal(answers(ask('PUT', '/objects/a', 'x'.repeat(1000)) + ask('GET', '/objects/a') + ask('PUT', '/objects/b', 'y'.repeat(2000)), { http }).map(({ status }) => status), [201, 200, 507]);
	const chunked = `PUT /objects/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${'y'.repeat(2000)}\r\n0\r\n\r\n`;
	const { talker, server } = talk(new Http({ ...SMALL, ...http }), PORT, [{ at: 10_000, text: ask('PUT', '/objects/a', 'x'.repeat(1000)) + chunked }]);
	assert.equal(responses(talker.heard).map(({ status }) => status), [201, 507]);
	const live = (name: string): number => server.image.live(server.image.pool(name));
	assert.equal([live('object'), live('cell'), live('http connection')], [1, 1 + Math.ceil(1000 / 248), 0]);
});

test('an object that is replaced while it is read is read to its end', () => {
	const text = ask('PUT', '/objects/a', 'x'.repeat(200_000));
	const slow = talk(new Http(SMALL), PORT, [{ at: 10_000, text }, { at: 300_000, text: ask('GET', '/objects/a') + ask('PUT', '/objects/a', 'new') + ask('GET', '/objects/a') }], { appetite: 5000 });
	assert.equal(responses(slow.talker.heard).map(({ status, body }) => [status, body.length]), [[201, 12], [200, 200_000], [204, 0], [200, 3]]);
	assert.is(slow.server.image.live(slow.server.image.pool('object')), 1);
	assert.is(slow.server.image.live(slow.server.image.pool('cell')), 2);
});

test('a large body arrives whole, however slowly it is read', () => {
	const length = 700_000;
	for (const appetite of [Infinity, 3000]) {
		const [response] = answers(ask('GET', `/bytes/${length}`), { appetite, until: 5_000_000 });
		assert.is(response!.body.length, length);
		for (let i = 0; i < length; i += 997) assert.is(response!.body.charCodeAt(i), patternByte(i));
	}
});

test('a connection that ends in the middle of anything leaves nothing behind', () => {
	const whole = ask('PUT', '/objects/a', 'x'.repeat(500)) + ask('GET', '/bytes/100000');
	for (let length = 1; length < whole.length; length += 37) {
		const { server } = talk(new Http(SMALL), PORT, [{ at: 10_000, text: whole.slice(0, length) }]);
		assert.is(server.image.live(server.image.pool('http connection')), 0, `cut at ${length}`);
		const isWhole = length >= whole.indexOf('GET');
		assert.is(server.image.live(server.image.pool('object')), isWhole ? 1 : 0, `cut at ${length}`);
	}
});

const some = fc.oneof(
	fc.constant(ask('GET', '/counter')), fc.constant(ask('POST', '/counter')), fc.integer({ min: 0, max: 5000 }).map((length) => ask('GET', `/bytes/${length}`)),
	fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 3000 })).map(([name, length]) => ask('PUT', `/objects/${name}`, 'o'.repeat(length))),
	fc.tuple(fc.constantFrom('GET', 'DELETE'), fc.constantFrom('a', 'b')).map(([method, name]) => ask(method, `/objects/${name}`)),
);

test('however requests are cut, the answers are the same, and nothing is kept outside the image', () => {
	fc.assert(fc.property(fc.array(some, { minLength: 1, maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 6 }), (requests, cuts) => {
		const text = requests.join('');
		const whole = talk(new Http(SMALL), PORT, [{ at: 10_000, text }], { until: 400_000 }).talker.heard.replace(/Date: [^\r]*/g, 'Date: then');
		assert.is(responses(whole).length, requests.length);
		const pieces: Piece[] = [];
		for (let at = 0, i = 0; at < text.length; i++) {
			const length = cuts[i % cuts.length]!;
			pieces.push({ at: 10_000 + i * 300, text: text.slice(at, at + length) });
			at += length;
		}
		const until = 400_000 + pieces.length * 300;
		const cut = talk(new Http(SMALL), PORT, pieces, { until });
		assert.is(cut.talker.heard.replace(/Date: [^\r]*/g, 'Date: then'), whole);
		const forgetful = talk(new Http(SMALL), PORT, pieces, { until, forgetEvery: 450 });
		assert.is(forgetful.server.image.digest(), cut.server.image.digest());
	}), { numRuns: 30 });
});

test('any bytes at all end in an answer or in silence', () => {
	const word = fc.constantFrom('GET ', '/counter', ' HTTP/1.1', '\r\n', '\n', ':', 'Host', 'a', ' ', 'Content-Length: 5', 'Transfer-Encoding: chunked', '\u0000', '5', '\r');
	fc.assert(fc.property(fc.array(word, { maxLength: 30 }), (words) => {
		const { talker, server } = talk(new Http(SMALL), PORT, [{ at: 10_000, text: words.join('') }], { until: 1_000_000 });
		assert.ok(talker.finished || talker.error !== '');
		assert.is(server.image.live(server.image.pool('http connection')), 0);
	}), { numRuns: 150 });
});

test('the pattern written in rows is the pattern byte by byte', () => {
	fc.assert(fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), fc.integer({ min: 0, max: 700 }), (from, length) => {
		const to = new Uint8Array(length + 1);
		putPattern(to, from, length);
		for (let i = 0; i < length; i++) assert.is(to[i], patternByte(from + i));
		assert.is(to[length], 0);
	}));
});

test('dates are those of the calendar', () => {
	fc.assert(fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => assert.is(httpDate(seconds), new Date(seconds * 1000).toUTCString())), { numRuns: 2000 });
	const [response] = answers(ask('GET', '/counter'), { http: { epoch: 784_111_777 } });
	assert.match(response!.fields['date']!, /^Sun, 06 Nov 1994 08:49:3[78] GMT$/);
});

test('a head comes in pieces of any size, and the target in any form', () => {
	const text = 'GET http://a.example/objects/b?q HTTP/1.1\r\nHost: a\r\nConnection: Keep-Alive, Close\r\n\r\nrest';
	const head = new HttpHead();
	for (let length = 1; length <= text.length; length++) {
		const taken = head.read(bytesOf(text), 0, length);
		assert.is(taken, length < text.length - 4 ? 0 : text.length - 4);
	}
	assert.equal([head.method, head.path, head.closes, head.body], ['GET', '/objects/b', true, 0]);
	assert.is(head.read(bytesOf('\r\n\nGET / HTTP/1.1\nHost:a\n\n'), 0, 26), 26);
});

test('steps of a chunked body', () => {
	const chunks = new ChunkReader();
	const step = (phase: number, text: string): readonly number[] => [chunks.step(phase, bytesOf(text), 0, text.length), chunks.phase];
	assert.equal(step(CHUNK_SIZE, '1F\r\n'), [4, CHUNK_DATA]);
	assert.is(chunks.size, 31);
	assert.equal(step(CHUNK_BEHIND, '\r\n'), [2, CHUNK_SIZE]);
	assert.equal(step(CHUNK_SIZE, '0\r\n'), [3, CHUNK_TRAILER]);
	assert.equal(step(CHUNK_TRAILER, 'a: b\r\n'), [6, CHUNK_TRAILER]);
	assert.equal(step(CHUNK_TRAILER, '\r\n'), [2, CHUNK_OVER]);
	for (const bad of ['\r\n', 'g\r\n', '123456789\r\n', '-1\r\n']) assert.is(step(CHUNK_SIZE, bad)[0], -1, bad);
	assert.is(step(CHUNK_BEHIND, 'x\r\n')[0], -1);
	assert.is(step(CHUNK_SIZE, '1')[0], 0);
	assert.is(step(CHUNK_SIZE, '1'.repeat(5000))[0], -1);
});

test.run();
