import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../replica/index.ts';
import { LiveError } from './error.ts';
import { FileLedger } from './file-ledger.ts';
import type { MachineOrder } from './machine-order.ts';
import { putOnce, reasonOf } from './put-once.ts';

const CHARTER = 'charter';

/** What the machine is that this ledger belongs to, and who began it. */
interface Charter {
	readonly founder: number;
	readonly machine: MachineOrder;
}

/** What a process that wants to be a replica is told by the arbiter. */
export interface Enrolment extends Charter {
	/** its machine id, which nobody had before it */
	readonly id: number;
}

function readCharter(folder: string): Charter {
	try {
		return JSON.parse(readFileSync(join(folder, CHARTER), 'utf8')) as Charter;
	} catch (error) {
		throw new LedgerError('LEDGER_DAMAGED', `The arbiter's file ${join(folder, CHARTER)} cannot be read (${reasonOf(error)}).`);
	}
}

/** What both have to have been asked for alike; seed and epoch are the founder's. */
const ALIKE = ['mac', 'address', 'prefix', 'service', 'connections', 'pages'] as const;

function checkAlike(wanted: MachineOrder, { machine }: Charter): void {
	const name = ALIKE.find((one) => wanted[one] !== machine[one]);
	if (name !== undefined) throw new LiveError('CHARTER_DIFFERS', `The arbiter's machine has ${name} ${machine[name]}, and ${wanted[name]} was asked for.`, 'Give the same options, or another arbiter.');
}

/**
 * Enters a process into the ledger's folder: the first founds the machine and
 * opens epoch 1 alone, everybody later is to join whoever speaks.
 *
 * @param machine  what the machine shall be, should this be the first
 * @throws LedgerError; LiveError CHARTER_DIFFERS
 */
export function enrol(folder: string, machine: MachineOrder): Enrolment {
	try {
		let id = 1;
		while (!putOnce(folder, `member-${id}`, '', true)) id++;
		putOnce(folder, CHARTER, `${JSON.stringify({ founder: id, machine })}\n`, true);
		const charter = readCharter(folder);
		checkAlike(machine, charter);
		// Whoever comes by finishes what a founder may have died over: the term is the same.
		new FileLedger(folder).put({ epoch: 1, winner: charter.founder, members: [charter.founder] });
		return { id, ...charter };
	} catch (error) {
		if (error instanceof LedgerError || error instanceof LiveError) throw error;
		throw new LedgerError('LEDGER_UNREACHABLE', `The arbiter's folder ${folder} cannot be written (${reasonOf(error)}).`);
	}
}
