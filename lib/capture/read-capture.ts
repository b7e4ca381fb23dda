import type { CaptureError } from './capture-error.ts';
import { CaptureReader } from './capture-reader.ts';

/** One packet of a capture, with bytes of its own. */
export interface CapturedPacket {
	/** counted from 1 */
	readonly frame: number;
	/** whole seconds since the epoch */
	readonly seconds: number;
	/** nanoseconds within the second */
	readonly nanos: number;
	/** a LINKTYPE_ number */
	readonly linkType: number;
	readonly interfaceId: number;
	readonly bytes: Uint8Array;
	/** length on the wire */
	readonly originalLength: number;
	readonly comments: readonly string[];
}

/**
 * Reads a whole capture at once; for small ones, and tests. Never throws: what
 * is damaged ends the list, and `error` says why.
 */
export function readCapture(bytes: Uint8Array): { packets: CapturedPacket[]; error: CaptureError | undefined } {
	const reader = new CaptureReader();
	const { record } = reader;
	const packets: CapturedPacket[] = [];
	reader.push(bytes);
	while (reader.next()) {
		packets.push({
			frame: record.frame,
			seconds: record.seconds,
			nanos: record.nanos,
			linkType: record.linkType,
			interfaceId: record.interfaceId,
			bytes: record.bytes.slice(record.at, record.at + record.capturedLength),
			originalLength: record.originalLength,
			comments: record.comments,
		});
	}
	reader.end();
	return { packets, error: reader.error };
}
