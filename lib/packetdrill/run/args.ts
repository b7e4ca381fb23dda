import { printValue } from '../print.ts';
import type { CallAction, Member, Value } from '../tree.ts';
import type { ProfileName } from '../wanted-profile.ts';
import { numberIn } from './constants.ts';
import type { Outcome, Plain } from './subject.ts';
import { Unsupported } from './verdict.ts';

const ELLIPSIS: Value = { kind: 'ellipsis' };

/** The arguments of a call, read one by one. */
export class Args {
	readonly call: CallAction;
	readonly profile: ProfileName;

	constructor(call: CallAction, profile: ProfileName) {
		this.call = call;
		this.profile = profile;
	}

	value(i: number): Value { return this.call.args[i] ?? ELLIPSIS; }

	isGiven(i: number): boolean { return this.value(i).kind !== 'ellipsis'; }

	/** A number; `otherwise` where the script says `...`. */
	number(i: number, otherwise?: number): number {
		const value = this.value(i);
		const number = numberIn(value, this.profile);
		if (number !== null) return number;
		if (value.kind === 'ellipsis' && otherwise !== undefined) return otherwise;
		throw new Unsupported(`${this.call.name} with ${printValue(value)} as argument ${i + 1}`);
	}

	/** The name of an option or command. */
	name(i: number): string {
		const value = this.value(i);
		if (value.kind !== 'symbol') throw new Unsupported(`${this.call.name} with ${printValue(value)} as argument ${i + 1}`);
		return value.name;
	}

	/** A number in brackets, as options take them, or a bare one. */
	boxed(i: number): number {
		const value = this.value(i);
		const inner = value.kind === 'array' && value.items.length === 1 ? value.items[0]! : value;
		const number = numberIn(inner, this.profile);
		if (number === null) throw new Unsupported(`${this.call.name} with ${printValue(value)} as argument ${i + 1}`);
		return number;
	}

	/** The members of a struct; null where there is none. */
	members(i: number): readonly Member[] | null {
		const value = this.value(i);
		return value.kind === 'struct' ? value.members : null;
	}

	/** The port an address argument names; null for `...`. */
	port(i: number): number | null {
		const members = this.members(i);
		return members === null ? null : this.memberNumber(members, 'sin_port') ?? this.memberNumber(members, 'sin6_port');
	}

	/** A member's number, by name; null where it is `...` or absent. */
	memberNumber(members: readonly Member[], name: string): number | null {
		const member = members.find((candidate) => candidate.name === name);
		return member === undefined ? null : numberIn(member.value, this.profile);
	}

	/** Whether an argument is NULL, or an address nothing is at. */
	isNowhere(value: Value, length: number): boolean {
		return length > 0 && ((value.kind === 'symbol' && value.name === 'NULL') || (value.kind === 'integer' && value.value <= 0));
	}

	/** A text, as options take names; null where it is none. */
	text(i: number): string | null {
		const value = this.value(i);
		return value.kind === 'string' ? value.value : null;
	}

	/** Bytes to write: the text given, else zeros. */
	bytes(value: Value, length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		if (value.kind === 'string') for (let i = 0; i < Math.min(length, value.value.length); i++) bytes[i] = value.value.charCodeAt(i);
		else if (value.kind !== 'ellipsis') throw new Unsupported(`${this.call.name} with ${printValue(value)} as text`);
		return bytes;
	}
}

function showPlain(plain: Plain): string {
	if (typeof plain === 'number') return String(plain);
	if (typeof plain === 'string') return JSON.stringify(plain);
	if (Array.isArray(plain)) return `[${plain.map(showPlain).join(', ')}]`;
	return `{${Object.entries(plain).map(([name, value]) => `${name}=${showPlain(value)}`).join(', ')}}`;
}

/** Holds a value that came out against the script's; null where it fits. */
function misfit(expected: Value, got: Plain, profile: ProfileName): string | null {
	const no = `${showPlain(got)} instead of ${printValue(expected)}`;
	switch (expected.kind) {
		case 'ellipsis':
			return null;
		case 'string':
			if (typeof got !== 'string') return no;
			return (expected.partial ? got.startsWith(expected.value) : got === expected.value) ? null : no;
		case 'array':
			if (!Array.isArray(got)) return expected.items.length === 1 ? misfit(expected.items[0]!, got, profile) : no;
			if (got.length !== expected.items.length) return no;
			return expected.items.map((item, i) => misfit(item, (got as readonly Plain[])[i]!, profile)).find((problem) => problem !== null) ?? null;
		case 'struct':
			return misfitStruct(expected.members, got, profile, no);
		case 'symbol':
			// Names of errors and the like come out as texts.
			if (typeof got === 'string') return sameName(got, expected.name) ? null : no;
			if (/^E(?!POLL)[A-Z0-9]+$/.test(expected.name)) return no;
			return numberIn(expected, profile) === got ? null : no;
		case 'apply':
			// An address written as a function of its text.
			if (typeof got === 'string' && expected.args.some((arg) => arg.kind === 'string')) return expected.args.some((arg) => arg.kind === 'string' && arg.value === got) ? null : no;
			return numberIn(expected, profile) === got ? null : no;
		default:
			return numberIn(expected, profile) === got ? null : no;
	}
}

function misfitStruct(members: readonly Member[], got: Plain, profile: ProfileName, no: string): string | null {
	if (typeof got !== 'object' || Array.isArray(got)) return no;
	const fields = got as { readonly [name: string]: Plain };
	const inOrder = Object.values(fields);
	const time = members.every(({ name }) => name === 'scm_sec' || name === 'scm_nsec') ? misfitTime(members, fields, profile) : null;
	if (time !== null) return time ? null : no;
	for (const [i, { name, value }] of members.entries()) {
		if (value.kind === 'ellipsis') continue;
		const field = name === null ? inOrder[i] : fields[name];
		if (field === undefined) throw new Unsupported(`a struct with ${name ?? printValue(value)}`);
		const problem = misfit(value, field, profile);
		if (problem !== null) return `${name}: ${problem}`;
	}
	return null;
}

/** By how much a time that a call tells may be off, s: as that of an event may. */
const TIME_TOLERANCE = 0.004;

/** A time in two members, as stamps have it; null where the script leaves one open. */
function misfitTime(members: readonly Member[], fields: { readonly [name: string]: Plain }, profile: ProfileName): boolean | null {
	let expected = 0, got = 0;
	for (const { name, value } of members) {
		const number = numberIn(value, profile), field = fields[name ?? ''];
		if (number === null || typeof field !== 'number') return null;
		const unit = name === 'scm_sec' ? 1 : 1e-9;
		expected += number * unit;
		got += field * unit;
	}
	return Math.abs(expected - got) <= TIME_TOLERANCE + (typeof fields['slack'] === 'number' ? fields['slack'] : 0);
}

/** One error has two names. */
function errorName(name: string): string { return name === 'EWOULDBLOCK' ? 'EAGAIN' : name; }

function sameName(a: string, b: string): boolean { return errorName(a) === errorName(b); }

/** What is wrong with what a call gave back; empty where it is as the script says. */
export function misfits(call: CallAction, outcome: Outcome, profile: ProfileName): string[] {
	const wrong: string[] = [];
	const shown = outcome.errno === null ? String(outcome.value) : `${outcome.value} ${outcome.errno}`;
	if (call.result.kind !== 'ellipsis') {
		const expected = numberIn(call.result, profile);
		const errnoFits = call.errno === null ? outcome.errno === null || expected !== -1 : outcome.errno !== null && sameName(outcome.errno, call.errno);
		if (expected !== outcome.value || !errnoFits) wrong.push(`${call.name} returned ${shown} instead of ${printValue(call.result)}${call.errno === null ? '' : ` ${call.errno}`}`);
	}
	for (const [i, plain] of outcome.out ?? []) {
		const problem = misfit(call.args[i] ?? ELLIPSIS, plain, profile);
		if (problem !== null) wrong.push(`${call.name} gave ${problem}`);
	}
	return wrong;
}
