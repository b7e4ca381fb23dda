import { ASIDE_OFFSET, place } from './layout.ts';
import type { Field, Placement, Shape, Wanted } from './layout.ts';

/** The memory a cursor reads and writes: views of one buffer. */
export interface Views {
	readonly u8: Uint8Array;
	readonly u16: Uint16Array;
	readonly i32: Int32Array;
	readonly f64: Float64Array;
	/** adds up 16-bit words in the machine's own order, where the memory has something faster than a loop */
	readonly nativeSum?: ((at: number, length: number) => number) | null;
	/** address of octets that are always 0, as many as the largest second record has */
	readonly blank?: number;
	/** gives the record at an address its second one, if it has none */
	extend?(at: number): void;
}

type Group<G> = { -readonly [K in keyof G as G[K] extends `bytes ${number}` ? never : K]: number } & { readonly [K in keyof G as G[K] extends `bytes ${number}` ? K : never]: number };

/**
 * Looks at one record of a shape at a time. Every field is a plain property
 * with its RFC name; a `bytes N` field gives the address of its first byte.
 */
export type Cursor<S> = {
	/** address of the record looked at, bytes from the start of the image */
	readonly at: number;
	/** Moves to the record at an address. */
	go(at: number): void;
} & Group<{ [K in keyof S as S[K] extends Wanted ? K : never]: S[K] }> & { readonly [K in keyof S as S[K] extends Wanted ? never : K]: Group<S[K]> };

/** A kind of record: `new Tcb(image)` makes a cursor over that image's memory. */
export interface RecordType<S> {
	new (views: Views): Cursor<S>;
	readonly placement: Placement;
}

// Accessors are generated as source, so that every offset is a constant and the
// bytecode of each stays below V8's limit for small functions, which it inlines
// always. One position a group (in words) serves all widths.
const access: { readonly [type: string]: (word: string, offset: number) => string } = {
	i32: (word, offset) => `this.i32[this.${word}+${offset / 4}]`,
	f64: (word, offset) => `this.f64[(this.${word}>>1)+${offset / 8}]`,
	u16: (word, offset) => `this.u16[(this.${word}<<1)+${offset / 2}]`,
	u8: (word, offset) => `this.u8[(this.${word}<<2)+${offset}]`,
};

function accessor(field: Field): string {
	const cell = access[field.type];
	if (cell === undefined) return `get ${field.name}(){return (this.p<<2)+${field.offset}}`;
	return `get ${field.name}(){return ${cell('p', field.offset)}} set ${field.name}(v){${cell('p', field.offset)}=v}`;
}

// Of a second record `q` is where it is read, which is all zeros while it is not
// there, and `w` where it is written: 0 while it is not there, and then `spill`
// says where. One method a width begins where the first field of that width lies,
// so that the setters have small numbers in them and stay short enough.
const write: { readonly [type: string]: { readonly name: string; readonly place: string; readonly unit: number } } = {
	i32: { name: 'wi', place: 'this.w||this.spill(v)', unit: 4 },
	f64: { name: 'wd', place: '(this.w||this.spill(v))>>1', unit: 8 },
	u16: { name: 'wh', place: '(this.w||this.spill(v))<<1', unit: 2 },
	u8: { name: 'wb', place: '(this.w||this.spill(v))<<2', unit: 1 },
};

/** Where the fields of a type begin in a second record, in units of that type. */
function firstOf(type: string, fields: readonly Field[]): number {
	return Math.min(...fields.filter((field) => field.type === type).map(({ offset }) => offset)) / write[type]!.unit;
}

function asideAccessor(field: Field, all: readonly Field[]): string {
	const cell = access[field.type]!, { name, unit } = write[field.type]!;
	return `get ${field.name}(){return ${cell('q', field.offset)}} set ${field.name}(v){this.${field.type}[this.${name}(v)+${field.offset / unit - firstOf(field.type, all)}]=v}`;
}

/** The methods that say where the fields of a second record are written. */
function asideWriters(all: readonly Field[]): string {
	const types = new Set(all.map(({ type }) => type));
	return [...types].map((type) => `${write[type]!.name}(v){return (${write[type]!.place})+${firstOf(type, all)}}`).join('\n');
}

function source(placement: Placement): string {
	const aside = placement.aside?.fields ?? [];
	const groupsOf = (fields: readonly Field[]): string[] => [...new Set(fields.map((field) => field.group))].filter((group) => group !== '');
	const groups = groupsOf([...placement.fields, ...aside]);
	const of = (group: string): string => [...placement.fields.filter((field) => field.group === group).map(accessor), ...aside.filter((field) => field.group === group).map((field) => asideAccessor(field, aside)), asideWriters(aside)].join('\n');
	const base = 'this.u8=v.u8;this.u16=v.u16;this.i32=v.i32;this.f64=v.f64;this.p=0;this.q=(v.blank||0)>>2;this.w=0;this.c=c';
	const classes = groups.map((group) => `const G_${group}=class ${group}{constructor(v,c){${base}}\nspill(v){return this.c.spill(v)}\n${of(group)}};`).join('\n');
	const make = groups.map((group) => `;this.${group}=new G_${group}(v,this)`).join('');
	const move = groupsOf(placement.fields).map((group) => `this.${group}.p=p;`).join('');
	const go = placement.aside === null ? `go(at){const p=at>>2;if(p===this.p)return;this.p=p;${move}}` : `go(at){const p=at>>2,e=this.i32[p+${ASIDE_OFFSET / 4}];if(p!==this.p){this.p=p;${move}}if(e>>2!==this.w)this.lay(e>>2)}
lay(w){const q=w===0?this.z:w;this.q=q;this.w=w;${groupsOf(aside).map((group) => `this.${group}.q=q;this.${group}.w=w;`).join('')}}
spill(v){if(v===0)return this.z;this.v.extend(this.p<<2);this.go(this.p<<2);return this.w}`;
	return `${classes}\nreturn class Cursor{constructor(v){const c=this;${base};this.v=v;this.z=this.q${make}}\nget at(){return this.p<<2}\n${go}\n${of('')}}`;
}

const identifier = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * Makes a record type of a shape. The places come from `buffer-layout`, once,
 * at load; nothing is decoded at run time.
 *
 * @throws RangeError where a name is no identifier or a raw field is no whole number of words
 */
export function record<const S extends Shape>(shape: S): RecordType<S> {
	const placement = place(shape);
	for (const field of [...placement.fields, ...placement.aside?.fields ?? []]) if (!identifier.test(field.name) || (field.group !== '' && !identifier.test(field.group))) throw new RangeError(`'${field.path}' cannot be a field: use letters and digits`);
	return make(placement);
}

/** A cursor over some fields and groups of a record: it moves sooner than one over all of them. */
export function part<S, K extends keyof S & string>(type: RecordType<S>, ...names: readonly K[]): RecordType<Pick<S, K>> {
	const only = (whole: Placement | null): Placement | null => whole && { ...whole, fields: whole.fields.filter(({ group, name }) => (names as readonly string[]).includes(group || name)), aside: only(whole.aside) };
	return make(only(type.placement)!);
}

function make<S>(placement: Placement): RecordType<S> {
	// oxlint-disable-next-line no-implied-eval, no-new-func -- the source is made of checked names and numbers
	const type = new Function(source(placement))() as RecordType<S>;
	Object.defineProperty(type, 'placement', { value: placement });
	return type;
}
