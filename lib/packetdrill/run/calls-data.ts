import { CLOSED, ESTABLISHED, LISTEN, SYN_RECEIVED, SYN_SENT, consume, maySend, send, sendUrgent } from '../../../tcp/index.ts';
import type { CallAction } from '../tree.ts';
import type { Args } from './args.ts';
import { connectFast, onSocket, whenOpen } from './calls-connection.ts';
import { messageOf, piecesOf, spread } from './messages.ts';
import type { Message, Piece } from './messages.ts';
import { unsent } from './readiness.ts';
import { done, fail } from './subject.ts';
import type { File, Process } from './process.ts';
import type { Attempt, Outcome, Plain } from './subject.ts';
import { Unsupported } from './verdict.ts';

const MSG_PEEK = 2, MSG_TRUNC = 0x20, MSG_DONTWAIT = 0x40, MSG_WAITALL = 0x100, MSG_NOSIGNAL = 0x4000, MSG_MORE = 0x8000, MSG_EOR = 0x80, MSG_FASTOPEN = 0x2000_0000, MSG_OOB = 1, MSG_ERRQUEUE = 0x2000, MSG_ZEROCOPY = 0x400_0000;
const FLAG_NAMES: readonly (readonly [number, string])[] = [[MSG_OOB, 'MSG_OOB'], [MSG_EOR, 'MSG_EOR'], [MSG_ERRQUEUE, 'MSG_ERRQUEUE'], [MSG_ZEROCOPY, 'MSG_ZEROCOPY'], [MSG_FASTOPEN, 'MSG_FASTOPEN'], [0x800_0000, 'MSG_SPLICE_PAGES']];

function checkFlags(call: CallAction, flags: number, known: number): void {
	const beyond = flags & ~known;
	if (beyond === 0) return;
	throw new Unsupported(`${call.name} with ${FLAG_NAMES.find(([bit]) => (beyond & bit) !== 0)?.[1] ?? `flags 0x${(beyond >>> 0).toString(16)}`}`);
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
	const wanted = (flags & MSG_WAITALL) !== 0 ? length : Math.min(length, file.lowWater);
	return () => {
		const state = p.state(file);
		if (state === LISTEN || !file.isConnecting) return fail('ENOTCONN');
		if (state !== SYN_SENT && (state !== SYN_RECEIVED || p.isFast(file)) && p.readable(file) > 0 && length > 0) {
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
		const length = args.number(2);
		if (args.isNowhere(args.value(1), length) && p.readable(file) > 0) return fail('EFAULT');
		return receive(p, file, length, flags, (text) => new Map<number, Plain>([[1, text]]));
	});
}

export function callReadv(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const pieces = piecesOf(args, args.value(1));
		return receive(p, file, lengthOf(pieces), 0, (text) => new Map<number, Plain>([[1, spread(pieces, text)]]));
	});
}

/** The oldest message of the error queue, which nobody waits for. */
function takeNotice(file: File, pieces: readonly Piece[]): Outcome {
	const notice = file.errors.take();
	if (notice === null) return fail('EAGAIN');
	return done(0, new Map<number, Plain>([[1, { msg_name: 0, msg_iov: spread(pieces, ''), msg_flags: notice.flags, msg_control: notice.control }]]));
}

/** What is left to read, as messages tell it: one more where the end was taken, so that it is asked for. */
function left(p: Process, file: File): number { return p.readable(file) + (p.isFinished(file) ? 1 : 0); }

export function callRecvmsg(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const { pieces } = messageOf(args);
		const flags = args.number(2, 0);
		if ((flags & MSG_ERRQUEUE) !== 0) return () => takeNotice(file, pieces);
		checkFlags(args.call, flags, RECEIVE_FLAGS);
		if (pieces.some(({ value, length }) => args.isNowhere(value, length)) && p.readable(file) > 0) return fail('EFAULT');
		return receive(p, file, lengthOf(pieces), flags, (text) => {
			const told: Plain[] = file.tellsLeft ? [{ cmsg_level: 6, cmsg_type: 36, cmsg_data: left(p, file) }] : [];
			return new Map<number, Plain>([[1, { msg_name: 0, msg_iov: spread(pieces, text), msg_flags: 0, msg_control: told }]]);
		});
	});
}

function lengthOf(pieces: readonly Piece[]): number { return pieces.reduce((sum, piece) => sum + piece.length, 0); }

/** Longest packet that Linux hands to a device to be cut there, octets. */
const LARGEST = 65_215;

/** How many octets may be written at once before it is asked again whether enough waits to be sent (TCP_NOTSENT_LOWAT): Linux asks where a packet begins. */
function pieceOf(p: Process, file: File): number {
	if (file.unsentLowWater === Infinity) return Infinity;
	const left = unsent(p, file);
	const { mss, max } = p.tcp.tcb.snd;
	const whole = Math.max(mss, Math.floor(Math.min(LARGEST, max >> 1) / mss) * mss);
	const begun = left % whole;
	return begun === 0 && left >= file.unsentLowWater ? 0 : whole - begun;
}

function transmit(p: Process, file: File, bytes: Uint8Array, isText: boolean, flags: number, cuts: readonly number[] = []): Attempt {
	let sent = 0;
	const withoutCopy = (flags & MSG_ZEROCOPY) !== 0;
	const end = (): Outcome => {
		p.noteWritten(file, sent, withoutCopy);
		return done(sent);
	};
	const mayBlock = !file.nonBlocking && (flags & MSG_DONTWAIT) === 0;
	return () => {
		const state = p.state(file);
		if (!file.isConnecting || state === LISTEN) return fail(p.profile === 'freebsd' ? 'ENOTCONN' : 'EPIPE');
		const error = p.takeError(file);
		if (error !== null) return sent > 0 ? end() : fail(error);
		const isEarly = state === SYN_RECEIVED && p.isFast(file);
		if (file.isWriteShut || state === CLOSED || !(maySend(state) || isEarly)) return sent > 0 ? end() : fail('EPIPE');
		if (state < ESTABLISHED && !isEarly) {
			if (p.profile === 'freebsd') return fail('ENOTCONN');
			return mayBlock ? null : fail('EAGAIN');
		}
		if (bytes.length === 0) return done(0);
		for (let room = pieceOf(p, file); room > 0 && sent < bytes.length; room = pieceOf(p, file)) {
			const cut = cuts.find((one) => one > sent) ?? bytes.length;
			const length = Math.min(room, cut - sent), isLast = sent + length === bytes.length;
			const taken = send(p.tcp, file.tcb, bytes, sent, length, isLast && (flags & MSG_MORE) !== 0, isLast ? (flags & MSG_EOR) !== 0 : sent + length === cut);
			if (taken < 0) return fail('EPIPE');
			p.flowOfFile(file)?.noteWritten(isText ? bytes.subarray(sent) : null, taken);
			sent += taken;
			// Where little may wait to be sent, what is written so far goes on its way.
			if (room !== Infinity && !isLast) p.lab.settle();
			if (taken < length) break;
		}
		if (sent === bytes.length) {
			if ((flags & MSG_OOB) !== 0) sendUrgent(p.tcp, file.tcb);
			return end();
		}
		p.noteRoom(file);
		if (mayBlock) return null;
		return sent > 0 ? end() : fail('EAGAIN');
	};
}

/** `MSG_FASTOPEN`: connects, and the text goes with the SYN where the server gave us a cookie (RFC 7413 §4.2). */
function transmitFast(p: Process, file: File, bytes: Uint8Array, isText: boolean, flags: number, port: number): Attempt {
	if (p.isListening(file)) return () => fail('EPIPE');
	if (file.isConnecting) return transmit(p, file, bytes, isText, flags & ~MSG_FASTOPEN);
	const { taken, knowsServer } = connectFast(p, file, bytes, port);
	if (taken < 0) return () => fail('ENETUNREACH');
	p.noteWritten(file, taken, (flags & MSG_ZEROCOPY) !== 0);
	p.flowOfFile(file)?.noteWritten(isText ? bytes : null, taken);
	if (knowsServer && bytes.length > 0) return () => done(taken);
	if (file.nonBlocking) return () => fail('EINPROGRESS');
	const open = whenOpen(p, file), rest = transmit(p, file, bytes.subarray(taken), isText, 0);
	let isOpen = false;
	return () => {
		if (!isOpen) {
			const outcome = open();
			if (outcome === null || outcome.value < 0) return outcome;
			isOpen = true;
		}
		const outcome = rest();
		return outcome === null || outcome.value < 0 ? outcome : done(outcome.value + taken);
	};
}

const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_EOR | MSG_OOB | MSG_ZEROCOPY;

/** Where the first octets were waited for (TCP_FASTOPEN_CONNECT), or the flag says so, they go with the SYN. */
function begin(p: Process, args: Args, file: File, bytes: Uint8Array, isText: boolean, flags: number, port: number, cuts: readonly number[] = []): Attempt {
	checkFlags(args.call, flags, SEND_FLAGS | MSG_FASTOPEN);
	const waiting = file.fastPort;
	if (waiting !== null) {
		file.fastPort = null;
		file.isConnecting = false;
		return transmitFast(p, file, bytes, isText, flags, waiting);
	}
	return (flags & MSG_FASTOPEN) !== 0 ? transmitFast(p, file, bytes, isText, flags, port) : transmit(p, file, bytes, isText, flags, cuts);
}

/** `write`, `send` and `sendto`. */
export function callWrite(p: Process, args: Args): Attempt {
	const plain = p.files.get(args.number(0));
	if (plain !== undefined && plain.plain !== null) {
		const more = args.bytes(args.value(1), args.number(2));
		plain.plain = Uint8Array.from([...plain.plain, ...more]);
		return () => done(more.length);
	}
	return onSocket(p, args, (file) => {
		const flags = args.call.name === 'write' ? 0 : args.number(3, 0);
		const value = args.value(1), length = args.number(2);
		if (args.isNowhere(value, length)) return fail('EFAULT');
		return begin(p, args, file, args.bytes(value, length), value.kind === 'string', flags, args.call.name === 'sendto' ? args.port(4) ?? p.addressing.connectPort : p.addressing.connectPort);
	});
}

/** Pieces of memory that one packet of Linux's can refer to. */
const MOST_PIECES = 17;

/** Where what is written without copying it is cut into packets, octets. */
function cutsOf(parts: readonly Uint8Array[]): number[] {
	const cuts: number[] = [];
	let octets = 0;
	for (const [i, part] of parts.entries()) {
		octets += part.length;
		if ((i + 1) % MOST_PIECES === 0) cuts.push(octets);
	}
	return cuts;
}

export function callWritev(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const isMessage = args.call.name === 'sendmsg';
		const message: Message = isMessage ? messageOf(args) : { pieces: piecesOf(args, args.value(1)), control: false };
		if (message.control) throw new Unsupported(`${args.call.name} with msg_control`);
		const { pieces } = message;
		const flags = isMessage ? args.number(2, 0) : 0;
		if (pieces.some(({ value, length }) => args.isNowhere(value, length))) return fail('EFAULT');
		const parts = pieces.map(({ value, length }) => args.bytes(value, length));
		const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
		return begin(p, args, file, bytes, pieces.some(({ value }) => value.kind === 'string'), flags, p.addressing.connectPort, file.copiesNothing && (flags & MSG_ZEROCOPY) !== 0 ? cutsOf(parts) : []);
	});
}

/** `sendfile(socket, file, [offset], length)`. */
export function callSendfile(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const source = p.files.get(args.number(1));
		if (source === undefined) return fail('EBADF');
		if (source.plain === null) throw new Unsupported('sendfile of what is no file');
		const from = args.isGiven(2) ? args.boxed(2) : 0;
		const bytes = source.plain.subarray(from, from + args.number(3));
		return transmit(p, file, bytes, true, 0);
	});
}
