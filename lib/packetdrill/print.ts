import { printPacket } from './print-packet.ts';
import type { Action, CallAction, EventTime, Script, Value } from './tree.ts';

/**
 * Writes a tree as a script, an event a line. Reading it again gives the same tree but for lines and columns.
 */
export function printScript(script: Script): string {
	const lines: string[] = [];
	for (const { name, value } of script.options) lines.push(value === null ? `--${name}` : `--${name}=${value}`);
	for (const command of script.init) lines.push(`\`${command}\``);
	for (const { time, action } of script.events) lines.push(printEvent(time, action));
	for (const command of script.cleanup) lines.push(`\`${command}\``);
	return `${lines.join('\n')}\n`;
}

export function printEvent(time: EventTime, action: Action): string {
	const returns = action.kind === 'call' && action.returns !== null ? `...${printSeconds(action.returns)}` : '';
	return `${printTime(time)}${returns} ${printAction(action)}`;
}

/** µs as seconds, in as few digits as it takes. */
export function printSeconds(us: number): string {
	const fraction = String(us % 1e6).padStart(6, '0').replace(/0+$/, '');
	const whole = String(Math.floor(us / 1e6));
	return fraction === '' ? whole : `${whole}.${fraction}`;
}

function printTime(time: EventTime): string {
	switch (time.kind) {
		case 'absolute':
			return printSeconds(time.at);
		case 'after':
			return `+${printSeconds(time.by)}`;
		case 'absolute-range':
			return `${printSeconds(time.from)}~${printSeconds(time.to)}`;
		case 'after-range':
			return `+${printSeconds(time.from)}~+${printSeconds(time.to)}`;
		case 'any':
			return '*';
	}
}

export function printAction(action: Action): string {
	switch (action.kind) {
		case 'packet':
			return printPacket(action);
		case 'call':
			return printCall(action);
		case 'command':
			return `\`${action.text}\``;
		case 'code':
			return `%{${action.text}}%`;
	}
}

function printCall(call: CallAction): string {
	const errno = call.errno === null ? '' : ` ${call.errno}`;
	const note = call.note === null ? '' : ` (${call.note})`;
	return `${call.name}(${printList(call.args)}) = ${printValue(call.result)}${errno}${note}`;
}

function printList(values: readonly Value[]): string {
	return values.map(printValue).join(', ');
}

export function printValue(value: Value): string {
	switch (value.kind) {
		case 'ellipsis':
			return '...';
		case 'integer':
			return printInteger(value.value, value.hex);
		case 'huge':
			return value.text;
		case 'string':
			return `${printString(value.value)}${value.partial ? '...' : ''}`;
		case 'symbol':
			return value.name;
		case 'or':
			return value.terms.map(printValue).join('|');
		case 'array':
			return `[${printList(value.items)}]`;
		case 'apply':
			return `${value.name}(${printList(value.args)})`;
		case 'struct':
			return `{${value.members.map(printMember).join(', ')}}`;
	}
}

function printMember(member: { readonly name: string | null; readonly extent: Value | null; readonly value: Value }): string {
	if (member.name === null) return printValue(member.value);
	const extent = member.extent === null ? '' : `(${printValue(member.extent)})`;
	return `${member.name}${extent}=${printValue(member.value)}`;
}

function printInteger(value: number, hex: boolean): string {
	const digits = hex ? `0x${Math.abs(value).toString(16)}` : String(Math.abs(value));
	return value < 0 ? `-${digits}` : digits;
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

function printString(text: string): string {
	let out = '"';
	for (let i = 0; i < text.length; i++) {
		const char = text[i] ?? '';
		const code = text.charCodeAt(i);
		const plain = (code >= 32 && code < 127) || code > 255;
		out += NAMED[char] ?? (plain ? char : `\\x${code.toString(16).padStart(2, '0')}`);
	}
	return `${out}"`;
}
