import { Arbiter, decide } from './arbiter.ts';
import { BALLOT_CLAIM, putBallot, readBallot } from './ballot.ts';
import type { Ballot, Verdict } from './ballot.ts';
import { must } from './channel-cases.test.helper.ts';
import type { Case } from './channel-cases.test.helper.ts';
import { LedgerError } from './ledger.ts';
import type { Ledger } from './ledger.ts';

/** A ledger under test, whose first term is epoch 1 with members 1 and 2, opened by 1. */
export interface LedgerRig {
	readonly ledger: Ledger;
	/** Another view of the same ledger, as another process has it. */
	again(): Ledger;
	/** Makes it unreachable, or reachable again. */
	reach(reachable: boolean): void;
	dispose(): void;
}

type Use = (rig: LedgerRig) => void;

function using(use: Use): Case<LedgerRig>['run'] {
	return async (make) => {
		const rig = await make();
		try { use(rig); } finally { rig.dispose(); }
	};
}

function claim(ledger: Ledger, machine: number, epoch: number, members: readonly number[] = [machine]): Verdict {
	return decide(ledger, { machine, epoch, members }).verdict;
}

function expect(ledger: Ledger, machine: number, epoch: number, verdict: Verdict, members: readonly number[] = [machine]): void {
	const found = claim(ledger, machine, epoch, members);
	must(found === verdict, `machine ${machine} claims from epoch ${epoch}: ${found}, and not ${verdict}`);
}

const claimFrame = (machine: number, epoch: number, attempt: number): Uint8Array =>
	putBallot({ kind: BALLOT_CLAIM, machine, epoch, attempt, members: [machine], verdict: 'none', decided: 0, winner: 0 });

/** Asks an arbiter as a replica does; null where it says nothing. */
function asked(arbiter: Arbiter, port: number, frame: Uint8Array): Ballot | null {
	let answer: Ballot | null = null;
	arbiter.receive(port, frame, 0, frame.length, 0);
	arbiter.drain({ take: (bytes, at, length, by) => { if (by === port) answer = readBallot(bytes, at, length); } });
	return answer;
}

/** What holds for every arbiter, whatever its ledger is made of. */
export const arbiterCases: readonly Case<LedgerRig>[] = [
	{
		name: 'of two members exactly the first to ask goes on',
		run: using(({ ledger }) => {
			expect(ledger, 2, 1, 'won');
			expect(ledger, 1, 1, 'lost');
			must(ledger.newest().epoch === 2 && ledger.newest().winner === 2, 'the winner is not recorded');
		}),
	},
	{
		name: 'asking again changes nothing',
		run: using(({ ledger }) => {
			for (let i = 0; i < 3; i++) expect(ledger, 1, 1, 'won');
			for (let i = 0; i < 3; i++) expect(ledger, 2, 1, 'lost');
			must(ledger.newest().epoch === 2, 'a repeated claim opened another epoch');
		}),
	},
	{
		name: 'strangers and those of the past are refused',
		run: using(({ ledger }) => {
			expect(ledger, 9, 1, 'lost');
			expect(ledger, 1, 1, 'won');
			expect(ledger, 9, 2, 'lost');
			expect(ledger, 2, 2, 'lost');
			expect(ledger, 1, 7, 'lost');
		}),
	},
	{
		name: 'who is alone takes one other in, and then either may go on',
		run: using(({ ledger }) => {
			expect(ledger, 1, 1, 'lost', [1, 3]);
			expect(ledger, 1, 1, 'won');
			expect(ledger, 3, 2, 'lost');
			expect(ledger, 1, 2, 'won', [1, 3]);
			expect(ledger, 1, 2, 'won', [1, 3]);
			expect(ledger, 3, 2, 'behind');
			expect(ledger, 3, 3, 'won');
			expect(ledger, 1, 3, 'lost');
		}),
	},
	{
		name: 'a decision outlives the arbiter that made it',
		run: using((rig) => {
			expect(rig.ledger, 2, 1, 'won');
			const again = rig.again();
			expect(again, 2, 1, 'won');
			expect(again, 1, 1, 'lost');
		}),
	},
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
		name: 'an arbiter whose ledger is out of reach says nothing, and heals',
		run: using((rig) => {
			const arbiter = new Arbiter(rig.ledger);
			rig.reach(false);
			must(asked(arbiter, 0, claimFrame(1, 1, 1)) === null, 'it answered without its ledger');
			must(arbiter.fault instanceof LedgerError && arbiter.counters.unanswered === 1, 'the fault is not shown');
			rig.reach(true);
			must(asked(arbiter, 0, claimFrame(1, 1, 2))?.verdict === 'won', 'it did not heal');
			must(arbiter.fault === null, 'the fault is still shown');
			must(asked(arbiter, 1, claimFrame(2, 1, 1))?.verdict === 'lost', 'the other won too');
		}),
	},
];
