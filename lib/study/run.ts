import { announcement, judge, loggedIn, violationsIn } from '../replica/index.ts';
import type { Host } from '../host/index.ts';
import type { Announce, Identity, InvariantViolation, OracleVerdict } from '../replica/index.ts';
import { tappedFrames } from '../trace/index.ts';
import type { EventOf, KindName, TappedFrame, Trace } from '../trace/index.ts';
import { ACK, FIN, RST, SYN } from '../wire/tcp.ts';
import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { readPacket, textOf } from './packet.ts';
import type { PacketView } from './packet.ts';
import { Numbering } from './sequence.ts';
import type { Relative } from './sequence.ts';
import { SERVER } from './stage.ts';
import type { Stage } from './stage.ts';

/** A frame of the run's capture file: where and when it was seen, and what it says. */
export interface Packet extends TappedFrame, PacketView {
	readonly bytes: Uint8Array;
	/** null for what is no TCP segment */
	readonly relative: Relative | null;
	/** the payload as text */
	readonly text: string;
	/** whether the replicated machine sent it, on whichever computer */
	readonly byServer: boolean;
}

/** What a client's application lived through, by its own account. */
export interface History {
	readonly name: string;
	/** replies it was given, in order */
	readonly delivered: readonly string[];
	/** when each was given, µs */
	readonly deliveredAt: readonly number[];
	/** requests it made, and when, µs */
	readonly wrote: readonly string[];
	readonly wroteAt: readonly number[];
	/** replies it dropped itself */
	readonly discarded: readonly string[];
	/** the error it was told; '' for none */
	readonly error: string;
	readonly errorAt: number;
	/** who closed its connection in order; '' while nobody has */
	readonly closed: string;
	/** ACKs it sent that said again what was said before (RFC 5681 §2) */
	readonly dupAcks: readonly Packet[];
	/** RSTs it sent */
	readonly resets: readonly Packet[];
}

/** An output that was seen on the network twice, first from the primary, then from the new one. */
export interface Repeat {
	/** number of the output */
	readonly output: number;
	readonly first: Packet;
	readonly again: Packet;
	/** whether every byte is equal */
	readonly identical: boolean;
	/** of both frames, hex */
	readonly sha256: string;
	readonly sha256Again: string;
}

/** SHA-256 of bytes, 64 hex digits. */
export function sha256Of(bytes: Uint8Array): string {
	return bytesToHex(sha256(bytes));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** What a run was played on, as its views need it: a stage of the simulated world, or processes on a machine. */
export interface Scene {
	readonly trace: Trace;
	readonly world: { readonly steps: number; readonly now: number; readonly failures: readonly { readonly place: string; readonly step: number; readonly error: unknown }[] };
	readonly knobs: { readonly announce: Announce };
	readonly identity: Identity;
	readonly clients: readonly { readonly name: string; readonly mac: string; readonly address: string }[];
	/** The replicated machine in its initial state. */
	machine(): Host;
	/** What the service of a replicated machine says of itself. */
	describe(host: Host): { readonly [name: string]: number | string };
}

/**
 * A run that has ended, as its claims see it: the frames, what the clients'
 * applications were told, and the judgement of the oracle.
 */
export class Run<S extends Scene = Stage> {
	readonly stage: S;
	readonly trace: Trace;
	readonly seed: number;
	/** steps of the world */
	readonly steps: number;
	/** 64 hex digits: the same seed and knobs give the same on every machine */
	readonly digest: string;
	/** every frame of the capture file; frame number n is at place n − 1 */
	readonly packets: readonly Packet[];
	readonly oracle: OracleVerdict;
	readonly violations: readonly InvariantViolation[];
	/** the service's state in the machine that never failed, which is where the survivor is */
	readonly service: { readonly [name: string]: number | string };
	#repeats: readonly Repeat[] | null = null;

	constructor(stage: S) {
		const { trace } = stage;
		this.stage = stage;
		this.trace = trace;
		this.seed = trace.seed;
		this.steps = stage.world.steps;
		this.digest = trace.digest();
		this.packets = packetsOf(trace);
		const host = stage.machine();
		const announced = announcement(stage.knobs.announce, stage.identity);
		this.oracle = judge({
			host, logged: loggedIn(trace), frames: this.seenByClients.map(({ bytes }) => bytes), announcements: announced === null ? [] : [announced],
		});
		this.violations = violationsIn(trace);
		this.service = stage.describe(host);
	}

	/** Server frames that arrived at the clients' ends of their links, in order. */
	get seenByClients(): Packet[] {
		return this.packets.filter(({ sent, byServer, interface: at }) => !sent && byServer && at.startsWith('client'));
	}

	/** Frames seen at a place, in order: `client`, `primary`, `backup`, `log`, `client-2` … */
	on(name: string): Packet[] {
		return this.packets.filter((packet) => packet.interface === name);
	}

	/** Events of one kind, in order; of one place where a name is given. */
	events<K extends KindName>(kind: K, place?: string): EventOf<K>[] {
		return [...this.trace.of(kind)].filter((event) => place === undefined || event.place === place);
	}

	/** When the primary was killed, µs; −1 where it was not. */
	get crashedAt(): number { return this.events('crashed', 'primary')[0]?.time ?? -1; }

	/** When the backup took over, µs; −1 where it did not. */
	get tookOverAt(): number { return this.events('tookOver', 'backup')[0]?.time ?? -1; }

	/** What a client's application lived through. */
	client(name: string = 'client'): History {
		return historyOf(this, name);
	}

	/** Everything the clients saw is what a machine that never failed would have shown them. */
	get holds(): boolean { return this.oracle.ok && this.violations.length === 0 && this.oracle.conflict === null && this.oracle.fault === null && this.stage.world.failures.length === 0; }

	/** One sentence: that it holds, or what does not. */
	get verdict(): string {
		const { oracle, violations } = this;
		const [failure] = this.stage.world.failures;
		if (failure !== undefined) return `the machine at '${failure.place}' threw in step ${failure.step}: ${failure.error instanceof Error ? failure.error.message : String(failure.error)}`;
		if (oracle.violation !== null) return `frame ${this.seenByClients[oracle.violation.frame]!.number}: ${oracle.violation.text}`;
		if (oracle.conflict !== null) return `Two machines wrote entry ${oracle.conflict.index} in epoch ${oracle.conflict.epoch}.`;
		if (oracle.fault !== null) return `The log brought the machine that never failed down: ${String(oracle.fault)}`;
		return violations[0]?.text ?? 'ok';
	}

	/** Outputs that were on the network twice because of a takeover. */
	get repeats(): readonly Repeat[] {
		this.#repeats ??= repeatsOf(this);
		return this.#repeats;
	}

	/** What a place sent at once upon a frame that arrived there. */
	answers({ interface: at, event }: Packet): Packet[] {
		return this.packets.filter((packet) => packet.sent && packet.interface === at && this.trace.slotOf(packet.event, 2) === event);
	}

	/** The repeat of a reply. */
	repeatOf(text: string): Repeat | undefined {
		return this.repeats.find(({ first }) => first.text === text || first.text.startsWith(`${text} `));
	}

	/** The first frame of a place that fits. */
	find(name: string, fits: (packet: Packet) => boolean): Packet | undefined {
		return this.packets.find((packet) => packet.interface === name && fits(packet));
	}
}

function packetsOf(trace: Trace): Packet[] {
	const numbering = new Map<string, Numbering>();
	return tappedFrames(trace).map((frame) => {
		const view = readPacket(frame.bytes);
		const own = numbering.get(frame.interface) ?? new Numbering();
		numbering.set(frame.interface, own);
		return { ...view, ...frame, relative: own.of(view), text: textOf(view.payload), byServer: view.sourceMac === SERVER.mac };
	});
}

/** Whether a frame is a bare ACK. */
export function isBareAck({ segment, payload }: PacketView): boolean {
	return segment !== null && payload.length === 0 && (segment.flags & (ACK | SYN | FIN | RST)) === ACK;
}

/** ACKs that repeat the one before: nothing in them is new but options (RFC 5681 §2, (b) to (e)). */
function dupAcksOf(sent: readonly Packet[]): Packet[] {
	const last = new Map<string, Packet>();
	return sent.filter((packet) => {
		if (packet.segment === null) return false;
		const key = `${packet.source} ${packet.destination}`;
		const before = last.get(key)?.segment ?? null;
		last.set(key, packet);
		return before !== null && isBareAck(packet) && before.ack === packet.segment.ack && before.seq + before.length === packet.segment.seq && before.window === packet.segment.window;
	});
}

function historyOf(run: Run<Scene>, name: string): History {
	const sent = run.on(name).filter((packet) => packet.sent);
	const delivered = run.events('delivered', name), wrote = run.events('wrote', name);
	const failed = run.events('failed', name)[0], closed = run.events('closed', name)[0];
	return {
		name,
		delivered: delivered.map(({ bytes }) => answerOf(textOf(bytes))), deliveredAt: delivered.map(({ time }) => time),
		wrote: wrote.map(({ bytes }) => textOf(bytes)), wroteAt: wrote.map(({ time }) => time),
		discarded: run.events('discarded', name).map(({ bytes }) => answerOf(textOf(bytes))),
		error: failed?.error ?? '', errorAt: failed?.time ?? -1, closed: closed?.by ?? '',
		dupAcks: dupAcksOf(sent), resets: sent.filter(({ segment }) => segment !== null && (segment.flags & RST) !== 0),
	};
}

/** What a reply answers, without the serial it names. */
function answerOf(reply: string): string {
	return reply.replace(/ s\d+$/, '');
}

/**
 * Pairs every output of before a takeover that was sent again with its first
 * sending: at the client where it arrived, else where it left.
 */
function repeatsOf(run: Run<Scene>): Repeat[] {
	const released = new Map(run.events('outputReleased').map((event) => [event.output, event]));
	const repeats: Repeat[] = [];
	for (const event of run.events('outputRepeated')) {
		const origin = released.get(event.output);
		const first = origin && sightOf(run, origin.place, origin.index, origin.bytes);
		const again = sightOf(run, event.place, event.index, event.bytes);
		if (first === undefined || again === undefined) continue;
		repeats.push({ output: event.output, first, again, identical: equal(first.bytes, again.bytes), sha256: sha256Of(first.bytes), sha256Again: sha256Of(again.bytes) });
	}
	return repeats;
}

/** Where an output that a replica let go was seen: at a client's end, or as it left; undefined where it died in the queue. */
function sightOf(run: Run<Scene>, place: string, after: number, bytes: Uint8Array): Packet | undefined {
	const left = run.packets.find((packet) => packet.interface === place && packet.sent && packet.event > after && equal(packet.bytes, bytes));
	if (left === undefined) return undefined;
	return run.packets.find((packet) => packet.event > left.event && !packet.sent && packet.interface.startsWith('client') && comesFrom(run.trace, packet.event, left.event)) ?? left;
}

/** Whether a frame's arrival goes back to that sending, through however many switches. */
function comesFrom(trace: Trace, arrived: number, sent: number): boolean {
	for (let event = arrived; event >= 0;) {
		if (event === sent) return true;
		event = trace.slotOf(event, 2);
	}
	return false;
}
