import { closeSync, fsyncSync, linkSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../replica/index.ts';
import type { Ledger, Term } from '../replica/index.ts';

const NAME = /^epoch-(\d{1,10})$/;

function fileName(epoch: number): string {
	return `epoch-${epoch}`;
}

function reasonOf(error: unknown): string {
	return (error as NodeJS.ErrnoException).code ?? String(error);
}

/**
 * A ledger in a folder that all members can reach: one file an epoch. A file is
 * written whole under another name, and made the epoch's by link(2), which only
 * one can do and which never shows half a file.
 */
export class FileLedger implements Ledger {
	readonly folder: string;
	readonly #outlivesMachine: boolean;
	#tries = 0;

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
		const draft = join(this.folder, `.draft-${process.pid}-${++this.#tries}`);
		try {
			this.#write(draft, `${JSON.stringify(term)}\n`);
			linkSync(draft, join(this.folder, fileName(term.epoch)));
			if (this.#outlivesMachine) this.#settle();
			return true;
		} catch (error) {
			if (reasonOf(error) === 'EEXIST') return false;
			throw new LedgerError('LEDGER_UNREACHABLE', `The arbiter's folder ${this.folder} cannot be written (${reasonOf(error)}).`);
		} finally {
			rmSync(draft, { force: true });
		}
	}

	#write(path: string, text: string): void {
		const file = openSync(path, 'wx');
		try {
			// All of it, or an error: a full disk may take a part.
			writeFileSync(file, text);
			if (this.#outlivesMachine) fsyncSync(file);
		} finally {
			closeSync(file);
		}
	}

	/** The name itself is on the disk too. */
	#settle(): void {
		const folder = openSync(this.folder, 'r');
		try {
			fsyncSync(folder);
		} finally {
			closeSync(folder);
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
