import { numberIn } from '../../packetdrill/run/constants.ts';
import { done } from '../../packetdrill/run/subject.ts';
import type { Outcome, Plain } from '../../packetdrill/run/subject.ts';
import { Unsupported } from '../../packetdrill/run/verdict.ts';
import { plain, withOut } from './preparation.ts';
import type { Preparation, Prepare, Prepared } from './preparation.ts';
import { errnoName } from '../../live/libc.ts';
import { TCP_INFO_SIZE } from './tcp-info.ts';

function number(p: Preparation, i: number): number {
	const value = numberIn(p.args.value(i), 'linux');
	if (value === null) throw new Unsupported(`${p.args.call.name} without argument ${i + 1}`);
	return value;
}

function fcntl(p: Preparation): Prepared {
	return { name: 'fcntl', args: [p.file().live, number(p, 1), p.args.number(2, 0)], finish: plain };
}

function ioctl(p: Preparation): Prepared {
	const { structs, args } = p;
	const isSetting = args.name(1) === 'FIONBIO';
	const at = structs.int(isSetting ? args.boxed(2) : 0);
	return { name: 'ioctl', args: [p.file().live, number(p, 1), p.address(at)], finish: (value) => (isSetting ? done(value) : withOut(value, 2, structs.get32(at))) };
}

/** The bytes of an option's value. */
function valueOf(p: Preparation): { at: number; length: number } {
	const { args, structs } = p;
	const text = args.text(3);
	if (text !== null) return { at: structs.buffer(Uint8Array.from(text, (character) => character.charCodeAt(0)), text.length), length: text.length };
	const members = args.members(3);
	if (members === null) return { at: structs.int(args.boxed(3)), length: 4 };
	if (args.name(2) !== 'SO_LINGER') throw new Unsupported(`setsockopt ${args.name(2)} with a struct`);
	const at = p.process.caller.room(8);
	structs.put32(at, args.memberNumber(members, 'onoff') ?? args.memberNumber(members, 'l_onoff') ?? 0);
	structs.put32(at + 4, args.memberNumber(members, 'linger') ?? args.memberNumber(members, 'l_linger') ?? 0);
	return { at, length: 8 };
}

function setsockopt(p: Preparation): Prepared {
	const { at, length } = valueOf(p);
	return { name: 'setsockopt', args: [p.file().live, number(p, 1), number(p, 2), p.address(at), length], finish: plain };
}

const ROOM = 256;

function getsockopt(p: Preparation): Prepared {
	const { structs, args } = p;
	const name = args.name(2);
	const at = p.process.caller.room(ROOM), lengthAt = structs.int(name === 'TCP_INFO' ? TCP_INFO_SIZE : ROOM);
	const read = (): Plain => {
		if (name === 'SO_LINGER') return { onoff: structs.get32(at), linger: structs.get32(at + 4) };
		if (name === 'TCP_CONGESTION') return structs.text(at, structs.get32(lengthAt)).replace(/\0.*$/s, '');
		if (name === 'SO_ERROR') return structs.get32(at) === 0 ? 0 : errnoName(structs.get32(at));
		return structs.get32(lengthAt) === 1 ? p.process.caller.bytes[at]! : structs.get32(at);
	};
	const finish = (value: number): Outcome => (name === 'TCP_INFO' ? done(value) : withOut(value, 3, read()));
	return { name: 'getsockopt', args: [p.file().live, number(p, 1), number(p, 2), p.address(at), p.address(lengthAt)], finish };
}

export const optionCalls: Readonly<Record<string, Prepare>> = { fcntl, ioctl, setsockopt, getsockopt };
