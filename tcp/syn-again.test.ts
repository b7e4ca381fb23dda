import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, SYN } from '../lib/wire/tcp.ts';
import { Peer } from './peer.test.helper.ts';

test('RFC 9293 §3.10.7.4: the SYN again, with text behind it or without, draws our SYN-ACK again and begins nothing anew', () => {
	for (const text of [0, 40]) {
		const peer = new Peer();
		const listener = peer.bare.listen(80);
		const [first] = peer.send({ flags: SYN, seq: 0, text });
		const [again] = peer.send({ flags: SYN, seq: 0, text });
		assert.equal(again, first, `${text} octets`);
		assert.is(again?.flags, SYN | ACK);
		// The same connection is opened, with our one initial sequence number.
		peer.send({ flags: ACK, seq: 1, ack: 1 });
		peer.at = peer.bare.accept(listener);
		assert.is.not(peer.at, 0);
	}
});

test.run();
