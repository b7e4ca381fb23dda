import type { Plain } from './subject.ts';

/** Bits of SO_TIMESTAMPING. */
const TX_SOFTWARE = 2, SOFTWARE = 0x10, OPT_ID = 0x80, TX_SCHED = 0x100, TX_ACK = 0x200, OPT_TSONLY = 0x800;
/** What a stamp was taken of: `ee_info`. */
const SCM_TSTAMP_SND = 0, SCM_TSTAMP_SCHED = 1, SCM_TSTAMP_ACK = 2;
const SOL_IP = 0, IP_RECVERR = 11, SOL_SOCKET = 1, SCM_TIMESTAMPING = 37;
const ORIGIN_TIMESTAMPING = 4, ORIGIN_ZEROCOPY = 5, COPIED = 1;
const MSG_TRUNC = 0x20, MSG_ERRQUEUE = 0x2000;

/** What a message of the queue says: one call of those without copying or several, or when an octet was sent or had arrived. */
type Notice = { readonly kind: 'copied'; readonly first: number; last: number } | { readonly kind: 'stamp'; readonly of: number; readonly key: number; readonly at: number; readonly text: number };

/** An octet whose fate is to be told, by how many stand before its end; what is still to be told of it. */
interface Pending {
	readonly end: number;
	readonly key: number;
	flags: number;
	/** octets of the packet it was sent in, as far as that is known */
	readonly text: number;
}

/** How far a stream has come, octets since it began: written, sent, acknowledged. */
export interface Progress {
	readonly written: number;
	readonly sent: number;
	readonly acked: number;
}

/** A socket's error queue (`MSG_ERRQUEUE`): what became of calls without copying, and the times of what was sent. */
export class ErrorQueue {
	readonly #notices: Notice[] = [];
	readonly #calls: { readonly id: number; readonly end: number }[] = [];
	readonly #octets: Pending[] = [];
	/** calls without copying so far */
	#nextId = 0;
	/** bits of SO_TIMESTAMPING; since which octet they are counted */
	#flags = 0;
	#base = 0;
	/** messages there ever were: one more is news, though others wait */
	told = 0;

	get isEmpty(): boolean { return this.#notices.length === 0; }
	get isWaiting(): boolean { return this.#calls.length + this.#octets.length > 0; }
	get stamping(): number { return this.#flags; }

	/** SO_TIMESTAMPING. Octets are counted from the first that is not acknowledged. */
	stamp(flags: number, progress: Progress): void {
		if ((flags & OPT_ID) !== 0 && (this.#flags & OPT_ID) === 0) this.#base = progress.acked;
		this.#flags = flags;
	}

	/** A call has written octets up to `end`. */
	wrote(end: number, octets: number, withoutCopy: boolean, progress: Progress): void {
		if (octets <= 0) return;
		if (withoutCopy) this.#calls.push({ id: this.#nextId++, end });
		const flags = this.#flags & (TX_SOFTWARE | TX_SCHED | TX_ACK);
		if (flags === 0) return;
		// What joins a packet that waits takes the place of what was to be told of it.
		const before = this.#octets.at(-1);
		if (before !== undefined && before.end === end - octets && progress.sent < before.end) this.#octets.pop();
		const key = (this.#flags & OPT_ID) !== 0 ? end - 1 - this.#base : 0;
		this.#octets.push({ end, key, flags, text: (this.#flags & OPT_TSONLY) !== 0 ? 0 : 1 });
	}

	/** Looks what has happened since; `at` is the time, µs since the script began. */
	look({ sent, acked }: Progress, at: number): void {
		while (this.#calls.length > 0 && this.#calls[0]!.end <= acked) this.#complete(this.#calls.shift()!.id);
		for (const octet of this.#octets) {
			if (octet.end <= sent) {
				this.#note(octet, TX_SCHED, SCM_TSTAMP_SCHED, at);
				this.#note(octet, TX_SOFTWARE, SCM_TSTAMP_SND, at);
			}
			if (octet.end <= acked) this.#note(octet, TX_ACK, SCM_TSTAMP_ACK, at);
		}
		while (this.#octets.length > 0 && this.#octets[0]!.flags === 0) this.#octets.shift();
	}

	#note(octet: Pending, flag: number, of: number, at: number): void {
		if ((octet.flags & flag) === 0) return;
		octet.flags &= ~flag;
		this.told++;
		this.#notices.push({ kind: 'stamp', of, key: octet.key, at, text: octet.text });
	}

	/** Calls that are done one after the other are told of in one message. */
	#complete(id: number): void {
		const last = this.#notices.at(-1);
		this.told++;
		if (last?.kind === 'copied' && last.last + 1 === id) last.last = id;
		else this.#notices.push({ kind: 'copied', first: id, last: id });
	}

	/** The oldest message as `recvmsg` gives it; null where there is none. */
	take(): { readonly control: Plain[]; readonly flags: number } | null {
		const notice = this.#notices.shift();
		if (notice === undefined) return null;
		if (notice.kind === 'copied') return { control: [recvErr(0, ORIGIN_ZEROCOPY, COPIED, notice.first, notice.last)], flags: MSG_ERRQUEUE };
		const control = [recvErr('ENOMSG', ORIGIN_TIMESTAMPING, 0, notice.of, notice.key)];
		if ((this.#flags & SOFTWARE) !== 0) control.unshift({ cmsg_level: SOL_SOCKET, cmsg_type: SCM_TIMESTAMPING, cmsg_data: { scm_sec: Math.floor(notice.at / 1_000_000), scm_nsec: (notice.at % 1_000_000) * 1000 } });
		return { control, flags: notice.text > 0 ? MSG_ERRQUEUE | MSG_TRUNC : MSG_ERRQUEUE };
	}
}

function recvErr(errno: number | string, origin: number, code: number, info: number, data: number): Plain {
	return { cmsg_level: SOL_IP, cmsg_type: IP_RECVERR, cmsg_data: { ee_errno: errno, ee_origin: origin, ee_type: 0, ee_code: code, ee_info: info, ee_data: data } };
}
