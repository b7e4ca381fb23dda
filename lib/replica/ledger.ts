/** What is decided of one epoch: nothing ever changes it. */
export interface Term {
	readonly epoch: number;
	/** machine id of the one that opened it */
	readonly winner: number;
	/** machine ids of its members */
	readonly members: readonly number[];
}

/** The ledger cannot be read or written now. The arbiter then says nothing, and is asked again. */
export class LedgerError extends Error {
	readonly code: string;
	override readonly name: string = 'LedgerError';

	/** @param code  `LEDGER_UNREACHABLE`, `LEDGER_DAMAGED` */
	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

/**
 * Where an arbiter keeps what it decided: in memory, in files. Several
 * arbiters may share one; `put` is the test-and-set between them.
 */
export interface Ledger {
	/** The term with the highest epoch. @throws LedgerError */
	newest(): Term;
	/**
	 * Makes a term the one of its epoch, whole and in one act.
	 *
	 * @returns  false where that epoch has one already, which stays
	 * @throws   LedgerError
	 */
	put(term: Term): boolean;
}

/** A ledger in memory. */
export class MemoryLedger implements Ledger {
	#terms: Term[];

	constructor(first: Term) {
		this.#terms = [first];
	}

	newest(): Term {
		return this.#terms.at(-1)!;
	}

	put(term: Term): boolean {
		if (term.epoch !== this.newest().epoch + 1) return false;
		this.#terms.push(term);
		return true;
	}

	/** Every term, oldest first. */
	get terms(): readonly Term[] { return this.#terms; }

	/** What `restore` goes back to. */
	save(): readonly Term[] { return [...this.#terms]; }

	restore(terms: readonly Term[]): void { this.#terms = [...terms]; }
}
