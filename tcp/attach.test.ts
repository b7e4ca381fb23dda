import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, FIN, RST, TCP_FLAGS } from '../lib/wire/tcp.ts';
import { CLOSED, ESTABLISHED, consume, linux, readable, shutdown } from './index.ts';
import { Peer } from './peer.test.helper.ts';
import { Bare, settle } from './rig.test.helper.ts';

/** Takes a TCP down to its bytes and puts it together again. */
function again({ image, tcp }: Bare, bytes: Uint8Array = image.snapshot()): void {
	image.restore(bytes);
	tcp.attach();
}

test('a handshake that was under way goes on, on both sides', () => {
	for (const restored of ['SYN-SENT', 'SYN-RECEIVED']) {
		const client = new Bare(1, linux), server = new Bare(2, linux);
		const listener = server.listen(80), c = client.connect(2, 80);
		const [syn] = client.drain();
		if (restored === 'SYN-SENT') again(client);
		server.receive(syn!, 10);
		if (restored === 'SYN-RECEIVED') again(server);
		settle(client, server, 20);
		assert.is(client.state(c), ESTABLISHED, restored);
		assert.is.not(server.accept(listener), 0, restored);
	}
});

test('listeners are those of the state that is restored', () => {
	const bare = new Bare(1, linux);
	const empty = bare.image.snapshot();
	const c = bare.connect(2, 90, 80);
	bare.drain();
	const connecting = bare.image.snapshot();
	again(bare, empty);
	assert.is(bare.listen(80), c, 'the same record');
	again(bare, connecting);
	const other = new Bare(3, linux);
	other.connect(1, 80);
	bare.receive(other.drain()[0]!, 10);
	assert.equal(bare.drain().map((packet) => packet[32 + TCP_FLAGS]), [RST | ACK]);
});

test('what came before a connection ended in order can still be read, and no more than that', () => {
	const peer = new Peer(linux);
	peer.open();
	const { tcp } = peer.bare;
	peer.send({ flags: ACK, seq: 1, ack: 1, text: 100 });
	peer.send({ flags: ACK | FIN, seq: 101, ack: 1 });
	shutdown(tcp, peer.at);
	peer.answers();
	peer.send({ flags: ACK, seq: 102, ack: 2 });
	assert.is(peer.state(), CLOSED);
	assert.is(readable(tcp, peer.at), 100);
	for (const left of [40, 0, 0]) {
		consume(tcp, peer.at, 60);
		assert.is(readable(tcp, peer.at), left);
	}
});

test.run();
