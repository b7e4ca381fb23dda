import { ACK, FIN, RST, SYN } from '../../wire/tcp.ts';
import { CLOSED, FIN_WAIT_1, LISTEN, SYN_RECEIVED, SYN_SENT, stateNames } from '../../../tcp/states.ts';
import { cover } from '../coverage.ts';
import { octetAt } from '../talker.ts';
import { allowedFor, leq, lengthOf, lt } from './model.ts';
import type { Allowed, Arrival, Habits, View } from './model.ts';
import type { AckPlace, Beginning, Deed, Place, Story } from './story.ts';
import type { Answer, Subject } from './subject.ts';
import { frameOf } from './wire.ts';

const PEER_SALT = 4711, OWN_SALT = 17;
const OPTIONS: { readonly [name: string]: readonly number[] } = { none: [], mss: [2, 4, 2, 24], sack: [2, 4, 5, 180, 4, 2, 1, 1] };
const STAMPS = 1000;
/** The longest an ACK may be withheld, µs (RFC 9293 §3.8.6.3). */
const LONGEST_DELAY = 500_000;

/** One deed and what was answered, for scripts and for people. */
export interface Line {
	readonly deed: Deed;
	readonly arrival: Arrival | null;
	readonly options: readonly number[];
	readonly answers: readonly Answer[];
	readonly before: View;
	/** octets a SEND or RECEIVE took */
	readonly taken: number;
}

/** Something a TCP did is not among what it may do. */
export class Breach extends Error {
	override readonly name: string = 'Breach';
	/** what would have been allowed; null where nothing had arrived */
	readonly allowed: Allowed | null;
	readonly before: View;

	constructor(text: string, allowed: Allowed | null, before: View) {
		super(text);
		this.allowed = allowed;
		this.before = before;
	}
}

/** Plays a story to a subject, and holds what it does against the model. */
export class Player {
	readonly lines: Line[] = [];
	readonly #subject: Subject;
	readonly story: Story;
	/** the highest number of the peer's stamps */
	#stamp = STAMPS;
	/** octets the subject's user has read, and written */
	#got = 0;
	#written = 0;
	#taken = 0;
	#irs: number;
	/** the connection the numbers belong to */
	#iss = 0;
	/** µs since something was taken that no ACK has told of; -1 where there is nothing such */
	#owing = -1;

	constructor(subject: Subject, story: Story) {
		this.#subject = subject;
		this.story = story;
		this.#irs = story.irs;
	}

	/** @throws {Breach} */
	play(): void {
		this.#begin(this.story.beginning);
		for (const deed of this.story.deeds) this.#do(deed);
		this.#do({ kind: 'wait', us: LONGEST_DELAY });
	}

	#segment(flags: number, more: Partial<Deed & { kind: 'segment' }> = {}): Deed {
		return { kind: 'segment', flags, seq: { from: 'next', by: 0 }, ack: { from: 'nxt', by: 0 }, text: 0, window: 60_000, stamp: 'newer', ...more };
	}

	/** Leads the subject to where the fuzzing begins. */
	#begin(beginning: Beginning): void {
		const close: Deed = { kind: 'shutdown' };
		// Our FIN is out; theirs is not acknowledged before it is said so.
		const unacked = { from: 'una', by: 0 } as const;
		const ways: { readonly [B in Beginning]: readonly Deed[] } = {
			'closed': [], 'listen': [], 'syn-sent': [],
			'syn-received': [this.#segment(SYN)],
			'both-open': [this.#segment(SYN)],
			'established': [this.#segment(SYN), this.#segment(ACK)],
			'fin-wait-1': [this.#segment(SYN), this.#segment(ACK), close],
			'fin-wait-2': [this.#segment(SYN), this.#segment(ACK), close, this.#segment(ACK)],
			'close-wait': [this.#segment(SYN), this.#segment(ACK), this.#segment(FIN | ACK)],
			'closing': [this.#segment(SYN), this.#segment(ACK), close, this.#segment(FIN | ACK, { ack: unacked })],
			'last-ack': [this.#segment(SYN), this.#segment(ACK), this.#segment(FIN | ACK), close],
			'time-wait': [this.#segment(SYN), this.#segment(ACK), close, this.#segment(ACK), this.#segment(FIN | ACK)],
		};
		if (beginning === 'syn-sent' || beginning === 'both-open') this.#call(() => this.#subject.connect());
		else if (beginning !== 'closed') this.#subject.listen();
		for (const deed of ways[beginning]) this.#do(deed);
	}

	#call(act: () => void): Answer[] {
		act();
		return this.#subject.answers();
	}

	#do(deed: Deed): void {
		const before = this.#subject.view();
		if (deed.kind === 'segment') return this.#arrive(deed, before);
		this.#taken = 0;
		const answers = this.#act(deed);
		this.#note({ deed, arrival: null, options: [], answers, before, taken: this.#taken });
		const after = this.#subject.view();
		this.#checkAll(answers, before, after, null);
		this.#checkOwing(answers, before, after, deed.kind === 'wait' ? deed.us : 0);
	}

	/** What was taken is acknowledged before long, whatever comes between. */
	#checkOwing(answers: readonly Answer[], before: View, after: View, waited: number): void {
		if (after.state <= SYN_SENT || after.iss !== before.iss || answers.some(({ flags, ack }) => (flags & ACK) !== 0 && ack === after.rcvNxt)) {
			this.#owing = -1;
			return;
		}
		if (this.#owing >= 0) this.#owing += waited;
		else if (before.rcvNxt !== after.rcvNxt) this.#owing = 0;
		if (this.#owing >= LONGEST_DELAY) throw new Breach(`${stateNames[after.state]}, §3.8.6.3: what was taken ${this.#owing} µs ago is not acknowledged`, null, before);
	}

	#act(deed: Deed & { kind: 'write' | 'read' | 'shutdown' | 'close' | 'abort' | 'wait' }): Answer[] {
		const subject = this.#subject;
		switch (deed.kind) {
			case 'write': return this.#call(() => this.#write(deed.octets));
			case 'read': return this.#call(() => this.#read(deed.octets));
			case 'wait': return subject.wait(deed.us);
			default: return this.#call(() => subject[deed.kind]());
		}
	}

	#note(line: Line): void { this.lines.push(line); }

	#write(octets: number): void {
		this.#taken = this.#subject.write(Uint8Array.from({ length: octets }, (_, i) => octetAt(this.#written + i, OWN_SALT)));
		this.#written += this.#taken;
	}

	#read(most: number): void {
		const bytes = this.#subject.read(most);
		this.#taken = bytes.length;
		const wrong = bytes.findIndex((byte, i) => byte !== octetAt(this.#got + i, PEER_SALT));
		if (wrong >= 0) throw new Breach(`octet ${this.#got + wrong} of what was read is not what was sent`, null, this.#subject.view());
		this.#got += bytes.length;
	}

	#seqAt({ from, by }: Place, view: View): number {
		const base = view.state <= SYN_SENT ? this.#irs : from === 'next' ? view.rcvNxt : from === 'edge' ? view.edge : from === 'first' ? view.irs : (view.rcvNxt + ((view.edge - view.rcvNxt) >> 1)) | 0;
		return (from === 'far' ? by : base + by) | 0;
	}

	#ackAt({ from, by }: AckPlace, view: View): number {
		return (from === 'far' ? by : (from === 'una' ? view.una : from === 'nxt' ? view.nxt : view.iss) + by) | 0;
	}

	#optionsOf(deed: Deed & { kind: 'segment' }, view: View): { options: readonly number[]; tsVal: number | null } {
		const { options } = this.story;
		const isSyn = (deed.flags & SYN) !== 0;
		if (options !== 'stamps') return { options: isSyn ? OPTIONS[options]! : [], tsVal: null };
		if (deed.stamp === 'none' || (view.tsRecent === null && !isSyn)) return { options: [], tsVal: null };
		const recent = view.tsRecent ?? this.#stamp;
		const tsVal = deed.stamp === 'newer' ? (recent + 1) | 0 : deed.stamp === 'older' ? (recent - 1) | 0 : recent;
		this.#stamp = Math.max(this.#stamp, tsVal);
		return { options: [1, 1, 8, 10, tsVal >>> 24, (tsVal >>> 16) & 255, (tsVal >>> 8) & 255, tsVal & 255, 0, 0, 0, 0], tsVal };
	}

	#arrive(deed: Deed & { kind: 'segment' }, before: View): void {
		const { options, tsVal } = this.#optionsOf(deed, before);
		const seq = this.#seqAt(deed.seq, before);
		const arrival = { flags: deed.flags, seq, ack: (deed.flags & ACK) === 0 ? 0 : this.#ackAt(deed.ack, before), text: deed.text, tsVal, window: deed.window };
		if (before.state <= SYN_SENT && (deed.flags & SYN) !== 0) this.#irs = seq;
		// What has an octet's number has that octet.
		const first = (seq + ((deed.flags & SYN) !== 0 ? 1 : 0) - this.#irs - 1) | 0;
		const text = Uint8Array.from({ length: deed.text }, (_, i) => octetAt(first + i, PEER_SALT));
		const answers = this.#subject.receive(frameOf({ flags: deed.flags, seq, ack: arrival.ack, window: deed.window, text, options, urgent: deed.text }));
		this.#note({ deed, arrival, options, answers, before, taken: 0 });
		const after = this.#subject.view();
		if (after.iss !== this.#iss && after.state > LISTEN) this.#renew(after);
		this.#checkAll(answers, before, after, arrival);
		this.#checkOwing(answers, before, after, 0);
	}

	/** Another connection than before. */
	#renew(view: View): void {
		this.#iss = view.iss;
		this.#irs = view.irs;
		this.#got = 0;
		this.#written = 0;
	}

	#checkAll(answers: readonly Answer[], before: View, after: View, arrival: Arrival | null): void {
		this.#subject.check();
		const { habits } = this.#subject;
		const allowed = arrival === null ? null : allowedFor(before, arrival, habits);
		const say = (what: string): never => { throw new Breach(`${stateNames[before.state]}${allowed === null ? '' : `, ${allowed.rule}`}: ${what}`, allowed, before); };
		for (const answer of answers) checkAnswer(answer, before, after, allowed, habits, say);
		if (allowed === null || arrival === null) return;
		cover(`${stateNames[before.state]}: ${allowed.rule}`);
		checkDuties(answers, allowed, say);
		checkState(before, after, arrival, allowed, say);
	}
}

type Say = (what: string) => never;

/** What every segment that is sent has to keep. */
function checkAnswer(answer: Answer, before: View, after: View, allowed: Allowed | null, habits: Habits, say: Say): void {
	const { flags, seq, ack, length } = answer;
	const shown = describe(answer);
	if ((flags & RST) !== 0) return checkReset(answer, before, allowed, habits, say);
	const known = after.state > LISTEN ? after : before;
	if ((flags & SYN) !== 0) {
		// CLOSE may have come before the handshake was done: what is said again first is the SYN (§3.10.4).
		const isUnheard = after.state >= SYN_SENT && after.una === after.iss;
		const opens = allowed === null || before.state === FIN_WAIT_1 ? isUnheard : allowed.syn !== 'no' || allowed.states.includes(SYN_RECEIVED);
		if (!opens) say(`${shown}: no SYN is allowed here`);
		if (seq !== known.iss) say(`${shown}: a SYN has the number ISS, ${known.iss >>> 0}`);
		return;
	}
	if ((flags & ACK) === 0) say(`${shown}: it bears no ACK`);
	if (before.state <= LISTEN && after.state <= LISTEN) say(`${shown}: there is no connection`);
	if (lt(seq, (before.una - 1) | 0) && before.state > SYN_SENT) say(`${shown}: below SND.UNA ${before.una >>> 0}`);
	if (after.state > LISTEN && lt(after.nxt, seq)) say(`${shown}: beyond SND.NXT ${after.nxt >>> 0}`);
	if (before.state > SYN_SENT && after.state > LISTEN) {
		if (lt(ack, before.rcvNxt) || lt(after.rcvNxt, ack)) say(`${shown}: it acknowledges ${ack >>> 0}, and RCV.NXT was ${before.rcvNxt >>> 0} and is ${after.rcvNxt >>> 0}`);
	}
	if (length > 0 && after.state > LISTEN) checkText(answer, before, after, say);
}

/** New text stays in the peer's window, but for a probe of one octet (§3.8.6.1). */
function checkText({ seq, length, flags, text }: Answer, before: View, after: View, say: Say): void {
	const end = (seq + length) | 0;
	const edge = lt(before.allowed, after.allowed) ? after.allowed : before.allowed;
	const isProbe = text.length <= 1 && seq === after.una;
	if (lt(edge, end) && lt(before.nxt, end) && !isProbe) say(`text up to ${end >>> 0} is beyond the peer's window, ${edge >>> 0}`);
	if ((flags & FIN) !== 0 && !after.finSent && after.state !== CLOSED && lt(after.nxt, end)) say('a FIN that the user did not ask for');
}

/** A RST is sent where the RFC has one, with the numbers it has there; and by ABORT (§3.10.5). */
function checkReset(answer: Answer, before: View, allowed: Allowed | null, habits: Habits, say: Say): void {
	const shown = describe(answer);
	const isAbort = leq(before.nxt, answer.seq) || (habits.resetsInWindow && answer.seq === before.allowed && lt(before.iss, answer.seq));
	if (allowed === null) {
		if (before.state <= LISTEN || !isAbort) say(`${shown}: no RST is allowed here`);
		return;
	}
	if (allowed.reset === 'no') say(`${shown}: no RST is allowed here`);
	if (lt(answer.seq, allowed.resetSeq) || lt((allowed.resetSeq + allowed.resetOver) | 0, answer.seq)) say(`${shown}: the RST has to have the number ${allowed.resetSeq >>> 0}`);
	if (allowed.resetAck !== null && answer.ack !== allowed.resetAck) say(`${shown}: the RST has to acknowledge ${allowed.resetAck >>> 0}`);
}

function checkDuties(answers: readonly Answer[], allowed: Allowed, say: Say): void {
	const resets = answers.filter(({ flags }) => (flags & RST) !== 0).length;
	const syns = answers.filter(({ flags }) => (flags & SYN) !== 0).length;
	const acks = answers.filter(({ flags }) => (flags & (ACK | SYN | RST)) === ACK).length;
	for (const [name, duty, count] of [['a RST', allowed.reset, resets], ['a SYN', allowed.syn, syns], ['an ACK', allowed.ack, acks]] as const) {
		if (duty === 'must' && count === 0) say(`${name} is due, and none comes`);
		if (duty === 'no' && count > 0 && name !== 'a SYN') say(`${name} comes, and none is allowed`);
	}
	if (resets > 1) say('one segment draws two RSTs');
}

function checkState(before: View, after: View, arrival: Arrival, allowed: Allowed, say: Say): void {
	// Without a connection there is the listener again, or nothing.
	const state = after.state === LISTEN ? (before.state === LISTEN ? LISTEN : CLOSED) : after.state;
	if (!allowed.states.includes(state)) say(`it is ${stateNames[after.state]} afterwards, not ${allowed.states.map((one) => stateNames[one]).join(' or ')}`);
	if (after.state <= LISTEN || (allowed.states.length === 1 && allowed.states[0] === SYN_RECEIVED && before.state <= LISTEN)) return;
	if (before.state > LISTEN && after.iss === before.iss && allowed.una.length > 0 && !allowed.una.includes(after.una)) say(`SND.UNA is ${after.una >>> 0}, not ${allowed.una.map((una) => una >>> 0).join(' or ')}`);
	if (before.state > SYN_SENT && after.iss === before.iss) {
		const { rcvNxt } = after;
		if (!allowed.rcv.some(([least, most]) => leq(least, rcvNxt) && leq(rcvNxt, most))) {
			say(`RCV.NXT is ${rcvNxt >>> 0}, and has to be ${allowed.rcv.map(([least, most]) => `from ${least >>> 0} to ${most >>> 0}`).join(' or ')} behind a segment of ${lengthOf(arrival)}`);
		}
		if (lt(after.edge, before.edge)) say(`the window's right edge moves left, from ${before.edge >>> 0} to ${after.edge >>> 0}`);
	}
	if (!leq(after.una, after.nxt)) say('SND.UNA is beyond SND.NXT');
}

/** A segment in the words of tcpdump. */
export function describe({ flags, seq, ack, window, text }: Pick<Answer, 'flags' | 'seq' | 'ack' | 'window'> & { readonly text: Uint8Array | number }): string {
	const octets = typeof text === 'number' ? text : text.length;
	const names = [[SYN, 'S'], [FIN, 'F'], [RST, 'R'], [ACK, '.']] as const;
	return `[${names.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name).join('')}] ${seq >>> 0}+${octets}${(flags & ACK) === 0 ? '' : ` ack ${ack >>> 0}`} win ${window}`;
}
