import type { Field } from './layout.ts';
import type { Image, Pool } from './image.ts';

/** One place where two images differ. */
export interface Difference {
	/** record and field, such as `tcb#2 snd.una`, or `page#7 +1460` */
	readonly where: string;
	readonly a: number;
	readonly b: number;
}

function valueAt(image: Image, at: number, field: Field): number {
	switch (field.type) {
		case 'f64': return image.f64[at >> 3]!;
		case 'i32': return image.i32[at >> 2]!;
		case 'u16': return image.u16[at >> 1]!;
		default: return image.u8[at]!;
	}
}

function inRecord(a: Image, b: Image, pool: Pool, recordAt: number, byteAt: number): Difference & { until: number } {
	const index = Math.floor((recordAt - a.base) / a.chunk) * pool.perChunk + ((recordAt - a.base) % a.chunk) / pool.size;
	const name = `${pool.spec.name}#${index}`;
	const offset = byteAt - recordAt;
	const field = pool.spec.type.placement.fields.find((f) => offset >= f.offset && offset < f.offset + f.span);
	if (field === undefined) return { where: offset < 4 ? `${name} (alive)` : `${name} +${offset}`, a: a.i32[byteAt >> 2]!, b: b.i32[byteAt >> 2]!, until: byteAt + 4 };
	const raw = field.type.startsWith('bytes');
	const at = raw ? byteAt : recordAt + field.offset;
	return { where: raw ? `${name} ${field.path}[${offset - field.offset}]` : `${name} ${field.path}`, a: valueAt(a, at, field), b: valueAt(b, at, field), until: recordAt + field.offset + field.span };
}

function name(a: Image, b: Image, at: number): Difference & { until: number } {
	if (at < a.base) {
		const word = at >> 2;
		const owner = a.pools.find(({ header }) => word >= header && word < header + 4);
		const what = owner === undefined ? 'chunks' : `pool ${owner.spec.name} ${['first free', 'live', 'next serial', 'chunks'][word - owner.header]}`;
		return { where: word === 1 ? 'image brk' : word === 3 ? 'image pages' : what, a: a.i32[word]!, b: b.i32[word]!, until: (word + 1) * 4 };
	}
	const owner = a.owner(at) === 0 ? b.owner(at) : a.owner(at);
	const pool = a.pools.find(({ id }) => id === owner);
	const chunkAt = at - ((at - a.base) % a.chunk);
	if (pool === undefined) return { where: `page#${(chunkAt - a.base) / a.chunk} +${at - chunkAt}`, a: a.u8[at]!, b: b.u8[at]!, until: chunkAt + a.chunk };
	const within = at - chunkAt;
	return inRecord(a, b, pool, chunkAt + within - (within % pool.size), at);
}

/**
 * Where two images of one configuration differ, named by record and field;
 * empty where their states are the same bytes.
 *
 * @param limit  most differences to name
 */
export function differences(a: Image, b: Image, limit: number = 16): Difference[] {
	const found: Difference[] = [];
	const end = Math.max(a.brk, b.brk);
	for (let at = 0; at < end && found.length < limit;) {
		if ((at & 3) === 0 && a.i32[at >> 2] === b.i32[at >> 2]) { at += 4; continue; }
		if (a.u8[at] === b.u8[at]) { at++; continue; }
		const { until, ...difference } = name(a, b, at);
		found.push(difference);
		at = Math.max(at + 1, until);
	}
	return found;
}
