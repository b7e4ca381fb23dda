import { Oracle, announcement, loggedIn, survivingLog } from '../../replica/index.ts';
import type { Host } from '../../host/index.ts';
import { kinds } from '../../trace/index.ts';
import type { EventOf, KindName, Trace } from '../../trace/index.ts';
import { Counter } from '../../service/index.ts';
import { parseMac } from '../../wire/address.ts';
import { counterLinearity } from '../linear-counter.ts';
import { readPacket, textOf } from '../packet.ts';
import type { PacketView } from '../packet.ts';
import { SERVER } from '../stage.ts';
import type { Stage } from '../stage.ts';
import type { Coordinates } from './axes.ts';
import type { Cell, Reason, Verdict } from './cell.ts';
import { CLOCK, START } from './world.ts';

const CLIENT = 'client', WITNESS = 'client-2';
/** An answer later than this beyond the usual did not come by the takeover alone, µs. */
const LATE = 100_000;
/** What tells a repeat from news: RCV.NXT at each end of a connection; the serial outstanding at the client. */
const RCV_NXT = 4, SERIAL = 4;

/** The pristine machine that each world's log is run through. */
export class Judge {
	readonly #host: Host;
	readonly #pristine: Uint8Array;

	constructor(stage: Stage) {
		this.#host = stage.machine();
		this.#pristine = this.#host.image.snapshot();
	}

	/** Runs the log that survived, and looks for frames it does not explain. */
	judge(stage: Stage, frames: readonly Uint8Array[]): { readonly watch: string; readonly counter: number } {
		const host = this.#host;
		host.image.restore(this.#pristine);
		host.attach();
		const announced = announcement(stage.knobs.announce, stage.identity);
		const { entries, conflict } = survivingLog(loggedIn(stage.trace));
		const oracle = new Oracle(host, announced === null ? [] : [announced]);
		oracle.execute(entries);
		const strange = frames.findIndex((frame) => oracle.numberOf(frame) < 0);
		const watch = strange >= 0 ? oracle.explain(strange, frames[strange]!).text : conflict !== null ? `two machines wrote entry ${conflict.index}` : oracle.fault !== null ? String(oracle.fault) : 'ok';
		return { watch, counter: Counter.valueIn(host.image) };
	}
}

const serverMac = parseMac(SERVER.mac);
/** Where the source address lies in an Ethernet frame. */
const SOURCE = 6;

function isByServer(frame: Uint8Array): boolean {
	return serverMac.every((byte, i) => frame[SOURCE + i] === byte);
}

/** Everything the columns are computed from, read off the trace once. */
class Account {
	readonly trace: Trace;
	/** server frames that came to a client */
	readonly frames: Uint8Array[] = [];
	/** those of the client that carry a reply */
	readonly replies: PacketView[] = [];

	constructor(trace: Trace) {
		this.trace = trace;
		for (let event = 0; event < trace.length; event++) {
			if (trace.kindOf(event) !== kinds.frameArrived.code) continue;
			const place = trace.places[trace.placeOf(event)];
			if (place !== CLIENT && place !== WITNESS) continue;
			const bytes = trace.bytesOf(event);
			if (!isByServer(bytes)) continue;
			this.frames.push(bytes);
			if (place !== CLIENT) continue;
			const packet = readPacket(bytes);
			if (/^\d/.test(textOf(packet.payload))) this.replies.push(packet);
		}
	}

	of<K extends KindName>(kind: K, place: string): EventOf<K>[] {
		return [...this.trace.of(kind)].filter((event) => event.place === place);
	}
}

/** The longest a request of the client waited for its answer, µs; null where one has none. */
function slowest(account: Account): number | null {
	let most = 0;
	const delivered = account.of('delivered', CLIENT);
	const asked = new Map<number, number>();
	for (const { serial, time } of account.of('wrote', CLIENT)) if (!asked.has(serial)) asked.set(serial, time);
	for (const serial of CLOCK.requests.keys()) {
		const from = asked.get(serial + 1), answer = delivered.find((event) => event.serial === serial + 1);
		if (from === undefined || answer === undefined) return null;
		most = Math.max(most, answer.time - from);
	}
	return most;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Whether everything that was sent again is the same; null where nothing was. */
function repeatsEqual(account: Account): boolean | null {
	const released = new Map([...account.trace.of('outputReleased')].map(({ output, bytes }) => [output, bytes]));
	const repeats = [...account.trace.of('outputRepeated')].flatMap(({ output, bytes }) => (released.has(output) ? [sameBytes(released.get(output)!, bytes)] : []));
	return repeats.length === 0 ? null : repeats.every(Boolean);
}

/** Live records of a kind in a host's image. */
function live(host: Host, name: string): { readonly count: number; readonly size: number } {
	const pool = host.image.pools.find(({ spec }) => spec.name === name);
	return pool === undefined ? { count: 0, size: 0 } : { count: host.image.live(pool), size: pool.size };
}

/** Octets that tell a repeat from news, at both ends; the witness's are not counted. */
function memoryOf(stage: Stage, { transport, serials }: Coordinates): number {
	const server = (stage.backup.role === 'alone' ? stage.backup : stage.primary).machine.host as Host;
	const sessions = live(server, 'session'), client = stage.clients[0]!.host;
	const stored = serials === 'none' ? 0 : Math.max(0, sessions.count - 1) * sessions.size + SERIAL;
	const connections = live(server, 'tcb').count - server.tcp.listeners.length + live(client, 'tcb').count;
	return stored + (transport === 'tcp' ? connections * RCV_NXT : 0);
}

/** What the reason is judged by. */
interface Findings {
	readonly watch: string;
	readonly linearizable: boolean;
	/** requests the client made, however often each */
	readonly asked: number;
	/** requests of the client that were executed */
	readonly executed: number;
	/** replies the application was given beyond one a request */
	readonly surplus: number;
	/** requests without an answer */
	readonly open: number;
	/** whether a request was made more than once, by the client or by the network */
	readonly repeatedRequest: boolean;
	/** whether a reply came more than once */
	readonly repeatedReply: boolean;
	/** whether the takeover gave a reply up */
	readonly givenUp: boolean;
	readonly delay: number | null;
}

function verdictOf({ linearizable, surplus, open, executed, asked, delay }: Findings): Verdict {
	if (!linearizable || surplus > 0 || executed > asked) return 'wrong';
	if (open > 0) return 'unanswered';
	return (delay ?? 0) > LATE ? 'late' : 'right';
}

/** Why, from what was seen, never from the coordinates. */
function reasonOf(verdict: Verdict, { watch, executed, asked, repeatedRequest, repeatedReply, givenUp }: Findings): Reason {
	if (verdict === 'right') return '';
	if (watch !== 'ok') return 'told-too-early';
	if (verdict === 'wrong') {
		if (executed > asked && repeatedRequest) return 'asked-twice';
		return repeatedReply ? 'no-memory' : repeatedRequest ? 'asked-twice' : 'unexplained';
	}
	if (givenUp) return 'neither-sent';
	return verdict === 'late' ? 'timer' : 'not-asked-again';
}

/** Replies the takeover gave up by its policy. */
function gaveUp(account: Account): boolean {
	const replies = new Set(account.of('outputKept', 'backup').filter(({ bytes }) => /^\d/.test(textOf(readPacket(bytes).payload))).map(({ output }) => output));
	return account.of('outputDiscarded', 'backup').some(({ output, reason }) => reason === 'policy' && replies.has(output));
}

/** Whether a request left the client's link more than once, or came out of it twice. */
function requestsRepeated(account: Account, asked: number): boolean {
	if (account.of('wrote', CLIENT).length > asked) return true;
	const { trace } = account;
	for (let event = 0; event < trace.length; event++) {
		if (trace.kindOf(event) === kinds.frameArrived.code && trace.slotOf(event, 3) === 1 && textOf(readPacket(trace.bytesOf(event)).payload).startsWith('inc')) return true;
	}
	return false;
}

function twice(packets: readonly PacketView[]): boolean {
	return packets.some((one, i) => packets.slice(0, i).some((other) => sameBytes(one.bytes, other.bytes)));
}

/**
 * Computes the columns of a world that has run to its end.
 *
 * @param usual  the slowest answer without crash and fault, µs
 */
export function observe(stage: Stage, coordinates: Coordinates, crash: number, judge: Judge, usual: number): Cell {
	const account = new Account(stage.trace);
	const delivered = account.of('delivered', CLIENT);
	const answered = new Set(delivered.map(({ serial }) => serial)).size;
	const asked = new Set(account.of('wrote', CLIENT).map(({ serial }) => serial)).size;
	const { watch, counter: all } = judge.judge(stage, account.frames);
	const counter = all - (account.of('delivered', WITNESS).length > 0 ? 1 : 0);
	const slow = slowest(account);
	const { verdict: linear } = counterLinearity(stage.trace, START);
	const findings: Findings = {
		watch, asked, executed: counter - START, surplus: delivered.length - answered, open: CLOCK.requests.length - answered,
		linearizable: linear === 'linearizable', repeatedRequest: requestsRepeated(account, asked), repeatedReply: twice(account.replies), givenUp: gaveUp(account),
		delay: slow === null ? null : slow - usual,
	};
	const verdict = verdictOf(findings);
	return {
		...coordinates, crash, verdict, reason: reasonOf(verdict, findings), wire: account.replies.length,
		seen: delivered.map(({ bytes }) => textOf(bytes).replace(/ s\d+$/, '')), dropped: account.of('discarded', CLIENT).length,
		counter, equal: repeatsEqual(account), error: account.of('failed', CLIENT).at(-1)?.error ?? '',
		delay: findings.delay, memory: memoryOf(stage, coordinates), linearizable: findings.linearizable, watch,
	};
}

/** The slowest answer of a world, µs; 0 where one is missing. */
export function slowestAnswer(stage: Stage): number {
	return slowest(new Account(stage.trace)) ?? 0;
}
