import { createHash } from 'node:crypto';
import type { CaptureError } from '../capture/index.ts';
import { ReplayError } from '../capture/replay/index.ts';
import type { ByteWork, Pace, Replay, Side } from '../capture/replay/index.ts';
import type { ReadPackets } from '../files/read-packets.ts';
import { CommandError, EXIT_USAGE } from './exit.ts';
import type { TextSink } from './text-sink.ts';

export interface ReplayCommandOptions {
	readonly as: Side;
	/** a stream number, as tshark counts */
	readonly stream?: number;
	readonly time: 'virtual' | 'scaled' | 'recorded' | { readonly factor: number };
	readonly pair?: boolean;
	/** number of a captured frame */
	readonly crashAfter?: number | 'all';
	/** name of the capture file to write */
	readonly pcap?: string;
	readonly json?: boolean;
}

/** Where a command writes: data, messages, and progress that is overwritten. */
export interface Output {
	readonly out: TextSink;
	say(text: string): void;
	progress(text: string): void;
}

/** What is replayed, and how: what every form of it needs. */
export interface ReplayJob {
	readonly path: string;
	readonly options: ReplayCommandOptions;
	readonly pace: Pace;
	readonly replay: Replay;
	readonly read: ReadPackets;
}

/** What is done with every byte, by what Node has of its own. */
export const nativeWork: ByteWork = {
	digester() {
		const hash = createHash('sha256');
		return { update: (bytes) => { hash.update(bytes); }, hex: () => hash.digest('hex') };
	},
	same(a, at, b, bAt, length) {
		return Buffer.compare(a.subarray(at, at + length), b.subarray(bAt, bAt + length)) === 0;
	},
};

/** The streams there are to play; one that was asked for and is missing because the capture is cut is not the user's mistake. */
export function streamsOf({ replay, read }: ReplayJob): readonly number[] {
	try {
		return replay.streams();
	} catch (error) {
		if (!(error instanceof ReplayError)) throw error;
		if (read.error !== undefined) return [];
		throw new CommandError(error.message, EXIT_USAGE);
	}
}

/** The errors of a capture as JSON has them. */
export function errorsJson(error: CaptureError | undefined): string {
	return JSON.stringify(error === undefined ? [] : [{ code: error.code, offset: error.offset, message: error.message }]);
}
