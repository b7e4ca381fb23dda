import { Kind } from '../trace/index.ts';
import type { Trace } from '../trace/index.ts';
import type { Node, Sink } from '../wire/node.ts';
import { BALLOT_ANSWER, BALLOT_CLAIM, putBallot, readBallot } from './ballot.ts';
import type { Ballot, Verdict } from './ballot.ts';
import { LedgerError, MemoryLedger } from './ledger.ts';
import type { Ledger, Term } from './ledger.ts';

/** Whoever lost a race to write reads again; nobody loses for ever against two members. */
const TRIES = 8;

function equalMembers(a: readonly number[], b: readonly number[]): boolean {
	return a.length === b.length && a.every((id, i) => id === b[i]);
}

/**
 * Decides a claim (test-and-set):
 *
 * - `won`: the claimer has opened the epoch behind the one it lives in; told
 *   again as often as it asks
 * - `lost`: it is no member any more, or never was
 * - `behind`: it is a member, but of a later epoch than it lives in
 *
 * A member may go on alone; who is alone may take one other in.
 *
 * @throws LedgerError
 */
export function decide(ledger: Ledger, claim: Pick<Ballot, 'machine' | 'epoch' | 'members'>): { verdict: Verdict; term: Term; opened: boolean } {
	const next: Term = { epoch: claim.epoch + 1, winner: claim.machine, members: claim.members };
	for (let tries = 0; tries < TRIES; tries++) {
		const term = ledger.newest();
		if (!term.members.includes(claim.machine)) return { verdict: 'lost', term, opened: false };
		if (term.epoch === next.epoch && term.winner === claim.machine && equalMembers(term.members, claim.members)) return { verdict: 'won', term, opened: false };
		if (term.epoch > claim.epoch) return { verdict: 'behind', term, opened: false };
		// A claim from the future, or for others: only a ledger that lost its past or a broken claimer brings it.
		if (term.epoch < claim.epoch || claim.members[0] !== claim.machine) return { verdict: 'lost', term, opened: false };
		if (claim.members.length > 1 && term.members.length > 1) return { verdict: 'lost', term, opened: false };
		if (ledger.put(next)) return { verdict: 'won', term: next, opened: true };
	}
	throw new LedgerError('LEDGER_DAMAGED', `the ledger takes no epoch ${next.epoch} and shows none: look at what it is kept in`);
}

/** An answer that has not left yet. */
interface Answer {
	readonly port: number;
	readonly frame: Uint8Array;
}

/** What an arbiter counts. */
export class ArbiterCounters {
	/** messages that were no claims */
	malformed: number = 0;
	/** claims that were answered */
	answered: number = 0;
	/** claims that were not, because the ledger could not be reached */
	unanswered: number = 0;
}

/**
 * The arbiter as a node: a port a member, an answer for every claim, on the port
 * it came by. What it decides is in its ledger; without one in reach it is silent.
 */
export class Arbiter implements Node {
	readonly ledger: Ledger;
	readonly counters: ArbiterCounters = new ArbiterCounters();
	/** the last fault of the ledger; null when it could be reached */
	fault: LedgerError | null = null;
	readonly #trace: Trace | null;
	readonly #place: number;
	#answers: Answer[] = [];

	constructor(ledger: Ledger, trace: Trace | null = null, place: number = 0) {
		this.ledger = ledger;
		this.#trace = trace;
		this.#place = place;
	}

	get wakeAt(): number { return Infinity; }

	wake(_now: number): void {}

	receive(port: number, bytes: Uint8Array, at: number, length: number, _now: number): void {
		const claim = readBallot(bytes, at, length);
		if (claim === null || claim.kind !== BALLOT_CLAIM || claim.members.length === 0) this.counters.malformed++;
		else this.#answer(port, claim);
	}

	#answer(port: number, claim: Ballot): void {
		try {
			const { verdict, term, opened } = decide(this.ledger, claim);
			this.fault = null;
			if (opened && this.#trace !== null) this.#trace.put(Kind.arbiterDecided, this.#place, term.epoch, term.winner);
			this.#answers.push({ port, frame: putBallot({ ...claim, kind: BALLOT_ANSWER, verdict, decided: term.epoch, winner: term.winner, members: term.members }) });
			this.counters.answered++;
		} catch (fault) {
			if (!(fault instanceof LedgerError)) throw fault;
			this.fault = fault;
			this.counters.unanswered++;
		}
	}

	/** The state, where the ledger is in memory; another ledger's state is its own. */
	save(): { readonly answers: readonly Answer[]; readonly terms: readonly Term[] } {
		return { answers: [...this.#answers], terms: this.ledger instanceof MemoryLedger ? this.ledger.save() : [] };
	}

	restore(saved: { readonly answers: readonly Answer[]; readonly terms: readonly Term[] }): void {
		this.#answers = [...saved.answers];
		if (this.ledger instanceof MemoryLedger) this.ledger.restore(saved.terms);
	}

	drain(sink: Sink): void {
		const answers = this.#answers;
		this.#answers = [];
		for (const { port, frame } of answers) sink.take(frame, 0, frame.length, port);
	}
}
