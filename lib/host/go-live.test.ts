import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linux } from '../../tcp/index.ts';
import { TcpClient } from '../service/client-tcp.ts';
import { Counter } from '../service/counter.ts';
import { Host } from './host.ts';

const SECOND = 1_000_000;

/** Moves frames between two hosts until both are silent; returns what was left over by `lose`. */
function exchange(a: Host, b: Host, now: number, lose: (frame: Uint8Array, from: Host) => boolean): void {
	for (let rounds = 0; rounds < 20; rounds++) {
		let moved = 0;
		for (const [from, to] of [[a, b], [b, a]] as const) {
			const frames: Uint8Array[] = [];
			from.drain({ take: (bytes, at, length) => { frames.push(bytes.slice(at, at + length)); } });
			for (const frame of frames.filter((one) => !lose(one, from))) {
				to.receive(0, frame, 0, frame.length, now);
				moved++;
			}
		}
		if (moved === 0) return;
	}
	assert.unreachable('the two hosts never fall silent');
}

function outputs(host: Host): number {
	let count = 0;
	host.drain({ take: () => { count++; } });
	return count;
}

test('a retransmission that came due while nobody spoke starts anew at the takeover, and does not fire at once', () => {
	const common = { profile: linux, pages: 32 } as const;
	const server = new Host({ ...common, mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], application: new Counter() });
	const client = new Host({ ...common, mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application: new TcpClient({ requests: [1000] }) });
	const isReply = (frame: Uint8Array, from: Host): boolean => from === server && String.fromCharCode(...frame).includes('11\n');
	exchange(client, server, 0, isReply);
	client.wake(1000);
	server.wake(1000);
	exchange(client, server, 1000, isReply);
	assert.ok(server.wakeAt < SECOND, 'the reply is outstanding');
	server.goLive(5 * SECOND);
	assert.is(outputs(server), 0, 'nothing leaves at the takeover itself');
	// SRTT, which is the least there is, and the floor of the variance (RFC 6298 §2.3 as Linux has it).
	assert.is(server.wakeAt, 5 * SECOND + 1 + linux.rtoGranularity);
	server.wake(server.wakeAt);
	assert.is(outputs(server), 1, 'the timer that began at the takeover sends it');
});

test.run();
