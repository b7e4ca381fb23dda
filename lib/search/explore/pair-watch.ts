import { Invariants, announcement, survivingLog } from '../../replica/index.ts';
import type { Stage } from '../../study/scenario.ts';
import { readPacket } from '../../study/packet.ts';
import { Hash } from '../../sim/index.ts';
import type { TraceEvent } from '../../trace/index.ts';
import { Reference } from './reference.ts';
import { Violation } from './watch.ts';
import type { Facts, Watch } from './watch.ts';

/** What is remembered of the history of a pair. */
export interface PairHistory {
	readonly laws: Invariants;
	/** entries logged, each by its own hash */
	readonly logged: ReadonlyMap<string, Uint8Array>;
	/** server frames put on the clients' network */
	readonly sent: ReadonlyMap<string, Uint8Array>;
	/** what each client was told, in order: replies, then an error; and how many requests it made */
	readonly told: ReadonlyMap<string, readonly string[]>;
	readonly asked: ReadonlyMap<string, number>;
	/** of everything logged and sent, in whatever order */
	readonly sum: number;
}

function hashOf(bytes: Uint8Array): string {
	const hash = new Hash();
	hash.bytes(bytes);
	return hash.hex();
}

/** As much of a hash as adds up exactly. */
function partOf(hash: string): number { return Number.parseInt(hash.slice(0, 11), 16); }

function textOf(bytes: Uint8Array): string { return String.fromCharCode(...bytes); }

/** What every client has to be told, and until when a history is followed, world µs: before it was, and after. */
export interface Wanted {
	/** replies, or an error */
	readonly replies: number;
	readonly until: number;
	readonly settled: number;
}

/** Judges histories of the pair: by the one criterion, and by what says nearer the cause what is wrong. */
export class PairWatch implements Watch<PairHistory> {
	readonly initial: PairHistory;
	readonly #reference: Reference;
	readonly #announced: string;
	readonly #mac: string;
	readonly #wanted: Wanted;

	constructor(stage: Stage, wanted: Wanted) {
		const { trace } = stage;
		const announced = announcement(stage.knobs.announce, stage.identity);
		this.#reference = new Reference(() => stage.machine());
		this.#announced = announced === null ? '' : hashOf(announced);
		this.#mac = [...stage.identity.mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
		this.#wanted = wanted;
		let history: PairHistory = { laws: new Invariants(trace), logged: new Map(), sent: new Map(), told: new Map(stage.clients.map(({ name }) => [name, []])), asked: new Map(), sum: 0 };
		for (const event of trace) {
			const kept = { ...event, bytes: event.bytes.slice() };
			history = this.event(history, kept);
			if (kept.kind === 'frameSent' && (kept.place === 'primary' || kept.place === 'backup')) history = this.sent(history, kept.place, kept.port, kept.bytes);
		}
		this.initial = history;
	}

	event(state: PairHistory, event: TraceEvent): PairHistory {
		switch (event.kind) {
			case 'entryLogged': return this.#logged(state, event.bytes);
			case 'delivered': return this.#told(state, event.place, textOf(event.bytes));
			case 'wrote': return { ...state, asked: new Map([...state.asked, [event.place, (state.asked.get(event.place) ?? 0) + 1]]) };
			case 'failed': return { ...state, told: new Map([...state.told, [event.place, [...state.told.get(event.place) ?? [], event.error]]]) };
			case 'entryReceived': case 'entryExecuted': case 'outputReleased': case 'outputRepeated': case 'tookOver': case 'wentAlone': case 'joined': case 'halted': return this.#watched(state, event);
			default: return state;
		}
	}

	#logged(state: PairHistory, entry: Uint8Array): PairHistory {
		const key = hashOf(entry);
		return state.logged.has(key) ? state : { ...state, logged: new Map([...state.logged, [key, entry]]), sum: state.sum + partOf(key) };
	}

	#watched(state: PairHistory, event: TraceEvent): PairHistory {
		const laws = state.laws.copy();
		laws.see(event);
		const [found] = laws.violations;
		if (found !== undefined) throw new Violation(found.invariant, found.text);
		return { ...state, laws };
	}

	/** No two requests are ever answered with the same number, and a client's numbers grow. */
	#told(state: PairHistory, client: string, reply: string): PairHistory {
		const own = state.told.get(client) ?? [];
		for (const [name, replies] of state.told) if (replies.includes(reply)) throw new Violation('linearizable', `${client} was told ${reply}, and ${name === client ? 'it' : name} had been told so before`);
		if (own.length >= (state.asked.get(client) ?? 0)) throw new Violation('bytes-are-right', `${client} was told ${reply}, which it had not asked for`);
		if (own.length > 0 && Number(own.at(-1)) >= Number(reply)) throw new Violation('linearizable', `${client} was told ${reply} after ${own.at(-1)}`);
		return { ...state, told: new Map([...state.told, [client, [...own, reply]]]) };
	}

	/** The criterion: what a client may see is an output of a machine that never failed, or an announcement. */
	sent(state: PairHistory, place: string, port: number, bytes: Uint8Array): PairHistory {
		if (port !== 0 || (place !== 'primary' && place !== 'backup') || readPacket(bytes).sourceMac !== this.#mac) return state;
		const key = hashOf(bytes);
		if (state.sent.has(key) || key === this.#announced) return state;
		const next = { ...state, sent: new Map([...state.sent, [key, bytes]]), sum: state.sum + partOf(key) };
		this.#judge(next);
		return next;
	}

	#judge({ logged, sent }: PairHistory): void {
		const { entries } = survivingLog(logged.values());
		const outputs = this.#reference.outputsOf(entries);
		for (const [key, bytes] of sent) if (!outputs.has(key)) throw new Violation('oracle', this.#reference.explain(entries, bytes));
	}

	crashed(state: PairHistory, place: string): PairHistory {
		const laws = state.laws.copy();
		laws.see({ kind: 'crashed', place } as TraceEvent);
		return { ...state, laws };
	}

	keyOf({ laws, logged, sent, told, asked, sum }: PairHistory): string {
		return `${laws.key} ${logged.size} ${sent.size} ${sum} ${JSON.stringify([...told])} ${JSON.stringify([...asked].sort())}`;
	}

	until({ told }: PairHistory): number {
		for (const replies of told.values()) if (replies.length < this.#wanted.replies) return this.#wanted.until;
		return this.#wanted.settled;
	}

	ended(state: PairHistory, facts: ReadonlyMap<string, Facts>): void {
		this.#judge(state);
		const serving = ['primary', 'backup'].filter((name) => !['', 'halted', 'joining'].includes(facts.get(name)!.text));
		for (const [client, told] of state.told) {
			if (serving.length > 0 && told.length < this.#wanted.replies) throw new Violation('all-is-settled', `nothing is left to happen, and ${client} was told ${told.join(', ') || 'nothing'}`);
		}
	}
}
