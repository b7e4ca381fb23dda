import { Image } from '../lib/memory/index.ts';
import { Tcp, abortConnection, accept, connect, consume, drainTcp, fireNext, listen, nextDeadline, nextReady, readable, peekInto, rfc, segmentArrives, send, shutdown, tcpPools } from './index.ts';
import type { Lower, Profile } from './index.ts';

/** A host that is TCP and nothing else: what it sends are bare segments with the addresses in front. */
export class Bare implements Lower {
	readonly image: Image;
	readonly tcp: Tcp;
	readonly sent: Uint8Array[] = [];
	readonly address: number;

	constructor(last: number, profile: Profile = rfc, connections = 16) {
		this.image = new Image({ pools: tcpPools({ connections, marks: 16 }), pages: 512, chunk: 1024, scratch: 8192 });
		this.tcp = new Tcp(this.image, profile, this, this.image.scratch + 64);
		this.address = this.addressOf(last, 4096);
		this.image.u8.set([last, 7, 1, 2, 3, 4, 5, 6, 9, 9, last, 1, 1, 1, 1, 1], this.tcp.root.key);
	}

	/** Writes 10.0.0.last into scratch. */
	addressOf(last: number, offset: number): number {
		const at = this.image.scratch + offset;
		this.image.u8.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, last], at);
		return at;
	}

	send(srcAt: number, dstAt: number, segmentAt: number, length: number): void {
		const packet = new Uint8Array(32 + length);
		packet.set(this.image.u8.subarray(srcAt, srcAt + 16), 0);
		packet.set(this.image.u8.subarray(dstAt, dstAt + 16), 16);
		packet.set(this.image.u8.subarray(segmentAt, segmentAt + length), 32);
		this.sent.push(packet);
	}

	source(_: number, toAt: number): boolean {
		this.image.u8.copyWithin(toAt, this.address, this.address + 16);
		return true;
	}

	advance(now: number): void {
		this.tcp.now = Math.max(this.tcp.now, now);
		for (let due = nextDeadline(this.tcp); due <= this.tcp.now; due = nextDeadline(this.tcp)) fireNext(this.tcp);
	}

	receive(packet: Uint8Array, now: number): void {
		this.advance(now);
		const at = this.image.scratch + 4352;
		this.image.u8.set(packet, at);
		segmentArrives(this.tcp, at, at + 16, at + 32, packet.length - 32);
	}

	drain(): Uint8Array[] {
		drainTcp(this.tcp);
		return this.sent.splice(0);
	}

	listen(port: number, backlog = 8): number { return listen(this.tcp, 0, port, backlog); }
	connect(last: number, port: number, local = 0): number { return connect(this.tcp, 0, local, this.addressOf(last, 4128), port); }
	abort(at: number): void { abortConnection(this.tcp, at); }
	accept(listener: number): number { return accept(this.tcp, listener); }
	write(at: number, bytes: Uint8Array): number { return send(this.tcp, at, bytes, 0, bytes.length); }
	shutdown(at: number): void { shutdown(this.tcp, at); }
	news(): number { return nextReady(this.tcp); }
	state(at: number): number { this.tcp.tcb.go(at); return this.tcp.tcb.state; }

	/** Reads all there is. */
	read(at: number): Uint8Array {
		const all: number[] = [];
		const to = this.image.scratch + 6000;
		for (let length = Math.min(readable(this.tcp, at), 2048); length > 0; length = Math.min(readable(this.tcp, at), 2048)) {
			peekInto(this.tcp, at, to, length);
			all.push(...this.image.u8.subarray(to, to + length));
			consume(this.tcp, at, length);
		}
		return Uint8Array.from(all);
	}
}

/** Carries everything to and fro until both are silent; no timer fires. */
export function settle(a: Bare, b: Bare, now: number): number {
	let carried = 0;
	for (;;) {
		const toB = a.drain(), toA = b.drain();
		if (toA.length + toB.length === 0) return carried;
		for (const packet of toB) b.receive(packet, now);
		for (const packet of toA) a.receive(packet, now);
		carried += toA.length + toB.length;
		if (carried > 10_000) throw new Error('two hosts answer each other for ever');
	}
}
