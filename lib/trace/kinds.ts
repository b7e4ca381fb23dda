/**
 * One kind of event. Its numbers, then its names, fill the four slots of a
 * record in the order written here: `put(Kind.frameLost, place, port, link,
 * cause, trace.name('queue'))`.
 */
export interface KindShape {
	/** What stands in the record; part of the digest, so never given to another kind. */
	readonly code: number;
	/** Fields that are numbers. */
	readonly numbers: readonly string[];
	/** Fields that are strings: emitters pass `trace.name(text)`. */
	readonly names: readonly string[];
}

/**
 * Every kind of event there is. Places and events are named by small integers,
 * `cause` is the index of another event of the same trace or −1. Any event may
 * carry bytes besides; where they are usual, the comment says what they are.
 */
export const kinds = {
	// The world.

	/**
	 * A frame was put on a link. Bytes: the frame. `cause`: the arrival that
	 * prompted it, −1 for a timer; `nth`: its number on this link in this
	 * direction, from 1.
	 */
	frameSent: { code: 1, numbers: ['port', 'link', 'cause', 'nth'], names: [] },
	/**
	 * A frame was handed to the machine at the far end. Bytes: the frame as it
	 * arrived. `cause`: its sending; `copy`: 0, or 1 for the second of a
	 * duplicated frame.
	 */
	frameArrived: { code: 2, numbers: ['port', 'link', 'cause', 'copy'], names: [] },
	/**
	 * A frame will not arrive. Place and port are those that sent it, `cause` is
	 * its sending.
	 */
	frameLost: { code: 3, numbers: ['port', 'link', 'cause'], names: ['reason'] },
	/** A machine died; `outputs` were not yet drained and died with it. */
	crashed: { code: 4, numbers: ['outputs'], names: ['reason'] },
	/** A machine was stopped (SIGSTOP) with `outputs` still to be sent. */
	stopped: { code: 5, numbers: ['outputs'], names: [] },
	/** A stopped machine goes on; `frames` waited for it. */
	continued: { code: 6, numbers: ['frames'], names: [] },
	/** A machine was started at this place after the world began. */
	started: { code: 7, numbers: [], names: [] },
	/** A link was cut; `frames` were in flight on it. */
	linkCut: { code: 8, numbers: ['link', 'frames'], names: [] },
	/** A link was restored. */
	linkRestored: { code: 9, numbers: ['link'], names: [] },
	/** Narration: a scenario says what it does. */
	note: { code: 10, numbers: [], names: ['text'] },

	// The switch. A MAC address is its 48 bits as a number.

	/** A MAC address was learnt. */
	macLearnt: { code: 16, numbers: ['mac', 'port'], names: [] },
	/** A known MAC address was seen at another port. */
	macMoved: { code: 17, numbers: ['mac', 'port', 'from'], names: [] },
	/** An entry was dropped from the table: `aged`, `port-down`. */
	macForgotten: { code: 18, numbers: ['mac', 'port'], names: ['reason'] },
	/** A port of the switch went down (`up` 0) or came up (1). */
	portChanged: { code: 19, numbers: ['port', 'up'], names: [] },

	// A host.

	/** Something was dropped and counted. Bytes, where there are any: the frame. */
	dropped: { code: 24, numbers: ['port'], names: ['counter'] },
	/** A connection changed its state (RFC 9293 §3.3.2). */
	stateChanged: { code: 25, numbers: ['connection'], names: ['from', 'to'] },

	// A client's application. `connection` is its own number for it.

	/** The application asked for a connection. */
	connecting: { code: 31, numbers: ['connection'], names: [] },
	/** The connection is established. */
	connected: { code: 32, numbers: ['connection'], names: [] },
	/** The application was given bytes. Bytes: those. */
	delivered: { code: 33, numbers: ['connection', 'serial'], names: [] },
	/** The application was told of an error. */
	failed: { code: 34, numbers: ['connection'], names: ['error'] },
	/** The application wrote a request. Bytes: those written. */
	wrote: { code: 35, numbers: ['connection', 'serial'], names: [] },
	/** The connection ended in order: all was read, or the application closed it. */
	closed: { code: 36, numbers: ['connection'], names: ['by'] },
	/** The application dropped what it was given: a reply to no outstanding request. */
	discarded: { code: 37, numbers: ['connection', 'serial'], names: ['reason'] },

	// A replica.

	/** The primary appended an entry. `inputs`: frames in it. Bytes: the entry. */
	entryLogged: { code: 48, numbers: ['entry', 'epoch', 'inputs'], names: ['of'] },
	/** Entries `entry` … `last` were put into a log message; `again`: 1 when resent. */
	entrySent: { code: 49, numbers: ['entry', 'last', 'watermark', 'again'], names: [] },
	/** The backup took an entry into its log. `last`: the contiguous end of it. */
	entryReceived: { code: 50, numbers: ['entry', 'epoch', 'last'], names: [] },
	/** The primary heard that everything up to `entry` was received. */
	entryAcknowledged: { code: 51, numbers: ['entry', 'epoch'], names: [] },
	/** A machine executed an entry. `time`: machine time as `clock`, µs. */
	entryExecuted: { code: 52, numbers: ['entry', 'epoch', 'outputs', 'clock'], names: [] },
	/** An output waits for its entry to be acknowledged. Bytes: the frame. */
	outputHeld: { code: 53, numbers: ['output', 'entry'], names: [] },
	/** The gate let an output go. Bytes: the frame. */
	outputReleased: { code: 54, numbers: ['output', 'entry'], names: [] },
	/** A backup made an output above the watermark and keeps it. Bytes: the frame. */
	outputKept: { code: 55, numbers: ['output', 'entry'], names: [] },
	/** An output was sent again after a takeover. Bytes: the frame. */
	outputRepeated: { code: 56, numbers: ['output', 'entry'], names: [] },
	/** An output was given up: by policy, below the watermark, on halting. */
	outputDiscarded: { code: 57, numbers: ['output', 'entry'], names: ['reason'] },
	/** The primary may release no more; `until` and `clock` by its own clock, µs. */
	leaseExpired: { code: 58, numbers: ['until', 'clock'], names: [] },
	/** Nothing was heard from the peer since `since` by the own clock, µs. */
	peerSilent: { code: 59, numbers: ['since', 'clock'], names: [] },
	/** The arbiter was asked for `epoch`, for the `attempt`th time. */
	arbiterAsked: { code: 60, numbers: ['epoch', 'attempt'], names: [] },
	/** The arbiter's answer was heard; `winner` is a member's number. */
	arbiterAnswered: { code: 61, numbers: ['epoch', 'winner'], names: ['answer'] },
	/** The arbiter decided `epoch`, once and for ever (emitted by the arbiter). */
	arbiterDecided: { code: 62, numbers: ['epoch', 'winner'], names: [] },
	/** A backup went live at `entry` after executing `drained` entries. */
	tookOver: { code: 63, numbers: ['epoch', 'entry', 'drained', 'repeats'], names: [] },
	/** A primary goes on without a backup. */
	wentAlone: { code: 64, numbers: ['epoch', 'entry'], names: ['reason'] },
	/** A replica fell silent for good. */
	halted: { code: 65, numbers: ['epoch', 'entry'], names: ['reason'] },
	/** The address was announced, `nth` time. Bytes: the frame. */
	announced: { code: 66, numbers: ['nth', 'epoch'], names: [] },
	/** A new backup became a member. */
	joined: { code: 67, numbers: ['epoch', 'entry'], names: [] },
	/** Two images parted: the first difference at this entry. */
	diverged: { code: 68, numbers: ['entry', 'mine', 'other'], names: ['where'] },
} as const;

/** The name of a kind, as events bear it. */
export type KindName = keyof typeof kinds;

/** The code of each kind, for emitters: `Kind.frameSent`. */
export const Kind: { readonly [K in KindName]: (typeof kinds)[K]['code'] } = Object.fromEntries(
	Object.entries(kinds).map(([name, shape]) => [name, shape.code]),
) as { readonly [K in KindName]: (typeof kinds)[K]['code'] };

/** An event of kind `K` as the views read it. */
export type EventOf<K extends KindName> = {
	readonly kind: K;
	/** Its number in the trace, from 0; what `cause` refers to. */
	readonly index: number;
	/** Virtual time of the world, µs. */
	readonly time: number;
	/** The step it happened in; 0 before the first. */
	readonly step: number;
	/** Where it happened. */
	readonly place: string;
	/** What it carries, borrowed from the trace; empty where it carries nothing. */
	readonly bytes: Uint8Array;
} & { readonly [N in (typeof kinds)[K]['numbers'][number]]: number } & {
	readonly [N in (typeof kinds)[K]['names'][number]]: string;
};

/** Any event: a union to be told apart by `kind`. */
export type TraceEvent = { [K in KindName]: EventOf<K> }[KindName];

/** Kind names by code. */
export const kindNames: ReadonlyMap<number, KindName> = new Map(
	(Object.keys(kinds) as KindName[]).map((name) => [kinds[name].code, name]),
);
