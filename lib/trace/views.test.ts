import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind } from './kinds.ts';
import { Trace } from './trace.ts';
import { interfacesOf, tappedFrames } from './frames.ts';
import { flightsOf } from './flights.ts';

/** client:0 — primary:0 by link 0, primary:1 — backup:1 by link 1. */
function sample(): Trace {
	const trace = new Trace(1);
	const client = trace.place('client');
	const primary = trace.place('primary');
	const backup = trace.place('backup');
	trace.link('lan', { place: client, port: 0 }, { place: primary, port: 0 });
	trace.link('log', { place: primary, port: 1 }, { place: backup, port: 1 });
	trace.tap(client, 0, 'client');
	trace.tap(primary, 0, 'primary');
	trace.tap(primary, 1, 'log', 'sent');
	trace.tap(backup, 1, 'log', 'sent');
	const send = (time: number, place: number, port: number, link: number, bytes: Uint8Array): number => {
		trace.time = time;
		return trace.putBytes(Kind.frameSent, place, port, link, -1, 1, bytes, 0, bytes.length);
	};
	const request = send(10, client, 0, 0, Uint8Array.of(1, 1));
	trace.time = 20;
	trace.putSame(Kind.frameArrived, primary, 0, 0, request, 0, request);
	const entry = send(20, primary, 1, 1, Uint8Array.of(2, 2, 2));
	trace.time = 30;
	trace.putSame(Kind.frameArrived, backup, 1, 1, entry, 0, entry);
	trace.putBytes(Kind.frameArrived, backup, 1, 1, entry, 1, Uint8Array.of(2, 3, 2), 0, 3);
	const receipt = send(30, backup, 1, 1, Uint8Array.of(3));
	trace.put(Kind.frameLost, backup, 1, 1, receipt, trace.name('loss'));
	send(40, primary, 0, 0, Uint8Array.of(4));
	return trace;
}

test('taps give the frames of a capture file, each once, numbered from 1', () => {
	const trace = sample();
	assert.equal(interfacesOf(trace), ['client', 'primary', 'log']);
	assert.equal(
		tappedFrames(trace).map((f) => [f.number, f.interface, f.time, f.sent, [...f.bytes]]),
		[
			[1, 'client', 10, true, [1, 1]],
			[2, 'primary', 20, false, [1, 1]],
			[3, 'log', 20, true, [2, 2, 2]],
			[4, 'log', 30, true, [3]],
			[5, 'primary', 40, true, [4]],
		],
	);
});

test('flights join each sending with its arrivals or its loss', () => {
	const trace = sample();
	const [client, primary, backup] = [0, 1, 2];
	assert.equal(
		flightsOf(trace).map((f) => [f.from, f.to, f.arrived.length, f.lost >= 0, f.intact]),
		[
			[client, primary, 1, false, true],
			[primary, backup, 2, false, false],
			[backup, primary, 0, true, true],
			[primary, client, 0, false, true],
		],
	);
});

test.run();
