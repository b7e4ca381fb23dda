import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Replay } from '../lib/capture/replay/index.ts';
import type { Side } from '../lib/capture/replay/index.ts';
import { nativeWork } from '../lib/cli/replay-job.ts';
import { readPackets } from '../lib/files/read-packets.ts';
import { Host } from '../lib/host/index.ts';
import type { Sink } from '../lib/wire/node.ts';
import { linux } from '../tcp/index.ts';
import { Drinker, Pourer } from './loads.ts';
import { cpuSeconds } from './measure.ts';
import type { Figure } from './measure.ts';

const OCTETS = 200e6;
const ROUNDS = 3;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const BUFFER = 4 * 1024 * 1024;

/** Writes frames as classic pcap. */
class PcapFile implements Sink {
	packets = 0;
	now = 0;
	readonly #file: number;
	readonly #out: Buffer = Buffer.alloc(BUFFER);
	#at = FILE_HEADER;

	constructor(path: string) {
		this.#file = openSync(path, 'w');
		this.#out.writeUInt32LE(0xa1b2_c3d4, 0);
		this.#out.writeUInt16LE(2, 4);
		this.#out.writeUInt16LE(4, 6);
		this.#out.writeUInt32LE(262_144, 16);
		this.#out.writeUInt32LE(1, 20);
	}

	take(bytes: Uint8Array, at: number, length: number): void {
		if (this.#at + RECORD_HEADER + length > BUFFER) this.#flush();
		this.#out.writeUInt32LE(Math.floor(this.now / 1e6), this.#at);
		this.#out.writeUInt32LE(this.now % 1e6, this.#at + 4);
		this.#out.writeUInt32LE(length, this.#at + 8);
		this.#out.writeUInt32LE(length, this.#at + 12);
		this.#out.set(bytes.subarray(at, at + length), this.#at + RECORD_HEADER);
		this.#at += RECORD_HEADER + length;
		this.packets++;
	}

	#flush(): void {
		writeSync(this.#file, this.#out, 0, this.#at);
		this.#at = 0;
	}

	close(): void {
		this.#flush();
		closeSync(this.#file);
	}
}

/** Captures a bulk transfer between two of our hosts; the client sends. Returns the packets. */
function capture(path: string): number {
	const file = new PcapFile(path), drinker = new Drinker();
	const profile = { ...linux, quickAcks: 0 };
	const client = new Host({ mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], application: new Pourer(), profile });
	const server = new Host({ mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application: drinker, profile });
	const queue: Uint8Array[] = [];
	const toServer: Sink = { take: (bytes, at, length) => { queue.push(bytes.slice(at, at + length)); } };
	const toClient: Sink = {
		take: (bytes, at, length, port) => {
			file.take(bytes, at, length);
			client.receive(port, bytes, at, length, file.now);
		},
	};
	// One frame at a time, as a network hands them over: the server acknowledges every second one.
	while (drinker.octets < OCTETS) {
		file.now += 12;
		client.wake(file.now);
		client.drain(toServer);
		for (const frame of queue.splice(0)) {
			file.now += 12;
			file.take(frame, 0, frame.length);
			server.receive(0, frame, 0, frame.length, file.now);
			server.drain(toClient);
		}
		server.wake(file.now);
		server.drain(toClient);
	}
	file.close();
	return file.packets;
}

/** Replays the whole capture; the CPU seconds of reading it, and of playing. */
async function replay(path: string, side: Side): Promise<{ reading: number; playing: number }> {
	const began = cpuSeconds();
	const whole = new Replay({ side, work: nativeWork });
	await readPackets(path, (record) => { whole.take(record); });
	const read = cpuSeconds();
	for (const stream of whole.streams()) if (!whole.play(stream).ok) throw new Error('the replay delivers other bytes than the capture');
	return { reading: read - began, playing: cpuSeconds() - read };
}

/** Replaying a bulk capture of about 200 MB that is made here, all of it: reading, playing, comparing, digesting. */
export async function benchReplay(): Promise<Figure[]> {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-bench-'));
	try {
		const path = join(folder, 'bulk.pcap');
		const packets = capture(path);
		const size = `${packets} packets, ${Math.round(statSync(path).size / 1e6)} MB`;
		const figures: Figure[] = [];
		for (const side of ['server', 'client'] as const) {
			const rounds = [];
			for (let round = 0; round < ROUNDS; round++) rounds.push(await replay(path, side));
			const { reading, playing } = rounds.sort((a, b) => a.reading + a.playing - b.reading - b.playing)[ROUNDS >> 1]!;
			const note = `${size}; reading ${Math.round(packets / reading).toLocaleString('en')}, playing ${Math.round(packets / playing).toLocaleString('en')} a CPU second`;
			figures.push({ name: `replay as ${side}`, value: packets / (reading + playing), unit: 'packets/s', note });
		}
		return figures;
	} finally {
		rmSync(folder, { recursive: true });
	}
}
