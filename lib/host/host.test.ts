import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EVENT_END, EVENT_OPEN, linux } from '../../tcp/index.ts';
import { ETHERNET } from '../wire/ethernet.ts';
import { IPV4 } from '../wire/ipv4.ts';
import { RST, SYN, TCP_FLAGS } from '../wire/tcp.ts';
import type { Application } from './application.ts';
import { Host } from './host.ts';
import type { Sockets } from './sockets.ts';

const TIMES = 3;

/** Connects; where it fails, hangs up and connects again. */
class Stubborn implements Application {
	readonly name: string = 'stubborn';
	readonly pools = [];
	readonly sockets: number[] = [];
	opened = 0;

	start(io: Sockets): void { this.#connect(io); }
	attach(): void { /* nothing is kept */ }

	ready(io: Sockets, socket: number, events: number): void {
		if ((events & EVENT_OPEN) !== 0) this.opened++;
		if ((events & EVENT_END) === 0 || this.sockets.length === TIMES) return;
		io.close(socket);
		this.#connect(io);
	}

	#connect(io: Sockets): void { this.sockets.push(io.connect('10.0.0.1', 80)); }
}

const common = { profile: linux, pages: 32 } as const;
const server = (): Host => new Host({ ...common, mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'] });
const client = (application: Application): Host => new Host({ ...common, mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application });

function framesOf(host: Host): Uint8Array[] {
	const frames: Uint8Array[] = [];
	host.drain({ take: (bytes, at, length) => { frames.push(bytes.slice(at, at + length)); } });
	return frames;
}

const flagsAt = ETHERNET.end + IPV4.end + TCP_FLAGS;
const isTcp = (frame: Uint8Array): boolean => frame[12] === 8 && frame[13] === 0;

/** Hands everything over until both are silent; returns the TCP segments. */
function exchange(a: Host, b: Host, now: number): Uint8Array[] {
	const all: Uint8Array[] = [];
	for (let rounds = 0; rounds < 20; rounds++) {
		const fromA = framesOf(a), fromB = framesOf(b);
		for (const frame of fromA) b.receive(0, frame, 0, frame.length, now);
		for (const frame of fromB) a.receive(0, frame, 0, frame.length, now);
		all.push(...[...fromA, ...fromB].filter(isTcp));
		if (fromA.length + fromB.length === 0) return all;
	}
	return assert.unreachable('the two never fall silent') as never;
}

test('who hangs up at an end and connects at once has another connection in the same record, and keeps it', () => {
	const application = new Stubborn();
	const one = client(application), other = server();
	const flags = exchange(one, other, 10).map((frame) => frame[flagsAt]! & (SYN | RST));
	assert.equal(flags, [SYN, RST, SYN, RST, SYN, RST]);
	assert.is(new Set(application.sockets).size, 1, 'it is the same record');
});

test('put back into a state, a host has the clock of that state: what it begins then runs from then', () => {
	const one = client(new Stubborn());
	one.receive(0, new Uint8Array(60), 0, 60, 1000);
	const saved = one.save();
	const sent = framesOf(one), due = one.wakeAt;
	assert.ok(sent.length > 0 && due > 1000);
	one.wake(500_000);
	one.restore(saved);
	assert.equal(framesOf(one), sent);
	assert.is(one.wakeAt, due);
});

/** A frame sent to another address; both checksums follow (RFC 1624). */
function readdressed(frame: Uint8Array, mac: readonly number[], last: number): Uint8Array {
	const copy = frame.slice();
	copy.set(mac, 0);
	const by = last - copy[ETHERNET.end + 19]!;
	copy[ETHERNET.end + 19] = last;
	for (const at of [ETHERNET.end + 10, ETHERNET.end + IPV4.end + 16]) {
		let sum = (~((copy[at]! << 8) | copy[at + 1]!) & 0xffff) + by;
		sum = (sum & 0xffff) + (sum >> 16);
		copy[at] = (~sum >> 8) & 255;
		copy[at + 1] = ~sum & 255;
	}
	return copy;
}

test('a segment to a broadcast address is nobody\'s, and is never answered (RFC 9293 §3.9.2.3)', () => {
	const one = client(new Stubborn()), other = server();
	const syn = exchange(one, other, 10).find((frame) => frame[flagsAt] === SYN);
	const before = other.tcp.counters.badSource;
	const toMany = readdressed(syn!, [255, 255, 255, 255, 255, 255], 255);
	other.receive(0, toMany, 0, toMany.length, 20);
	assert.equal(framesOf(other), []);
	assert.is(other.tcp.counters.badSource, before + 1);
	const toOne = readdressed(syn!, [2, 0, 0, 0, 0, 1], 1);
	other.receive(0, toOne, 0, toOne.length, 30);
	assert.is(framesOf(other).length, 1);
});

test.run();
