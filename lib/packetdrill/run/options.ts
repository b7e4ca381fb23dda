import { get16, get32, put16, put32 } from '../../wire/bytes.ts';
import { FAST_OPEN_MAGIC, OPTION_END, OPTION_EXPERIMENT, OPTION_FAST_OPEN, OPTION_MSS, OPTION_NOP, OPTION_SACK, OPTION_SACK_PERMITTED, OPTION_SIGNATURE, OPTION_TIMESTAMPS, OPTION_WINDOW_SCALE } from '../../wire/tcp.ts';
import type { OptionNumber, TcpOption } from '../tree.ts';
import { Unsupported } from './verdict.ts';

/** How numbers of a script become numbers on the wire. */
export interface NumberMap {
	sack(number: number): number;
	tsVal(value: OptionNumber): number;
	tsEcr(value: OptionNumber): number;
	cookie(digits: string): string;
}

function hexBytes(digits: string): number[] {
	return (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

function number32(value: number): number[] {
	const bytes = new Uint8Array(4);
	put32(bytes, 0, value);
	return [...bytes];
}

function number16(value: number): number[] {
	const bytes = new Uint8Array(2);
	put16(bytes, 0, value);
	return [...bytes];
}

/** An option given by its number and what it holds, in hex digits: how decoded ones are written that have no name. */
function numbered(name: string, data: string): number[] {
	const digits = data.replace(/^0[xX]/, '');
	if (!/^\d{1,3}$/.test(name) || Number(name) > 255 || Number(name) <= OPTION_NOP || !/^(?:[0-9a-fA-F]{2})*$/.test(digits)) throw new Unsupported(`the TCP option ${name}`);
	return [Number(name), 2 + digits.length / 2, ...hexBytes(digits)];
}

function encodeOne(option: TcpOption, map: NumberMap): number[] {
	switch (option.kind) {
		case 'nop': return [OPTION_NOP];
		case 'eol': return [OPTION_END];
		case 'sackOK': return [OPTION_SACK_PERMITTED, 2];
		case 'mss': return [OPTION_MSS, 4, ...number16(option.value)];
		case 'wscale': return [OPTION_WINDOW_SCALE, 3, option.value];
		case 'sack': return [OPTION_SACK, 2 + 8 * option.blocks.length, ...option.blocks.flatMap(({ left, right }) => [...number32(map.sack(left)), ...number32(map.sack(right))])];
		case 'TS': return [OPTION_TIMESTAMPS, 10, ...number32(map.tsVal(option.val)), ...number32(map.tsEcr(option.ecr))];
		case 'FO': return [OPTION_FAST_OPEN, 2 + option.cookie.length / 2, ...hexBytes(map.cookie(option.cookie))];
		case 'FOEXP': return [OPTION_EXPERIMENT, 4 + option.cookie.length / 2, ...number16(FAST_OPEN_MAGIC), ...hexBytes(map.cookie(option.cookie))];
		case 'md5': return [OPTION_SIGNATURE, 18, ...hexBytes(option.digest.padEnd(32, '0'))];
		case 'other': return numbered(option.name, option.data);
	}
}

/** Option bytes as a header has them, padded with zeros to whole words. */
export function encodeOptions(options: readonly TcpOption[], map: NumberMap): Uint8Array {
	const bytes = options.flatMap((option) => encodeOne(option, map));
	if (bytes.length > 40) throw new Unsupported(`${bytes.length} bytes of TCP options: a header has room for 40`);
	while ((bytes.length & 3) !== 0) bytes.push(OPTION_END);
	return Uint8Array.from(bytes);
}

export function hexOf(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function decodeOne(kind: number, body: Uint8Array): TcpOption {
	const word = (at: number): number => get32(body, at) >>> 0;
	if (kind === OPTION_MSS && body.length === 2) return { kind: 'mss', value: get16(body, 0) };
	if (kind === OPTION_WINDOW_SCALE && body.length === 1) return { kind: 'wscale', value: body[0]! };
	if (kind === OPTION_SACK_PERMITTED && body.length === 0) return { kind: 'sackOK' };
	if (kind === OPTION_TIMESTAMPS && body.length === 8) return { kind: 'TS', val: word(0), ecr: word(4) };
	if (kind === OPTION_SACK && body.length % 8 === 0) {
		return { kind: 'sack', blocks: Array.from({ length: body.length / 8 }, (_, i) => ({ left: word(i * 8), right: word(i * 8 + 4) })) };
	}
	if (kind === OPTION_FAST_OPEN) return { kind: 'FO', cookie: hexOf(body) };
	if (kind === OPTION_EXPERIMENT && body.length >= 2 && get16(body, 0) === FAST_OPEN_MAGIC) return { kind: 'FOEXP', cookie: hexOf(body.subarray(2)) };
	if (kind === OPTION_SIGNATURE && body.length === 16) return { kind: 'md5', digest: hexOf(body) };
	return { kind: 'other', name: `${kind}`, data: hexOf(body) };
}

/** The options of a segment the host sent, with numbers as on the wire; bytes that are no option come as one called `broken`. */
export function decodeOptions(bytes: Uint8Array): TcpOption[] {
	const options: TcpOption[] = [];
	for (let at = 0; at < bytes.length;) {
		const kind = bytes[at]!;
		if (kind === OPTION_END || kind === OPTION_NOP) {
			options.push({ kind: kind === OPTION_END ? 'eol' : 'nop' });
			at++;
			continue;
		}
		const length = bytes[at + 1] ?? 0;
		if (length < 2 || at + length > bytes.length) return [...options, { kind: 'other', name: 'broken', data: hexOf(bytes.subarray(at)) }];
		options.push(decodeOne(kind, bytes.subarray(at + 2, at + length)));
		at += length;
	}
	return options;
}
