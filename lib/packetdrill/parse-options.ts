import type { Cursor } from './cursor.ts';
import type { OptionNumber, SackRange, TcpOption, TcpPacket } from './tree.ts';

const NUMBER_LIMIT = 0xffff_ffff;

/** Reads `<option, …>`; no brackets are no options. */
export function parseTcpOptions(cursor: Cursor): TcpPacket['options'] {
	if (!cursor.accept('<')) return [];
	if (cursor.accept('...')) {
		cursor.expect('>', 'after ...');
		return 'any';
	}
	const options: TcpOption[] = [];
	if (cursor.accept('>')) return options;
	do {
		options.push(parseOption(cursor));
	} while (cursor.accept(','));
	if (!cursor.accept('>')) throw cursor.wanted('\',\' or \'>\' after a TCP option');
	return options;
}

function parseOption(cursor: Cursor): TcpOption {
	if (!cursor.isKind('word') && !cursor.isKind('integer')) throw cursor.wanted('a TCP option');
	const name = cursor.next().text;
	switch (name) {
		case 'nop':
		case 'eol':
		case 'sackOK':
			return { kind: name };
		case 'mss':
			return { kind: name, value: cursor.integer('a segment size', 0xffff) };
		case 'wscale':
			return { kind: name, value: cursor.integer('a window scale', 0xff) };
		case 'sack':
			return { kind: name, blocks: parseBlocks(cursor) };
		case 'TS':
			return parseTimestamps(cursor);
		case 'FO':
		case 'FOEXP':
			return { kind: name, cookie: parseHex(cursor, 'a cookie in hex digits') };
		case 'md5':
			return { kind: name, digest: parseHex(cursor, 'a digest in hex digits') };
		default:
			return { kind: 'other', name, data: cursor.lineUpTo(',>') };
	}
}

function parseBlocks(cursor: Cursor): SackRange[] {
	const blocks: SackRange[] = [];
	do {
		const left = cursor.integer('the left edge of a SACK block', NUMBER_LIMIT);
		cursor.expect(':', 'between the edges of a SACK block');
		blocks.push({ left, right: cursor.integer('the right edge of a SACK block', NUMBER_LIMIT) });
	} while (cursor.isKind('integer'));
	return blocks;
}

function parseTimestamps(cursor: Cursor): TcpOption {
	cursor.expect('val', 'and a timestamp after TS');
	const val = parseOptionNumber(cursor);
	cursor.expect('ecr', 'and the echoed timestamp after TS val');
	return { kind: 'TS', val, ecr: parseOptionNumber(cursor) };
}

function parseOptionNumber(cursor: Cursor): OptionNumber {
	if (!cursor.isKind('word')) return cursor.integer('a timestamp', NUMBER_LIMIT);
	const name = cursor.next().text;
	if (cursor.accept('+')) return { name, plus: cursor.integer('a number', NUMBER_LIMIT) };
	// Zero minus zero, not minus zero: trees are compared.
	if (cursor.accept('-')) return { name, plus: 0 - cursor.integer('a number', NUMBER_LIMIT) };
	return { name, plus: 0 };
}

/** Reads hex digits, an optional 0x dropped; none at all is the empty string. */
function parseHex(cursor: Cursor, what: string): string {
	const { offset } = cursor;
	const digits = (cursor.bare() ?? '').replace(/^0[xX]/, '').toLowerCase();
	if (!/^(?:[0-9a-f]{2})*$/.test(digits)) throw cursor.error('SCRIPT_SYNTAX', offset, `${what}, an even number of them`);
	return digits;
}
