import { get16, put16, put32 } from '../wire/bytes.ts';
import { ETHERNET, ETHERTYPE_ARBITER } from '../wire/ethernet.ts';
import { offsetsOf } from '../wire/offsets.ts';
import type { Offsets } from '../wire/offsets.ts';
import { machineMac } from './letter.ts';
import { getU32 } from './number.ts';

/** Members an epoch can have. */
export const MOST_MEMBERS = 2;

const header = {
	destination: 6, source: 6, type: 2,
	magic: 2, version: 1, kind: 1, checksum: 2, verdict: 1, count: 1,
	machine: 4, epoch: 4, attempt: 4, decided: 4, winner: 4, first: 4, second: 4,
} as const;
const BALLOT: Offsets<typeof header> = offsetsOf(header);

/** Bytes of every message to and from the arbiter, Ethernet header included. */
export const BALLOT_LENGTH: number = BALLOT.end;
/** "ar" */
const MAGIC = 0x6172;
const VERSION = 1;
const ARBITER_ID = 0;

/** Let me open the next epoch with these members. */
export const BALLOT_CLAIM = 1;
/** What the arbiter says to a claim. */
export const BALLOT_ANSWER = 2;

/** The answers: what each means is told at `decide`. */
export const verdicts = ['none', 'won', 'lost', 'behind'] as const;
export type Verdict = (typeof verdicts)[number];

/** A message to or from the arbiter. */
export interface Ballot {
	readonly kind: number;
	/** machine id of the claimer, in answers too */
	readonly machine: number;
	/** the epoch the claimer lives in */
	readonly epoch: number;
	/** counts a claimer's tries; comes back in the answer */
	readonly attempt: number;
	/** claim: who shall be members of the next epoch; answer: who are now */
	readonly members: readonly number[];
	readonly verdict: Verdict;
	/** answer: the newest epoch decided, and who opened it */
	readonly decided: number;
	readonly winner: number;
}

function sumOf(u8: Uint8Array, at: number): number {
	let total = 0;
	for (let i = BALLOT.magic; i < BALLOT_LENGTH; i += 2) total += get16(u8, at + i);
	while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
	return total;
}

/** A claim or an answer as an Ethernet frame. */
export function putBallot(ballot: Ballot): Uint8Array {
	const u8 = new Uint8Array(BALLOT_LENGTH);
	const answer = ballot.kind === BALLOT_ANSWER;
	u8.fill(0xff, 0, 6);
	u8.set(machineMac(answer ? ARBITER_ID : ballot.machine), ETHERNET.source);
	if (answer) u8.set(machineMac(ballot.machine), ETHERNET.destination);
	put16(u8, ETHERNET.type, ETHERTYPE_ARBITER);
	put16(u8, BALLOT.magic, MAGIC);
	u8[BALLOT.version] = VERSION;
	u8[BALLOT.kind] = ballot.kind;
	u8[BALLOT.verdict] = verdicts.indexOf(ballot.verdict);
	u8[BALLOT.count] = ballot.members.length;
	put32(u8, BALLOT.machine, ballot.machine);
	put32(u8, BALLOT.epoch, ballot.epoch);
	put32(u8, BALLOT.attempt, ballot.attempt);
	put32(u8, BALLOT.decided, ballot.decided);
	put32(u8, BALLOT.winner, ballot.winner);
	put32(u8, BALLOT.first, ballot.members[0] ?? 0);
	put32(u8, BALLOT.second, ballot.members[1] ?? 0);
	put16(u8, BALLOT.checksum, ~sumOf(u8, 0) & 0xffff);
	return u8;
}

/** Reads a claim or an answer; null where the bytes are neither. */
export function readBallot(u8: Uint8Array, at: number, length: number): Ballot | null {
	if (length < BALLOT_LENGTH || get16(u8, at + ETHERNET.type) !== ETHERTYPE_ARBITER || get16(u8, at + BALLOT.magic) !== MAGIC || u8[at + BALLOT.version] !== VERSION) return null;
	const kind = u8[at + BALLOT.kind]!;
	const count = u8[at + BALLOT.count]!;
	const verdict = verdicts[u8[at + BALLOT.verdict]!];
	if ((kind !== BALLOT_CLAIM && kind !== BALLOT_ANSWER) || count > MOST_MEMBERS || verdict === undefined || sumOf(u8, at) !== 0xffff) return null;
	const members = [getU32(u8, at + BALLOT.first), getU32(u8, at + BALLOT.second)].slice(0, count);
	return {
		kind, machine: getU32(u8, at + BALLOT.machine), epoch: getU32(u8, at + BALLOT.epoch), attempt: getU32(u8, at + BALLOT.attempt),
		members, verdict, decided: getU32(u8, at + BALLOT.decided), winner: getU32(u8, at + BALLOT.winner),
	};
}
