import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, FIN, RST, SYN } from '../lib/wire/tcp.ts';
import { release, rfc, stateNames } from './index.ts';
import { Peer } from './peer.test.helper.ts';
import { Bare } from './rig.test.helper.ts';

const FIN_WAIT_2 = stateNames.indexOf('FIN-WAIT-2');

/** Records of connections and listeners that live. */
function records({ bare }: Peer): number { return bare.image.live(bare.tcp.tcbs); }

test('FIN-WAIT-2 ends by itself where the user is gone, whether it went before or after our FIN was acknowledged', () => {
	for (const early of [true, false]) {
		const peer = new Peer(rfc);
		peer.open();
		if (early) release(peer.bare.tcp, peer.at);
		else peer.bare.shutdown(peer.at);
		assert.is(peer.answers()[0]?.flags, FIN | ACK);
		peer.send({ flags: ACK, seq: 1, ack: 2 });
		assert.is(peer.state(), FIN_WAIT_2);
		if (!early) release(peer.bare.tcp, peer.at);
		peer.wait(rfc.finWait2 - 1);
		assert.is(records(peer), 2, 'the listener, and who waits');
		peer.wait(1);
		while (peer.bare.news() !== 0) { /* what nobody wants to hear any more */ }
		assert.is(records(peer), 1);
	}
});

test('a handshake that a RST ends makes room in the backlog', () => {
	const peer = new Peer(rfc);
	peer.bare.listen(80, 2);
	for (let i = 0; i < 6; i++) {
		assert.is(peer.send({ flags: SYN, seq: 0 })[0]?.flags, SYN | ACK, `SYN ${i}`);
		peer.send({ flags: RST, seq: 1 });
	}
	assert.is(records(peer), 1);
});

test('a connection that is reset before it is accepted leaves the queue; the next one is accepted', () => {
	const peer = new Peer(rfc);
	const listener = peer.bare.listen(80);
	for (const end of [RST, ACK]) {
		peer.send({ flags: SYN, seq: 0 });
		peer.send({ flags: ACK, seq: 1, ack: 1 });
		peer.send({ flags: end, seq: 1, ack: 1 });
	}
	assert.ok(peer.bare.accept(listener) > 0);
	assert.is(peer.bare.accept(listener), 0);
});

test('RFC 6056 §3.3: an ephemeral port is one that no other connection to that peer has; one asked for that is taken is refused', () => {
	const host = new Bare(1);
	const port = (at: number): number => { host.state(at); return host.tcp.tcb.local.port; };
	const first = port(host.connect(2, 80));
	assert.is(port(host.connect(2, 80, first + 1)), first + 1);
	assert.ok(![first, first + 1].includes(port(host.connect(2, 80))));
	assert.is(host.connect(2, 80, first), 0);
	assert.ok(host.connect(3, 80, first) > 0, 'to another peer it is free');
});

test.run();
