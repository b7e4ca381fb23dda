import { CLOSED, ESTABLISHED, LISTEN, SYN_RECEIVED, SYN_SENT, consume, maySend, send } from '../../../tcp/index.ts';
import type { CallAction, Value } from '../tree.ts';
import type { Args } from './args.ts';
import { onSocket } from './calls-connection.ts';
import { numberIn } from './constants.ts';
import { done, fail } from './process.ts';
import type { Attempt, File, Plain, Process } from './process.ts';
import { Unsupported } from './verdict.ts';

const MSG_PEEK = 2, MSG_TRUNC = 0x20, MSG_DONTWAIT = 0x40, MSG_WAITALL = 0x100, MSG_NOSIGNAL = 0x4000, MSG_MORE = 0x8000, MSG_EOR = 0x80;

function checkFlags(call: CallAction, flags: number, known: number): void {
	if ((flags & ~known) !== 0) throw new Unsupported(`${call.name} with flags 0x${(flags & ~known).toString(16)}`);
}

/** Where octets of a call go: a buffer and how much it takes. */
interface Piece {
	readonly value: Value;
	readonly length: number;
}

/** The pieces of an `iovec` array: `{..., 1000}` each. */
function piecesOf(args: Args, value: Value): Piece[] {
	if (value.kind !== 'array') throw new Unsupported(`${args.call.name} without a list of buffers`);
	return value.items.map((item) => {
		if (item.kind !== 'struct' || item.members.length !== 2) throw new Unsupported(`a buffer of ${args.call.name} that is not {bytes, length}`);
		const length = numberIn(item.members[1]!.value, args.profile);
		if (length === null) throw new Unsupported(`a buffer of ${args.call.name} without a length`);
		return { value: item.members[0]!.value, length };
	});
}

/** The pieces of a message; what else a script gives of it must be empty or `...`. */
function messagePieces(args: Args): Piece[] {
	const members = args.members(1);
	if (members === null) throw new Unsupported(`${args.call.name} without a message`);
	for (const { name, value } of members) {
		const isEmpty = value.kind === 'ellipsis' || (value.kind === 'array' && value.items.length === 0) || (value.kind === 'integer' && value.value === 0);
		if (name !== 'msg_iov' && !isEmpty) throw new Unsupported(`${args.call.name} with ${name ?? 'a member without a name'}`);
	}
	const iov = members.find(({ name }) => name === 'msg_iov');
	return iov === undefined ? [] : piecesOf(args, iov.value);
}

/** Reads up to `length` octets as text, one character a byte. */
function take(p: Process, file: File, length: number, keep: boolean): string {
	const { sockets } = p.lab.host;
	let text = '';
	while (text.length < length) {
		const got = sockets.peek(file.tcb, keep ? length : length - text.length);
		if (got === 0) break;
		for (let i = 0; i < got; i++) text += String.fromCharCode(sockets.bytes[sockets.at + i]!);
		if (keep) break;
		consume(p.tcp, file.tcb, got);
	}
	return text;
}

function receive(p: Process, file: File, length: number, flags: number, give: (text: string) => ReadonlyMap<number, Plain>): Attempt {
	let got = '';
	const wanted = (flags & MSG_WAITALL) !== 0 ? length : 1;
	return () => {
		const state = p.state(file);
		if (state === LISTEN || !file.isConnecting) return fail('ENOTCONN');
		if (state !== SYN_SENT && state !== SYN_RECEIVED && p.readable(file) > 0 && length > 0) {
			const keep = (flags & MSG_PEEK) !== 0;
			if ((flags & MSG_TRUNC) !== 0 && !keep) {
				const dropped = Math.min(length, p.readable(file));
				consume(p.tcp, file.tcb, dropped);
				return done(dropped);
			}
			got += take(p, file, length - got.length, keep);
			if (got.length >= wanted || keep) return done(got.length, give(got));
		}
		if (length === 0) return done(0);
		if (file.isReadShut || p.isFinished(file) || state === CLOSED) {
			if (got.length > 0) return done(got.length, give(got));
			const error = p.takeError(file);
			return error === null ? done(0, give('')) : fail(error);
		}
		if (file.nonBlocking || (flags & MSG_DONTWAIT) !== 0) return got.length > 0 ? done(got.length, give(got)) : fail('EAGAIN');
		return null;
	};
}

const RECEIVE_FLAGS = MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL;

/** `read`, `recv` and `recvfrom`. */
export function callRead(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const flags = args.call.name === 'read' ? 0 : args.number(3, 0);
		checkFlags(args.call, flags, RECEIVE_FLAGS);
		return receive(p, file, args.number(2), flags, (text) => new Map<number, Plain>([[1, text]]));
	});
}

/** Spreads what was read over the buffers of a vector. */
function spread(pieces: readonly Piece[], text: string): Plain[] {
	let at = 0;
	return pieces.map(({ length }) => {
		const part = text.slice(at, at + length);
		at += length;
		return part;
	});
}

function checkPieces(pieces: readonly Piece[], text: string): void {
	for (const [i, part] of spread(pieces, text).entries()) {
		const { value } = pieces[i]!;
		if (value.kind === 'string' && value.value !== part) throw new Unsupported('text in a vector that is not what came');
	}
}

export function callReadv(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const isMessage = args.call.name === 'recvmsg';
		const pieces = isMessage ? messagePieces(args) : piecesOf(args, args.value(1));
		const flags = isMessage ? args.number(2, 0) : 0;
		checkFlags(args.call, flags, RECEIVE_FLAGS);
		const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
		return receive(p, file, length, flags, (text) => {
			checkPieces(pieces, text);
			return new Map();
		});
	});
}

function transmit(p: Process, file: File, bytes: Uint8Array, isText: boolean, flags: number): Attempt {
	let sent = 0;
	const mayBlock = !file.nonBlocking && (flags & MSG_DONTWAIT) === 0;
	return () => {
		const state = p.state(file);
		if (!file.isConnecting || state === LISTEN) return fail(p.profile === 'freebsd' ? 'ENOTCONN' : 'EPIPE');
		const error = p.takeError(file);
		if (error !== null) return sent > 0 ? done(sent) : fail(error);
		if (file.isWriteShut || state === CLOSED || !maySend(state)) return sent > 0 ? done(sent) : fail('EPIPE');
		if (state < ESTABLISHED) {
			if (p.profile === 'freebsd') return fail('ENOTCONN');
			return mayBlock ? null : fail('EAGAIN');
		}
		const taken = send(p.tcp, file.tcb, bytes, sent, bytes.length - sent);
		if (taken < 0) return fail('EPIPE');
		p.flowOfFile(file)?.noteWritten(isText ? bytes.subarray(sent) : null, taken);
		sent += taken;
		if (sent === bytes.length) return done(sent);
		if (mayBlock) return null;
		return sent > 0 ? done(sent) : fail('EAGAIN');
	};
}

const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR;

/** `write`, `send` and `sendto`. */
export function callWrite(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const flags = args.call.name === 'write' ? 0 : args.number(3, 0);
		checkFlags(args.call, flags, SEND_FLAGS | MSG_MORE);
		if ((flags & MSG_MORE) !== 0) throw new Unsupported('MSG_MORE');
		const value = args.value(1);
		return transmit(p, file, args.bytes(value, args.number(2)), value.kind === 'string', flags);
	});
}

export function callWritev(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const isMessage = args.call.name === 'sendmsg';
		const pieces = isMessage ? messagePieces(args) : piecesOf(args, args.value(1));
		const flags = isMessage ? args.number(2, 0) : 0;
		checkFlags(args.call, flags, SEND_FLAGS);
		const parts = pieces.map(({ value, length }) => args.bytes(value, length));
		const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
		return transmit(p, file, bytes, pieces.some(({ value }) => value.kind === 'string'), flags);
	});
}
