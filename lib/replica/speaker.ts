import { Kind } from '../trace/index.ts';
import type { Sink } from '../wire/node.ts';
import { Announcer, announcement } from './announcer.ts';
import type { Ballot } from './ballot.ts';
import { Claim } from './claim.ts';
import { PORT_ARBITER, PORT_CHANNEL, PORT_CLIENTS } from './core.ts';
import type { Core } from './core.ts';
import { CONTROL_DIGEST, CONTROL_GO_LIVE, CONTROL_HAND_OVER, CONTROL_STOP, ENTRY_CONTROL, ENTRY_ENTROPY, ENTRY_WAKE } from './entry.ts';
import { HOLD, PASS } from './gate.ts';
import { GREETING_LENGTH, judgeGreeting, putDigest, putGreeting } from './greeting.ts';
import { FLAG_FAREWELL, FLAG_GAP, FLAG_JOINING, FLAG_SPEAKER, LETTER_ACKNOWLEDGEMENT, LETTER_GREETING, LETTER_HEARTBEAT, LETTER_REFUSAL, refusals } from './letter.ts';
import type { Letter, Refusal } from './letter.ts';
import type { Luggage } from './luggage.ts';
import { Sender } from './sender.ts';
import type { Side } from './side.ts';
import { Silence } from './silence.ts';

/** Where one who speaks stands: it has a backup; it has asked the arbiter whether it may do without; it does without; it has said farewell. */
export const PAIRED = 0;
export const CLAIMING = 1;
export const ALONE = 2;
export const LEAVING = 3;

/** A farewell can be lost. */
const FAREWELLS = 3;

/** What an orderly end is waited for: none; both stop; the backup goes on. */
const STAYS = 0;

/**
 * A primary, with a backup or alone: takes input, logs, sends, executes, and
 * holds every output until the entry it came from is acknowledged.
 */
export class Speaker implements Side {
	phase: typeof PAIRED | typeof CLAIMING | typeof ALONE | typeof LEAVING;
	readonly silence: Silence;
	readonly claim: Claim = new Claim();
	readonly sender: Sender;
	readonly announcer: Announcer;
	readonly #core: Core;
	#greeted: boolean = false;
	#greet: boolean = false;
	#refuse: Refusal = 'NONE';
	/** newest t echoed by the backup */
	#echo: number = -Infinity;
	/** the lease has run out, and that was noted; before the first echo there is none */
	#expired: boolean = true;
	#heartbeatAt: number;
	/** when to tell the watermark at the latest */
	#tellAt: number = Infinity;
	/** watermark told last */
	#told: number;
	#sinceDigest: number = 0;
	/** a control entry that is to be the last; STAYS for none */
	#ending: number = STAYS;
	/** index of that entry once it is logged */
	#endsAt: number = Infinity;
	/** farewells said */
	#farewells: number = 0;
	/** when the next one is due */
	#farewellAt: number = Infinity;

	constructor(core: Core, phase: typeof PAIRED | typeof ALONE) {
		const { knobs, now } = core;
		this.#core = core;
		this.phase = phase;
		this.silence = new Silence(knobs.stall);
		this.sender = new Sender(core);
		this.announcer = new Announcer(knobs.announceTimes, knobs.announceEvery);
		this.#heartbeatAt = now;
		this.#told = core.gate.watermark;
		if (phase === PAIRED) this.#await();
		core.gate.mode = phase === PAIRED && knobs.outputRule ? HOLD : PASS;
	}

	/** The backup has this long, from now on, to let itself be heard. */
	#await(): void {
		const { knobs, now } = this.#core;
		this.silence.heard(now, (knobs.lease || knobs.silence) + knobs.patience);
	}

	/** When the lease runs out, own clock in µs; −∞ before the first echo, ∞ for one who needs none. */
	get leaseEnd(): number {
		const { lease } = this.#core.knobs;
		return this.phase === ALONE || lease === 0 ? Infinity : this.#echo + lease;
	}

	/** When the machine's timers run; there has to be room to log that, and nothing follows the last entry. */
	get #timersAt(): number {
		const core = this.#core;
		return core.log.hasRoom && this.#endsAt === Infinity ? core.timersAt : Infinity;
	}

	get wakeAt(): number {
		const paired = this.phase === PAIRED;
		const heartbeatAt = paired && this.#greeted ? Math.min(this.#heartbeatAt, this.#tellAt, this.sender.resendAt) : Infinity;
		const leaseEnd = paired && !this.#expired ? this.leaseEnd : Infinity;
		return Math.min(this.#timersAt, heartbeatAt, leaseEnd, this.silence.due, this.claim.askAt, this.announcer.at, this.#farewellAt);
	}

	/**
	 * What a backup does that has won: goes live in an entry of its own, begins to
	 * announce itself, and keeps of the outputs what policy says is sent again.
	 *
	 * @param sinceLast  own time since the newest entry was received, µs
	 * @param drained    entries executed since the arbiter was asked
	 */
	takeOver(sinceLast: number, drained: number): void {
		const core = this.#core;
		const { gate, log, machine, knobs } = core;
		const before = log.last;
		if (core.executed < before) log.truncate(core.executed, machine.record.time);
		core.offset = log.time + sinceLast - core.now;
		gate.replayed = machine.record.outputs;
		gate.mode = PASS;
		if (knobs.policy === 'nothing') gate.discard(Infinity, Infinity, 'policy');
		else if (knobs.policy === 'lecture') gate.discard(Infinity, log.last, 'policy');
		const repeats = gate.held;
		core.append(ENTRY_CONTROL, CONTROL_GO_LIVE);
		if (core.trace !== null) core.trace.put(Kind.tookOver, core.place, core.epoch, log.last, drained, repeats);
		if (core.step()) this.announcer.begin(core.now);
		this.#trim();
	}

	/** Input of a kind that no frame brings: refills the machine's generator. */
	entropy(bytes: Uint8Array, at: number, length: number): void {
		if (this.#ending === STAYS && !this.#core.append(ENTRY_ENTROPY, 0, bytes, at, length)) this.#core.counters.entropyFull++;
	}

	/** Ends in order: nobody takes over, or the backup goes on. */
	end(handOver: boolean): void {
		if (this.#ending === STAYS) this.#ending = handOver ? CONTROL_HAND_OVER : CONTROL_STOP;
	}

	frame(bytes: Uint8Array, at: number, length: number): void {
		const core = this.#core;
		if (this.#ending !== STAYS) return core.drop('notSpeaking', PORT_CLIENTS);
		if (!core.log.couldHold(length)) return core.drop('frameTooLong', PORT_CLIENTS);
		// A full log buffer stops the primary: what arrives meanwhile its interface drops.
		if (!core.gather(bytes, at, length)) return core.drop('logFull', PORT_CLIENTS);
		core.counters.inputs++;
	}

	letter(letter: Letter): void {
		const core = this.#core;
		if (letter.epoch > core.epoch) return this.#begin('superseded');
		if (letter.epoch < core.epoch) {
			core.drop('channelEpoch', PORT_CHANNEL);
			// A refusal is never answered: two of them would go on for ever.
			if (letter.kind !== LETTER_REFUSAL) this.#refuse = 'EPOCH_OLD';
			return;
		}
		if (letter.from !== core.peer || this.phase === ALONE) {
			core.drop('channelStranger', PORT_CHANNEL);
			if (letter.kind === LETTER_GREETING) this.#refuse = 'NOT_WANTED';
			return;
		}
		if (this.phase !== PAIRED) return core.drop('channelLate', PORT_CHANNEL);
		if (letter.kind === LETTER_GREETING) this.#greeting(letter);
		else if (letter.kind === LETTER_ACKNOWLEDGEMENT) this.#acknowledgement(letter);
		else if (letter.kind === LETTER_REFUSAL) this.#begin('refused');
		else core.drop('channelKind', PORT_CHANNEL);
	}

	#greeting(letter: Letter): void {
		const core = this.#core;
		const joining = (letter.flags & FLAG_JOINING) !== 0;
		const refusal = judgeGreeting(letter.u8, letter.at, letter.length, core.likeness, joining ? '' : core.began);
		if (refusal !== 'NONE') {
			this.#refuse = refusal;
			return this.#begin('refused');
		}
		this.#greet = true;
		if (this.#greeted) return;
		this.#greeted = true;
		this.sender.begin(letter.index, letter.room);
		this.#heartbeatAt = core.now;
	}

	#acknowledgement(letter: Letter): void {
		const core = this.#core;
		// What the peer cannot know of was never sent: such a message is not of this run.
		if (!this.#greeted || letter.time > core.now) return core.drop('channelMalformed', PORT_CHANNEL);
		if (this.sender.heard(letter.index, letter.room, letter.mark, letter.time, (letter.flags & FLAG_GAP) !== 0)) {
			if (core.trace !== null) core.trace.put(Kind.entryAcknowledged, core.place, letter.index, core.epoch);
			this.#trim();
		}
		if (letter.time <= this.#echo) return;
		this.#echo = letter.time;
		if (core.now < this.leaseEnd) this.#expired = false;
		this.#await();
	}

	/** Lets go of entries nobody needs any more. */
	#trim(): void {
		const core = this.#core;
		core.log.ring.trim(Math.min(core.executed, this.phase === ALONE ? Infinity : this.sender.acknowledged) + 1);
	}

	/** Asks the arbiter whether it may go on alone. */
	#begin(_why: string): void {
		const core = this.#core;
		if (this.phase !== PAIRED) return;
		this.phase = CLAIMING;
		this.silence.rest();
		if (core.knobs.arbiter) this.claim.begin(core.now, core.epoch, 0);
		else this.#won(core.epoch + 1);
	}

	#won(epoch: number): void {
		const core = this.#core;
		core.epoch = epoch;
		core.peer = 0;
		core.gate.mode = PASS;
		this.phase = ALONE;
		this.#greeted = false;
		this.#tellAt = Infinity;
		this.#trim();
		if (core.trace !== null) core.trace.put(Kind.wentAlone, core.place, epoch, core.executed, core.trace.name('backup lost'));
	}

	peerDied(): void {
		this.#begin('dead');
	}

	answer(ballot: Ballot): void {
		const core = this.#core;
		const verdict = this.claim.answered(ballot, core.id, core.now);
		if (verdict === 'none') return core.drop('arbiterStale', PORT_ARBITER);
		if (core.trace !== null) core.trace.put(Kind.arbiterAnswered, core.place, ballot.decided, ballot.winner, core.trace.name(verdict));
		if (verdict === 'won') this.#won(ballot.decided);
		else if (verdict === 'lost') core.halt('lost');
	}

	wake(wanted: number): void {
		const core = this.#core;
		const { now } = core;
		this.silence.ran(now, wanted);
		if (this.phase !== PAIRED) return;
		this.sender.wake(now);
		if (!this.#expired && now >= this.leaseEnd) this.#expire();
		if (!this.silence.judged(now)) return;
		if (core.trace !== null) core.trace.put(Kind.peerSilent, core.place, this.silence.since, now);
		this.#begin('silent');
	}

	/** The lease has run out: a fresh echo is tried for before anything else. */
	#expire(): void {
		const core = this.#core;
		this.#expired = true;
		this.#heartbeatAt = core.now;
		if (core.trace !== null) core.trace.put(Kind.leaseExpired, core.place, this.leaseEnd, core.now);
	}

	drain(sink: Sink): void {
		const core = this.#core;
		this.#announce(sink);
		this.#release(sink);
		this.#input();
		this.#send(sink);
		if (!this.#execute()) return;
		this.#digest();
		this.#send(sink);
		if (!this.#execute()) return;
		this.#release(sink);
		this.#courtesies(sink);
		if (core.now >= this.claim.askAt) this.#ask(sink);
		this.#ends(sink);
	}

	#announce(sink: Sink): void {
		const core = this.#core;
		if (core.now < this.announcer.at) return;
		this.announcer.announced(core.now);
		const frame = announcement(core.knobs.announce, core.identity);
		if (frame === null) return;
		if (core.trace !== null) core.trace.putBytes(Kind.announced, core.place, this.announcer.made, core.epoch, 0, 0, frame, 0, frame.length);
		sink.take(frame, 0, frame.length, PORT_CLIENTS);
	}

	/** Lets outputs go: the Output Rule says which, the lease whether at all. */
	#release(sink: Sink): void {
		const core = this.#core;
		const { gate } = core;
		if (gate.held === 0 || core.now >= this.leaseEnd) return;
		gate.release(this.phase === ALONE || !core.knobs.outputRule ? Infinity : this.sender.acknowledged, sink);
		if (this.phase === PAIRED && gate.watermark > this.#told && this.#tellAt === Infinity) this.#tellAt = core.now + core.knobs.watermarkDelay;
	}

	/** Makes input an entry: frames that arrived together, or timers that are due. */
	#input(): void {
		const core = this.#core;
		core.flush();
		if (core.executed === core.log.last && core.now >= this.#timersAt) core.append(ENTRY_WAKE, 0);
		if (this.#ending !== STAYS && this.#endsAt === Infinity && core.append(ENTRY_CONTROL, this.#ending)) this.#endsAt = core.log.last;
	}

	#send(sink: Sink): void {
		if (this.phase === PAIRED && this.#greeted && this.sender.drain(sink)) this.#spoke();
	}

	/** A message with time and watermark has just gone. */
	#spoke(): void {
		const core = this.#core;
		this.#heartbeatAt = core.now + core.knobs.heartbeat;
		this.#told = core.gate.watermark;
		this.#tellAt = Infinity;
	}

	/** Executes what was logged; false where that halted the replica. */
	#execute(): boolean {
		const core = this.#core;
		while (core.executed < core.log.last) {
			if (!core.step()) return false;
			this.#sinceDigest++;
		}
		if (this.phase === ALONE) this.#trim();
		return true;
	}

	/** From time to time, logs what the image is, for the backup to compare. */
	#digest(): void {
		const core = this.#core;
		const { digestEvery } = core.knobs;
		if (digestEvery === 0 || this.#sinceDigest < digestEvery || this.#ending !== STAYS || this.phase === ALONE) return;
		const body = new Uint8Array(8);
		putDigest(body, 0, core.machine.host.image.digest());
		if (core.append(ENTRY_CONTROL, CONTROL_DIGEST, body, 0, 8)) this.#sinceDigest = -1;
	}

	/** Greetings, refusals, heartbeats: what goes out whether or not there is anything to say. */
	#courtesies(sink: Sink): void {
		const core = this.#core;
		if (this.#greet) {
			this.#greet = false;
			putGreeting(core.post.u8, core.post.body, core.likeness, core.began);
			core.send(sink, LETTER_GREETING, FLAG_SPEAKER, core.now, core.log.last, 0, 0, GREETING_LENGTH);
		}
		if (this.#refuse !== 'NONE') {
			core.send(sink, LETTER_REFUSAL, 0, core.now, refusals.indexOf(this.#refuse), 0, 0, 0);
			this.#refuse = 'NONE';
		}
		if (this.phase === PAIRED && this.#greeted && core.now >= Math.min(this.#heartbeatAt, this.#tellAt)) this.#heartbeat(sink, 0);
	}

	#heartbeat(sink: Sink, flags: number): void {
		const core = this.#core;
		core.send(sink, LETTER_HEARTBEAT, flags, core.now, core.log.last, core.gate.watermark, 0, 0);
		this.#spoke();
	}

	#ask(sink: Sink): void {
		const core = this.#core;
		const frame = this.claim.ask(core.now, core.id, core.knobs.askEvery);
		if (core.trace !== null) core.trace.put(Kind.arbiterAsked, core.place, this.claim.epoch + 1, this.claim.attempt);
		sink.take(frame, 0, frame.length, PORT_ARBITER);
	}

	/** Ends once the last entry is with the backup and every output has left. */
	#ends(sink: Sink): void {
		const core = this.#core;
		if (this.#endsAt === Infinity || this.phase === CLAIMING || core.gate.held > 0) return;
		if (this.phase === LEAVING) return this.#farewell(sink);
		if (this.phase === PAIRED && this.sender.acknowledged < this.#endsAt) return;
		if (this.phase === ALONE || this.#ending === CONTROL_STOP) return core.halt('stopped');
		this.phase = LEAVING;
		this.silence.rest();
		this.#farewell(sink);
	}

	/** Tells the backup that nothing more will be released; by that it may go on at once. */
	#farewell(sink: Sink): void {
		const core = this.#core;
		if (this.#farewells > 0 && core.now < this.#farewellAt) return;
		if (this.#farewells === FAREWELLS) return core.halt('stopped');
		this.#farewells++;
		this.#farewellAt = core.now + core.knobs.heartbeat;
		this.#heartbeat(sink, FLAG_FAREWELL);
	}

	carry(luggage: Luggage): void {
		this.phase = luggage.number(this.phase) as typeof PAIRED;
		this.silence.carry(luggage);
		this.claim.carry(luggage);
		this.sender.carry(luggage);
		this.announcer.carry(luggage);
		this.#greeted = luggage.flag(this.#greeted);
		this.#greet = luggage.flag(this.#greet);
		this.#refuse = refusals[luggage.number(refusals.indexOf(this.#refuse))]!;
		this.#echo = luggage.number(this.#echo);
		this.#expired = luggage.flag(this.#expired);
		this.#heartbeatAt = luggage.number(this.#heartbeatAt);
		this.#tellAt = luggage.number(this.#tellAt);
		this.#told = luggage.number(this.#told);
		this.#sinceDigest = luggage.number(this.#sinceDigest);
		this.#ending = luggage.number(this.#ending);
		this.#endsAt = luggage.number(this.#endsAt);
		this.#farewells = luggage.number(this.#farewells);
		this.#farewellAt = luggage.number(this.#farewellAt);
	}
}
