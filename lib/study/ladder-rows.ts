import type { TraceEvent } from '../trace/index.ts';
import type { Journey } from './journey.ts';
import { readLetter } from './letter-view.ts';
import { Narrator, labelOf, lossText } from './narrate.ts';
import { readPacket, textOf } from './packet.ts';
import type { Packet, Run, Scene } from './run.ts';

/** What a row is about; a view colours by it. */
export type Tone = 'plain' | 'log' | 'repeat' | 'first' | 'client' | 'bad' | 'good' | 'faint';

/** A frame or message that goes from one machine to another. */
export interface ArrowRow {
	readonly kind: 'arrow';
	/** µs */
	readonly time: number;
	readonly from: string;
	readonly to: string;
	readonly label: readonly string[];
	/** frame number in the capture file; 0 where it is on no interface of it */
	readonly number: number;
	/** frame number of the first sending, where this is a repeat; 0 else */
	readonly again: number;
	readonly tone: Tone;
	/** why it did not arrive; '' where it did */
	readonly lost: string;
	/** whether it goes over the log link */
	readonly isLog: boolean;
}

/** Something that happens at one machine. */
export interface NoteRow {
	readonly kind: 'note';
	readonly time: number;
	readonly place: string;
	readonly mark: string;
	readonly text: string;
	readonly tone: Tone;
	/** what becomes of the machine's line from here on */
	readonly line: 'goes on' | 'ends' | 'rests';
}

/** Time in which nothing is shown. */
export interface GapRow {
	readonly kind: 'gap';
	readonly time: number;
	/** µs that pass */
	readonly passed: number;
	/** what is left out */
	readonly text: string;
}

export type LadderRow = ArrowRow | NoteRow | GapRow;

/** From how long a silence on, it is shown as one, µs. */
const GAP = 3_000;

/** Makes the rows of a run's ladder, in the order of time. */
export class LadderRows {
	readonly places: readonly string[];
	readonly #run: Run<Scene>;
	readonly #narrator: Narrator;
	readonly #byEvent: ReadonlyMap<number, Packet>;
	readonly #repeats: ReadonlyMap<number, number>;
	readonly #first: ReadonlySet<number>;
	#speaker = 'primary';
	/** what was told last on the log channel, by sender */
	#told: Map<string, string> = new Map();
	#skipped: Map<string, number> = new Map();

	constructor(run: Run<Scene>) {
		this.#run = run;
		this.#narrator = new Narrator(run);
		this.#byEvent = new Map(run.packets.map((packet) => [packet.event, packet]));
		this.#repeats = new Map(run.repeats.map(({ first, again }) => [again.number, first.number]));
		this.#first = new Set(run.repeats.map(({ first }) => first.number));
		this.places = [...run.stage.clients.map(({ name }) => name), ...['primary', 'backup'].filter((name) => run.trace.places.includes(name))];
	}

	/** The rows, with what says nothing new folded away. */
	rows(): LadderRow[] {
		return folded(this.#all());
	}

	#all(): LadderRow[] {
		const rows: LadderRow[] = [];
		let last = 0;
		for (const event of this.#run.trace) {
			const row = event.kind === 'frameSent' ? this.#arrow(event.index) : this.#note(event);
			if (row === null) continue;
			const passed = row.time - last;
			if (passed >= GAP) rows.push({ kind: 'gap', time: row.time, passed, text: this.#takeSkipped() });
			last = row.time;
			rows.push(row);
		}
		const rest = this.#run.stage.world.now - last;
		if (rest >= GAP) rows.push({ kind: 'gap', time: this.#run.stage.world.now, passed: rest, text: this.#takeSkipped() });
		return rows;
	}

	#takeSkipped(): string {
		const text = [...this.#skipped].map(([what, count]) => (count === 1 ? `1 ${what}` : `${count} ${what}s`)).join(', ');
		this.#skipped = new Map();
		return text;
	}

	#skip(what: string): null {
		this.#skipped.set(what, (this.#skipped.get(what) ?? 0) + 1);
		return null;
	}

	#arrow(event: number): ArrowRow | null {
		const sent = this.#byEvent.get(event);
		const journey = sent && this.#narrator.journey(sent);
		if (sent === undefined || journey === undefined || journey.sent !== event) return null;
		return journey.port === 0 ? this.#wire(sent, journey) : this.#letter(sent, journey);
	}

	#letter(packet: Packet, journey: Journey): ArrowRow | null {
		const letter = readLetter(packet.bytes);
		const { from } = journey;
		const news = letter.kind === 'acknowledgement' ? `has ${letter.last}` : `mark ${letter.mark}`;
		const isNew = this.#told.get(from) !== news;
		this.#told.set(from, news);
		if (letter.kind === 'heartbeat' && !isNew && letter.note === '') return this.#skip('heartbeat');
		if (letter.kind === 'acknowledgement' && !isNew) return null;
		const lost = journey.arrived.length === 0 ? this.#lossOf(journey) : '';
		return { kind: 'arrow', time: packet.time, from, to: from === 'primary' ? 'backup' : 'primary', label: labelOf(packet), number: packet.number, again: 0, tone: lost === '' ? 'log' : 'bad', lost, isLog: true };
	}

	#lossOf(journey: Journey): string {
		const event = journey.lost.length > 0 ? this.#run.trace.event(journey.lost[0]!) : null;
		return event?.kind === 'frameLost' ? lossText(event.reason) : 'still on its way when the run ended';
	}

	#wire(packet: Packet, journey: Journey): ArrowRow | null {
		if (journey.origin?.why === 'announced' && journey.origin.number > 1) return this.#skip('announcement');
		const { to, arrived } = this.#destination(packet, journey);
		const seen = arrived === undefined ? undefined : this.#byEvent.get(arrived);
		const shown = packet.byServer && seen !== undefined ? seen : packet;
		const again = this.#repeats.get(shown.number) ?? 0;
		const lost = arrived === undefined ? this.#lossOf(journey) : '';
		const tone: Tone = lost !== '' ? 'bad' : again !== 0 ? 'repeat' : this.#first.has(shown.number) ? 'first' : packet.byServer ? 'plain' : 'client';
		const label = again === 0 ? labelOf(shown) : [...labelOf(shown), 'again'];
		return { kind: 'arrow', time: packet.time, from: journey.from, to, label, number: shown.number, again, tone, lost, isLog: false };
	}

	/** Where an arrow ends: whoever the frame is meant for, whether or not it came there. */
	#destination(packet: Packet, journey: Journey): { to: string; arrived: number | undefined } {
		const { trace, stage } = this.#run;
		const at = (name: string): number | undefined => journey.arrived.find((event) => trace.places[trace.placeOf(event)] === name);
		// Among hosts that are no pair a frame goes where it came to.
		const [first] = journey.arrived;
		if (first !== undefined && !this.places.includes('primary')) return { to: trace.places[trace.placeOf(first)]!, arrived: first };
		if (!packet.byServer) {
			if (packet.destinationMac !== 'ff:ff:ff:ff:ff:ff') {
				const other = stage.clients.find(({ mac }) => mac === packet.destinationMac);
				if (other !== undefined) return { to: other.name, arrived: at(other.name) };
			}
			return { to: this.#speaker, arrived: at(this.#speaker) };
		}
		const client = stage.clients.find(({ mac }) => mac === packet.destinationMac)?.name ?? stage.clients[0]?.name ?? 'client';
		return { to: client, arrived: at(client) };
	}

	#note(event: TraceEvent): NoteRow | null {
		const note = (mark: string, text: string, tone: Tone, line: NoteRow['line'] = 'goes on'): NoteRow => ({ kind: 'note', time: event.time, place: event.place, mark, text, tone, line });
		switch (event.kind) {
			case 'crashed': return note('╳', event.reason === 'killed' ? `is killed${event.outputs > 0 ? `; ${event.outputs} output${event.outputs === 1 ? '' : 's'} of its last step die with it` : ''}` : event.reason, 'bad', 'ends');
			case 'stopped': return note('‖', 'is stopped', 'bad', 'rests');
			case 'continued': return note('▸', 'goes on', 'good');
			case 'halted': return note('■', `halts: ${event.reason}`, 'bad', 'ends');
			case 'peerSilent': return note('?', 'hears nothing any more', 'faint');
			case 'leaseExpired': return note('?', 'may send nothing: its lease has run out', 'faint');
			case 'arbiterAsked': return note('?', `asks the arbiter for epoch ${event.epoch}`, 'faint');
			case 'arbiterAnswered': return note('!', `arbiter: ${event.answer}`, 'faint');
			case 'tookOver': this.#speaker = event.place; return note('◆', `goes live in epoch ${event.epoch}`, 'good');
			case 'started': return note('▲', 'a new machine is started', 'good');
			case 'joined': return note('◆', `has a backup again, in epoch ${event.epoch}`, 'good');
			case 'diverged': return note('≠', `is not what entry ${event.entry} says it was`, 'bad');
			case 'wentAlone': return note('◆', `goes on alone in epoch ${event.epoch}`, 'good');
			case 'outputHeld': return this.#held(event, note);
			case 'outputDiscarded': return event.reason === 'policy' ? note('×', `gives output ${event.output} up`, 'bad') : null;
			case 'delivered': return note('●', `application is given "${textOf(event.bytes)}"`, 'good');
			case 'discarded': return note('○', `application drops "${textOf(event.bytes)}": ${event.reason}`, 'good');
			case 'failed': return note('●', `application is told ${event.error}`, 'bad');
			case 'closed': return note('●', event.by === 'server' ? 'application: the server has closed' : event.by === 'abort' ? 'application aborts' : 'application closes', 'faint');
			case 'note': return { ...note('◇', event.text, 'faint'), place: 'primary' };
			default: return this.#switchNote(event);
		}
	}

	#held(event: Extract<TraceEvent, { kind: 'outputHeld' }>, note: (mark: string, text: string, tone: Tone) => NoteRow): NoteRow | null {
		const { payload, text } = { ...readPacket(event.bytes), text: textOf(readPacket(event.bytes).payload) };
		return payload.length === 0 ? null : note('◌', `"${text}" waits for entry ${event.entry}`, 'faint');
	}

	#switchNote(event: TraceEvent): NoteRow | null {
		const ports = ['the primary', 'the backup'];
		const name = (port: number): string => ports[port] ?? this.#run.stage.clients[port - 2]?.name ?? `port ${port}`;
		const at = { kind: 'note', time: event.time, place: 'switch', mark: '◇', tone: 'faint', line: 'goes on' } as const;
		switch (event.kind) {
			case 'macMoved': return { ...at, text: `switch: the server's address moves from ${name(event.from)}'s port to ${name(event.port)}'s` };
			case 'macForgotten': return { ...at, text: `switch: forgets an address at ${name(event.port)}'s port (${event.reason})` };
			case 'portChanged': return { ...at, text: `switch: ${name(event.port)}'s port goes ${event.up === 1 ? 'up' : 'down'}` };
			default: return null;
		}
	}
}

/** From how many times on what repeats itself is folded. */
const FOLD = 4;

function sameArrow(a: LadderRow | undefined, b: LadderRow | undefined): boolean {
	return a?.kind === 'arrow' && b?.kind === 'arrow' && a.from === b.from && a.to === b.to && a.lost === b.lost && a.again === b.again && a.label.join(' ') === b.label.join(' ');
}

/** How often the rows from `at` on, `period` of them, come again without a break. */
function repeatsAt(rows: readonly LadderRow[], at: number, period: number): number {
	let end = at + period;
	while (sameArrow(rows[end], rows[end - period])) end++;
	return Math.floor((end - at) / period);
}

/** Shows once what goes to and fro many times. */
function folded(rows: readonly LadderRow[]): LadderRow[] {
	const shown: LadderRow[] = [];
	for (let at = 0; at < rows.length;) {
		const period = [1, 2].find((many) => repeatsAt(rows, at, many) >= FOLD);
		if (period === undefined) {
			shown.push(rows[at++]!);
			continue;
		}
		const times = repeatsAt(rows, at, period), end = at + times * period;
		shown.push(...rows.slice(at, at + period));
		const passed = rows[end - 1]!.time - rows[at]!.time;
		shown.push({ kind: 'gap', time: rows[end - 1]!.time, passed, text: `${period === 1 ? 'the same' : 'to and fro'} ${times - 1} times more` });
		at = end;
	}
	return shown;
}
