import type { Sink } from '../wire/node.ts';
import type { ArbiterSeat } from './arbiter-line.ts';
import { LONGEST_WORD } from './arbiter-server.ts';
import { Channel } from './channel.ts';
import type { Enrolment } from './charter.ts';
import { Clock } from './clock.ts';
import { LiveError } from './error.ts';
import type { MachineOrder } from './machine-order.ts';
import { Poller } from './poller.ts';
import type { Watch } from './poller.ts';

/** Questions without an answer that are worth a complaint. */
const UNANSWERED = 10;
/** How long an arbiter has to answer who enrols, µs. */
const PATIENCE = 30_000_000;

/** An arbiter on another machine, over TCP: see `ArbiterServer`. A connection that breaks is made again. */
export class RemoteArbiter implements ArbiterSeat {
	readonly watch: Watch | null = null;
	readonly #address: string;
	readonly #channel: Channel;
	#asked = 0;

	/** @param answered  called once the replica has heard, before it acts on what it heard */
	constructor(poller: Poller, address: string, port: number, input: Sink, answered: () => void = () => {}) {
		this.#address = address;
		const heard: Sink = {
			take: (bytes, at, length) => {
				this.#asked = 0;
				input.take(bytes, at, length, port);
				answered();
			},
		};
		this.#channel = new Channel(poller, { port, listen: '', connect: address, longest: LONGEST_WORD, input: heard, opened: () => {}, closed: () => {} });
	}

	get isOpen(): boolean { return this.#channel.isOpen; }
	get wakeAt(): number { return this.#channel.wakeAt; }

	get complaint(): string {
		if (this.#asked < UNANSWERED) return '';
		return `the arbiter at ${this.#address} ${this.isOpen ? 'does not answer' : 'cannot be reached'}`;
	}

	wake(now: number): void { this.#channel.wake(now); }

	send(bytes: Uint8Array, at: number, length: number): void {
		this.#asked++;
		this.#channel.send(bytes, at, length);
	}

	close(): void { this.#channel.close(); }
}

type Answer = { readonly ok: true } & Enrolment | { readonly ok: false; readonly code: string; readonly error: string };

/** Enrols with an arbiter over TCP: see `enrol`. @throws LiveError ARBITER_SILENT, and what the arbiter said */
export function enrolAt(address: string, machine: MachineOrder): Enrolment {
	const poller = new Poller(), clock = new Clock();
	const text = Buffer.from(JSON.stringify({ machine }));
	const answers: Answer[] = [];
	const channel: Channel = new Channel(poller, {
		port: 0, listen: '', connect: address, longest: LONGEST_WORD, closed: () => {},
		input: { take: (bytes, at, length) => { answers.push(JSON.parse(Buffer.from(bytes.subarray(at, at + length)).toString()) as Answer); } },
		// One that asks twice has been given two ids, and uses one.
		opened: () => channel.send(text, 0, text.length),
	});
	for (let now = clock.now(), until = now + PATIENCE; answers.length === 0 && now < until; now = clock.now()) {
		if (channel.wakeAt <= now) channel.wake(now);
		if (poller.wait(Math.min(until, channel.wakeAt) - now)) poller.serve();
	}
	channel.close();
	const [answer] = answers;
	if (answer === undefined) throw new LiveError('ARBITER_SILENT', `The arbiter at ${address} does not answer.`, 'Start it: npx dupack live arbiter --listen HOST:PORT --ledger FOLDER');
	if (!answer.ok) throw new LiveError(answer.code, answer.error);
	return { id: answer.id, founder: answer.founder, machine: answer.machine };
}
