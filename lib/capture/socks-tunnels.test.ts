import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, analysisOfSegments } from './traffic.test.helper.ts';
import type { Sent } from './traffic.test.helper.ts';

/** Streams of segments that go back and forth with a proxy, and of one more connection after them. */
function streamsOf(proxyPort: number, exchange: readonly (readonly [from: 'c' | 's', data: readonly number[]])[]): number[] {
	const next = { c: 1, s: 1 };
	const segments = exchange.map(([from, data]): Sent => {
		const seq = next[from];
		next[from] += data.length;
		return { from, flags: ACK, seq, ack: next[from === 'c' ? 's' : 'c'], data: Uint8Array.from(data), serverPort: proxyPort };
	});
	const { rows, analysis } = analysisOfSegments([...segments, { from: 'c', flags: ACK, seq: 1, clientPort: 5 }]);
	const reported = [...analysis.streams()].map(({ stream }) => stream);
	assert.equal(reported, [...new Set(rows.map(([, stream]) => stream))]);
	return rows.map(([, stream]) => stream);
}

const data = [0x16, 3, 1];
const request = [5, 1, 0, 1, 93, 184, 216, 34, 1, 187];
const reply = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

test('SOCKS 5: the first data behind the reply takes a number', () => {
	const negotiation = [['c', [5, 1, 0]], ['s', [5, 0]], ['c', request], ['s', reply]] as const;
	assert.equal(streamsOf(1080, negotiation), [0, 0, 0, 0, 1]);
	assert.equal(streamsOf(1080, [...negotiation, ['c', data], ['s', data]]), [0, 0, 0, 0, 0, 0, 2]);
});

test('SOCKS 5 with a password, and a name for an address', () => {
	const name = [5, 1, 0, 3, 4, 0x61, 0x2e, 0x64, 0x65, 0, 80];
	assert.equal(streamsOf(1080, [['c', [5, 1, 2]], ['s', [5, 2]], ['c', [1, 1, 97, 1, 98]], ['s', [1, 0]], ['c', name], ['s', reply], ['s', data]]).at(-1), 2);
});

test('SOCKS 4', () => {
	assert.equal(streamsOf(1080, [['c', [4, 1, 0, 80, 1, 2, 3, 4, 0]], ['s', [0, 90, 0, 0, 0, 0, 0, 0]], ['c', data]]).at(-1), 2);
});

test('other ports, other protocols, and what breaks off take none', () => {
	const negotiation = [['c', [5, 1, 0]], ['s', [5, 0]], ['c', request], ['s', reply], ['c', data]] as const;
	assert.equal(streamsOf(1081, negotiation).at(-1), 1);
	assert.equal(streamsOf(1080, [['c', [71, 69, 84, 32]], ['s', [72, 84]], ['c', request], ['s', reply], ['c', data]]).at(-1), 1);
	assert.equal(streamsOf(1080, [['c', [5, 1, 0]], ['s', [5, 0]], ['c', request.slice(0, 5)], ['s', reply], ['c', data]]).at(-1), 1);
});

test.run();
