import { BALLOT_ANSWER, BALLOT_CLAIM, putBallot } from './ballot.ts';
import type { Ballot, Verdict } from './ballot.ts';
import { Kind } from '../trace/index.ts';
import type { Sink } from '../wire/node.ts';
import { PORT_ARBITER } from './core.ts';
import type { Core } from './core.ts';
import type { Luggage } from './luggage.ts';

/**
 * A question to the arbiter: asked until it is answered, however long that
 * takes. Without an answer nothing is known.
 */
export class Claim {
	/** whether the arbiter was asked and has not answered */
	open: boolean = false;
	/** the epoch the claimer lived in when it asked */
	epoch: number = 0;
	/** when to ask again, own clock in µs */
	askAt: number = Infinity;
	/** times asked */
	attempt: number = 0;
	/** who shall be taken in; 0 where the claimer wants to go on alone */
	newcomer: number = 0;

	begin(now: number, epoch: number, newcomer: number): void {
		this.open = true;
		this.epoch = epoch;
		this.newcomer = newcomer;
		this.askAt = now;
		this.attempt = 0;
	}

	/** The question as a frame; the next one is due after `every`. */
	ask(now: number, machine: number, every: number): Uint8Array {
		this.attempt++;
		this.askAt = now + every;
		const members = this.newcomer === 0 ? [machine] : [machine, this.newcomer];
		return putBallot({ kind: BALLOT_CLAIM, machine, epoch: this.epoch, attempt: this.attempt, members, verdict: 'none', decided: 0, winner: 0 });
	}

	/**
	 * Takes an answer in.
	 *
	 * @returns  the verdict; `none` where it does not answer this question
	 */
	answered(ballot: Ballot, machine: number, now: number): Verdict {
		if (!this.open || ballot.kind !== BALLOT_ANSWER || ballot.machine !== machine || ballot.epoch !== this.epoch || ballot.attempt > this.attempt) return 'none';
		if (ballot.verdict === 'behind') {
			// It is a member of a later epoch and did not hear of it: it asks anew from there.
			this.epoch = ballot.decided;
			this.askAt = now;
			return 'behind';
		}
		if (ballot.verdict !== 'none') this.close();
		return ballot.verdict;
	}

	/** Takes in what came from the arbiter; a lost claim halts the replica. */
	heard(core: Core, ballot: Ballot): Verdict {
		const verdict = this.answered(ballot, core.id, core.now);
		if (verdict === 'none') core.drop('arbiterStale', PORT_ARBITER);
		else if (core.trace !== null) core.trace.put(Kind.arbiterAnswered, core.place, ballot.decided, ballot.winner, core.trace.name(verdict));
		if (verdict === 'lost') core.halt('lost');
		return verdict;
	}

	/** Asks, where it is time to. */
	drain(core: Core, sink: Sink): void {
		if (core.now < this.askAt) return;
		const frame = this.ask(core.now, core.id, core.knobs.askEvery);
		if (core.trace !== null) core.trace.put(Kind.arbiterAsked, core.place, this.epoch + 1, this.attempt);
		sink.take(frame, 0, frame.length, PORT_ARBITER);
	}

	close(): void {
		this.open = false;
		this.askAt = Infinity;
	}

	carry(luggage: Luggage): void {
		this.open = luggage.flag(this.open);
		this.epoch = luggage.number(this.epoch);
		this.askAt = luggage.number(this.askAt);
		this.attempt = luggage.number(this.attempt);
		this.newcomer = luggage.number(this.newcomer);
	}
}
