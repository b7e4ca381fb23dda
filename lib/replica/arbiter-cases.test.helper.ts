import { Arbiter } from './arbiter.ts';
import { BALLOT_CLAIM, putBallot, readBallot } from './ballot.ts';
import type { Ballot, Verdict } from './ballot.ts';
import { must } from './channel-cases.test.helper.ts';
import type { Case } from './channel-cases.test.helper.ts';
import { LedgerError } from './ledger.ts';
import type { Ledger } from './ledger.ts';

/** An arbiter under test, whose first term is epoch 1 with members 1 and 2, opened by 1. */
export interface ArbiterRig {
	/** What it answers to a claim; null where it says nothing. */
	ask(claim: Uint8Array): Promise<Ballot | null>;
	/** Asks the same by another way, as another process does. */
	askAgain(claim: Uint8Array): Promise<Ballot | null>;
	/** Makes what it keeps its decisions in unreachable, or reachable again. */
	reach(reachable: boolean): void;
	dispose(): void;
}

/** A ledger under test, of the same first term. */
export interface LedgerRig {
	readonly ledger: Ledger;
	/** Another view of the same ledger, as another process has it. */
	again(): Ledger;
	/** Makes it unreachable, or reachable again. */
	reach(reachable: boolean): void;
	dispose(): void;
}

/** Asks an arbiter as a replica does; null where it says nothing. */
function asked(arbiter: Arbiter, port: number, frame: Uint8Array): Ballot | null {
	let answer: Ballot | null = null;
	arbiter.receive(port, frame, 0, frame.length, 0);
	arbiter.drain({ take: (bytes, at, length, by) => { if (by === port) answer = readBallot(bytes, at, length); } });
	return answer;
}

/** An arbiter over a ledger, and another over another view of it. */
export function arbiterOver(rig: LedgerRig): ArbiterRig {
	const arbiter = new Arbiter(rig.ledger), other = new Arbiter(rig.again());
	return {
		ask: async (claim) => asked(arbiter, 0, claim), askAgain: async (claim) => asked(other, 1, claim),
		reach: (reachable) => rig.reach(reachable), dispose: () => rig.dispose(),
	};
}

function using<T extends { dispose(): void }>(use: (rig: T) => void | Promise<void>): Case<T>['run'] {
	return async (make) => {
		const rig = await make();
		try { await use(rig); } finally { rig.dispose(); }
	};
}

let attempts = 0;

function claimFrame(machine: number, epoch: number, members: readonly number[] = [machine]): Uint8Array {
	return putBallot({ kind: BALLOT_CLAIM, machine, epoch, attempt: ++attempts, members, verdict: 'none', decided: 0, winner: 0 });
}

async function expect(ask: ArbiterRig['ask'], machine: number, epoch: number, verdict: Verdict, members: readonly number[] = [machine]): Promise<Ballot> {
	const answer = await ask(claimFrame(machine, epoch, members));
	must(answer !== null, `machine ${machine} claims from epoch ${epoch} and is not answered`);
	must(answer!.verdict === verdict, `machine ${machine} claims from epoch ${epoch}: ${answer!.verdict}, and not ${verdict}`);
	must(answer!.machine === machine && answer!.epoch === epoch && answer!.attempt === attempts, 'the answer is to another question');
	return answer!;
}

/** What holds for every arbiter, however it is asked and whatever its ledger is made of. */
export const arbiterCases: readonly Case<ArbiterRig>[] = [
	{
		name: 'of two members exactly the first to ask goes on',
		run: using(async ({ ask }) => {
			await expect(ask, 2, 1, 'won');
			const { decided, winner, members } = await expect(ask, 1, 1, 'lost');
			must(decided === 2 && winner === 2 && members.length === 1 && members[0] === 2, 'the winner is not recorded');
		}),
	},
	{
		name: 'asking again changes nothing',
		run: using(async ({ ask }) => {
			for (let i = 0; i < 3; i++) await expect(ask, 1, 1, 'won');
			for (let i = 0; i < 3; i++) must((await expect(ask, 2, 1, 'lost')).decided === 2, 'a repeated claim opened another epoch');
		}),
	},
	{
		name: 'strangers and those of the past are refused',
		run: using(async ({ ask }) => {
			await expect(ask, 9, 1, 'lost');
			await expect(ask, 1, 1, 'won');
			await expect(ask, 9, 2, 'lost');
			await expect(ask, 2, 2, 'lost');
			await expect(ask, 1, 7, 'lost');
		}),
	},
	{
		name: 'who is alone takes one other in, and then either may go on',
		run: using(async ({ ask }) => {
			await expect(ask, 1, 1, 'lost', [1, 3]);
			await expect(ask, 1, 1, 'won');
			await expect(ask, 3, 2, 'lost');
			await expect(ask, 1, 2, 'won', [1, 3]);
			await expect(ask, 1, 2, 'won', [1, 3]);
			await expect(ask, 3, 2, 'behind');
			await expect(ask, 3, 3, 'won');
			await expect(ask, 1, 3, 'lost');
		}),
	},
	{
		name: 'a decision is the same whichever way it is asked for',
		run: using(async ({ ask, askAgain }) => {
			await expect(ask, 2, 1, 'won');
			await expect(askAgain, 2, 1, 'won');
			await expect(askAgain, 1, 1, 'lost');
		}),
	},
	{
		name: 'an arbiter whose ledger is out of reach says nothing, and heals',
		run: using(async (rig) => {
			rig.reach(false);
			must(await rig.ask(claimFrame(1, 1)) === null, 'it answered without its ledger');
			rig.reach(true);
			await expect(rig.ask, 1, 1, 'won');
			await expect(rig.askAgain, 2, 1, 'lost');
		}),
	},
];

/** What holds for every ledger an arbiter may keep. */
export const ledgerCases: readonly Case<LedgerRig>[] = [
	{
		name: 'an epoch is put once, by whichever view comes first',
		run: using((rig) => {
			const again = rig.again();
			must(rig.ledger.put({ epoch: 2, winner: 1, members: [1] }), 'the first was refused');
			must(!again.put({ epoch: 2, winner: 2, members: [2] }), 'the second was taken');
			const { winner, members } = again.newest();
			must(winner === 1 && members.length === 1 && members[0] === 1, 'the record is not the first one');
		}),
	},
	{
		name: 'out of reach it throws, and its arbiter shows the fault until it is back',
		run: using((rig) => {
			const arbiter = new Arbiter(rig.ledger);
			rig.reach(false);
			must(asked(arbiter, 0, claimFrame(1, 1)) === null, 'it answered without its ledger');
			must(arbiter.fault instanceof LedgerError && arbiter.counters.unanswered === 1, 'the fault is not shown');
			rig.reach(true);
			must(asked(arbiter, 0, claimFrame(1, 1))?.verdict === 'won', 'it did not heal');
			must(arbiter.fault === null, 'the fault is still shown');
		}),
	},
];
