import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { craft, replayOf } from './capture-maker.test.helper.ts';
import type { Crafted } from './capture-maker.test.helper.ts';
import { Echo } from './echo.ts';

test('an echoed time is that of the same place', () => {
	const echo = new Echo();
	for (const [value, place] of [[500, 0], [510, 100], [520, 200]] as const) echo.captured.add(value, place);
	for (const [value, place] of [[7, 0], [8, 150]] as const) echo.live.add(value, place);
	assert.is(echo.translate(500), 7);
	assert.is(echo.translate(510), 7);
	assert.is(echo.translate(520), 8);
	// A time that was never captured: the latest.
	assert.is(echo.translate(999), 8);
});

test('TSecr and SACK edges of what is played are our stack\'s own numbers', () => {
	const stamps = (value: number, echoed: number): number[] => [1, 1, 8, 10, value >> 24, value >> 16, value >> 8, value, echoed >> 24, echoed >> 16, echoed >> 8, echoed].map((byte) => byte & 255);
	const isn = 0xffff_ff00 | 0;
	const edge = (relative: number): number[] => [24, 16, 8, 0].map((shift) => ((isn + relative) >> shift) & 255);
	const sackOk = [4, 2, 1, 1];
	const segments: Crafted[] = [
		{ by: 'client', flags: 'S', seq: 0, options: [...sackOk, ...stamps(1000, 0)] },
		{ by: 'server', flags: 'S', seq: 0, ack: 1, options: [...sackOk, ...stamps(9000, 1000)] },
		{ by: 'client', flags: '', seq: 1, ack: 1, options: stamps(1001, 9000) },
		{ by: 'server', flags: 'P', seq: 1, ack: 1, data: 'x'.repeat(300), options: stamps(9001, 1001) },
		{ by: 'server', flags: 'P', seq: 301, ack: 1, data: 'y'.repeat(300), options: stamps(9002, 1001) },
		{ by: 'client', flags: '', seq: 1, ack: 1, options: [...stamps(1002, 9000), 1, 1, 5, 10, ...edge(301), ...edge(601)] },
		{ by: 'client', flags: '', seq: 1, ack: 601, options: stamps(1003, 9002) },
	];
	let iss = 0;
	const sent: { tsVal: number; fromStack: boolean; tsEcr: number; bytes: Uint8Array; header: number }[] = [];
	replayOf(craft(segments, { client: 5, server: isn })).play(0, {
		frame(fromStack, _time, bytes, at, length) {
			const view = new DataView(bytes.slice(at, at + length).buffer);
			if (view.getUint16(12) !== 0x0800) return;
			const header = 34, size = (view.getUint8(header + 12) >> 4) * 4;
			if (fromStack && (view.getUint8(header + 13) & 2) !== 0) iss = view.getUint32(header + 4);
			const option = (view.getUint8(header + 13) & 2) !== 0 ? header + size - (fromStack ? 16 : 10) : header + 22;
			sent.push({ fromStack, tsVal: view.getUint32(option + 2), tsEcr: view.getUint32(option + 6), bytes: bytes.slice(at, at + length), header });
		},
	});
	const stackTimes = sent.filter(({ fromStack, bytes, header }) => fromStack && (bytes[header + 13]! & 2) === 0).map(({ tsVal }) => tsVal);
	const played = sent.filter(({ fromStack, bytes, header }) => !fromStack && (bytes[header + 13]! & 2) === 0);
	for (const { tsEcr } of played.slice(1)) assert.ok(stackTimes.includes(tsEcr) || Math.abs(tsEcr - stackTimes[0]!) <= 1);
	const sack = played.find(({ bytes, header }) => (bytes[header + 12]! >> 4) * 4 === 44)!;
	const view = new DataView(sack.bytes.buffer);
	assert.is((view.getUint32(sack.header + 36) - iss) >>> 0, 301);
	assert.is((view.getUint32(sack.header + 40) - iss) >>> 0, 601);
});

test.run();
