import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../replica/index.ts';
import type { Ledger, Term } from '../replica/index.ts';
import { putOnce, reasonOf } from './put-once.ts';

const NAME = /^epoch-(\d{1,10})$/;

function fileName(epoch: number): string {
	return `epoch-${epoch}`;
}

/**
 * A ledger in a folder that all members can reach: one file an epoch.
 */
export class FileLedger implements Ledger {
	readonly folder: string;
	readonly #outlivesMachine: boolean;

	/**
	 * @param folder           has to exist; it is not made, since a folder that vanished must not be taken for an empty one
	 * @param outlivesMachine  whether what is decided has to outlive this machine; of no use where both replicas run on it
	 */
	constructor(folder: string, outlivesMachine: boolean = true) {
		this.folder = folder;
		this.#outlivesMachine = outlivesMachine;
	}

	newest(): Term {
		const epochs = this.#list().map((name) => Number(NAME.exec(name)?.[1] ?? 0));
		const epoch = Math.max(0, ...epochs);
		if (epoch === 0) throw new LedgerError('LEDGER_UNREACHABLE', `The arbiter's folder ${this.folder} holds no epoch: put it back, or start the pair anew.`);
		return this.#read(epoch);
	}

	#list(): string[] {
		try {
			return readdirSync(this.folder);
		} catch (error) {
			throw new LedgerError('LEDGER_UNREACHABLE', `The arbiter's folder ${this.folder} cannot be read (${reasonOf(error)}): put it back.`);
		}
	}

	#read(epoch: number): Term {
		const path = join(this.folder, fileName(epoch));
		let text: string;
		try {
			text = readFileSync(path, 'utf8');
		} catch (error) {
			throw new LedgerError('LEDGER_UNREACHABLE', `The arbiter's file ${path} cannot be read (${reasonOf(error)}).`);
		}
		const term = parseTerm(text);
		if (term === null || term.epoch !== epoch) throw new LedgerError('LEDGER_DAMAGED', `The arbiter's file ${path} does not hold epoch ${epoch}: restore it from a copy.`);
		return term;
	}

	put(term: Term): boolean {
		try {
			return putOnce(this.folder, fileName(term.epoch), `${JSON.stringify(term)}\n`, this.#outlivesMachine);
		} catch (error) {
			throw new LedgerError('LEDGER_UNREACHABLE', `The arbiter's folder ${this.folder} cannot be written (${reasonOf(error)}).`);
		}
	}
}

function parseTerm(text: string): Term | null {
	try {
		const { epoch, winner, members } = JSON.parse(text) as Partial<Term>;
		if (!Number.isInteger(epoch) || !Number.isInteger(winner) || !Array.isArray(members) || !members.every(Number.isInteger)) return null;
		return { epoch: epoch!, winner: winner!, members: members as readonly number[] };
	} catch {
		return null;
	}
}
