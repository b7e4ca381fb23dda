import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TcpClient } from './client-tcp.ts';
import { UdpClient } from './client-udp.ts';
import { Counter } from './counter.ts';
import { ServiceRig } from './rig.test.helper.ts';
import { EVENT_OPEN } from './service.ts';
import type { Service, Sockets } from './service.ts';
import { ascii } from './text.ts';

/** Writes given pieces one after the other, a millisecond apart. */
class Raw implements Service {
	readonly name = 'raw';
	readonly pools = [];
	#socket = 0;
	readonly #pieces: string[];
	constructor(pieces: readonly string[]) { this.#pieces = [...pieces]; }
	attach(): void {}
	start(io: Sockets): void { this.#socket = io.connect('10.0.0.1', 7000); }
	ready(io: Sockets, socket: number, events: number): void {
		if ((events & EVENT_OPEN) !== 0) io.setAlarm(io.now + 1000);
		for (let length = io.peek(socket); length > 0; length = io.peek(socket)) {
			io.tell('delivered', 1, 0, io.bytes.slice(io.at, io.at + length));
			io.consume(socket, length);
		}
	}
	alarm(io: Sockets): void {
		const piece = this.#pieces.shift();
		if (piece === undefined) return;
		io.write(this.#socket, ascii(piece));
		io.setAlarm(io.now + 1000);
	}
}

/** Connections the server still has. */
function connections({ server }: ServiceRig): number {
	return server.image.live(server.tcp.tcbs) - server.tcp.listeners.length;
}

test('every line over one connection is answered with the next number', () => {
	const rig = new ServiceRig(new Counter(), new TcpClient({ requests: [0, 0, 5000] })).run();
	assert.equal(rig.told('delivered'), ['11', '12', '13']);
	assert.is(Counter.valueIn(rig.server.image), 13);
});

test('every datagram is answered too, and the numbers are the same ones', () => {
	const rig = new ServiceRig(new Counter({ start: 100 }), new UdpClient({ requests: [0, 1000] })).run();
	assert.equal(rig.told('delivered'), ['101', '102']);
});

test('half a line waits for its other half; two lines in one piece are two requests', () => {
	const rig = new ServiceRig(new Counter(), new Raw(['in', 'c', '\ninc\ni', 'nc\n'])).run();
	assert.is(rig.told('delivered').join('').replaceAll('?', ' '), '11 12 13 ');
});

test('a line that never ends ends the connection, and counts nothing', () => {
	const rig = new ServiceRig(new Counter(), new Raw(['x'.repeat(400), 'x'.repeat(400)])).run();
	assert.is(Counter.valueIn(rig.server.image), 10);
	assert.equal(rig.told('delivered'), []);
});

test('the server can close first, after so many replies; the client follows', () => {
	const rig = new ServiceRig(new Counter({ endAfter: 2 }), new TcpClient({ requests: [0, 0, 0] })).run();
	assert.equal(rig.told('delivered'), ['11', '12']);
	assert.equal(rig.told('closed'), ['client']);
});

test('the server can abort instead, and the client is told', () => {
	const rig = new ServiceRig(new Counter({ lifetime: 100_000 }), new TcpClient({ requests: [0] })).run();
	assert.equal(rig.told('delivered'), ['11']);
	assert.equal(rig.told('failed'), ['ECONNRESET']);
});

test('a client that closes is closed, unless the server keeps its half', () => {
	const ended = new ServiceRig(new Counter(), new TcpClient({ requests: [0], end: 'half' })).run();
	assert.equal(ended.told('delivered'), ['11']);
	assert.is(connections(ended), 0);
	const kept = new ServiceRig(new Counter({ followsClose: false }), new TcpClient({ requests: [0], end: 'half', endAfter: 9_000_000 })).run();
	assert.is(connections(kept), 1);
});

test('what the counter knows is in the image: another host goes on from its copy', () => {
	const rig = new ServiceRig(new Counter(), new UdpClient({ id: 4, requests: [0] })).run();
	const saved = rig.server.image.snapshot();
	const other = new ServiceRig(new Counter(), new UdpClient({ id: 4, requests: [1000, 1000] }));
	other.server.image.restore(saved);
	other.server.attach();
	other.run();
	// The first request bears a serial that was answered before, the second does not.
	assert.equal(other.told('delivered'), ['11 s1', '12 s2']);
	assert.is(Counter.valueIn(other.server.image), 12);
});

test.run();
