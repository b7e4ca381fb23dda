import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { get32 } from '../wire/bytes.ts';

const CAPABLE = 0;
const JOIN = 1;
/** Subtypes above are not noted: tshark keeps eight bits. */
const LAST_NOTED = 7;
/** lengths of an MP_CAPABLE with the sender's key, and of one with both keys */
const KEY_LENGTHS: readonly number[] = [12, 20, 22, 24];
const BOTH_KEYS = 20;
const KEY = 8;
const JOIN_SYN = 12;

/** One side of a session, as a subflow knows it. */
interface Side {
	/** int32; undefined where it is not known */
	token: number | undefined;
	hasKey: boolean;
}

/** A Multipath TCP session: what its subflows have in common. */
interface Session {
	/** bits of the subtypes that any subflow has carried */
	operations: number;
	readonly sides: readonly [Side, Side];
}

/** One TCP connection that carries options of Multipath TCP. */
interface Subflow {
	session: Session | undefined;
	/** of each end: the side it is of, and the operations known to it */
	readonly sides: [Side | undefined, Side | undefined];
	readonly known: [number, number];
}

/**
 * tshark does not call an ACK a duplicate that says the same again right after
 * its session carried a Multipath TCP option it had not carried before. Which
 * connections are of one session it learns from keys and tokens (RFC 8684 §3.1, §3.2).
 */
export class MultipathSessions {
	/** whether there is any session */
	isUsed: boolean = false;
	#subflows: Map<number, Subflow> = new Map();
	#sessions: Map<number, Session> = new Map();

	/** Whether the session of a flow carried a new kind of option since the flow's last segment. */
	hasNews(flow: number): boolean {
		const subflow = this.#subflows.get(flow >> 1);
		return subflow?.session !== undefined && subflow.session.operations !== subflow.known[(flow & 1) as 0 | 1];
	}

	/** The flow has sent a segment; its own options come afterwards. */
	note(flow: number): void {
		const subflow = this.#subflows.get(flow >> 1);
		if (subflow?.session !== undefined) subflow.known[(flow & 1) as 0 | 1] = subflow.session.operations;
	}

	/**
	 * Takes an option of Multipath TCP.
	 *
	 * @param at      its kind; its subtype is there
	 * @param isRead  as much of it is there as tshark reads
	 * @returns       false where tshark gives the frame up: a key or token in a session that began without, or too little
	 */
	take(flow: number, bytes: Uint8Array, at: number, length: number, isRead: boolean): boolean {
		this.isUsed = true;
		const end = (flow & 1) as 0 | 1, subflow = this.#subflowOf(flow >> 1);
		const subtype = bytes[at + 2]! >> 4;
		const isJoin = subtype === JOIN && length === JOIN_SYN;
		if (subtype !== CAPABLE && !isJoin) subflow.session ??= begun(subflow, end);
		if (!isRead) return false;
		if (isJoin && !this.#join(subflow, end, get32(bytes, at + 4))) return false;
		if (subtype === CAPABLE && KEY_LENGTHS.includes(length) && !this.#keys(subflow, end, bytes, at, length)) return false;
		if (subflow.session !== undefined && subtype <= LAST_NOTED) subflow.session.operations |= 1 << subtype;
		return true;
	}

	#subflowOf(stream: number): Subflow {
		let subflow = this.#subflows.get(stream);
		if (subflow === undefined) {
			subflow = { session: undefined, sides: [undefined, undefined], known: [0, 0] };
			this.#subflows.set(stream, subflow);
		}
		return subflow;
	}

	#keys(subflow: Subflow, end: 0 | 1, bytes: Uint8Array, at: number, length: number): boolean {
		const version = bytes[at + 2]! & 15;
		if (!this.#key(subflow, end, version, bytes.subarray(at + 4, at + 4 + KEY))) return false;
		return length < BOTH_KEYS || this.#key(subflow, (end ^ 1) as 0 | 1, version, bytes.subarray(at + 4 + KEY, at + 4 + 2 * KEY));
	}

	/** An end's key; its token is the first 32 bits of a digest of it (RFC 8684 §3.2). */
	#key(subflow: Subflow, end: 0 | 1, version: number, key: Uint8Array): boolean {
		if (subflow.sides[end]?.hasKey === true) return true;
		const token = version === 0 ? get32(sha1(key), 0) : version === 1 ? get32(sha256(key), 0) : 0;
		if (!this.#token(subflow, end, token)) return false;
		const side = subflow.sides[end];
		if (side === undefined) return false;
		side.hasKey = true;
		return true;
	}

	/** The SYN of a further subflow names the other side by its token. */
	#join(subflow: Subflow, end: 0 | 1, token: number): boolean {
		const other = (end ^ 1) as 0 | 1;
		if (!this.#token(subflow, other, token)) return false;
		const { session, sides } = subflow;
		if (session !== undefined && sides[end] === sides[other]) sides[end] = session.sides[sides[other] === session.sides[0] ? 1 : 0];
		return true;
	}

	/** Finds the session with a token, or gives the token to the subflow's own. */
	#token(subflow: Subflow, end: 0 | 1, token: number): boolean {
		if (subflow.sides[end]?.token !== undefined) return true;
		const known = this.#sessions.get(token);
		if (known !== undefined) {
			subflow.session = known;
			subflow.sides[end] = known.sides[0].token === token ? known.sides[0] : known.sides[1];
			return true;
		}
		if (subflow.session === undefined) {
			subflow.session = begun(subflow, end);
		} else {
			const [first, second] = subflow.session.sides;
			if (first.token === undefined && second.token === undefined) return false;
			subflow.sides[end] = first.token === undefined ? first : second;
		}
		subflow.sides[end]!.token = token;
		this.#sessions.set(token, subflow.session);
		return true;
	}
}

/** A new session; whoever spoke first is its first side. */
function begun(subflow: Subflow, end: 0 | 1): Session {
	const sides: [Side, Side] = [{ token: undefined, hasKey: false }, { token: undefined, hasKey: false }];
	subflow.sides[end] = sides[0];
	subflow.sides[end ^ 1] = sides[1];
	return { operations: 0, sides };
}
