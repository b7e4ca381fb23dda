import { OPTION_MSS, OPTION_SACK, OPTION_SACK_PERMITTED, OPTION_SIGNATURE, OPTION_TIMESTAMPS, OPTION_USER_TIMEOUT, OPTION_WINDOW_SCALE } from '../wire/tcp.ts';

/** More than any option has: tshark never comes to its end. */
export const UNREADABLE = 41;
export const OPTION_MULTIPATH = 30;
const SNACK = 21;
const SNACK_LENGTH = 6;
const OPTION_QUICK_START = 27;
const OPTION_AUTHENTICATION = 29;
const OPTION_PROBE = 76;
const OPTION_EXPERIMENT_1 = 253;
const OPTION_EXPERIMENT_2 = 254;
/** kind and length */
const HEAD = 2;
const BLOCK = 8;

/**
 * The lengths of options that have one alone: of another length tshark looks
 * at no more than the length. Beside ours: echo, CC, SCPS, SNACK, the end of a
 * record, corruption, Riverbed's transparency.
 */
const lengths: ReadonlyMap<number, number> = new Map([
	[OPTION_MSS, 4], [OPTION_WINDOW_SCALE, 3], [OPTION_SACK_PERMITTED, 2], [6, 6], [7, 6], [OPTION_TIMESTAMPS, 10], [11, 6], [12, 6], [13, 6],
	[OPTION_SIGNATURE, 18], [20, 4], [SNACK, 2], [22, 2], [23, 2], [OPTION_USER_TIMEOUT, 4], [78, 16],
]);

/** Of Multipath TCP, by subtype, from MP_CAPABLE to MP_TCPRST (RFC 8684 §8.2): what is read of every length, and the lengths that are read whole. */
const multipath: readonly (readonly [need: number, ...whole: number[]])[] = [
	[4, 12, 20, 22, 24], [3, 12, 16, 24], [4], [4, 8, 10, 16, 18, 20, 22, 28, 30], [3], [3, 4], [12], [12], [4],
];
const REMOVE_ADDRESS = 4;
const DSS = 2;
/** of Riverbed's probes, by type; first those of version 1, which are odd, then of version 2 */
const probes1: readonly number[] = [10, 14, 3, 10, 10, 18, 8, 8, 8, 8, 8];
const probes2: readonly number[] = [3, 3, 3, 3, 3, 3, 4, 4, 8, 8, 4];

/**
 * How many bytes tshark 4.0 reads of an option, kind and length included: where
 * the option is shorter, or the capture cut it before, the frame shows no flags.
 *
 * @param at      its kind
 * @param length  as it claims, 2 or more
 * @param there   how many of them were captured, 2 or more
 */
export function optionNeed(bytes: Uint8Array, at: number, length: number, there: number): number {
	const kind = bytes[at]!;
	const only = lengths.get(kind);
	// The place of a SNACK's hole is relative to a number that tshark has not got.
	if (kind === SNACK && length === SNACK_LENGTH) return UNREADABLE;
	if (only !== undefined) return length === only ? only : HEAD;
	switch (kind) {
		case OPTION_SACK: return sackNeed(length);
		case OPTION_QUICK_START: return length === 8 ? 4 : HEAD;
		case OPTION_MULTIPATH: return multipathNeed(bytes, at, length, there);
		case OPTION_PROBE: return there < 3 ? Math.min(3, length) : probeNeed(bytes[at + 2]!);
		case OPTION_AUTHENTICATION: case OPTION_EXPERIMENT_1: case OPTION_EXPERIMENT_2: return length === 3 ? HEAD : length;
		// SCTP's checksums over TCP come in threes of bytes, and three at most.
		case 172: case 174: return (length - HEAD) % 3 === 0 && length <= 11 ? length : HEAD;
		default: return length;
	}
}

/** One block at least; of half a block behind whole ones the first edge is read. */
function sackNeed(length: number): number {
	if (length < HEAD + BLOCK) return UNREADABLE;
	const rest = (length - HEAD) % BLOCK;
	return rest > BLOCK / 2 ? length - rest + BLOCK / 2 : length;
}

function multipathNeed(bytes: Uint8Array, at: number, length: number, there: number): number {
	if (there < 3 || length < 3) return 3;
	const subtype = bytes[at + 2]! >> 4;
	if (subtype === DSS) return there < 4 ? 4 : dataSequenceNeed(bytes[at + 3]!, length);
	if (subtype === REMOVE_ADDRESS) return length;
	const [need, ...whole] = multipath[subtype] ?? [3];
	return whole.includes(length) ? length : need;
}

/** A DSS has four bytes or eight for each number that it says it has, and perhaps a checksum (RFC 8684 §3.3). */
function dataSequenceNeed(flags: number, length: number): number {
	const ack = (flags & 1) === 0 ? 0 : (flags & 2) === 0 ? 4 : 8;
	if ((flags & 4) === 0) return 4 + ack;
	const need = 4 + ack + ((flags & 8) === 0 ? 10 : 14);
	return length >= need + 4 ? need + 2 : need;
}

function probeNeed(type: number): number {
	return ((type & 1) === 1 ? probes1[type >> 4] : probes2[type >> 1]) ?? 3;
}
