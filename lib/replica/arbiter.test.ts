import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arbiter, decide } from './arbiter.ts';
import { arbiterCases, arbiterOver, ledgerCases } from './arbiter-cases.test.helper.ts';
import type { LedgerRig } from './arbiter-cases.test.helper.ts';
import { BALLOT_ANSWER, BALLOT_CLAIM, BALLOT_LENGTH, putBallot, readBallot } from './ballot.ts';
import type { Ballot } from './ballot.ts';
import { Claim } from './claim.ts';
import { LedgerError, MemoryLedger } from './ledger.ts';
import type { Ledger, Term } from './ledger.ts';

const first: Term = { epoch: 1, winner: 1, members: [1, 2] };

class Switchable implements Ledger {
	reachable = true;
	readonly #inner: MemoryLedger;
	constructor(inner: MemoryLedger) { this.#inner = inner; }
	#check(): void { if (!this.reachable) throw new LedgerError('LEDGER_UNREACHABLE', 'switched off'); }
	newest(): Term { this.#check(); return this.#inner.newest(); }
	put(term: Term): boolean { this.#check(); return this.#inner.put(term); }
}

function rig(): LedgerRig {
	const inner = new MemoryLedger(first);
	const views: Switchable[] = [];
	const view = (): Switchable => { const one = new Switchable(inner); views.push(one); return one; };
	return { ledger: view(), again: view, reach: (reachable) => { for (const one of views) one.reachable = reachable; }, dispose: () => {} };
}

for (const one of arbiterCases) test(`in memory: ${one.name}`, () => one.run(() => arbiterOver(rig())));
for (const one of ledgerCases) test(`in memory: ${one.name}`, () => one.run(rig));

const ballot: Ballot = { kind: BALLOT_ANSWER, machine: 0xffff_fffe, epoch: 3, attempt: 2, members: [7, 9], verdict: 'won', decided: 4, winner: 7 };

test('a ballot reads back as it was written', () => {
	assert.equal(readBallot(putBallot(ballot), 0, BALLOT_LENGTH), ballot);
	assert.equal(readBallot(putBallot({ ...ballot, members: [7] }), 0, BALLOT_LENGTH)!.members, [7]);
});

test('any flipped bit of a ballot is noticed, and no bytes are taken for one that are none', () => {
	const bytes = putBallot(ballot);
	for (let bit = 12 * 8; bit < bytes.length * 8; bit++) {
		const bad = bytes.slice();
		bad[bit >> 3] = bad[bit >> 3]! ^ (1 << (bit & 7));
		assert.is(readBallot(bad, 0, bad.length), null, `bit ${bit}`);
	}
	assert.is(readBallot(bytes, 0, BALLOT_LENGTH - 1), null);
	fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (any) => assert.is(readBallot(any, 0, any.length), null)));
});

test('the arbiter counts what is no claim', () => {
	const arbiter = new Arbiter(new MemoryLedger(first));
	const answer = putBallot(ballot);
	arbiter.receive(0, answer, 0, answer.length, 0);
	arbiter.receive(0, answer, 0, 5, 0);
	assert.is(arbiter.counters.malformed, 2);
	arbiter.drain({ take: () => assert.unreachable('it answered') });
	arbiter.wake(0);
	assert.is(arbiter.wakeAt, Infinity);
});

test('saved and restored with an answer under way', () => {
	const arbiter = new Arbiter(new MemoryLedger(first));
	const claim = putBallot({ kind: BALLOT_CLAIM, machine: 2, epoch: 1, attempt: 1, members: [2], verdict: 'none', decided: 0, winner: 0 });
	const before = arbiter.save();
	arbiter.receive(1, claim, 0, claim.length, 0);
	const after = arbiter.save();
	const answers = (): Ballot[] => {
		const got: Ballot[] = [];
		arbiter.drain({ take: (bytes, at, length) => got.push(readBallot(bytes, at, length)!) });
		return got;
	};
	arbiter.restore(before);
	assert.is(arbiter.ledger.newest().epoch, 1);
	assert.equal(answers(), []);
	arbiter.restore(after);
	assert.is(arbiter.ledger.newest().winner, 2);
	assert.equal(answers().map(({ verdict }) => verdict), ['won']);
});

test('a ledger that takes nothing and shows nothing is damaged', () => {
	const stuck: Ledger = { newest: () => first, put: () => false };
	assert.throws(() => decide(stuck, { machine: 1, epoch: 1, members: [1] }), (error: LedgerError) => error.code === 'LEDGER_DAMAGED');
});

test('a claim takes only the answer to its own question', () => {
	const claim = new Claim();
	const answer: Ballot = { kind: BALLOT_ANSWER, machine: 1, epoch: 1, attempt: 1, members: [1], verdict: 'won', decided: 2, winner: 1 };
	assert.is(claim.answered(answer, 1, 0), 'none');
	claim.begin(100, 1, 0);
	assert.is(claim.askAt, 100);
	assert.is(claim.answered(answer, 1, 0), 'none', 'nothing was asked yet');
	assert.equal(readBallot(claim.ask(100, 1, 50), 0, BALLOT_LENGTH)!.members, [1]);
	assert.is(claim.askAt, 150);
	for (const other of [{ machine: 2 }, { epoch: 2 }, { attempt: 2 }, { kind: BALLOT_CLAIM }]) assert.is(claim.answered({ ...answer, ...other }, 1, 0), 'none');
	assert.is(claim.answered({ ...answer, verdict: 'behind', decided: 5 }, 1, 120), 'behind');
	assert.is(claim.epoch, 5);
	assert.is(claim.askAt, 120);
	claim.ask(120, 1, 50);
	assert.is(claim.answered({ ...answer, epoch: 5, decided: 6 }, 1, 130), 'won');
	assert.not(claim.open);
	assert.is(claim.askAt, Infinity);
});

test.run();
