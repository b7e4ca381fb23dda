import { Kind } from '../trace/index.ts';
import type { Sink } from '../wire/node.ts';
import type { Ballot } from './ballot.ts';
import { Claim } from './claim.ts';
import { PORT_CHANNEL, PORT_CLIENTS } from './core.ts';
import type { Core } from './core.ts';
import { Divergence } from './divergence.ts';
import { CONTROL_STOP, ENTRY, ENTRY_CONTROL, checkEntry } from './entry.ts';
import { KEEP, PASS } from './gate.ts';
import { GREETING_LENGTH, judgeGreeting, putGreeting } from './greeting.ts';
import { FLAG_FAREWELL, FLAG_GAP, LETTER_ACKNOWLEDGEMENT, LETTER_ENTRIES, LETTER_GREETING, LETTER_HEARTBEAT, LETTER_IMAGE, LETTER_IMAGE_ACKNOWLEDGEMENT, LETTER_REFUSAL, refusals } from './letter.ts';
import type { Letter, Refusal } from './letter.ts';
import type { Luggage } from './luggage.ts';
import { get64 } from './number.ts';
import type { Side } from './side.ts';
import { Silence } from './silence.ts';

/** Where a backup stands: it follows; it has asked the arbiter; it has won and waits to speak. */
export const FOLLOWING = 0;
export const ASKING = 1;
export const WON = 2;

/**
 * A backup: appends, acknowledges, executes at its own pace, keeps outputs
 * above the watermark, and judges the primary's silence.
 */
export class Listener implements Side {
	phase: typeof FOLLOWING | typeof ASKING | typeof WON = FOLLOWING;
	/** the primary may not release anything any more: proven, or fenced at its switch port */
	freed: boolean = false;
	/** why it was refused */
	refusal: Refusal = 'NONE';
	readonly silence: Silence;
	readonly claim: Claim = new Claim();
	/** it is a member; one who is joining has the image and follows, but is none yet */
	member: boolean;
	readonly #core: Core;
	readonly #divergence: Divergence;
	#greeted: boolean;
	/** entry behind which its image was taken; −1 for one that began with the pair */
	#imageIndex: number;
	/** an image was heard again whose receipt was not: bytes of it, 0 for none */
	#imageAgain: number = 0;
	#greetAt: number;
	/** newest t heard of the primary */
	#echo: number = -Infinity;
	/** when it was last echoed, own clock */
	#echoedAt: number = -Infinity;
	/** when what was received is acknowledged at the latest, own clock; `Infinity` where it is */
	#acknowledgeAt: number = Infinity;
	#gap: boolean = false;
	/** the room told last was little */
	#starved: boolean = false;
	/** when the newest entry was received, own clock */
	#receivedAt: number;
	#executeAt: number = Infinity;
	/** last entry executed when the claim was made */
	#claimedAt: number = 0;

	/** @param joining  it has just taken up an image, and is no member yet */
	constructor(core: Core, joining: boolean = false) {
		const { knobs, now } = core;
		this.#core = core;
		this.#divergence = new Divergence(core);
		this.member = !joining;
		this.#greeted = joining;
		this.#imageIndex = joining ? core.log.last : -1;
		this.silence = new Silence(knobs.stall);
		this.silence.heard(now, knobs.silence + (joining ? 0 : knobs.meeting));
		this.#greetAt = now;
		this.#receivedAt = now;
		core.gate.spare = knobs.policy === 'lecture' && knobs.outputFrom === 'primary' ? core.log.last : Infinity;
		this.#speakOrKeep();
	}

	/** Whether it sends the machine's outputs: one who is no member yet never does. */
	get #speaks(): boolean { return this.member && this.#core.knobs.outputFrom === 'backup'; }

	#speakOrKeep(): void { this.#core.gate.mode = this.#speaks ? PASS : KEEP; }

	/** It executes at another pace from now on. */
	paced(): void {
		this.#executeAt = Infinity;
		this.#schedule();
	}

	/** When it may speak by the lease it echoed, own clock in µs. */
	get speakAt(): number {
		const { knobs } = this.#core;
		// A primary that sends no outputs needs no leave to, and none to run out.
		if (this.freed || knobs.lease === 0 || knobs.outputFrom === 'backup') return -Infinity;
		return this.#echoedAt + Math.ceil(knobs.lease * (1 + knobs.drift));
	}

	/** Whether it has won, executed its log, and may speak: the takeover can begin. */
	get ready(): boolean {
		return this.phase === WON && this.#core.now >= this.speakAt && (!this.#core.knobs.drain || this.#core.executed === this.#core.log.last);
	}

	/** Entries executed since it asked the arbiter. */
	get drained(): number { return this.#core.executed - this.#claimedAt; }

	/** Own time passed since the newest entry was received, µs. */
	get sinceLast(): number { return this.#core.now - this.#receivedAt; }

	get wakeAt(): number {
		const greetAt = this.#greeted || this.phase !== FOLLOWING ? Infinity : this.#greetAt;
		const silentAt = this.phase === FOLLOWING ? this.silence.due : Infinity;
		const speakAt = this.phase === WON && this.#core.now < this.speakAt ? this.speakAt : Infinity;
		return Math.min(greetAt, silentAt, speakAt, this.claim.askAt, this.#executeAt, this.#acknowledgeAt);
	}

	frame(bytes: Uint8Array, at: number, length: number): void {
		this.#divergence.frame(bytes, at, length);
		this.#core.drop('notSpeaking', PORT_CLIENTS);
	}

	letter(letter: Letter): void {
		const core = this.#core;
		if (this.phase !== FOLLOWING) return core.drop('channelLate', PORT_CHANNEL);
		if (letter.from !== core.peer) return core.drop('channelStranger', PORT_CHANNEL);
		if (letter.epoch > core.epoch) {
			// Who opened a later epoch went on without us: the arbiter will confirm it.
			if (this.member) return this.#begin();
			this.#admitted(letter.epoch);
		}
		if (letter.epoch < core.epoch) return core.drop('channelEpoch', PORT_CHANNEL);
		if (letter.kind === LETTER_GREETING) return this.#greeting(letter);
		if (letter.kind === LETTER_REFUSAL) return this.#refused(letter);
		if (letter.kind === LETTER_IMAGE && letter.index === this.#imageIndex) { this.#imageAgain = letter.mark; return; }
		if (letter.kind !== LETTER_ENTRIES && letter.kind !== LETTER_HEARTBEAT) return core.drop('channelKind', PORT_CHANNEL);
		if (!this.#greeted) return core.drop('channelKind', PORT_CHANNEL);
		this.silence.heard(core.now, core.knobs.silence);
		this.#echo = Math.max(this.#echo, letter.time);
		if (letter.kind === LETTER_ENTRIES) this.#entries(letter);
		this.#acknowledgeAt = Math.min(this.#acknowledgeAt, this.#answerBy);
		core.gate.heard(letter.mark);
		if ((letter.flags & FLAG_FAREWELL) !== 0 && letter.index === core.log.last) this.peerDied();
	}

	/** When what it has just heard is to be acknowledged: at once, unless no output waits for that. */
	get #answerBy(): number {
		const { now, knobs } = this.#core;
		return this.#speaks && !this.#gap && !this.#starved ? now + knobs.watermarkDelay : now;
	}

	/** The speaker has taken it in: from now on outputs wait for it. */
	#admitted(epoch: number): void {
		this.#core.epoch = epoch;
		this.member = true;
		this.#speakOrKeep();
	}

	#greeting(letter: Letter): void {
		const core = this.#core;
		if (this.#greeted) return;
		this.refusal = judgeGreeting(letter.u8, letter.at, letter.length, core.likeness, core.began);
		if (this.refusal !== 'NONE') return core.halt('refused');
		this.#greeted = true;
		this.silence.heard(core.now, core.knobs.silence);
	}

	#refused(letter: Letter): void {
		const why = refusals[letter.index] ?? 'NOT_WANTED';
		if (why === 'EPOCH_OLD') return this.#begin();
		this.refusal = why;
		this.#core.halt('refused');
	}

	#entries(letter: Letter): void {
		const core = this.#core;
		const { u8 } = letter;
		const end = letter.at + letter.length;
		for (let at = letter.at; at < end;) {
			const length = checkEntry(u8, at, end - at);
			if (length === 0) return core.drop('channelMalformed', PORT_CHANNEL);
			if (!this.#entry(u8, at, length)) return;
			at += length;
		}
	}

	/** Takes one entry in; false where those behind it are of no use. */
	#entry(u8: Uint8Array, at: number, length: number): boolean {
		const core = this.#core;
		const { log } = core;
		const index = get64(u8, at + ENTRY.index);
		if (index <= log.last) { core.counters.channelDuplicate++; return true; }
		if (index !== log.last + 1) { core.counters.channelGap++; this.#gap = true; return false; }
		if (!log.accept(u8, at, length)) { core.counters.channelFull++; this.#starved = true; return false; }
		this.#receivedAt = core.now;
		if (core.gate.spare !== Infinity) core.gate.spare = index;
		if (core.trace !== null) core.trace.put(Kind.entryReceived, core.place, index, core.epoch, log.last);
		this.#schedule();
		return true;
	}

	/** Sets the time of the next execution, where there is something to execute. */
	#schedule(): void {
		const core = this.#core;
		if (core.executed >= this.#until) this.#executeAt = Infinity;
		else if (this.#executeAt === Infinity) this.#executeAt = core.now + this.#core.pace.every;
	}

	/** Index up to which it may execute now. */
	get #until(): number {
		if (this.phase === FOLLOWING) return this.#core.log.last - this.#core.pace.behind;
		// With the drain switched off, what is still in the log when it asks is given up.
		return this.#core.knobs.drain ? this.#core.log.last : this.#claimedAt;
	}

	/** Asks the arbiter. From now on nothing is acknowledged, and nothing taken in. */
	#begin(): void {
		const core = this.#core;
		if (this.phase !== FOLLOWING) return;
		this.phase = ASKING;
		this.#acknowledgeAt = Infinity;
		this.#claimedAt = core.executed;
		this.silence.rest();
		this.#schedule();
		if (core.knobs.arbiter) this.claim.begin(core.now, core.epoch, 0);
		else this.#won(core.epoch + 1);
	}

	#won(epoch: number): void {
		this.#core.epoch = epoch;
		this.phase = WON;
	}

	peerDied(): void {
		this.freed = true;
		this.#begin();
	}

	answer(ballot: Ballot): void {
		if (this.claim.heard(this.#core, ballot) === 'won') this.#won(ballot.decided);
	}

	wake(wanted: number): void {
		const core = this.#core;
		const { now } = core;
		if (this.phase !== FOLLOWING) return;
		this.silence.ran(now, wanted);
		if (!this.silence.judged(now)) return;
		if (core.trace !== null) core.trace.put(Kind.peerSilent, core.place, this.silence.since, now);
		this.#begin();
	}

	drain(sink: Sink): void {
		const core = this.#core;
		// What it says it has executed has left before it says so.
		this.#release(sink);
		if (core.now >= this.#acknowledgeAt) this.#sendAcknowledgement(sink);
		if (this.#imageAgain > 0) this.#acknowledgeImage(sink);
		if (!this.#greeted && this.phase === FOLLOWING && core.now >= this.#greetAt) this.#greet(sink);
		this.#execute(sink);
		this.#release(sink);
		if (core.now >= this.#acknowledgeAt) this.#sendAcknowledgement(sink);
		if (core.halted === '') this.claim.drain(core, sink);
	}

	/** Lets the outputs of what was executed go, where it is the one that sends. */
	#release(sink: Sink): void {
		if (this.#speaks && this.#core.gate.held > 0) this.#core.gate.release(Infinity, sink);
	}

	#sendAcknowledgement(sink: Sink): void {
		const core = this.#core;
		const { room } = core.log.ring;
		core.send(sink, LETTER_ACKNOWLEDGEMENT, this.#gap ? FLAG_GAP : 0, this.#echo, core.log.last, core.executed, room, 0);
		this.#echoedAt = core.now;
		this.#acknowledgeAt = Infinity;
		this.#gap = false;
		if (room < core.knobs.messageBytes) this.#starved = true;
	}

	/** This echoes no time: the lease begins with the first entry acknowledged. */
	#acknowledgeImage(sink: Sink): void {
		const core = this.#core;
		core.send(sink, LETTER_IMAGE_ACKNOWLEDGEMENT, 0, 0, this.#imageIndex, this.#imageAgain, core.log.ring.room, 0);
		this.#imageAgain = 0;
	}

	#greet(sink: Sink): void {
		const core = this.#core;
		putGreeting(core.post.u8, core.post.body, core.likeness, core.began);
		core.send(sink, LETTER_GREETING, 0, 0, core.log.last, core.executed, core.log.ring.room, GREETING_LENGTH);
		this.#greetAt = core.now + core.knobs.heartbeat;
	}

	/** Executes what is due, at most a burst of it. */
	#execute(sink: Sink): void {
		const core = this.#core;
		const { ring } = core.log;
		for (let left = core.knobs.burst; left > 0 && core.now >= this.#executeAt; left--) {
			const next = ring.placeOf(core.executed + 1);
			const stop = ring.u8[next + ENTRY.kind] === ENTRY_CONTROL && ring.u8[next + ENTRY.detail] === CONTROL_STOP;
			if (!core.step(core.knobs.divergence === 'none' ? null : this.#divergence.own(ring.u8, next))) return;
			if (stop) return this.#stop(sink);
			if (core.executed >= this.#until) this.#executeAt = Infinity;
			else this.#executeAt += this.#core.pace.every;
		}
		ring.trim(core.executed + 1);
		if (this.#starved && ring.room > ring.capacity >> 1) this.#roomAgain();
	}

	/** The end of the pair: what was executed has left, and is acknowledged. */
	#stop(sink: Sink): void {
		this.#release(sink);
		if (this.#speaks) this.#sendAcknowledgement(sink);
		this.#core.halt('stopped');
	}

	/** Tells the primary that the log has room again; it may be waiting for it. */
	#roomAgain(): void {
		this.#starved = false;
		if (this.phase === FOLLOWING && this.#greeted) this.#acknowledgeAt = this.#core.now;
	}

	carry(luggage: Luggage): void {
		this.phase = luggage.number(this.phase) as typeof FOLLOWING;
		this.freed = luggage.flag(this.freed);
		this.refusal = refusals[luggage.number(refusals.indexOf(this.refusal))]!;
		this.member = luggage.flag(this.member);
		this.#imageIndex = luggage.number(this.#imageIndex);
		this.#imageAgain = luggage.number(this.#imageAgain);
		this.#divergence.carry(luggage);
		this.silence.carry(luggage);
		this.claim.carry(luggage);
		this.#greeted = luggage.flag(this.#greeted);
		this.#greetAt = luggage.number(this.#greetAt);
		this.#echo = luggage.number(this.#echo);
		this.#echoedAt = luggage.number(this.#echoedAt);
		this.#acknowledgeAt = luggage.number(this.#acknowledgeAt);
		this.#gap = luggage.flag(this.#gap);
		this.#starved = luggage.flag(this.#starved);
		this.#receivedAt = luggage.number(this.#receivedAt);
		this.#executeAt = luggage.number(this.#executeAt);
		this.#claimedAt = luggage.number(this.#claimedAt);
	}
}
