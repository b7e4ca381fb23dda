import { blob, struct, u16be, u32be, u8 } from 'buffer-layout';
import type { Layout } from 'buffer-layout';

/** Fields of a header in their order, with the bytes each takes. */
export type Fields = { readonly [name: string]: number };

/** Where each field begins, in bytes, and where the header ends. */
export type Offsets<F extends Fields> = { readonly [K in keyof F | 'end']: number };

const numbers: { readonly [width: number]: (name: string) => Layout } = { 1: u8, 2: u16be, 4: u32be };

/**
 * Places the fields of a header in network byte order. Offsets are taken once,
 * when a module is loaded; bytes are read and written directly.
 */
export function offsetsOf<const F extends Fields>(fields: F): Offsets<F> {
	const layout = struct(Object.entries(fields).map(([name, width]) => numbers[width]?.(name) ?? blob(width, name)));
	const offsets: { [name: string]: number } = { end: layout.span };
	for (const name of Object.keys(fields)) offsets[name] = layout.offsetOf(name);
	return offsets as Offsets<F>;
}
