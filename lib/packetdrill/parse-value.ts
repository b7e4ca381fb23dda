import { DEPTH_LIMIT } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { CallAction, Member, Value } from './tree.ts';
import { parseDuration } from './parse-time.ts';

/** Reads `[...t] name(args) = result [ERRNO] [(note)]`. */
export function parseCall(cursor: Cursor): CallAction {
	const returns = cursor.accept('...') ? parseReturnTime(cursor) : null;
	const name = cursor.expectKind('word', 'the name of a system call').text;
	cursor.expect('(', 'before the arguments of the call');
	const args = parseList(cursor, ')', 'after the arguments of the call', 0);
	cursor.expect('=', 'and the result after the call');
	const result = parseTerms(cursor, 0, false);
	const errno = cursor.isKind('word') ? cursor.next().text : null;
	const open = cursor.offset;
	const note = cursor.accept('(') ? cursor.note(open) : null;
	return { kind: 'call', name, args, returns, result, errno, note };
}

function parseReturnTime(cursor: Cursor): number {
	cursor.accept('+');
	return parseDuration(cursor, 'the time at which the call returns');
}

/** Reads a value: terms joined by `|`. */
export function parseValue(cursor: Cursor, depth: number): Value {
	if (depth > DEPTH_LIMIT) throw cursor.error('SCRIPT_DEPTH', cursor.offset, `values nested at most ${DEPTH_LIMIT} deep`);
	return parseTerms(cursor, depth, true);
}

/** A result may not apply anything: its parenthesis opens a note. */
function parseTerms(cursor: Cursor, depth: number, mayApply: boolean): Value {
	const first = parseTerm(cursor, depth, mayApply);
	if (!cursor.is('|')) return first;
	const terms = [first];
	while (cursor.accept('|')) terms.push(parseTerm(cursor, depth, mayApply));
	return { kind: 'or', terms };
}

function parseTerm(cursor: Cursor, depth: number, mayApply: boolean): Value {
	const token = cursor.peek();
	switch (token.kind) {
		case 'ellipsis':
			cursor.next();
			return { kind: 'ellipsis' };
		case 'integer':
		case 'hex':
			cursor.next();
			return number(token.text, token.kind === 'hex', false);
		case 'string':
			cursor.next();
			return { kind: 'string', value: token.text, partial: cursor.accept('...') };
		case 'word':
			cursor.next();
			if (!mayApply || !cursor.accept('(')) return { kind: 'symbol', name: token.text };
			return { kind: 'apply', name: token.text, args: parseList(cursor, ')', `after the arguments of ${token.text}`, depth + 1) };
		default:
			return parseMarked(cursor, depth);
	}
}

function parseMarked(cursor: Cursor, depth: number): Value {
	if (cursor.accept('-')) {
		const hex = cursor.isKind('hex');
		return number((hex ? cursor.next() : cursor.expectKind('integer', 'a number after the minus')).text, hex, true);
	}
	if (cursor.accept('&')) return { kind: 'symbol', name: `&${cursor.expectKind('word', 'a name after &').text}` };
	if (cursor.accept('[')) return { kind: 'array', items: parseList(cursor, ']', 'after the items of the array', depth + 1) };
	if (cursor.accept('{')) return parseStruct(cursor, depth + 1);
	throw cursor.wanted('a value');
}

function number(text: string, hex: boolean, negative: boolean): Value {
	const magnitude = Number(text);
	if (!Number.isSafeInteger(magnitude)) return { kind: 'huge', text: negative ? `-${text}` : text };
	// No negative zero: it would compare unequal to what a call returns.
	return { kind: 'integer', value: negative && magnitude !== 0 ? -magnitude : magnitude, hex };
}

function parseList(cursor: Cursor, close: string, where: string, depth: number): Value[] {
	const items: Value[] = [];
	if (cursor.accept(close)) return items;
	do {
		items.push(parseValue(cursor, depth));
	} while (cursor.accept(','));
	if (!cursor.accept(close)) throw cursor.wanted(`',' or '${close}' ${where}`);
	return items;
}

function parseStruct(cursor: Cursor, depth: number): Value {
	const members: Member[] = [];
	if (cursor.accept('}')) return { kind: 'struct', members };
	do {
		members.push(parseMember(cursor, depth));
	} while (cursor.accept(','));
	if (!cursor.accept('}')) throw cursor.wanted('\',\' or \'}\' after the members of the struct');
	return { kind: 'struct', members };
}

function parseMember(cursor: Cursor, depth: number): Member {
	const label = parseValue(cursor, depth);
	if (label.kind === 'symbol' && cursor.accept('=')) return { name: label.name, extent: null, value: parseValue(cursor, depth) };
	if (label.kind === 'apply' && label.args.length === 1 && cursor.accept('=')) {
		return { name: label.name, extent: label.args[0] ?? null, value: parseValue(cursor, depth) };
	}
	return { name: null, extent: null, value: label };
}
