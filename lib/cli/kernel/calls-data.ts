import { messageOf, piecesOf, spread } from '../../packetdrill/run/messages.ts';
import type { Piece } from '../../packetdrill/run/messages.ts';
import { done } from '../../packetdrill/run/subject.ts';
import type { Outcome, Plain } from '../../packetdrill/run/subject.ts';
import { withOut } from './preparation.ts';
import type { Preparation, Prepare, Prepared } from './preparation.ts';

/** Where a buffer of the script's begins, 0 for one at no address. */
function bufferOf(p: Preparation, i: number, length: number, bytes: Uint8Array | null): { at: number; pointer: bigint } {
	if (p.args.isNowhere(p.args.value(i), length)) return { at: 0, pointer: 0n };
	const at = p.structs.buffer(bytes, length);
	return { at, pointer: p.address(at) };
}

/** `read`, `recv` and `recvfrom`. */
function read(p: Preparation): Prepared {
	const { args, structs } = p;
	const length = args.number(2);
	const { at, pointer } = bufferOf(p, 1, length, null);
	const { live } = p.file();
	const isRead = args.call.name === 'read';
	const flags = isRead ? 0 : args.number(3, 0);
	// With MSG_TRUNC the octets are not copied, and with a short buffer there are fewer than is said.
	const finish = (value: number): Outcome => ((flags & 0x20) !== 0 ? done(value) : withOut(value, 1, structs.text(at, Math.min(value, length))));
	return isRead ? { name: 'read', args: [live, pointer, length], finish } : { name: 'recvfrom', args: [live, pointer, length, flags, 0, 0], finish };
}

/** What lies in buffers one after the other. */
function joined(p: Preparation, pieces: readonly Piece[], buffers: readonly number[], length: number): string {
	let text = '';
	for (const [i, piece] of pieces.entries()) text += p.structs.text(buffers[i]!, Math.max(0, Math.min(piece.length, length - text.length)));
	return text;
}

function readv(p: Preparation): Prepared {
	const pieces = piecesOf(p.args, p.args.value(1));
	const { at, buffers } = p.structs.vector(p.args, pieces, false);
	return { name: 'readv', args: [p.file().live, p.address(at), pieces.length], finish: (value) => withOut(value, 1, spread(pieces, joined(p, pieces, buffers, value))) };
}

const CONTROL_ROOM = 512;

function recvmsg(p: Preparation): Prepared {
	const { args, structs } = p;
	const { pieces } = messageOf(args);
	const { at, buffers } = structs.vector(args, pieces, false);
	const controlAt = p.process.caller.room(CONTROL_ROOM);
	const message = structs.message(at, pieces.length, controlAt, CONTROL_ROOM);
	const finish = (value: number): Outcome => withOut(value, 1, {
		msg_name: 0, msg_iov: spread(pieces, joined(p, pieces, buffers, value)), msg_flags: structs.get32(message + 48),
		msg_control: structs.controls(controlAt, structs.get64(message + 40), Date.now() - p.process.wire.elapsed / 1000),
	});
	return { name: 'recvmsg', args: [p.file().live, p.address(message), args.number(2, 0)], finish };
}

/** What goes to a socket is what is expected on the wire; what was not taken comes again, or never. */
function noting(p: Preparation, bytes: Uint8Array, isText: boolean, prepared: Omit<Prepared, 'finish'>): Prepared {
	const { process } = p;
	const file = p.file();
	if (!file.isSocket) return { ...prepared, finish: (value) => done(value) };
	const opens = process.flowOfFile(file) === null;
	if (opens) process.expectFlow(file);
	// Of text that is waited for to be taken, some may be on the wire before all is.
	process.flowOfFile(file)?.noteWritten(isText ? bytes : null, bytes.length);
	const refuse = (count: number): void => { if (count > 0) process.flowOfFile(file)?.noteRefused(count); };
	const finish = (value: number): Outcome => {
		// A connection that this call has opened is known only now.
		if (opens) process.flowOfFile(file)?.noteWritten(isText ? bytes : null, value);
		else refuse(bytes.length - value);
		return done(value);
	};
	return { ...prepared, finish, failed: () => { if (!opens) refuse(bytes.length); } };
}

/** `write`, `send` and `sendto`. */
function write(p: Preparation): Prepared {
	const { args, structs, process } = p;
	const length = args.number(2);
	const value = args.value(1);
	const isNowhere = args.isNowhere(value, length);
	const bytes = isNowhere ? new Uint8Array(0) : args.bytes(value, length);
	const { pointer } = bufferOf(p, 1, length, bytes);
	const { live } = p.file();
	const isText = value.kind === 'string';
	if (args.call.name === 'write') return noting(p, bytes, isText, { name: 'write', args: [live, pointer, length] });
	const flags = args.number(3, 0);
	// Only who opens a connection says where to.
	if (args.call.name === 'send' || (flags & 0x2000_0000) === 0) return noting(p, bytes, isText, { name: 'sendto', args: [live, pointer, length, flags, 0, 0] });
	const { addressing } = process.wire;
	const to = structs.address(args, args.value(4), addressing, { text: addressing.remoteText, port: addressing.connectPort });
	return noting(p, bytes, isText, { name: 'sendto', args: [live, pointer, length, flags, p.address(to.at), to.length] });
}

/** `writev` and `sendmsg`. */
function writev(p: Preparation): Prepared {
	const { args, structs, process } = p;
	const isMessage = args.call.name === 'sendmsg';
	const pieces = isMessage ? messageOf(args).pieces : piecesOf(args, args.value(1));
	const isNowhere = pieces.some(({ value, length }) => args.isNowhere(value, length));
	const bytes = Uint8Array.from(isNowhere ? [] : pieces.flatMap(({ value, length }) => [...args.bytes(value, length)]));
	const isText = pieces.some(({ value }) => value.kind === 'string');
	const { at } = structs.vector(args, pieces, true);
	const { live } = p.file();
	if (!isMessage) return noting(p, bytes, isText, { name: 'writev', args: [live, p.address(at), pieces.length] });
	const message = structs.message(at, pieces.length, 0, 0);
	const flags = args.number(2, 0);
	if ((flags & 0x2000_0000) !== 0) {
		const { addressing } = process.wire;
		const to = structs.address(args, { kind: 'ellipsis' }, addressing, { text: addressing.remoteText, port: addressing.connectPort });
		structs.put64(message, p.address(to.at));
		structs.put32(message + 8, to.length);
	}
	return noting(p, bytes, isText, { name: 'sendmsg', args: [live, p.address(message), flags] });
}

function sendfile(p: Preparation): Prepared {
	const { args, structs } = p;
	const source = p.file(1);
	const length = args.number(3);
	let pointer = 0n;
	if (args.isGiven(2) && args.value(2).kind !== 'symbol') {
		const at = p.process.caller.room(8);
		structs.put64(at, BigInt(args.boxed(2)));
		pointer = p.address(at);
	}
	const finish = (value: number): Outcome => done(value, new Map<number, Plain>());
	return { name: 'sendfile', args: [p.file().live, source.live, pointer, length], finish };
}

export const dataCalls: Readonly<Record<string, Prepare>> = { read, recv: read, recvfrom: read, readv, recvmsg, write, send: write, sendto: write, writev, sendmsg: writev, sendfile };
