import { CodeUnsupported } from './code-tree.ts';
import type { CodeValue } from './code-tree.ts';

/** A value as Python prints it. */
export function show(value: CodeValue): string {
	if (typeof value === 'string') return value;
	if (value === null) return 'None';
	if (typeof value === 'boolean') return value ? 'True' : 'False';
	if (typeof value === 'number') return String(value);
	return `(${value.map((item) => (typeof item === 'string' ? `'${item}'` : show(item))).join(', ')})`;
}

const CONVERSION = /%([-+ 0#]*)(\d{0,3})(?:\.(\d{1,2}))?([a-zA-Z%])/g;

/** `text % values`, for the conversions d i u x X o f s r c and %%. */
export function formatText(text: string, values: CodeValue, line: number): string {
	const args: readonly CodeValue[] = typeof values === 'object' && values !== null ? values : [values];
	let used = 0;
	const out = text.replace(CONVERSION, (_whole, flags: string, width: string, precision: string | undefined, kind: string) => {
		if (kind === '%') return '%';
		const value = args[used++];
		if (value === undefined) throw new CodeUnsupported(line, 'a format with too few values');
		const plain = convert(kind, value, precision, line);
		if (flags.includes('-')) return plain.padEnd(Number(width));
		return plain.padStart(Number(width), flags.includes('0') ? '0' : ' ');
	});
	if (used !== args.length) throw new CodeUnsupported(line, 'a format with too many values');
	return out;
}

function convert(kind: string, value: CodeValue, precision: string | undefined, line: number): string {
	if (kind === 's' || kind === 'r' || kind === 'c') return kind === 'r' && typeof value === 'string' ? `'${value}'` : show(value);
	const number = typeof value === 'boolean' ? Number(value) : value;
	if (typeof number !== 'number') throw new CodeUnsupported(line, `%${kind} of ${show(value)}`);
	switch (kind) {
		case 'd':
		case 'i':
		case 'u':
			return String(Math.trunc(number));
		case 'x':
			return Math.trunc(number).toString(16);
		case 'X':
			return Math.trunc(number).toString(16).toUpperCase();
		case 'o':
			return Math.trunc(number).toString(8);
		case 'f':
			return number.toFixed(Number(precision ?? 6));
		default:
			throw new CodeUnsupported(line, `the format %${kind}`);
	}
}
