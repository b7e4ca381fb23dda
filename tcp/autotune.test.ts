import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, SYN } from '../lib/wire/tcp.ts';
import { rfc, setReceiveBuffer, write32 } from './index.ts';
import type { Profile } from './index.ts';
import { Peer } from './peer.test.helper.ts';

const MSS = 1000, RTT = 20_000;
const small: Profile = { ...rfc, receiveBuffer: 8000, receiveBufferMax: 100_000, sendBuffer: 8000, sendBufferMax: 100_000, delayedAck: 0 };

/** A peer that sends text in round trips, echoing what it was last told. */
class Talker {
	readonly peer: Peer;
	readonly edges: number[] = [];
	#next = 1;
	readonly #stamps: boolean;
	readonly #scale: number;

	constructor(profile: Profile, { stamps = true, scale = 7 }: { stamps?: boolean; scale?: number } = {}) {
		this.peer = new Peer(profile);
		this.#stamps = stamps;
		this.#scale = scale;
		const listener = this.peer.bare.listen(80);
		const wscale = scale < 0 ? [] : [1, 3, 3, 7];
		this.peer.send({ flags: SYN, seq: 0, options: [2, 4, 3, 232, ...(stamps ? [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0] : []), ...wscale] });
		this.peer.now += RTT;
		this.peer.send({ flags: ACK, seq: 1, ack: 1, options: this.#stamp(this.peer.now - RTT) });
		this.peer.at = this.peer.bare.accept(listener);
	}

	get tcb(): typeof this.peer.bare.tcp.tcb {
		this.peer.bare.state(this.peer.at);
		return this.peer.bare.tcp.tcb;
	}

	#stamp(echoed: number): number[] {
		if (!this.#stamps) return [];
		const bytes = new Uint8Array(12);
		bytes.set([1, 1, 8, 10]);
		write32(bytes, 4, Math.floor(this.peer.now / 1000));
		write32(bytes, 8, Math.floor(echoed / 1000) + this.peer.bare.tcp.tcb.ts.offset);
		return [...bytes];
	}

	/** A window's worth of text arrives, or less; then its user reads so much of it, or all. */
	round({ most = Infinity, reads = true } = {}): void {
		const { peer } = this;
		const edge = (this.tcb.rcv.edge - this.tcb.rcv.irs) | 0;
		const echoed = peer.now;
		peer.now += RTT;
		for (let sent = 0; sent < most && this.#next + MSS <= edge; sent += MSS) {
			this.#note(peer.send({ flags: ACK, seq: this.#next, ack: 1, text: MSS, options: this.#stamp(echoed) }));
			this.#next += MSS;
			if (reads) peer.bare.read(peer.at);
		}
		this.#note(peer.answers());
	}

	#note(got: readonly { readonly ack: number; readonly wnd: number }[]): void {
		const shift = this.#scale < 0 ? 0 : this.tcb.rcv.scale;
		for (const { ack, wnd } of got) this.edges.push(ack + (wnd << shift));
	}
}

test('a buffer that is read within a round trip grows, to what the profile allows and no further', () => {
	const talker = new Talker(small);
	for (let i = 0; i < 12; i++) talker.round();
	assert.is(talker.tcb.recvq.quota, 100_000);
	assert.ok(((talker.tcb.rcv.edge - talker.tcb.rcv.nxt) | 0) > 90_000);
});

test('it grows by round trips: within one it stays', () => {
	const talker = new Talker(small);
	talker.round();
	const after = talker.tcb.recvq.quota;
	// The echo is as old as before: no round has passed.
	talker.peer.now -= RTT;
	talker.round({ most: MSS });
	assert.is(talker.tcb.recvq.quota, after);
});

test('RFC 9293 §3.8.6: the right edge of the window never moves left meanwhile', () => {
	const talker = new Talker(small);
	for (let i = 0; i < 12; i++) talker.round();
	assert.ok(talker.edges.length > 12);
	for (let i = 1; i < talker.edges.length; i++) assert.ok(talker.edges[i]! >= talker.edges[i - 1]!);
});

test('where nobody reads, or little comes, it stays as it is', () => {
	const idle = new Talker(small);
	for (let i = 0; i < 12; i++) idle.round({ reads: false });
	assert.is(idle.tcb.recvq.quota, 8000);
	const slow = new Talker(small);
	for (let i = 0; i < 12; i++) slow.round({ most: 3 * MSS });
	assert.is(slow.tcb.recvq.quota, 8000);
});

test('without timestamps a round is what the handshake took', () => {
	const talker = new Talker(small, { stamps: false });
	for (let i = 0; i < 16; i++) talker.round();
	assert.is(talker.tcb.recvq.quota, 100_000);
});

test('RFC 7323 §2.3: the scale offered suits the largest the buffer may become; without scaling no window above 65535 is prepared for', () => {
	assert.is(new Talker({ ...small, receiveBufferMax: 1_000_000 }).tcb.rcv.scale, 4);
	const unscaled = new Talker(small, { scale: -1 });
	for (let i = 0; i < 12; i++) unscaled.round();
	assert.is(unscaled.tcb.recvq.quota, 65_535);
});

test('what the user has set stays', () => {
	const talker = new Talker(small);
	setReceiveBuffer(talker.peer.bare.tcp, talker.peer.at, 9000);
	for (let i = 0; i < 12; i++) talker.round();
	assert.is(talker.tcb.recvq.quota, 9000);
});

test('one connection takes a quarter of the pages at most, and none grows once half of them are in use', () => {
	const greedy = new Talker({ ...small, receiveBufferMax: 1 << 20 });
	const { image } = greedy.peer.bare;
	for (let i = 0; i < 16; i++) greedy.round();
	assert.is(greedy.tcb.recvq.quota, (image.maxPages * image.chunk) / 4);
	const late = new Talker(small);
	while (2 * late.peer.bare.image.livePages <= late.peer.bare.image.maxPages) late.peer.bare.image.allocPage();
	for (let i = 0; i < 12; i++) late.round();
	assert.is(late.tcb.recvq.quota, 8000);
});

test('the send buffer follows the congestion window, two of which it holds', () => {
	const talker = new Talker(small), { peer } = talker;
	let sent = 1;
	const count = (got: readonly { readonly text: number }[]): void => { for (const { text } of got) sent += text; };
	for (let i = 0; i < 6; i++) {
		peer.bare.write(peer.at, new Uint8Array(100_000));
		count(peer.answers());
		count(peer.wait(RTT));
		count(peer.send({ flags: ACK, seq: 1, ack: sent, wnd: 60_000 }));
	}
	const { sendq, cc } = talker.tcb;
	assert.ok(sendq.quota > 8000);
	assert.is(sendq.quota, Math.min(100_000, 2 * cc.cwnd));
});

test.run();
