import { blob, f64, s32, struct, u16, u8 } from 'buffer-layout';
import type { Layout } from 'buffer-layout';

/** What a field holds. `bytes N` is raw memory of N bytes (a multiple of 4); its accessor gives its address. */
export type FieldType = Scalar | `bytes ${number}`;
type Scalar = 'u8' | 'u16' | 'i32' | 'f64';

/** Fields by name; one level of groups (`snd`, `rcv`) is allowed. */
export interface Shape { readonly [name: string]: Wanted | { readonly [name: string]: Wanted } }
/** A number marked `aside` lies in a second record, which is there once one of them is not 0. */
export type Wanted = FieldType | `${Scalar} aside`;

/** One field with its place. `path` is what people read: `snd.una`. */
export interface Field {
	readonly path: string;
	readonly group: string;
	readonly name: string;
	readonly type: FieldType;
	/** bytes from the start of the record */
	readonly offset: number;
	/** bytes */
	readonly span: number;
}

/** Where every field of a record lies. The first word of every record belongs to the pool. */
export interface Placement {
	readonly fields: readonly Field[];
	/** bytes a record takes, a multiple of 8 */
	readonly size: number;
	/** the second record's, where there is one; the field `aside` of the first holds its address */
	readonly aside: Placement | null;
}

/** Where the address of the second record lies, bytes from the start of the first. */
export const ASIDE_OFFSET = 4;
const ASIDE = ' aside';

interface Request { readonly path: string; readonly group: string; readonly name: string; readonly type: FieldType }

const spans: { readonly [type: string]: number } = { f64: 8, i32: 4, u16: 2, u8: 1 };

function spanOf(type: FieldType): number {
	const known = spans[type];
	if (known !== undefined) return known;
	const bytes = Number(type.slice('bytes '.length));
	if (!Number.isInteger(bytes) || bytes <= 0 || bytes % 4 !== 0) throw new RangeError(`a field of '${type}' is not a multiple of 4 bytes: give it one`);
	return bytes;
}

/** How widely a field must be aligned: raw bytes are read as words. */
function alignmentOf(type: FieldType): number {
	return type.startsWith('bytes') ? 4 : spanOf(type);
}

function layoutOf(type: FieldType, path: string): Layout {
	switch (type) {
		case 'f64': return f64(path);
		case 'i32': return s32(path);
		case 'u16': return u16(path);
		case 'u8': return u8(path);
		default: return blob(spanOf(type), path);
	}
}

/**
 * Places the fields of a shape, widest first, so that every field is aligned
 * without holes. Word 0 is the pool's tag; where there are doubles the word
 * after it is left to alignment.
 */
export function place(shape: Shape): Placement {
	const near: Request[] = [], aside: Request[] = [];
	const want = (group: string, name: string, type: Wanted): void => {
		const path = group === '' ? name : `${group}.${name}`;
		if (type.endsWith(ASIDE)) aside.push({ path, group, name, type: type.slice(0, -ASIDE.length) as FieldType });
		else near.push({ path, group, name, type: type as FieldType });
	};
	for (const [name, entry] of Object.entries(shape)) {
		if (typeof entry === 'string') want('', name, entry);
		else for (const [inner, type] of Object.entries(entry)) want(name, inner, type);
	}
	if (aside.length === 0) return { ...arrange(near, false), aside: null };
	return { ...arrange(near, true), aside: { ...arrange(aside, false), aside: null } };
}

/** Places fields widest first; where there is a second record its address lies right behind the tag. */
function arrange(wanted: readonly Request[], hasAside: boolean): Omit<Placement, 'aside'> {
	const byWidth = wanted.map((field, order) => ({ field, order })).sort((a, b) => alignmentOf(b.field.type) - alignmentOf(a.field.type) || a.order - b.order).map(({ field }) => field);
	// A word-sized field fills the hole behind the tag when doubles follow.
	const filler = byWidth[0]?.type === 'f64' ? byWidth.findIndex((field) => field.type === 'i32') : -1;
	if (hasAside) byWidth.unshift({ path: 'aside', group: '', name: 'aside', type: 'i32' });
	else if (filler > 0) byWidth.unshift(...byWidth.splice(filler, 1));
	else if (byWidth[0]?.type === 'f64') byWidth.unshift({ path: '', group: '', name: '', type: 'i32' });
	const structure = struct([s32('#tag'), ...byWidth.map((field) => layoutOf(field.type, field.path || '#hole'))]);
	const fields = byWidth.filter((field) => field.path !== '').map((field): Field => ({ ...field, offset: structure.offsetOf(field.path), span: spanOf(field.type) }));
	return { fields, size: (structure.span + 7) & ~7 };
}
