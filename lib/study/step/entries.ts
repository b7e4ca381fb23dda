import type { Trace } from '../../trace/index.ts';
import { contentsOf } from '../letter-view.ts';
import type { Row } from './row.ts';
import { frameText } from './tell.ts';

/** What stands in a log or a gate at each of the two computers, by the trace. */
interface Item {
	readonly number: number;
	name: string;
	primary: string;
	backup: string;
}

/** Entries and outputs that are shown at most. */
const SHOWN = 6;
const NOTHING = '–';

class Items {
	readonly #items: Map<number, Item> = new Map();

	/** The item of a number, made where there is none. */
	of(number: number, name: string = ''): Item {
		let item = this.#items.get(number);
		if (item === undefined) {
			item = { number, name, primary: NOTHING, backup: NOTHING };
			this.#items.set(number, item);
		}
		if (name !== '') item.name = name;
		return item;
	}

	/** A machine is gone, and everything it had. */
	forget(place: string): void {
		for (const item of this.#items.values()) put(item, place, NOTHING);
	}

	/** The newest of them, and those that are still open. */
	rows(kind: string, isOpen: (item: Item) => boolean, compared: boolean): Row[] {
		const all = [...this.#items.values()].sort((a, b) => a.number - b.number);
		const shown = new Set([...all.slice(-SHOWN), ...all.filter(isOpen).slice(-SHOWN)]);
		return all.filter((item) => shown.has(item)).map(({ number, name, primary, backup }): Row => ({ key: `${kind} ${number}`, name: `${number} ${name}`, values: [primary, backup], compared }));
	}
}

function put(item: Item, place: string, text: string): void {
	if (place === 'primary') item.primary = text;
	else if (place === 'backup') item.backup = text;
}

/** The newest entries of the log: which of the two has each, and who has executed it. */
export function entryRows(trace: Trace): Row[] {
	const entries = new Items();
	for (const event of trace) {
		if (event.kind === 'entryLogged') put(entries.of(event.entry, contentsOf(event.bytes, 0, event.bytes.length).contents.join(', ')), event.place, 'unexecuted');
		else if (event.kind === 'entryReceived') put(entries.of(event.entry), event.place, 'unexecuted');
		else if (event.kind === 'entryExecuted') put(entries.of(event.entry), event.place, 'executed');
		else if (event.kind === 'started') entries.forget(event.place);
	}
	return entries.rows('entry', ({ primary, backup }) => primary === 'unexecuted' || backup === 'unexecuted', true);
}

/** The newest outputs: which of the two holds or keeps each, and what became of it there. */
export function outputRows(trace: Trace): Row[] {
	const outputs = new Items();
	for (const event of trace) {
		switch (event.kind) {
			case 'outputHeld': put(outputs.of(event.output, frameText(event.bytes)), event.place, `waits for ${event.entry}`); break;
			case 'outputKept': put(outputs.of(event.output, frameText(event.bytes)), event.place, 'kept'); break;
			case 'outputReleased': put(outputs.of(event.output, frameText(event.bytes)), event.place, 'let go'); break;
			case 'outputRepeated': put(outputs.of(event.output, frameText(event.bytes)), event.place, 'let go again'); break;
			case 'outputDiscarded': put(outputs.of(event.output), event.place, event.reason === 'watermark' ? 'has left' : 'given up'); break;
			case 'started': outputs.forget(event.place); break;
			default:
		}
	}
	return outputs.rows('output', ({ primary, backup }) => primary.startsWith('waits') || primary === 'kept' || backup === 'kept', false);
}
