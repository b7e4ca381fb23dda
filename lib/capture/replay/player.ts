import { Host } from '../../host/index.ts';
import type { Sink } from '../../wire/node.ts';
import { linux } from '../../../tcp/index.ts';
import type { Profile } from '../../../tcp/index.ts';
import { ScriptedApplication } from './application.ts';
import { CapturedPeer, DIRECT } from './captured-peer.ts';
import { Tally, plainWork } from './digester.ts';
import type { ByteWork, Crossed } from './digester.ts';
import type { Plan } from './plan.ts';
import { station } from './station.ts';
import type { Station } from './station.ts';

/** Where our stack is, and who plays the other side. */
export const STACK: Station = station('02:00:00:00:00:01', '10.0.0.1', 'fd00::1');
export const PEER: Station = station('02:00:00:00:00:02', '10.0.0.2', 'fd00::2');

/** Told of every frame of a replay, for a capture of it. */
export interface FrameWatcher {
	/**
	 * @param fromStack  sent by our stack; otherwise by the side that is played
	 * @param time       µs of the stream's own time
	 * @param captured   number of the captured frame; 0 for a frame that was made up
	 */
	frame(fromStack: boolean, time: number, bytes: Uint8Array, at: number, length: number, captured: number): void;
}

export interface PlayerOptions {
	/** constants of our stack; default Linux's */
	readonly profile?: Profile;
	/** default: one in plain JavaScript */
	readonly work?: ByteWork;
}

/** A stream that was played. */
export interface Played {
	/** what our application received */
	readonly in: Crossed;
	/** what it wrote and the peer received and acknowledged */
	readonly out: Crossed;
	/** whether both are the captured bytes as far as they go */
	readonly isSame: boolean;
	/** frames that crossed, both ways */
	readonly frames: number;
	/** µs of virtual time it took */
	readonly time: number;
}

/** Room for one connection with windows wider than the captured side's can have been in most cases. */
const BUFFER = 0x40_0000;
const QUOTAS = {
	pages: 4 * BUFFER / 4096, tcp: { connections: 8, runs: 4096, ranges: 1024 },
	quotas: { neighbours: 4, udpSockets: 1, udpQueue: 4096, outbox: 16384, reassemblies: 1 },
} as const;
/** Turns of the loop a step of a plan may take: what does not end then never would. */
const TURNS_A_STEP = 64;
const TURNS = 100_000;

const idle: Plan['script'] = {
	listens: 0, address: '', port: 0, localPort: 0, openAt: 0,
	kinds: new Uint8Array(0), times: new Float64Array(0), reads: new Float64Array(0), lengths: new Float64Array(0), slabOf: new Int32Array(0), places: new Int32Array(0), slabs: [],
};

/**
 * Plays streams one after another into a host in virtual time. Each begins
 * with the host as it was when new, so that a stream played alone gives what
 * it gives among others.
 */
export class Player {
	readonly host: Host;
	readonly peer: CapturedPeer = new CapturedPeer(PEER, STACK, DIRECT);
	readonly #application: ScriptedApplication = new ScriptedApplication(idle);
	readonly #fresh: Uint8Array;
	readonly #work: ByteWork;
	readonly #read: Tally = new Tally();
	readonly #got: Tally = new Tally();
	#watcher: FrameWatcher | null = null;
	readonly #toStack: Sink;
	readonly #toPeer: Sink;
	#now = 0;
	#frames = 0;

	constructor(options: PlayerOptions = {}) {
		const { profile = linux, work = plainWork } = options;
		this.host = new Host({
			...QUOTAS, mac: '02:00:00:00:00:01', addresses: [`${STACK.address4}/24`, `${STACK.address6}/64`],
			profile: { ...profile, receiveBuffer: BUFFER, sendBuffer: BUFFER }, application: this.#application,
		});
		this.#fresh = this.host.image.snapshot();
		this.#work = work;
		this.#application.reader = this.#read;
		this.#toStack = {
			take: (bytes, at, length) => {
				this.#frames++;
				this.#watcher?.frame(false, this.#now, bytes, at, length, this.peer.sender.frame);
				this.host.receive(0, bytes, at, length, this.#now);
			},
		};
		this.#toPeer = {
			take: (bytes, at, length) => {
				this.#frames++;
				this.#watcher?.frame(true, this.#now, bytes, at, length, 0);
				this.peer.receive(0, bytes, at, length, this.#now);
			},
		};
	}

	/** Plays one stream; what was done to it is then counted in its plan's policies. */
	play(plan: Plan, isIpv6: boolean, watcher?: FrameWatcher): Played {
		const { host, peer } = this;
		this.#watcher = watcher ?? null;
		host.image.restore(this.#fresh);
		const listens = plan.accepts ? plan.script.listens : 0;
		this.#application.script = { ...plan.script, listens, address: plan.side === 'client' ? (isIpv6 ? PEER.address6 : PEER.address4) : '' };
		const read = this.#read, got = this.#got;
		read.begin(this.#work, plan.read, plan.recording);
		got.begin(this.#work, plan.written, plan.recording);
		host.attach();
		this.#now = 0;
		this.#frames = 0;
		peer.begin(plan, isIpv6, got, 0);
		this.#run(TURNS + TURNS_A_STEP * (plan.kinds.length + plan.script.kinds.length));
		if (!peer.isDone) plan.policies.givenUp = 1;
		return { in: read.end(), out: got.end(), isSame: read.isSame && got.isSame, frames: this.#frames, time: this.#now };
	}

	#run(turns: number): void {
		const { host, peer } = this;
		for (let left = turns; left > 0 && !peer.isDone; left--) {
			const stackAt = host.wakeAt, peerAt = peer.wakeAt;
			this.#now = Math.max(this.#now, Math.min(stackAt, peerAt));
			if (this.#now === Infinity) return;
			if (stackAt <= peerAt) {
				host.wake(this.#now);
				host.drain(this.#toPeer);
				// An answer to it may be due at once.
			} else {
				peer.wake(this.#now);
				peer.drain(this.#toStack);
				host.drain(this.#toPeer);
			}
		}
	}
}
