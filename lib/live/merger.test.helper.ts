import { Host } from '../host/index.ts';
import type { Application, Sockets } from '../host/index.ts';
import type { PoolSpec } from '../memory/index.ts';
import { linux } from '../../tcp/index.ts';
import { EVENT_ROOM, EVENT_OPEN } from '../../tcp/index.ts';
import { LIVE } from './bridge.ts';
import type { Lab } from './live.test.helper.ts';
import { Merger } from './merger.ts';
import { OFFLOAD_HEAD } from './offload.ts';

/** Sends so many octets at once, then closes. */
class Pourer implements Application {
	readonly name = 'pourer';
	readonly pools: readonly PoolSpec[] = [];
	#left: number;
	constructor(length: number) { this.#left = length; }
	attach(): void {}
	start(io: Sockets): void { io.connect('10.0.0.2', 80); }
	ready(io: Sockets, socket: number, events: number): void {
		if ((events & (EVENT_OPEN | EVENT_ROOM)) === 0 || this.#left <= 0) return;
		const bytes = Uint8Array.from({ length: this.#left }, (_, i) => (i * 31) & 255);
		this.#left -= Math.max(0, io.write(socket, bytes));
		if (this.#left <= 0) io.close(socket);
	}
}

/** The frames of a transfer, drain by drain. */
export function transfer(length: number): Uint8Array[][] {
	const sender = new Host({ mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], profile: linux, application: new Pourer(length), seed: new Uint8Array(16).fill(1) });
	const receiver = new Host({ mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], profile: linux, seed: new Uint8Array(16).fill(2), application: { name: 'sink', pools: [], attach: () => {}, start: (io) => { io.listen(80); }, ready: (io, socket) => {
		while (io.accept(socket) !== 0) { /* all of them */ }
		io.consume(socket, io.readable(socket));
	} } });
	const batches: Uint8Array[][] = [];
	const hand = (from: Host, to: Host, now: number): Uint8Array[] => {
		const frames: Uint8Array[] = [];
		if (from.wakeAt <= now) from.wake(now);
		from.drain({ take: (bytes, at, size) => { frames.push(bytes.slice(at, at + size)); } });
		for (const frame of frames) to.receive(0, frame, 0, frame.length, now + 50);
		return frames;
	};
	for (let now = 0; now < 3_000_000; now += 1000) {
		const frames = hand(sender, receiver, now);
		if (frames.length > 0) batches.push(frames);
		hand(receiver, sender, now + 100);
	}
	return batches;
}

/** Frames in one piece, behind its offload header. */
export interface Piece {
	readonly bytes: Uint8Array;
	/** how many frames */
	readonly count: number;
}

/** What a line would write for some frames. */
export function merge(frames: readonly Uint8Array[]): Piece[] {
	const merger = new Merger();
	const pieces: Piece[] = [];
	const flush = (): void => {
		if (merger.length === 0) return;
		const { count } = merger;
		const length = merger.finish();
		pieces.push({ bytes: merger.bytes.slice(0, length), count });
	};
	for (const frame of frames) {
		if (merger.length > 0 && merger.add(frame, 0, frame.length)) continue;
		flush();
		merger.begin(frame, 0, frame.length);
	}
	flush();
	return pieces;
}

/** The frames of a transfer that are TCP's, over IPv4. */
export function segments(length: number): Uint8Array[] {
	return transfer(length).flat().filter((frame) => frame[12] === 8 && frame[13] === 0 && frame[23] === 6);
}

/**
 * Writes pieces to one device of a lab and reads at another what the kernel made of them.
 *
 * @param options  what the device that reads was made with, and what is printed of each frame it gave: expressions of JavaScript's
 */
export function throughKernel(lab: Lab, pieces: readonly Piece[], { reader, got, count }: { readonly reader: string; readonly got: string; readonly count: number }): string[] {
	const url = (name: string): string => new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href;
	const text = `import { Tap } from ${JSON.stringify(url('tap'))};
		import { Cutter } from ${JSON.stringify(url('cutter'))};
		const from = new Tap('dk1', { header: true }), to = new Tap('dk2', ${reader});
		const pieces = ${JSON.stringify(pieces.map(({ bytes }) => Buffer.from(bytes).toString('base64')))};
		const cutter = new Cutter(), got = [];
		const mac = '020000000001', probe = Buffer.from('ffffffffffff' + mac + '88b7' + '00'.repeat(46), 'hex');
		let isOpen = false;
		const take = (bytes, at, length) => {
			const frame = Buffer.from(bytes.subarray(at, at + length));
			if (frame.toString('hex', 6, 12) !== mac) return;
			if (frame.readUInt16BE(12) === 0x88b7) isOpen = true;
			if (frame.readUInt16BE(12) === 0x800) got.push(frame.toString('base64'));
		};
		const read = () => { for (let length = to.read(cutter.bytes); length > 0; length = to.read(cutter.bytes)) { ${got} } };
		const until = async (holds) => { for (let i = 0; i < 1500 && !holds(); i++) { await new Promise((resolve) => setTimeout(resolve, 20)); read(); } };
		// The bridge passes nothing on before it has seen both carriers, which the kernel may tell it a second later.
		await until(() => { if (!isOpen) from.write(Buffer.concat([Buffer.alloc(${OFFLOAD_HEAD}), probe]), ${OFFLOAD_HEAD} + probe.length); return isOpen; });
		for (const piece of pieces) { const bytes = Buffer.from(piece, 'base64'); from.write(bytes, bytes.length); read(); }
		await until(() => got.length >= ${count});
		read();
		// Exiting behind a write to a pipe would cut it off.
		process.stdout.write(JSON.stringify(got), () => process.exit(0));`;
	lab.namespace.run(['ip', 'link', 'set', LIVE.bridge, 'type', 'bridge', 'mcast_snooping', '0']);
	return JSON.parse(lab.namespace.run([process.execPath, ...process.execArgv, '--input-type=module', '-'], text)) as string[];
}
