import type { Cursor } from './cursor.ts';
import { parseTcpOptions } from './parse-options.ts';
import { FLAG } from './tree.ts';
import type { EcnMark, IcmpPacket, IpInfo, OuterHeader, PacketAction, Ports, QuotedPacket, SequenceRange, TcpPacket, UnsupportedPacket } from './tree.ts';

/** The largest sequence number; also what bounds lengths. */
export const SEQUENCE_LIMIT = 0xffff_ffff;

/** Reads a packet from its direction on. */
export function parsePacket(cursor: Cursor): PacketAction {
	const direction = cursor.next().text === '<' ? 'in' : 'out';
	let ip = parseIpInfo(cursor);
	const outer: OuterHeader[] = [];
	for (;;) {
		const header = parseOuterHeader(cursor, ip);
		if (header === null) break;
		outer.push(header);
		ip = parseIpInfo(cursor);
	}
	return { kind: 'packet', direction, ip, outer, body: parseBody(cursor) };
}

const ECN_MARKS: ReadonlySet<string> = new Set<EcnMark>(['noecn', 'ect0', 'ect1', 'ect01', 'ce']);

function parseIpInfo(cursor: Cursor): IpInfo {
	let ecn: EcnMark | null = null;
	let tos: number | null = null;
	let flowLabel: number | null = null;
	let ttl: number | null = null;
	const other: string[] = [];
	while (cursor.is('[') || cursor.is('(')) {
		const close = cursor.next().text === '[' ? ']' : ')';
		while (!cursor.accept(close)) {
			if (cursor.accept(',')) continue;
			const { text } = cursor.expectKind('word', `what the IP header holds, or '${close}'`);
			if (ECN_MARKS.has(text)) ecn = text as EcnMark;
			else if (text === 'tos') tos = anyInteger(cursor, 'the type of service', 0xff);
			else if (text === 'flowlabel') flowLabel = anyInteger(cursor, 'the flow label', 0xf_ffff);
			else if (text === 'ttl') ttl = anyInteger(cursor, 'the time to live', 0xff);
			else other.push(`${text} ${cursor.lineUpTo(',])')}`.trim());
		}
	}
	return { ecn, tos, flowLabel, ttl, other };
}

function anyInteger(cursor: Cursor, what: string, limit: number): number {
	if (!cursor.isKind('hex')) return cursor.integer(what, limit);
	const { text, start } = cursor.next();
	const value = Number(text);
	if (value > limit) throw cursor.error('SCRIPT_NUMBER', start, `${what} of at most ${limit}`);
	return value;
}

function parseOuterHeader(cursor: Cursor, ip: IpInfo): OuterHeader | null {
	if (cursor.is('ipv4') || cursor.is('ipv6')) {
		const kind = cursor.next().text === 'ipv4' ? 'ipv4' : 'ipv6';
		const source = parseAddress(cursor, kind);
		cursor.expect('>', 'between source and destination');
		const destination = parseAddress(cursor, kind);
		cursor.expect(':', `after the ${kind} header`);
		return { kind, source, destination, ip };
	}
	if (cursor.is('gre') || cursor.is('mpls')) {
		const kind = cursor.next().text === 'gre' ? 'gre' : 'mpls';
		const text = cursor.lineUpTo(':');
		cursor.expect(':', `after the ${kind} header`);
		return { kind, text };
	}
	return null;
}

function parseAddress(cursor: Cursor, kind: string): string {
	// The colon that ends the header is followed by a blank, those inside an address are not.
	const address = cursor.match(/[0-9a-fA-F.:]*?[0-9a-fA-F.:](?=:?[\s>])/y);
	if (address === null) throw cursor.wanted(`an ${kind} address`);
	return address;
}

const FOREIGN: ReadonlySet<string> = new Set(['sctp', 'udplite']);
const PORTS = /\d+[ \t]*>[ \t]*\d/y;

function parseBody(cursor: Cursor): PacketAction['body'] {
	const token = cursor.peek();
	if (token.kind === 'word' && FOREIGN.has(token.text)) return parseForeign(cursor);
	if (cursor.accept('udp')) {
		const ports = parsePorts(cursor);
		return { protocol: 'udp', ports, length: parseLength(cursor) };
	}
	if (cursor.accept('icmp') || cursor.accept('icmpv4') || cursor.accept('icmpv6')) return parseIcmp(cursor);
	return parseTcp(cursor);
}

function parseForeign(cursor: Cursor): UnsupportedPacket {
	const name = cursor.next().text;
	return { protocol: 'unsupported', name, text: cursor.restOfEvent() };
}

function parsePorts(cursor: Cursor): Ports | null {
	if (!cursor.sees(PORTS)) return null;
	const source = cursor.integer('a port', 0xffff);
	cursor.expect('>', 'between the ports');
	return { source, destination: cursor.integer('a port', 0xffff) };
}

function parseLength(cursor: Cursor): number {
	cursor.expect('(', 'before the length');
	const length = cursor.integer('a length', SEQUENCE_LIMIT);
	cursor.expect(')', 'after the length');
	return length;
}

function parseTcp(cursor: Cursor): TcpPacket {
	const ports = parsePorts(cursor);
	const { flags, accurateEcn } = parseFlags(cursor);
	const sequence = parseSequence(cursor);
	const ack = cursor.accept('ack') ? (anything(cursor) ? 'any' : cursor.integer('an acknowledgement number', SEQUENCE_LIMIT)) : null;
	const window = cursor.accept('win') && !anything(cursor) ? cursor.integer('a window', 0xffff) : null;
	const urgent = cursor.accept('urg') ? cursor.integer('an urgent pointer', 0xffff) : null;
	const options = parseTcpOptions(cursor);
	return { protocol: 'tcp', ports, flags, accurateEcn, sequence, ack, window, urgent, options };
}

function anything(cursor: Cursor): boolean {
	return cursor.accept('*') || cursor.accept('...');
}

const FLAG_LETTERS: Readonly<Record<string, number>> = {
	'-': 0, F: FLAG.FIN, S: FLAG.SYN, R: FLAG.RST, P: FLAG.PSH, '.': FLAG.ACK, U: FLAG.URG, E: FLAG.ECE, W: FLAG.CWR, C: FLAG.CWR, A: FLAG.AE,
};

function parseFlags(cursor: Cursor): { flags: number; accurateEcn: boolean } {
	const start = cursor.offset;
	const text = cursor.match(/-[0-7]?|[A-Za-z.]+[0-7]?/y);
	if (text === null) throw cursor.wanted('a packet: TCP flags, udp or icmp');
	let flags = 0;
	let accurateEcn = false;
	for (const char of text) {
		const bit = FLAG_LETTERS[char] ?? countBits(char);
		if (bit === null) throw cursor.error('SCRIPT_SYNTAX', start, 'TCP flags (of F S R P . U E W A, or - for none), udp or icmp');
		accurateEcn ||= char === 'A' || (char >= '0' && char <= '7');
		flags |= bit;
	}
	return { flags, accurateEcn };
}

/** A digit is the accurate ECN count carried in AE, CWR and ECE, most significant first (RFC 9768 §3.2.2). */
function countBits(digit: string): number | null {
	if (digit < '0' || digit > '7') return null;
	const count = Number(digit);
	return (count & 4 ? FLAG.AE : 0) | (count & 2 ? FLAG.CWR : 0) | (count & 1 ? FLAG.ECE : 0);
}

function parseSequence(cursor: Cursor): SequenceRange {
	if (cursor.accept('...')) return { start: null, end: null, length: parseLength(cursor) };
	const start = cursor.integer('a sequence number', SEQUENCE_LIMIT);
	cursor.expect(':', 'after the first sequence number');
	const endAt = cursor.offset;
	const end = cursor.integer('the sequence number after the last byte', SEQUENCE_LIMIT);
	const length = parseLength(cursor);
	// SYN and FIN are not counted here, as the scripts count only payload.
	if (end !== (start + length) % (SEQUENCE_LIMIT + 1)) throw cursor.error('SCRIPT_NUMBER', endAt, `${start} + ${length} here`);
	return { start, end, length };
}

function parseIcmp(cursor: Cursor): IcmpPacket {
	const type = cursor.expectKind('word', 'the type of the ICMP message').text;
	const code = cursor.isKind('word') && !cursor.is('mtu') && !cursor.is('id') ? cursor.next().text : null;
	const mtu = cursor.accept('mtu') ? cursor.integer('an MTU', SEQUENCE_LIMIT) : null;
	const echoId = cursor.accept('id') ? cursor.integer('an identifier', 0xffff) : null;
	const quoted = cursor.accept('[') ? parseQuoted(cursor) : null;
	return { protocol: 'icmp', type, code, mtu, echoId, quoted };
}

function parseQuoted(cursor: Cursor): QuotedPacket {
	let quoted: QuotedPacket;
	if (cursor.accept('udp')) {
		quoted = { protocol: 'udp', length: parseLength(cursor) };
	} else if (cursor.isKind('integer') || cursor.is('...')) {
		quoted = { protocol: 'tcp', sequence: parseSequence(cursor) };
	} else {
		quoted = { protocol: 'other', text: cursor.lineUpTo(']') };
	}
	cursor.expect(']', 'after the quoted packet');
	return quoted;
}
