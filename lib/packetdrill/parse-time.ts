import type { Cursor } from './cursor.ts';
import type { EventTime } from './tree.ts';

/** The latest time a script may name: 31 years, µs. Sums of such times stay exact integers. */
const LATEST = 1e15;

/** Reads seconds such as `0.25` as µs; digits beyond the sixth are cut. */
export function parseDuration(cursor: Cursor, what: string): number {
	if (!cursor.isKind('integer') && !cursor.isKind('float')) throw cursor.wanted(what);
	const { text, start } = cursor.next();
	const [whole = '', fraction = ''] = text.split('.');
	const at = Number(whole) * 1e6 + Number(fraction.slice(0, 6).padEnd(6, '0'));
	if (at > LATEST) throw cursor.error('SCRIPT_NUMBER', start, `${what} of at most ${LATEST / 1e6} s`);
	return at;
}

/** Reads the time an event begins with. */
export function parseEventTime(cursor: Cursor): EventTime {
	const start = cursor.offset;
	if (cursor.accept('*')) return { kind: 'any' };
	const relative = cursor.accept('+');
	const from = parseDuration(cursor, relative ? 'a time after \'+\'' : 'an event, which begins with a time');
	if (!cursor.accept('~')) return relative ? { kind: 'after', by: from } : { kind: 'absolute', at: from };
	if (cursor.is('+') !== relative) throw cursor.wanted(relative ? '\'+\' and the end of the range' : 'the end of the range without \'+\'');
	cursor.accept('+');
	const to = parseDuration(cursor, 'the end of the range');
	if (to < from) throw cursor.error('SCRIPT_NUMBER', start, 'a range that ends no earlier than it begins');
	return { kind: relative ? 'after-range' : 'absolute-range', from, to };
}
