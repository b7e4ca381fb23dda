import { ACK, FIN, PSH, RST, SYN, TCP_HEADER } from '../../wire/tcp.ts';
import { Host } from '../../host/index.ts';
import { Talker, octetAt } from '../../search/talker.ts';
import { World } from '../../sim/index.ts';
import type { LaneOptions } from '../../sim/index.ts';
import { Trace, tappedFrames } from '../../trace/index.ts';
import { linux } from '../../../tcp/index.ts';
import { CaptureRecord } from '../capture-record.ts';
import { LINKTYPE_ETHERNET } from '../link-type.ts';
import { Replay } from './replay.ts';
import type { ReplayOptions, StreamReplay } from './replay.ts';
import { SegmentMaker } from './segment-maker.ts';
import { station } from './station.ts';

/** A frame as a capture has it. */
export interface Captured {
	/** µs */
	readonly time: number;
	readonly bytes: Uint8Array;
	/** bytes of it that the capture kept; default all */
	readonly kept?: number;
}

/** A segment of a capture made by hand. */
export interface Crafted {
	/** who sends it */
	readonly by: 'client' | 'server';
	/** such as `SA`, `PA`, `F` */
	readonly flags: string;
	/** relative: the SYN has 0 */
	readonly seq: number;
	/** relative; absent: none */
	readonly ack?: number;
	readonly data?: string;
	readonly window?: number;
	/** bytes of options, a multiple of 4 */
	readonly options?: readonly number[];
	readonly time?: number;
	/** bytes of the frame that the capture kept */
	readonly kept?: number;
	/** the checksum is wrong */
	readonly isDamaged?: boolean;
}

const CLIENT = station('02:00:00:00:0a:01', '192.0.2.1', '2001:db8::1');
const SERVER = station('02:00:00:00:0a:02', '192.0.2.2', '2001:db8::2');
const letters: { readonly [letter: string]: number } = { S: SYN, A: ACK, F: FIN, R: RST, P: PSH };
const CLIENT_PORT = 40000, SERVER_PORT = 80;

/** A request and an answer, with handshake and close. */
export const exchange: readonly Crafted[] = [
	{ by: 'client', flags: 'S', seq: 0 },
	{ by: 'server', flags: 'S', seq: 0, ack: 1 },
	{ by: 'client', flags: '', seq: 1, ack: 1 },
	{ by: 'client', flags: 'P', seq: 1, ack: 1, data: 'ask' },
	{ by: 'server', flags: 'P', seq: 1, ack: 4, data: 'answer' },
	{ by: 'client', flags: 'F', seq: 4, ack: 7 },
	{ by: 'server', flags: 'F', seq: 7, ack: 5 },
	{ by: 'client', flags: '', seq: 5, ack: 8 },
];

/** Frames of segments made by hand; the initial sequence numbers are chosen so that they wrap. */
export function craft(segments: readonly Crafted[], isn: { client: number; server: number } = { client: 0xffff_fff0 | 0, server: 0x7fff_fffe }, isIpv6: boolean = false): Captured[] {
	return segments.map(({ by, flags, seq, ack, data = '', window = 65535, options = [], time, kept, isDamaged }, nth) => {
		const maker = new SegmentMaker(), own = by === 'client';
		maker.begin(own ? CLIENT : SERVER, own ? SERVER : CLIENT, isIpv6);
		const bits = [...flags].reduce((all, letter) => all | letters[letter]!, ack === undefined ? 0 : ACK);
		const header = TCP_HEADER + options.length;
		const text = Uint8Array.from(data, (letter) => letter.charCodeAt(0));
		const [mine, other] = own ? [isn.client, isn.server] : [isn.server, isn.client];
		maker.header(own ? CLIENT_PORT : SERVER_PORT, own ? SERVER_PORT : CLIENT_PORT, (mine + seq) | 0, ack === undefined ? 0 : (other + ack) | 0, header, bits, window, 0);
		maker.put(TCP_HEADER, Uint8Array.from(options), 0, options.length);
		maker.put(header, text, 0, text.length);
		maker.finish(header, text.length, -1);
		const bytes = maker.memory.u8.slice(maker.at, maker.at + maker.length);
		if (isDamaged === true) bytes[bytes.length - header - text.length + 17]! ^= 0xff;
		return { time: time ?? nth * 1000, bytes, ...(kept === undefined ? {} : { kept }) };
	});
}

/** How two hosts of ours talked. */
export interface Talk {
	readonly seed: number;
	/** bytes each way, and how many at a time */
	readonly up: number;
	readonly down: number;
	readonly piece: number;
	readonly link: LaneOptions;
	/** at whose end the capture was taken */
	readonly at: 'client' | 'server';
}

/** Captures a talk of two of our hosts over a link with faults; whatever was lost is seen at one end only. */
export function talk({ seed, up, down, piece, link, at }: Talk): Captured[] {
	const client = new Talker({ octets: up, piece, awaits: down, pause: 0, peer: '10.0.0.2' });
	const server = new Talker({ octets: down, piece, awaits: up, pause: 0, peer: '' });
	const [a, b] = [client, server].map((application, i) => new Host({ mac: `02:00:00:00:00:0${i + 1}`, addresses: [`10.0.0.${i + 1}/24`], application, profile: linux, pages: 300, tcp: { connections: 4 }, seed: Uint8Array.of(seed, seed >> 8, i) }));
	const trace = new Trace(seed), world = new World({ seed, trace });
	world.add('client', a!);
	world.add('server', b!);
	world.link(['client', 0], ['server', 0], link);
	world.tap([at, 0], at);
	world.run({ until: 600e6, maxSteps: 200_000 });
	return tappedFrames(trace).map(({ time, bytes }) => ({ time, bytes: bytes.slice() }));
}

/** What one of a talk said. */
export function said(octets: number, by: 'client' | 'server'): Uint8Array {
	return Uint8Array.from({ length: octets }, (_, i) => octetAt(i, by === 'server' ? 17 : 4711));
}

/** Gives a capture to a replay. */
export function replayOf(frames: readonly Captured[], options: ReplayOptions = {}): Replay {
	const replay = new Replay(options), record = new CaptureRecord();
	for (const { time, bytes, kept } of frames) {
		record.frame++;
		record.seconds = Math.floor(time / 1e6);
		record.nanos = (time % 1e6) * 1000;
		record.linkType = LINKTYPE_ETHERNET;
		record.bytes = bytes;
		record.at = 0;
		record.capturedLength = kept ?? bytes.length;
		record.originalLength = bytes.length;
		replay.take(record);
	}
	return replay;
}

/** Replays the only stream of a capture. */
export function replayed(frames: readonly Captured[], options: ReplayOptions = {}): StreamReplay {
	return replayOf(frames, options).play(0);
}

/** Numbers without those that are 0. */
export function counted(policies: object): { [name: string]: number } {
	return Object.fromEntries(Object.entries(policies).filter(([, count]) => count !== 0)) as { [name: string]: number };
}
