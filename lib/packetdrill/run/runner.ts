import { freebsd, linux, rfc } from '../../../tcp/index.ts';
import type { Profile } from '../../../tcp/index.ts';
import { codeConstants } from '../code-constants.ts';
import { makeScope } from '../code-evaluate.ts';
import type { CodeScope } from '../code-evaluate.ts';
import { runCode } from '../code-run.ts';
import { printSeconds } from '../print.ts';
import type { CallAction, CodeAction, EventTime, Script, ScriptEvent } from '../tree.ts';
import { wantedProfile } from '../wanted-profile.ts';
import type { ProfileName } from '../wanted-profile.ts';
import { addressingOf } from './addressing.ts';
import type { Addressing } from './addressing.ts';
import { misfits } from './args.ts';
import type { SentPacket } from './frame.ts';
import { sendInbound } from './inbound.ts';
import { Lab } from './lab.ts';
import { expectOutbound, leftOver } from './outbound.ts';
import { Process } from './process.ts';
import { Session } from './session.ts';
import { START } from './subject.ts';
import type { Attempt, Outcome, Subject, TapedFrame } from './subject.ts';
import { Timing } from './timing.ts';
import type { Due } from './timing.ts';
import { Mismatch, Unsupported } from './verdict.ts';
import type { Verdict } from './verdict.ts';

const PROFILES: Readonly<Record<ProfileName, Profile>> = { rfc, linux, freebsd };

/** Makes what a script is run against; `take` gets every IP packet it sends that is not about addresses. */
export type MakeSubject = (addressing: Addressing, take: (packet: SentPacket) => void) => Subject;

/** Our stack in virtual time. */
function stackOf(profile: ProfileName): MakeSubject {
	return (addressing, take) => {
		const lab = new Lab(addressing, PROFILES[profile], take);
		return { lab, process: new Process(lab, profile) };
	};
}

export interface RunSettings {
	/** whose constants the stack has; by default those the script is written for */
	readonly profile?: ProfileName;
	/** whether what the host sent and no event expects fails a script that is otherwise passed; else it is only told. By default where the script is not for Linux: Google's tool does not look behind the last packet expected, and its scripts count on that */
	readonly strict?: boolean;
	/** what the script is run against; by default our stack in virtual time */
	readonly subject?: MakeSubject;
	/** gets every frame that crossed the wire, also where the script failed */
	readonly tape?: (frames: readonly TapedFrame[]) => void;
}

/** A call that has not come back yet. */
interface Pending {
	readonly call: CallAction;
	readonly attempt: Attempt;
	readonly line: number;
	/** when it is to come back, µs since the start, and how exactly; null: at once, or whenever it can */
	readonly until: { readonly at: number; readonly tolerance: number } | null;
}

/** Options a script may give that change nothing here. */
const IDLE_OPTIONS: ReadonlySet<string> = new Set(['non_fatal', 'verbose', 'speed', 'init_scripts', 'code_command', 'code_format', 'code_sockopt', 'netmask_ip', 'netdev', 'no_cleanup', 'send_omit_free', 'udp_encaps_off', 'mss', 'is_anyip', 'define', 'dry_run']);
const KNOWN_OPTIONS: ReadonlySet<string> = new Set(['ip_version', 'tolerance_usecs', 'tolerance_percent', 'bind_port', 'connect_port', 'local_ip', 'remote_ip', 'gateway_ip', 'mtu', 'strict_segments', 'tcp_ts_tick_usecs']);
/** Our timestamps count milliseconds. */
const TICK = 1000;

/** Runs one script against a host of its own, in virtual time. Never throws for what stands in a script. */
export function runScript(script: Script, settings: RunSettings = {}): Verdict {
	const { file } = script;
	let run: Run | null = null;
	try {
		const profile = settings.profile ?? wantedProfile(script);
		run = new Run(script, profile, settings.subject ?? stackOf(profile));
		const told = run.play(settings.strict ?? wantedProfile(script) !== 'linux');
		return { file, ok: true, status: 'pass', line: null, message: told };
	} catch (error) {
		if (error instanceof Unsupported) return { file, ok: false, status: 'unsupported', line: error.line ?? run?.line ?? null, message: `not supported: ${error.message}` };
		if (error instanceof Mismatch) return { file, ok: false, status: 'fail', line: error.line ?? run?.line ?? null, message: `${error.message}\n${run?.recent() ?? ''}`.trim() };
		throw error;
	} finally {
		if (run !== null) settings.tape?.(run.tape);
	}
}

class Run {
	readonly #script: Script;
	readonly #session: Session;
	readonly #timing: Timing;
	readonly #scope: CodeScope;
	readonly #isStrict: boolean;
	readonly #ticks: number | null;
	#pending: Pending | null = null;

	constructor(script: Script, profile: ProfileName, subject: MakeSubject) {
		this.#script = script;
		for (const { name, line } of script.options) {
			if (!KNOWN_OPTIONS.has(name) && !IDLE_OPTIONS.has(name)) throw new Unsupported(`the option --${name}`, line);
		}
		const tick = script.options.find(({ name }) => name === 'tcp_ts_tick_usecs');
		if (tick !== undefined && tick.value !== String(TICK)) throw new Unsupported(`timestamps that step every ${tick.value} µs`, tick.line);
		this.#isStrict = script.options.some(({ name }) => name === 'strict_segments');
		const addressing = addressingOf(script.options);
		this.#session = new Session(script, profile, (take) => subject(addressing, take));
		const { slack } = this.#session.lab;
		this.#ticks = tick === undefined ? null : 4 + slack / TICK;
		this.#timing = new Timing(script.options, slack);
		this.#scope = makeScope(codeConstants(profile), (name) => (name.startsWith('tcpi_') ? this.#session.process.info(name) : undefined));
	}

	get line(): number | null { return this.#session.line === 0 ? null : this.#session.line; }
	get tape(): readonly TapedFrame[] { return this.#session.lab.tape; }
	recent(): string { return this.#session.recent(); }

	/** Plays all events. Returns what is worth telling of a script that passed. `isStrict`: nothing may be left that no event expects. */
	play(isStrict: boolean): string {
		const { init, events, options } = this.#script;
		for (const { name, value } of options) if (name === 'init_scripts' && value !== null) this.#session.process.command(value.replace(/^"|"$/g, '').replaceAll(',', '\n'));
		for (const text of init) this.#session.process.command(text);
		this.#session.lab.begin();
		const tearDown = tearDownStart(events);
		let waitingBefore = 0;
		for (const [i, event] of events.entries()) {
			if (i === tearDown) waitingBefore = this.#session.waiting.length;
			this.#session.line = event.line;
			this.#playEvent(event);
		}
		if (tearDown === events.length) waitingBefore = this.#session.waiting.length;
		this.#finishPending();
		const left = leftOver(this.#session, waitingBefore);
		if (left !== null && isStrict) throw new Mismatch(left.text, left.line);
		for (const text of this.#script.cleanup) this.#session.process.command(text);
		const after = leftOver(this.#session, Infinity);
		if (after === null) return '';
		return left === null ? `while the script closed down, ${after.text}` : after.text;
	}

	#playEvent({ time, action }: ScriptEvent): void {
		const { lab } = this.#session;
		const isInbound = action.kind === 'packet' && action.direction === 'in';
		const due = this.#timing.dueOf(time, isInbound);
		if (action.kind === 'packet' && action.direction === 'out') expectOutbound(this.#session, action, due, this.#isStrict, this.#ticks);
		else {
			this.#passTime(due.from);
			switch (action.kind) {
				case 'packet':
					sendInbound(this.#session, action);
					break;
				case 'call':
					this.#call(action, due, time);
					break;
				case 'command':
					this.#session.process.command(action.text);
					break;
				case 'code':
					this.#code(action);
					break;
			}
			lab.settle();
		}
		this.#progress();
		this.#session.check();
		this.#timing.end(due, lab.elapsed, isInbound);
	}

	/** Lets time pass up to an event; a call in flight is looked at after each step. */
	#passTime(to: number): void {
		this.#session.lab.advance(START + to, () => {
			this.#progress();
			return false;
		});
	}

	#call(call: CallAction, due: Due, time: EventTime): void {
		const { lab, process } = this.#session;
		this.#finishPending();
		lab.touch();
		const attempt = process.begin(call);
		// Both times of `+0.1...0.3` count from the event before.
		const began = due.from - (time.kind === 'after' ? time.by : due.from);
		const until = call.returns === null ? null : { at: began + call.returns, tolerance: due.tolerance };
		this.#pending = { call, attempt, line: this.#session.line, until };
		this.#progress();
		lab.settle();
		if (until === null) this.#finishPending();
	}

	/** Looks whether the call in flight can come back now. */
	#progress(): void {
		const pending = this.#pending;
		if (pending === null) return;
		this.#session.lab.touch();
		const outcome = pending.attempt();
		if (outcome === null) {
			this.#session.lab.settle();
			return;
		}
		this.#pending = null;
		this.#session.lab.settle();
		this.#returned(pending, outcome);
	}

	#returned({ call, line, until }: Pending, outcome: Outcome): void {
		const wrong = misfits(call, this.#session.process.named(call, outcome), this.#session.profile);
		const now = this.#session.lab.elapsed;
		if (until !== null && Math.abs(now - until.at) > until.tolerance) wrong.push(`${call.name} came back at ${printSeconds(now)} s instead of ${printSeconds(Math.round(until.at))} s (tolerance ${Math.round(until.tolerance)} µs)`);
		if (wrong.length > 0) throw new Mismatch(wrong.join('; '), line);
	}

	/** Waits for the call in flight. */
	#finishPending(): void {
		const pending = this.#pending;
		if (pending === null) return;
		const { lab } = this.#session;
		const limit = pending.until === null ? lab.now + lab.patience : START + pending.until.at + pending.until.tolerance + 1;
		const isBack = lab.advance(limit, () => {
			this.#progress();
			return this.#pending === null;
		});
		if (!isBack) throw new Mismatch(`${pending.call.name} still blocks at ${printSeconds(lab.elapsed)} s`, pending.line);
	}

	#code(action: CodeAction): void {
		const outcome = runCode(action, this.#scope);
		if (outcome.kind === 'failed') throw new Mismatch(outcome.message, outcome.line);
		if (outcome.kind === 'unsupported') throw new Unsupported(outcome.message, outcome.line);
	}
}

/** Where a script begins to close down: what the host sends from there on, nobody has to expect. */
function tearDownStart(events: readonly ScriptEvent[]): number {
	let start = events.length;
	while (start > 0) {
		const { action } = events[start - 1]!;
		if (action.kind === 'packet' || (action.kind === 'call' && action.name !== 'close')) break;
		start--;
	}
	return start;
}
