import { Cursor } from './cursor.ts';
import { parsePacket } from './parse-packet.ts';
import { parseEventTime } from './parse-time.ts';
import { parseCall } from './parse-value.ts';
import { preprocess, TAKEN_SYMBOLS } from './preprocess.ts';
import { Source } from './source.ts';
import type { Action, EventTime, Script, ScriptEvent, ScriptOption } from './tree.ts';

export interface ParseSettings {
	/** Names that `#ifdef` takes as defined; by default `STANDARD`. */
	readonly symbols?: ReadonlySet<string>;
	/** Words replaced by others, as `packetdrill -D name=value` does; by default {@link customaryDefines} of the script's `--ip_version`. */
	readonly defines?: ReadonlyMap<string, string>;
}

/**
 * The names that Linux's runner of packetdrill scripts defines, for IPv4 or IPv6. The cookies are what a Linux
 * server under test hands out to the address the scripts use.
 */
export function customaryDefines(version: 4 | 6): ReadonlyMap<string, string> {
	return new Map([
		['TFO_COOKIE', '3021b9d889017eeb'],
		['TFO_COOKIE_ZERO', 'b7c12350a90dc8f5'],
		['CMSG_LEVEL_IP', version === 4 ? 'SOL_IP' : 'SOL_IPV6'],
		['CMSG_TYPE_RECVERR', version === 4 ? 'IP_RECVERR' : 'IPV6_RECVERR'],
	]);
}

/**
 * Reads a script.
 *
 * @param text  the script; `file` is only used to name it in errors
 * @throws ScriptError where it is not one
 */
export function parseScript(text: string, file: string, settings: ParseSettings = {}): Script {
	const source = preprocess(new Source(file, text), settings.symbols ?? TAKEN_SYMBOLS);
	const cursor = new Cursor(source);
	const options = parseOptions(cursor);
	const version = options.some(({ name, value }) => name === 'ip_version' && value === 'ipv6') ? 6 : 4;
	cursor.define(settings.defines ?? customaryDefines(version));
	const init = parseCommands(cursor);
	if (init.length > 0) options.push(...parseOptions(cursor));
	const events: ScriptEvent[] = [];
	while (!cursor.isKind('end') && !cursor.isKind('command')) events.push(parseEvent(cursor));
	const cleanup = parseCommands(cursor);
	if (!cursor.isKind('end')) throw cursor.wanted('nothing after the commands that clean up (a command between events needs a time)');
	return { file, options, init, events, cleanup };
}

function parseOptions(cursor: Cursor): ScriptOption[] {
	const options: ScriptOption[] = [];
	while (cursor.isKind('option')) {
		const { text, start } = cursor.next();
		const { line } = cursor.source.place(start);
		const equals = text.indexOf('=');
		if (equals === -1) options.push({ line, name: text.slice(2), value: null });
		else options.push({ line, name: text.slice(2, equals), value: text.slice(equals + 1) });
	}
	return options;
}

function parseCommands(cursor: Cursor): string[] {
	const commands: string[] = [];
	while (cursor.isKind('command')) commands.push(cursor.next().text);
	return commands;
}

function parseEvent(cursor: Cursor): ScriptEvent {
	const start = cursor.offset;
	const { line, column } = cursor.source.place(start);
	const time = parseEventTime(cursor);
	const action = parseAction(cursor);
	if (isLoose(time) && !(action.kind === 'packet' && action.direction === 'out')) {
		throw cursor.error('SCRIPT_SYNTAX', start, 'one time (a range or * is for outbound packets only)');
	}
	if (action.kind === 'call' && action.returns !== null && action.returns < earliest(time)) {
		throw cursor.error('SCRIPT_NUMBER', start, 'a call that returns no earlier than it is made');
	}
	return { line, column, time, action };
}

function earliest(time: EventTime): number {
	return time.kind === 'absolute' ? time.at : time.kind === 'after' ? time.by : 0;
}

function isLoose(time: EventTime): boolean {
	return time.kind !== 'absolute' && time.kind !== 'after';
}

function parseAction(cursor: Cursor): Action {
	const token = cursor.peek();
	switch (token.kind) {
		case 'command':
			cursor.next();
			return { kind: 'command', text: token.text };
		case 'code': {
			cursor.next();
			return { kind: 'code', text: token.text, line: cursor.source.place(token.start + 2).line };
		}
		case 'word':
		case 'ellipsis':
			return parseCall(cursor);
		default:
			if (cursor.is('<') || cursor.is('>')) return parsePacket(cursor);
			throw cursor.wanted('a packet (< or >), a system call, a `command` or a %{ code block }%');
	}
}
