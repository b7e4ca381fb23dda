import { StudyError } from './error.ts';

/** What a knob can stand at. */
export type KnobValue = boolean | number | string;

/** A knob of a scenario: what it stands at, what it is for, what it may be turned to. */
export interface Knob<T extends KnobValue = KnobValue> {
	readonly value: T;
	/** one line, with the unit */
	readonly doc: string;
	/** the values allowed; without it: on and off, or any number within the bounds */
	readonly values?: readonly T[];
	readonly min?: number;
	readonly max?: number;
}

/** Knobs by name; names are lower case with hyphens. */
export interface KnobSpecs { readonly [name: string]: Knob }

type Widened<T> = T extends boolean ? boolean : T extends number ? number : T extends string ? T : never;

/** The values a scenario's knobs stand at. */
export type KnobValues<K extends KnobSpecs> = { readonly [N in keyof K]: K[N] extends { readonly values: readonly (infer V)[] } ? V : Widened<K[N]['value']> };

/** A knob that is on or off. */
export function toggle(value: boolean, doc: string): Knob<boolean> {
	return { value, doc };
}

/** A knob that is a whole number. */
export function number(value: number, doc: string, min: number = 0, max: number = 1e12): Knob<number> {
	return { value, doc, min, max };
}

/** A knob that is a probability. */
export function probability(value: number, doc: string): Knob<number> {
	return { value, doc, min: 0, max: 1 };
}

/** A knob that is one of a few words. */
export interface Choice<T extends string> extends Knob<T> {
	readonly values: readonly T[];
}

/** A knob that is one of a few words. */
export function choice<const T extends string>(value: NoInfer<T>, values: readonly T[], doc: string): Choice<T> {
	return { value, values, doc };
}

/** What a knob may be turned to, for people. */
export function allowed(knob: Knob): string {
	if (knob.values !== undefined) return knob.values.join(', ');
	if (typeof knob.value === 'boolean') return 'on, off';
	return knob.max === 1 ? 'a number from 0 to 1' : `a whole number${knob.min === undefined ? '' : ` from ${knob.min} on`}`;
}

/**
 * Reads a value a user wrote.
 *
 * @throws StudyError KNOB_VALUE
 */
export function readKnob(name: string, knob: Knob, text: string): KnobValue {
	const refuse = (): never => { throw new StudyError('KNOB_VALUE', `'${text}' is no value of ${name}: it may be ${allowed(knob)}.`); };
	if (typeof knob.value === 'boolean') {
		if (text === 'on' || text === 'true') return true;
		return text === 'off' || text === 'false' ? false : refuse();
	}
	if (knob.values !== undefined) return knob.values.find((value) => String(value) === text) ?? refuse();
	if (typeof knob.value === 'string') return text;
	const value = text.trim() === '' ? NaN : Number(text);
	const isWhole = knob.max === 1 || Number.isSafeInteger(value);
	return isWhole && value >= (knob.min ?? -Infinity) && value <= (knob.max ?? Infinity) ? value : refuse();
}

/** A value as a user writes it. */
export function writeKnob(value: KnobValue): string {
	return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}
