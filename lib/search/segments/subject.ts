import { Host } from '../../host/index.ts';
import { readPacket } from '../../study/packet.ts';
import type { SegmentView } from '../../study/packet.ts';
import { FREE_ON_END } from '../../../tcp/hold.ts';
import { CLOSED, LISTEN, SYN_SENT, Tcb, nextReady, rfc } from '../../../tcp/index.ts';
import type { Profile } from '../../../tcp/index.ts';
import { checkTcp } from '../tcp-invariants.ts';
import type { Habits, View } from './model.ts';
import { PEER, SUBJECT, arpReply } from './wire.ts';

/** A segment that was answered, with its text. */
export interface Answer extends SegmentView {
	readonly text: Uint8Array;
}

/** What is fuzzed: a TCP with one connection at most, between `SUBJECT` and `PEER`. Implement it to fuzz another stack. */
export interface Subject {
	readonly habits: Habits;
	/** OPEN, passive or active, to the port and peer of `wire.ts` */
	listen(): void;
	connect(): void;
	/** SEND; octets taken */
	write(bytes: Uint8Array): number;
	/** RECEIVE: up to so many octets */
	read(most: number): Uint8Array;
	/** no more will be sent; receiving goes on */
	shutdown(): void;
	/** done with the connection */
	close(): void;
	abort(): void;
	/** A frame arrives; what is sent upon it. */
	receive(frame: Uint8Array): Answer[];
	/** Time passes, µs; what is sent meanwhile. */
	wait(us: number): Answer[];
	/** What is sent after a call. */
	answers(): Answer[];
	view(): View;
	/** @throws where something in it is not as it has to be */
	check(): void;
}

/** Our host as a subject. */
export class HostSubject implements Subject {
	readonly habits: Habits;
	readonly #host: Host;
	readonly #frames: { at: number; bytes: Uint8Array; sent: boolean }[] = [];
	readonly #tcb: Tcb;
	#listener = 0;
	#socket = 0;
	#now = 1_000_000;

	constructor(profile: Profile = rfc) {
		this.#host = new Host({
			mac: [...SUBJECT.mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':'), addresses: [`${SUBJECT.address.join('.')}/24`], profile, chunk: 1024, pages: 40,
			tcp: { connections: 4, runs: 48, ranges: 32 }, quotas: { neighbours: 2, udpSockets: 1, udpQueue: 1024, outbox: 16_384, reassemblies: 1, reassembly: 2048 },
		});
		this.#tcb = new Tcb(this.#host.image);
		const { timeWaitIgnoresReset, listenIgnoresSynAck, dropsSynFin, takesNearResets, forgetsUnread } = profile;
		this.habits = {
			timeWaitIgnoresReset, timeWaitReopens: true, isLiberal: profile.takesBeyondEdge || profile.takesOldAcks, listenIgnoresSynAck, dropsSynFin, takesNearResets, forgetsUnread,
			withholdsFin: profile.quickAcks !== 0, ignoresMute: profile.dropsMute, refusesAcrossEdge: profile.takesAcrossEdge, resetsInWindow: profile.acksInWindow,
		};
		this.#host.wake(this.#now);
		// It has met the peer before.
		const first = this.#host.sockets.connect(PEER.address.join('.'), 9);
		this.#drain();
		this.receive(arpReply());
		this.#host.sockets.abort(first);
		this.#drain();
		this.#frames.length = 0;
	}

	/** Every frame of the run, for a capture. */
	get frames(): readonly { readonly at: number; readonly bytes: Uint8Array; readonly sent: boolean }[] { return this.#frames; }

	listen(): void { if (this.#listener === 0) this.#listener = this.#host.sockets.listen(SUBJECT.port); }

	connect(): void {
		const { sockets, tcp } = this.#host;
		const { image } = this.#host;
		if (this.#find() !== 0) return;
		// From the port that the peer writes to.
		this.#socket = sockets.connect(PEER.address.join('.'), PEER.port, SUBJECT.port);
		if (this.#socket !== 0 && !image.isLive(tcp.tcbs, this.#socket, image.tag(this.#socket))) this.#socket = 0;
	}

	/** The connection's record, a listener is none; 0 where there is none. */
	#find(): number {
		const { image, tcp } = this.#host;
		for (let at = image.first(tcp.tcbs); at !== 0; at = image.next(tcp.tcbs, at)) {
			this.#tcb.go(at);
			if (this.#tcb.state !== LISTEN && this.#tcb.state !== CLOSED) return at;
		}
		return 0;
	}

	/** Takes what the listener has; forgets what has ended. */
	#accept(): void {
		const { sockets, tcp } = this.#host;
		for (let at = nextReady(tcp); at !== 0; at = nextReady(tcp)) { /* looked at below */ }
		if (this.#socket !== 0) {
			tcp.tcb.go(this.#socket);
			if (tcp.tcb.state === CLOSED) {
				sockets.close(this.#socket);
				this.#socket = 0;
			}
		}
		if (this.#socket === 0 && this.#listener !== 0) {
			this.#socket = sockets.accept(this.#listener);
		}
	}

	write(bytes: Uint8Array): number { return this.#socket === 0 ? 0 : Math.max(0, this.#host.sockets.write(this.#socket, bytes)); }

	read(most: number): Uint8Array {
		if (this.#socket === 0) return new Uint8Array(0);
		const { sockets } = this.#host;
		const length = sockets.peek(this.#socket, most);
		const bytes = sockets.bytes.slice(sockets.at, sockets.at + length);
		sockets.consume(this.#socket, length);
		return bytes;
	}

	shutdown(): void { if (this.#socket !== 0) this.#host.sockets.end(this.#socket); }

	close(): void {
		if (this.#socket === 0) return;
		this.#host.sockets.close(this.#socket);
		this.#socket = 0;
	}

	abort(): void {
		if (this.#socket === 0) return;
		this.#host.sockets.abort(this.#socket);
		this.#socket = 0;
	}

	receive(frame: Uint8Array): Answer[] {
		this.#frames.push({ at: this.#now, bytes: frame, sent: false });
		this.#host.receive(0, frame, 0, frame.length, this.#now);
		return this.#drain();
	}

	/** At most so many timers of one wait are run one by one. */
	wait(us: number): Answer[] {
		const until = this.#now + us;
		const answers: Answer[] = [];
		for (let steps = 0; this.#host.wakeAt <= until && steps < 64; steps++) {
			this.#now = Math.max(this.#now, this.#host.wakeAt);
			this.#host.wake(this.#now);
			answers.push(...this.#drain());
		}
		this.#now = until;
		this.#host.wake(this.#now);
		return [...answers, ...this.#drain()];
	}

	answers(): Answer[] { return this.#drain(); }

	#drain(): Answer[] {
		const answers: Answer[] = [];
		for (let rounds = 0; rounds < 3; rounds++) {
			this.#host.drain({ take: (bytes, at, length) => { this.#sent(bytes.slice(at, at + length), answers); } });
			this.#accept();
		}
		return answers;
	}

	#sent(frame: Uint8Array, answers: Answer[]): void {
		this.#frames.push({ at: this.#now, bytes: frame, sent: true });
		const { segment, payload, destination } = readPacket(frame);
		if (segment !== null && destination.endsWith(`:${PEER.port}`)) answers.push({ ...segment, seq: segment.seq | 0, ack: segment.ack | 0, text: payload.slice() });
	}

	view(): View {
		const at = this.#find(), tcb = this.#tcb;
		const listens = this.#listener !== 0;
		const none = { una: 0, nxt: 0, iss: 0, allowed: 0, maxWindow: 0, rcvNxt: 0, irs: 0, edge: 0, passive: false, finSent: false, holds: false, listens, forsaken: false, tsRecent: null };
		if (at === 0) return { state: listens ? LISTEN : CLOSED, ...none };
		tcb.go(at);
		const { snd, rcv, sendq, early, ts } = tcb;
		const queued = (snd.una + (snd.una === snd.iss ? 1 : 0) + sendq.length) | 0;
		return {
			state: tcb.state, una: snd.una, nxt: snd.nxt, iss: snd.iss, allowed: (snd.una + snd.wnd) | 0, maxWindow: snd.max, rcvNxt: rcv.nxt, irs: rcv.irs, edge: rcv.edge,
			passive: tcb.passive !== 0, finSent: snd.fin !== 0 && ((snd.nxt - queued) | 0) > 0, holds: early.first !== 0 || rcv.finEarly !== 0, listens,
			forsaken: tcb.held === FREE_ON_END, tsRecent: tcb.state !== SYN_SENT && ts.on !== 0 ? ts.recent : null,
		};
	}

	check(): void { checkTcp(this.#host); }
}
