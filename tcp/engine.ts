import { Intake, pool } from '../lib/memory/index.ts';
import type { Image, Pool, PoolSpec } from '../lib/memory/index.ts';
import { Acked } from './acked.ts';
import { TcpCounters } from './counters.ts';
import { Demux } from './demux.ts';
import { FastOpenCookie } from './fast-cookies.ts';
import type { Profile } from './profile.ts';
import { Segment } from './segment.ts';
import { SynOffer } from './options.ts';
import { HELD_BY_LISTENER } from './hold.ts';
import { LISTEN } from './states.ts';
import { Mark, Range, Run, Tcb, TcpRoot } from './tcb.ts';
import { Timers, earliestDeadline } from './timers.ts';
import { LISTED } from './wants.ts';

/** What TCP stands on: takes a finished segment and puts it into an IP packet. */
export interface Lower {
	/**
	 * The segment lies at `segmentAt` of the image with its checksum filled in,
	 * with room for the headers in front of it.
	 *
	 * @param srcAt  address of our 16-byte IP address
	 * @param dstAt  address of the peer's
	 * @param tcb    the connection, for its cached next hop; null for a segment that belongs to none
	 */
	send(srcAt: number, dstAt: number, segmentAt: number, segmentLength: number, tcb: Tcb | null): void;
	/** What a connection sent has arrived: its next hop works. */
	reached?(tcb: Tcb): void;
	/** Chooses our address for a peer: writes 16 bytes at `toAt`; false where there is no route. */
	source(remoteAt: number, toAt: number): boolean;
}

/** How much of everything one host's TCP may hold. */
export interface TcpQuotas {
	readonly connections: number;
	readonly runs?: number;
	readonly ranges?: number;
	/** ends of records that wait to be acknowledged; default 0: streams are never cut */
	readonly marks?: number;
	/** servers whose Fast Open cookie is remembered; default 8 */
	readonly cookies?: number;
}

/** The records TCP keeps in an image. */
export function tcpPools(quotas: TcpQuotas): PoolSpec[] {
	return [
		pool('tcp', TcpRoot, 1),
		pool('tcpCounters', TcpCounters, 1),
		pool('tcb', Tcb, quotas.connections),
		pool('run', Run, quotas.runs ?? Math.max(64, quotas.connections * 8)),
		pool('range', Range, quotas.ranges ?? Math.max(64, quotas.connections * 4)),
		pool('mark', Mark, quotas.marks ?? 0),
		pool('fastOpen', FastOpenCookie, quotas.cookies ?? 8),
	];
}

/**
 * One host's TCP: the image its state lies in, the cursors that look at it, and
 * the indexes over it. The protocol itself is in functions that take this
 * object and act on the connection `tcb` stands on.
 */
export class Tcp {
	readonly image: Image;
	/** what the user writes comes in by it */
	readonly intake: Intake;
	/** may be replaced between two calls, by one of another setting */
	profile: Profile;
	readonly lower: Lower;
	readonly counters: TcpCounters;
	readonly root: TcpRoot;
	/** the connection at hand */
	readonly tcb: Tcb;
	/** another one, while the first is still needed */
	readonly other: Tcb;
	readonly run: Run;
	readonly runBehind: Run;
	readonly mark: Mark;
	readonly range: Range;
	readonly rangeBehind: Range;
	readonly cookie: FastOpenCookie;
	readonly seg: Segment = new Segment();
	readonly offer: SynOffer = new SynOffer();
	readonly demux: Demux;
	readonly timers: Timers;
	readonly tcbs: Pool;
	readonly runs: Pool;
	readonly ranges: Pool;
	readonly marks: Pool;
	/** where segments are built: an address in the scratch memory, 4-aligned */
	readonly outAt: number;
	/** listeners, found by walking: there are few */
	listeners: number[] = [];
	/** the machine's clock, µs */
	now = 0;
	/** ECN field for the packet of the segment being sent */
	ect = 0;
	/** whether whoever drives the host keeps departure times, and the profile wants them */
	paces = false;
	/** after how long the segment being sent leaves, µs */
	delay = 0;
	/** events of the connection `nextReady` found */
	news = 0;
	/** what the ACK at hand says */
	readonly acked: Acked = new Acked();

	constructor(image: Image, profile: Profile, lower: Lower, outAt: number) {
		this.image = image;
		this.intake = new Intake(image);
		this.profile = profile;
		this.lower = lower;
		this.outAt = outAt;
		this.tcbs = image.pool('tcb');
		this.runs = image.pool('run');
		this.ranges = image.pool('range');
		this.marks = image.pool('mark');
		this.tcb = new Tcb(image);
		this.other = new Tcb(image);
		this.run = new Run(image);
		this.runBehind = new Run(image);
		this.mark = new Mark(image);
		this.range = new Range(image);
		this.rangeBehind = new Range(image);
		this.cookie = new FastOpenCookie(image);
		this.root = new TcpRoot(image);
		this.counters = new TcpCounters(image);
		this.demux = new Demux(image, this.tcbs);
		this.timers = new Timers(image, this.tcbs);
		this.#roots();
	}

	#roots(): void {
		const { image } = this;
		const roots = image.pool('tcp'), counts = image.pool('tcpCounters');
		this.root.go(image.first(roots) || image.alloc(roots));
		this.counters.go(image.first(counts) || image.alloc(counts));
	}

	/** Makes the indexes anew after the image was restored. */
	attach(): void {
		this.#roots();
		this.demux.rebuild((tcb) => tcb.state > LISTEN);
		this.timers.rebuild();
		this.listeners = [];
		for (let at = this.image.first(this.tcbs); at !== 0; at = this.image.next(this.tcbs, at)) {
			this.other.go(at);
			if (this.other.state === LISTEN) this.listeners.push(at);
		}
	}

	/** Tells the heap of the deadline that was just set for the connection at hand, or of its earliest; those set before it knows. */
	arm(due: number = earliestDeadline(this.tcb)): void {
		if (due !== Infinity) this.timers.arm(this.tcb.at, due);
	}

	/** Puts the connection at hand on the list of those that have something to send. */
	wants(bits: number): void {
		const { tcb, root } = this;
		const before = tcb.want;
		tcb.want = before | bits | LISTED;
		if ((before & LISTED) !== 0) return;
		tcb.link.output = 0;
		if (root.output.last === 0) root.output.first = tcb.at;
		else {
			this.other.go(root.output.last);
			this.other.link.output = tcb.at;
		}
		root.output.last = tcb.at;
	}

	/** Takes the next connection with something to send and moves the cursor there; false where there is none. */
	nextWanting(): boolean {
		const { tcb, root } = this;
		const at = root.output.first;
		if (at === 0) return false;
		tcb.go(at);
		root.output.first = tcb.link.output;
		if (root.output.first === 0) root.output.last = 0;
		tcb.link.output = 0;
		return true;
	}

	/** Has something to tell the user of the connection at hand. */
	tell(events: number): void {
		const { tcb, root } = this;
		if (tcb.held === 0) return;
		const before = tcb.events;
		tcb.events = before | events;
		// What its listener has not handed over is told when it does.
		if (before !== 0 || tcb.held === HELD_BY_LISTENER) return;
		tcb.link.ready = 0;
		if (root.ready.last === 0) root.ready.first = tcb.at;
		else {
			this.other.go(root.ready.last);
			this.other.link.ready = tcb.at;
		}
		root.ready.last = tcb.at;
	}
}
