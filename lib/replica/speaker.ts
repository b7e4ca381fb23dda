import { Kind } from '../trace/index.ts';
import type { Sink } from '../wire/node.ts';
import { Announcer } from './announcer.ts';
import type { Ballot } from './ballot.ts';
import { Claim } from './claim.ts';
import { PORT_CHANNEL, PORT_CLIENTS } from './core.ts';
import type { Core } from './core.ts';
import { Courtesy } from './courtesy.ts';
import { Donor } from './donor.ts';
import { Ending } from './ending.ts';
import { CONTROL_DIGEST, CONTROL_HAND_OVER, CONTROL_JOINED, CONTROL_STOP, ENTRY_CONTROL, ENTRY_ENTROPY, ENTRY_WAKE } from './entry.ts';
import { HOLD, KEEP, PASS } from './gate.ts';
import { judgeGreeting, putDigest } from './greeting.ts';
import { Lease } from './lease.ts';
import { FLAG_FAREWELL, FLAG_GAP, FLAG_JOINING, LETTER_ACKNOWLEDGEMENT, LETTER_GREETING, LETTER_IMAGE_ACKNOWLEDGEMENT, LETTER_REFUSAL } from './letter.ts';
import type { Letter } from './letter.ts';
import type { Luggage } from './luggage.ts';
import { put64 } from './number.ts';
import { Sender } from './sender.ts';
import type { Side } from './side.ts';
import { Silence } from './silence.ts';
import { ADMITTING, ALONE, CLAIMING, LEAVING, PAIRED } from './speaker-phase.ts';
import type { SpeakerPhase } from './speaker-phase.ts';
import { giveUp } from './takeover.ts';
import { Throttle } from './throttle.ts';

/** A newcomer that lags by no more entries than this is taken in. */
const CLOSE = 16;

/**
 * A primary, with a backup or alone: takes input, logs, sends, executes, and
 * holds every output until the entry it came from is acknowledged.
 */
export class Speaker implements Side {
	phase: SpeakerPhase;
	readonly silence: Silence;
	readonly lease: Lease;
	readonly claim: Claim = new Claim();
	readonly sender: Sender;
	readonly announcer: Announcer;
	readonly donor: Donor;
	readonly courtesy: Courtesy;
	readonly ending: Ending = new Ending();
	readonly throttle: Throttle;
	readonly #core: Core;
	/** the backup was greeted: it can be sent to */
	#greeted: boolean = false;
	#sinceDigest: number = 0;

	constructor(core: Core, phase: typeof PAIRED | typeof ALONE) {
		const { knobs } = core;
		this.#core = core;
		this.phase = phase;
		this.silence = new Silence(knobs.stall);
		this.lease = new Lease(knobs.lease);
		this.sender = new Sender(core);
		this.announcer = new Announcer(knobs.announceTimes, knobs.announceEvery);
		this.donor = new Donor(core);
		this.courtesy = new Courtesy(core);
		this.throttle = new Throttle(knobs);
		if (phase === PAIRED) this.#await(knobs.meeting);
		this.#enter(phase);
		// Nothing else it sends would teach the switch where the input is to go.
		if (this.#isMute) this.announcer.begin(core.now);
	}

	#enter(phase: SpeakerPhase): void {
		this.phase = phase;
		if (phase !== PAIRED) this.throttle.rest();
		this.#core.gate.mode = this.#isMute ? KEEP : phase === ALONE || !this.#core.knobs.outputRule ? PASS : HOLD;
	}

	/** Whether the backup sends the outputs: this one keeps those of which it has not heard that they have left. */
	get #isMute(): boolean { return this.#core.knobs.outputFrom === 'backup' && this.phase !== ALONE; }

	/** The other has this long, from now on, to let itself be heard. */
	#await(longer: number = 0): void {
		const { knobs, now } = this.#core;
		this.silence.heard(now, (knobs.lease || knobs.silence) + knobs.patience + longer);
	}

	/** Until when outputs may be released, own clock in µs. */
	get leaseEnd(): number { return this.phase === ALONE ? Infinity : this.lease.end; }

	/** Whether entries and heartbeats have somebody to go to. */
	get #linked(): boolean {
		if (this.phase === PAIRED) return this.#greeted;
		return (this.phase === ALONE || this.phase === ADMITTING) && this.donor.newcomer !== 0 && !this.donor.busy;
	}

	/** When the machine's timers run; there has to be room to log that, and nothing follows the last entry. */
	get #timersAt(): number {
		const core = this.#core;
		return core.log.hasRoom && this.ending.index === Infinity ? Math.max(core.timersAt, this.throttle.at) : Infinity;
	}

	/** When frames that wait become an entry. */
	get #inputAt(): number { return this.#core.log.pending > 0 && this.throttle.pause > 0 ? Math.max(this.#core.now, this.throttle.at) : Infinity; }

	get wakeAt(): number {
		const linkAt = this.#linked ? Math.min(this.courtesy.heartbeatAt, this.courtesy.tellAt, this.sender.resendAt) : Infinity;
		const leaseAt = this.phase === PAIRED || this.phase === ADMITTING ? this.lease.dueAt : Infinity;
		return Math.min(this.#timersAt, this.#inputAt, linkAt, leaseAt, this.silence.due, this.claim.askAt, this.announcer.at, this.donor.resendAt, this.ending.dueAt);
	}

	/** Input of a kind that no frame brings: refills the machine's generator. */
	entropy(bytes: Uint8Array, at: number, length: number): void {
		if (this.ending.wanted === 0 && !this.#core.append(ENTRY_ENTROPY, 0, bytes, at, length)) this.#core.counters.entropyFull++;
	}

	/** Ends in order: nobody takes over, or the backup goes on. */
	end(handOver: boolean): void {
		if (this.ending.wanted === 0) this.ending.wanted = handOver ? CONTROL_HAND_OVER : CONTROL_STOP;
	}

	frame(bytes: Uint8Array, at: number, length: number): void {
		const core = this.#core;
		if (this.ending.wanted !== 0) return core.drop('notSpeaking', PORT_CLIENTS);
		if (!core.log.couldHold(length)) return core.drop('frameTooLong', PORT_CLIENTS);
		if (!core.gather(bytes, at, length) && !(this.#giveUp() && core.gather(bytes, at, length))) {
			// A full log buffer stops the primary: what arrives meanwhile its interface drops.
			return core.drop('logFull', PORT_CLIENTS);
		}
		core.counters.inputs++;
	}

	letter(letter: Letter): void {
		const core = this.#core;
		if ((letter.flags & FLAG_JOINING) !== 0 && letter.kind === LETTER_GREETING) return this.#joining(letter);
		if (letter.epoch > core.epoch) return this.#begin();
		if (letter.epoch < core.epoch) return this.#old(letter);
		if (this.donor.newcomer !== 0 && letter.from === this.donor.newcomer) return this.#fromNewcomer(letter);
		if (letter.from !== core.peer || this.phase === ALONE) {
			core.drop('channelStranger', PORT_CHANNEL);
			if (letter.kind === LETTER_GREETING) this.courtesy.refuse('NOT_WANTED');
			return;
		}
		if (this.phase !== PAIRED) return core.drop('channelLate', PORT_CHANNEL);
		if (letter.kind === LETTER_GREETING) this.#greeting(letter);
		else if (letter.kind === LETTER_ACKNOWLEDGEMENT && this.#greeted) this.#acknowledgement(letter);
		else if (letter.kind === LETTER_REFUSAL) this.#begin();
		else core.drop('channelKind', PORT_CHANNEL);
	}

	/** One who lives in an epoch that is over is told so; but a refusal is never answered, and a newcomer's last words from before it was taken in are just late. */
	#old(letter: Letter): void {
		this.#core.drop('channelEpoch', PORT_CHANNEL);
		if (letter.kind !== LETTER_REFUSAL && letter.from !== this.#core.peer) this.courtesy.refuse('EPOCH_OLD');
	}

	#greeting(letter: Letter): void {
		const core = this.#core;
		const refusal = judgeGreeting(letter.u8, letter.at, letter.length, core.likeness, core.began);
		if (refusal !== 'NONE') {
			this.courtesy.refuse(refusal);
			return this.#begin();
		}
		this.courtesy.greet();
		if (this.#greeted) return;
		this.#greeted = true;
		this.sender.begin(letter.index, letter.room);
		this.courtesy.hurry();
	}

	/** Somebody asks to become the backup: who is alone gives it the machine. */
	#joining(letter: Letter): void {
		const core = this.#core;
		const { donor } = this;
		const busy = donor.newcomer !== 0 && donor.newcomer !== letter.from;
		if (this.phase !== ALONE || this.ending.wanted !== 0 || busy) {
			// One that was just taken in may have greeted twice.
			if (letter.from !== core.peer && letter.from !== donor.newcomer) this.courtesy.refuse('NOT_WANTED');
			return core.drop('channelStranger', PORT_CHANNEL);
		}
		const refusal = judgeGreeting(letter.u8, letter.at, letter.length, core.likeness, '');
		if (refusal !== 'NONE') { this.courtesy.refuse(refusal); return; }
		this.courtesy.greet();
		if (donor.newcomer === letter.from && letter.time <= donor.attempt) return;
		donor.begin(letter.from, letter.time);
		this.lease.reset();
		this.#await();
	}

	#fromNewcomer(letter: Letter): void {
		const { donor } = this;
		if (letter.kind === LETTER_IMAGE_ACKNOWLEDGEMENT) {
			this.#await();
			if (!donor.heard(letter.index, letter.mark)) return;
			this.sender.begin(donor.index, letter.room);
			this.courtesy.hurry();
		} else if (letter.kind === LETTER_ACKNOWLEDGEMENT && !donor.busy) this.#acknowledgement(letter);
		else this.#core.drop('channelKind', PORT_CHANNEL);
	}

	#acknowledgement(letter: Letter): void {
		const core = this.#core;
		// An echo of a time that has not been: such a message is not of this run.
		if (letter.time > core.now) return core.drop('channelMalformed', PORT_CHANNEL);
		if (this.sender.heard(letter.index, letter.room, letter.mark, letter.time, (letter.flags & FLAG_GAP) !== 0)) {
			if (core.trace !== null) core.trace.put(Kind.entryAcknowledged, core.place, letter.index, core.epoch);
			this.#trim();
		}
		if (this.#isMute && this.phase === PAIRED) core.gate.sentElsewhere(this.sender.executed);
		if (this.lease.heard(letter.time, core.now)) this.#await();
	}

	/** Lets go of entries nobody needs any more. */
	#trim(): void {
		const core = this.#core;
		const { donor } = this;
		const needed = this.phase === ALONE && donor.newcomer === 0 ? Infinity : donor.busy ? donor.index : this.sender.acknowledged;
		core.log.ring.trim(Math.min(core.executed, needed) + 1);
	}

	/** Asks the arbiter whether it may go on alone. */
	#begin(): void {
		const core = this.#core;
		if (this.phase !== PAIRED) return;
		this.#enter(CLAIMING);
		this.silence.rest();
		if (core.knobs.arbiter) this.claim.begin(core.now, core.epoch, 0);
		else this.#alone(core.epoch + 1);
	}

	/** The backup may have sent what is kept here, or not: it is sent again, as policy says. */
	#takeOutputs(): void {
		const core = this.#core;
		core.gate.replayed = core.machine.record.outputs;
		giveUp(core);
	}

	#alone(epoch: number): void {
		const core = this.#core;
		core.epoch = epoch;
		core.peer = 0;
		if (this.#isMute) this.#takeOutputs();
		this.#enter(ALONE);
		this.#greeted = false;
		this.#trim();
		if (core.trace !== null) core.trace.put(Kind.wentAlone, core.place, epoch, core.executed, core.trace.name('backup lost'));
	}

	/** Gives a newcomer up that hinders; whether there was one. Once the arbiter was asked there is no way back. */
	#giveUp(): boolean {
		if (this.donor.newcomer === 0 || this.claim.open) return false;
		this.donor.end();
		this.silence.rest();
		this.#enter(ALONE);
		this.#trim();
		return true;
	}

	/** Once a newcomer has nearly everything, outputs wait for it; once it has everything that was ever released, the arbiter is asked to take it in. */
	#admit(): void {
		const core = this.#core;
		const { sender, donor } = this;
		if (this.phase === ALONE && this.#linked && core.log.last - sender.acknowledged <= CLOSE) {
			this.#enter(ADMITTING);
			donor.owed = core.log.last;
		}
		if (this.phase !== ADMITTING || this.claim.open || sender.acknowledged < donor.owed) return;
		if (core.knobs.arbiter) this.claim.begin(core.now, core.epoch, donor.newcomer);
		else this.#admitted(core.epoch + 1);
	}

	#admitted(epoch: number): void {
		const core = this.#core;
		const body = new Uint8Array(8);
		core.epoch = epoch;
		core.peer = this.donor.newcomer;
		put64(body, 0, core.peer);
		this.donor.end();
		this.#greeted = true;
		this.#enter(PAIRED);
		this.#await();
		this.courtesy.hurry();
		core.append(ENTRY_CONTROL, CONTROL_JOINED, body, 0, 8);
		if (core.trace !== null) core.trace.put(Kind.joined, core.place, epoch, core.log.last);
	}

	peerDied(): void {
		if (!this.#giveUp()) this.#begin();
	}

	answer(ballot: Ballot): void {
		if (this.claim.heard(this.#core, ballot) !== 'won') return;
		if (this.phase === ADMITTING) this.#admitted(ballot.decided);
		else this.#alone(ballot.decided);
	}

	wake(wanted: number): void {
		const core = this.#core;
		const { now } = core;
		this.silence.ran(now, wanted);
		this.donor.wake(now);
		if (this.#linked) this.sender.wake(now);
		if ((this.phase === PAIRED || this.phase === ADMITTING) && now >= this.lease.dueAt) this.#expire();
		if (!this.silence.judged(now)) return;
		if (core.trace !== null) core.trace.put(Kind.peerSilent, core.place, this.silence.since, now);
		this.silence.rest();
		if (!this.#giveUp()) this.#begin();
	}

	/** The lease has run out: a fresh echo is tried for before anything else. */
	#expire(): void {
		const core = this.#core;
		this.lease.expired = true;
		this.courtesy.hurry();
		if (core.trace !== null && !this.#isMute) core.trace.put(Kind.leaseExpired, core.place, this.lease.end, core.now);
	}

	drain(sink: Sink): void {
		const core = this.#core;
		this.announcer.drain(core, sink);
		this.#release(sink);
		this.#input();
		// Without the Output Rule nothing waits for the log, and the log waits for nothing.
		const { outputRule } = core.knobs;
		this.courtesy.open(sink);
		if (outputRule) this.#send(sink);
		if (!this.#execute()) return;
		this.#release(sink);
		if (!outputRule) this.#send(sink);
		this.courtesy.drain(sink, this.#linked);
		if (this.donor.newcomer !== 0) this.#admit();
		this.claim.drain(core, sink);
		if (this.ending.index !== Infinity) this.#ends(sink);
	}

	/** Lets outputs go: the Output Rule says which, the lease whether at all. */
	#release(sink: Sink): void {
		const core = this.#core;
		const { gate } = core;
		if (this.#isMute || gate.held === 0 || core.now >= this.leaseEnd) return;
		gate.release(this.phase === ALONE || !core.knobs.outputRule ? Infinity : this.sender.acknowledged, sink);
		this.courtesy.released();
	}

	/** Makes input an entry: frames that arrived together, or timers that are due. */
	#input(): void {
		const core = this.#core;
		const { ending, throttle } = this;
		if (core.now >= throttle.at) {
			core.flush();
			if (core.executed === core.log.last && core.now >= this.#timersAt) core.append(ENTRY_WAKE, 0);
			if (core.executed === core.log.last && this.#sinceDigest >= core.knobs.digestEvery) this.#digest();
		}
		if (ending.wanted !== 0 && ending.index === Infinity && core.append(ENTRY_CONTROL, ending.wanted)) ending.index = core.log.last;
		if (core.executed < core.log.last && this.phase === PAIRED) throttle.logged(core.now, core.log.last - this.sender.executed);
	}

	/** From time to time, logs what the image is, for the backup to compare. */
	#digest(): void {
		const core = this.#core;
		if (core.knobs.digestEvery === 0 || this.phase !== PAIRED || this.ending.wanted !== 0) return;
		const body = new Uint8Array(8);
		putDigest(body, 0, core.machine.host.image.digest());
		if (core.append(ENTRY_CONTROL, CONTROL_DIGEST, body, 0, 8)) this.#sinceDigest = -1;
	}

	#send(sink: Sink): void {
		if (this.donor.busy) this.donor.drain(sink);
		else if (this.#linked && this.sender.drain(sink)) this.courtesy.spoke();
	}

	/** Executes what was logged; false where that halted the replica. */
	#execute(): boolean {
		const core = this.#core;
		if (core.executed === core.log.last) return true;
		while (core.executed < core.log.last) {
			if (!core.step()) return false;
			this.#sinceDigest++;
		}
		if (this.phase === ALONE) this.#trim();
		return true;
	}

	/** Ends once the last entry is with the backup and every output has left; then tells it that nothing more will be released. */
	#ends(sink: Sink): void {
		const core = this.#core;
		const { ending } = this;
		if (this.phase === CLAIMING || this.phase === ADMITTING || core.gate.held > 0) return;
		if (this.phase === PAIRED && this.sender.acknowledged < ending.index) return;
		if (this.phase === ALONE || ending.wanted === CONTROL_STOP || ending.isOver(core.now)) return core.halt('stopped');
		this.#enter(LEAVING);
		this.silence.rest();
		if (!ending.isDue(core.now)) return;
		ending.farewell(core.now, core.knobs.heartbeat);
		this.courtesy.heartbeat(sink, FLAG_FAREWELL);
	}

	carry(luggage: Luggage): void {
		this.phase = luggage.number(this.phase) as SpeakerPhase;
		for (const part of [this.silence, this.lease, this.claim, this.sender, this.announcer, this.donor, this.courtesy, this.ending, this.throttle]) part.carry(luggage);
		this.#greeted = luggage.flag(this.#greeted);
		this.#sinceDigest = luggage.number(this.#sinceDigest);
	}
}
