import { frameFields } from '../replica/index.ts';
import type { Line, Span } from './ladder.ts';
import type { Packet } from './run.ts';

/** A run of bytes that belongs to one field. */
interface Stretch {
	readonly name: string;
	readonly at: number;
	readonly length: number;
}

/** What stands in an untagged IPv4 frame without IP options where no field is named. */
const between: { readonly [at: number]: string } = { 14: 'ip version and TOS', 20: 'ip fragment', 46: 'tcp data offset' };

/** Every byte of a frame under the name of the narrowest field it belongs to. */
function stretchesOf(bytes: Uint8Array): Stretch[] {
	const fields = [...frameFields(bytes)].filter(({ length }) => length > 0).sort((a, b) => a.length - b.length);
	const nameAt = (at: number): string => fields.find((field) => at >= field.at && at < field.at + field.length)?.name ?? '';
	const stretches: { name: string; at: number; length: number }[] = [];
	for (let at = 0; at < bytes.length; at++) {
		const name = nameAt(at), last = stretches.at(-1);
		if (last !== undefined && last.name === name) last.length++;
		else stretches.push({ name, at, length: 1 });
	}
	return stretches.map(({ name, at, length }) => ({ name: name || (between[at] ?? 'other'), at, length }));
}

/** Bytes in hex, by twos, at most so many. */
function hex(bytes: Uint8Array, { at, length }: Stretch, most: number): string {
	const text = Array.from(bytes.subarray(at, at + Math.min(length, most)), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
	return length > most ? `${text} …` : text;
}

const MOST = 6;
const COLUMN = MOST * 3 + 3;

/** Names of the fields in which two frames differ. */
export function differingFields(a: Packet, b: Packet): string[] {
	return [...new Set(stretchesOf(a.bytes).filter((stretch) => !equalIn(a, b, stretch)).map(({ name }) => name))];
}

function equalIn(a: Packet, b: Packet, { at, length }: Stretch): boolean {
	for (let i = at; i < at + length; i++) if (a.bytes[i] !== b.bytes[i]) return false;
	return true;
}

/**
 * Compares frames byte by byte, field by field: the first with each of the
 * others. Fields longer than six bytes are shown by their beginning, compared whole.
 *
 * @param titles  a heading for each frame
 */
export function compareFrames(packets: readonly Packet[], titles: readonly string[]): Line[] {
	const [first, ...others] = packets;
	if (first === undefined) return [];
	const head: Line = [{ text: `  ${''.padEnd(22)}${titles.map((title) => title.padEnd(COLUMN)).join('')}`, tone: 'faint' }];
	const rows = stretchesOf(first.bytes).map((stretch): Line => {
		const cells = others.map((other): Span => {
			const same = equalIn(first, other, stretch);
			return { text: `${same ? '=' : '≠'} ${hex(other.bytes, stretch, MOST)}`.padEnd(COLUMN), tone: same ? 'faint' : 'bad' };
		});
		return [{ text: `  ${stretch.name.padEnd(22)}`, tone: 'faint' }, { text: hex(first.bytes, stretch, MOST).padEnd(COLUMN), tone: 'plain' }, ...cells];
	});
	return [head, ...rows];
}
