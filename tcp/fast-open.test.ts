import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, FIN, RST, SYN } from '../lib/wire/tcp.ts';
import { Bare, settle } from './rig.test.helper.ts';
import { CLOSED, ESTABLISHED, FAST_OPEN, SYN_RECEIVED, SYN_SENT, connectWith, linux, nextReady, release, rfc, setOptions } from './index.ts';
import type { Profile } from './index.ts';
import { takeOverTcp } from './takeover.ts';

const text = (words: string): Uint8Array => Uint8Array.from(words, (letter) => letter.charCodeAt(0));
const words = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** A segment as it went over the wire. */
interface Seen { readonly flags: number; readonly seq: number; readonly ack: number; readonly cookie: number; readonly text: string }

function read(packet: Uint8Array): Seen {
	const view = new DataView(packet.buffer, packet.byteOffset + 32), header = (view.getUint8(12) >> 4) * 4;
	let cookie = -1;
	for (let at = 20; at < header;) {
		const kind = view.getUint8(at);
		if (kind === 0) break;
		if (kind === 34) cookie = view.getUint8(at + 1) - 2;
		at += kind === 1 ? 1 : view.getUint8(at + 1);
	}
	return { flags: view.getUint8(13), seq: view.getUint32(4), ack: view.getUint32(8), cookie, text: words(packet.subarray(32 + header)) };
}

class Two {
	readonly client: Bare;
	readonly server: Bare;
	readonly listener: number;
	constructor(profile: Profile = linux, fast = true) {
		this.client = new Bare(1, profile);
		this.server = new Bare(2, profile);
		this.listener = this.server.listen(80, 8);
		if (fast) setOptions(this.server.tcp, this.listener, FAST_OPEN);
	}

	open(words: string): number {
		const { client } = this, bytes = text(words);
		return connectWith(client.tcp, 0, 0, client.addressOf(2, 4128), 80, bytes, 0, bytes.length);
	}

	/** Opens and ends a connection, by which the client gets its cookie. */
	acquaint(): this {
		const c = this.open('first');
		settle(this.client, this.server, 1000);
		const s = this.server.accept(this.listener);
		assert.is(words(this.server.read(s)), 'first');
		for (const [host, at] of [[this.client, c], [this.server, s]] as const) {
			host.abort(at);
			while (nextReady(host.tcp) !== 0) { /* heard */ }
			release(host.tcp, at);
		}
		settle(this.client, this.server, 1000);
		while (nextReady(this.server.tcp) !== 0) { /* heard */ }
		return this;
	}
}

test('§4.2.1: the first SYN asks for a cookie and bears no text; the answer brings one', () => {
	const two = new Two();
	two.open('hello');
	const syns = two.client.drain(), [syn] = syns.map(read);
	assert.equal([syn!.flags, syn!.cookie, syn!.text], [SYN, 0, '']);
	two.server.receive(syns[0]!, 1000);
	assert.is(two.server.accept(two.listener), 0);
	const [synAck] = two.server.drain().map(read);
	assert.equal([synAck!.flags, synAck!.ack - syn!.seq, synAck!.cookie], [SYN | ACK, 1, 8]);
});

test('§4.2.2: the second SYN shows it and bears the text, which is readable before the handshake is done', () => {
	const two = new Two().acquaint();
	two.open('inc');
	const packets = two.client.drain(), [syn] = packets.map(read);
	assert.equal([syn!.flags, syn!.cookie, syn!.text], [SYN, 8, 'inc']);
	two.server.receive(packets[0]!, 2000);
	const s = two.server.accept(two.listener);
	assert.is(two.server.state(s), SYN_RECEIVED);
	assert.is(words(two.server.read(s)), 'inc');
	two.server.write(s, text('11'));
	const replies = two.server.drain(), [synAck, reply] = replies.map(read);
	assert.equal([synAck!.flags, synAck!.ack - syn!.seq, synAck!.cookie, synAck!.text], [SYN | ACK, 4, -1, '']);
	assert.equal([reply!.text, reply!.seq - synAck!.seq], ['11', 1]);
	for (const packet of replies) two.client.receive(packet, 3000);
	settle(two.client, two.server, 3000);
	assert.is(two.server.state(s), ESTABLISHED);
	assert.is(two.server.tcp.root.fast, 0);
	assert.equal([two.server.tcp.counters.fastOpened, two.server.tcp.counters.opened], [1, 2]);
	assert.is(two.client.tcp.counters.retransmits, 0);
});

test('a server whose user does not want it opens as ever, and the text follows behind the handshake', () => {
	const two = new Two(linux, false);
	const c = two.open('inc');
	settle(two.client, two.server, 1000);
	const s = two.server.accept(two.listener);
	assert.equal([two.client.state(c), two.server.state(s), words(two.server.read(s))], [ESTABLISHED, ESTABLISHED, 'inc']);
	two.open('again');
	assert.is(read(two.client.drain()[0]!).cookie, 0, 'it has learnt no cookie');
});

test('a wrong cookie opens as ever, with a right one in the answer; the text is sent again at once', () => {
	const two = new Two().acquaint();
	// The server has another secret since: all cookies are void.
	two.server.image.u8.set([99], two.server.tcp.root.key + 8);
	two.open('inc');
	const [syn] = two.client.drain();
	two.server.receive(syn!, 2000);
	assert.is(two.server.accept(two.listener), 0);
	const [synAck] = two.server.drain();
	assert.equal([read(synAck!).ack - read(syn!).seq, read(synAck!).cookie], [1, 8]);
	two.client.receive(synAck!, 2100);
	const [again] = two.client.drain().map(read);
	assert.equal([again!.text, again!.flags & ACK], ['inc', ACK]);
	assert.is(two.server.tcp.counters.fastOpenBadCookie, 1);
});

test('§4.2.1: a SYN that is sent again has neither cookie nor text; what of it arrives first counts', () => {
	for (const lost of ['both', 'first', 'second'] as const) {
		const two = new Two().acquaint();
		const c = two.open('inc'), resets = two.client.tcp.counters.resetsSent;
		const [first] = two.client.drain();
		two.client.advance(1_100_000);
		const [second] = two.client.drain();
		assert.equal([read(second!).flags, read(second!).cookie, read(second!).text], [SYN, -1, '']);
		if (lost === 'second') two.server.receive(first!, 1_100_000);
		if (lost === 'first') two.server.receive(second!, 1_100_000);
		if (lost === 'both') {
			two.client.advance(3_500_000);
			for (const packet of two.client.drain()) two.server.receive(packet, 3_500_000);
		}
		settle(two.client, two.server, 3_600_000);
		const s = two.server.accept(two.listener);
		assert.equal([two.client.state(c), two.server.state(s), words(two.server.read(s))], [ESTABLISHED, ESTABLISHED, 'inc'], lost);
		settle(two.client, two.server, 3_700_000);
		assert.is(two.client.tcp.counters.resetsSent, resets, lost);
	}
});

test('while the connection lives a copy of its SYN is executed by nobody', () => {
	const two = new Two().acquaint();
	two.open('inc');
	const [syn] = two.client.drain();
	two.server.receive(syn!, 2000);
	const s = two.server.accept(two.listener);
	assert.is(words(two.server.read(s)), 'inc');
	two.server.receive(syn!, 2100);
	assert.equal([words(two.server.read(s)), two.server.accept(two.listener)], ['', 0]);
	settle(two.client, two.server, 2200);
	two.server.receive(syn!, 2300);
	assert.equal([words(two.server.read(s)), two.server.accept(two.listener)], ['', 0]);
});

test('§2.1: once the connection is gone a copy of its SYN is another connection, and its text is there again', () => {
	const two = new Two().acquaint();
	const c = two.open('inc');
	const [syn] = two.client.drain();
	two.server.receive(syn!, 2000);
	const s = two.server.accept(two.listener);
	assert.is(words(two.server.read(s)), 'inc');
	settle(two.client, two.server, 2000);
	two.client.abort(c);
	settle(two.client, two.server, 2100);
	assert.is(two.server.state(s), CLOSED);
	two.server.receive(syn!, 50_000);
	const again = two.server.accept(two.listener);
	assert.ok(again !== 0 && again !== s);
	assert.is(words(two.server.read(again)), 'inc');
	// The client has no such connection: its RST ends it.
	settle(two.client, two.server, 50_000);
	assert.is(two.server.state(again), CLOSED);
	assert.is(two.server.tcp.root.fast, 0);
});

test('a SYN with text whose option is gone gives nothing to anybody before the handshake', () => {
	const two = new Two().acquaint();
	const c = two.open('inc'), [syn] = two.client.drain();
	// A middlebox makes padding of the option; the text stays.
	const at = syn!.findIndex((byte, i) => i >= 52 && byte === 34 && syn![i + 1] === 10);
	const sum = (bytes: Uint8Array, from: number, length: number): number => {
		let total = 0;
		for (let i = 0; i < length; i++) total += (i & 1) === 0 ? bytes[from + i]! << 8 : bytes[from + i]!;
		return total;
	};
	const before = sum(syn!, at & ~1, 12);
	syn!.fill(1, at, at + 10);
	const change = before - sum(syn!, at & ~1, 12);
	let check = ((syn![48]! << 8) | syn![49]!) + change;
	while (check > 0xffff || check < 0) check = check < 0 ? check + 0xffff : (check & 0xffff) + (check >> 16);
	syn![48] = check >> 8;
	syn![49] = check & 0xff;
	two.server.receive(syn!, 1000);
	assert.is(two.server.tcp.counters.badChecksum, 0);
	assert.is(two.server.accept(two.listener), 0);
	settle(two.client, two.server, 1000);
	assert.is(two.client.state(c), ESTABLISHED);
	assert.is(words(two.server.read(two.server.accept(two.listener))), 'inc');
});

test('§5.1: no more than so many may be pending; the rest open as ever', () => {
	const two = new Two().acquaint();
	two.server.tcp.root.fast = 64;
	const c = two.open('inc'), [syn] = two.client.drain();
	assert.is(read(syn!).cookie, 8);
	two.server.receive(syn!, 1000);
	assert.is(two.server.tcp.counters.fastOpenFull, 1);
	assert.is(two.server.accept(two.listener), 0);
	assert.is(read(two.server.drain()[0]!).ack - read(syn!).seq, 1);
	assert.is(two.client.state(c), SYN_SENT);
});

test('a user that answers and closes at once: text goes at once, the FIN behind the handshake', () => {
	const two = new Two().acquaint();
	const c = two.open('inc');
	two.server.receive(two.client.drain()[0]!, 2000);
	const s = two.server.accept(two.listener);
	two.server.read(s);
	two.server.write(s, text('11'));
	two.server.shutdown(s);
	const out = two.server.drain();
	assert.equal(out.map((packet) => [read(packet).flags & (SYN | FIN | RST), read(packet).text]), [[SYN, ''], [0, '11']]);
	for (const packet of out) two.client.receive(packet, 2100);
	settle(two.client, two.server, 2200);
	assert.is(words(two.client.read(c)), '11');
	two.client.shutdown(c);
	settle(two.client, two.server, 2300);
	assert.is(two.server.tcp.root.fast, 0);
	assert.is(two.server.tcp.counters.retransmits + two.client.tcp.counters.retransmits, 0);
});

test('the answer to the SYN is lost: it is sent again, then the text behind it', () => {
	const two = new Two().acquaint();
	const c = two.open('inc');
	two.server.receive(two.client.drain()[0]!, 2000);
	const s = two.server.accept(two.listener);
	two.server.read(s);
	two.server.write(s, text('11'));
	two.server.drain();
	for (let now = 100_000; now < 5_000_000; now += 100_000) {
		two.client.advance(now);
		two.server.advance(now);
		settle(two.client, two.server, now);
	}
	assert.is(words(two.client.read(c)), '11');
	assert.is(two.server.state(s), ESTABLISHED);
});

test('a takeover before the handshake is done changes nothing of it', () => {
	const two = new Two().acquaint();
	const c = two.open('inc');
	two.server.receive(two.client.drain()[0]!, 2000);
	const s = two.server.accept(two.listener);
	assert.is(words(two.server.read(s)), 'inc');
	two.server.write(s, text('11'));
	takeOverTcp(two.server.tcp);
	settle(two.client, two.server, 2500);
	assert.is(words(two.client.read(c)), '11');
	assert.is(two.server.tcp.root.fast, 0);
});

test('cookies are remembered for so many servers; the one used longest ago goes first', () => {
	const client = new Bare(1, linux);
	const asks = (last: number): boolean => {
		const at = connectWith(client.tcp, 0, 0, client.addressOf(last, 4128), 80, text('x'), 0, 1);
		const asked = read(client.drain()[0]!).cookie === 0;
		assert.is(client.state(at), SYN_SENT);
		client.abort(at);
		while (nextReady(client.tcp) !== 0) { /* heard */ }
		release(client.tcp, at);
		return asked;
	};
	for (let last = 10; last < 19; last++) {
		const server = new Bare(last, linux);
		setOptions(server.tcp, server.listen(80, 8), FAST_OPEN);
		const at = connectWith(client.tcp, 0, 0, client.addressOf(last, 4128), 80, text('x'), 0, 1);
		settle(client, server, last * 1000);
		client.abort(at);
		settle(client, server, last * 1000);
		while (nextReady(client.tcp) !== 0) { /* heard */ }
		release(client.tcp, at);
	}
	assert.equal([10, 11, 18].map(asks), [true, false, false]);
});

test('whatever is lost, short of what ends a connection, text given with the SYN and behind it arrives once and in order', () => {
	fc.assert(fc.property(fc.constantFrom('linux', 'rfc'), fc.uniqueArray(fc.nat(23), { maxLength: 5 }), fc.boolean(), fc.integer({ min: 1, max: 3000 }), (name, lost, knows, length) => {
		const two = new Two(name === 'linux' ? linux : rfc);
		if (knows) two.acquaint();
		const sent = Array.from({ length }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
		const c = two.open(sent);
		let s = 0, got = '', back = '', now = 10_000, wrote = false;
		// No more than TCP has patience for: it sends a SYN six times again (`synRetries`).
		const left = Array.from({ length: 24 }, (_, i) => lost.includes(i));
		for (let round = 0; round < 3000 && !(got === sent && back === 'done' && two.server.tcp.root.fast === 0); round++) {
			now += 50_000;
			for (const [from, to] of [[two.client, two.server], [two.server, two.client]] as const) {
				from.advance(now);
				for (const packet of from.drain()) if (!(left.shift() ?? false)) to.receive(packet, now);
			}
			s ||= two.server.accept(two.listener);
			if (s !== 0) got += words(two.server.read(s));
			if (got.length > 0 && !wrote) {
				wrote = true;
				two.server.write(s, text('done'));
			}
			back += words(two.client.read(c));
		}
		assert.is(got, sent);
		assert.is(back, 'done');
		assert.is(two.server.tcp.root.fast, 0);
	}), { numRuns: 300 });
});

test.run();
