import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UNREADABLE, optionNeed } from './option-need.ts';
import { ACK, LINKTYPE_RAW, analysisOf, packetsOf, pcapOf } from './traffic.test.helper.ts';
import type { Packet } from './traffic.test.helper.ts';
import { hasTshark40, tsharkRows } from './tshark.test.helper.ts';

const MOST = 40;

/** An option of a kind and a length, with these bytes first and others behind them. */
function option(kind: number, length: number, ...first: number[]): number[] {
	return [kind, length, ...first, ...Array<number>(MOST).fill(0x61)].slice(0, length);
}

/** What is needed where the whole option is there. */
const need = (kind: number, length: number, ...first: number[]): number => optionNeed(Uint8Array.from(option(kind, length, ...first)), 0, length, length);

test('an option of one length is read whole at that length, else its length alone', () => {
	assert.equal([need(2, 4), need(2, 8), need(3, 3), need(3, 4), need(8, 10), need(8, 12), need(19, 18)], [4, 2, 3, 2, 10, 2, 18]);
	assert.equal([need(99, 7), need(254, 3), need(254, 4)], [7, 2, 4]);
});

test('SACK has a block at least, and of half a block its first edge is read', () => {
	assert.equal([2, 9, 10, 14, 15, 17, 18].map((length) => need(5, length)), [UNREADABLE, UNREADABLE, 10, 14, 14, 14, 18]);
});

test('Multipath TCP: as its subtype and its flags say', () => {
	assert.equal([need(30, 2), need(30, 4, 0x00), need(30, 12, 0x00), need(30, 20, 0x01), need(30, 21, 0x01)], [3, 4, 12, 20, 4]);
	assert.equal([need(30, 12, 0x20, 0x00), need(30, 8, 0x20, 0x01), need(30, 20, 0x20, 0x05), need(30, 28, 0x20, 0x0f)], [4, 8, 18, 26]);
	assert.equal([need(30, 4, 0x60), need(30, 12, 0x70), need(30, 4, 0x80)], [12, 12, 4]);
});

/** A duplicate ACK with an option, of which so many bytes were captured, for every kind, length and cut. */
function* cuts(): Generator<Packet> {
	let port = 1;
	const first = [0x00, 0x11, 0x20, 0x2f, 0x31, 0x42, 0x51, 0x60, 0x70, 0x81, 0x0c, 0x10];
	for (const kind of [2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 15, 19, 21, 22, 23, 27, 28, 29, 30, 34, 69, 76, 78, 127, 172, 174, 253, 254, 255]) {
		for (let length = 2; length <= MOST; length += length < 20 ? 1 : 5) {
			for (const byte of kind === 30 || kind === 76 ? first : [0x61]) {
				for (const cut of new Set([2, 3, 4, 8, 10, 12, 14, length - 1, length])) {
					if (cut < 2 || cut > length) continue;
					const ends = { clientPort: (port++ % 60_000) + 1, serverPort: 90 + Math.floor(port / 60_000), from: 'c', flags: ACK, seq: 1, ack: 1 } as const;
					const padding = [1, 1, 1].slice(0, (4 - (length % 4)) % 4);
					const [once, again] = packetsOf([ends, { ...ends, options: [...padding, ...option(kind, length, byte, 0xff)] }]);
					yield once!;
					yield { time: again!.time, bytes: again!.bytes.subarray(0, 40 + padding.length + cut), original: again!.bytes.length };
				}
			}
		}
	}
}

test('tshark 4.0 reads as much of every kind of option, wherever the capture cut it', () => {
	if (!hasTshark40()) return;
	const capture = pcapOf(LINKTYPE_RAW, [...cuts()]);
	const theirs = tsharkRows(capture);
	assert.ok(theirs.length > 10_000);
	assert.equal(analysisOf(capture).rows, theirs);
});

test.run();
