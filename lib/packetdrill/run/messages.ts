import type { Value } from '../tree.ts';
import type { Args } from './args.ts';
import { numberIn } from './constants.ts';
import type { Plain } from './subject.ts';
import { Unsupported } from './verdict.ts';

/** Where octets of a call go: a buffer and how much it takes. */
export interface Piece {
	readonly value: Value;
	readonly length: number;
}

/** A `struct msghdr`, as far as it matters here. */
export interface Message {
	readonly pieces: readonly Piece[];
	/** whether control messages are given */
	readonly control: boolean;
}

/** The pieces of an `iovec` array: `{..., 1000}` or `{iov_base=..., iov_len=1000}` each. */
export function piecesOf(args: Args, value: Value): Piece[] {
	if (value.kind === 'ellipsis') return [];
	if (value.kind !== 'array') throw new Unsupported(`${args.call.name} without a list of buffers`);
	return value.items.map((item) => {
		if (item.kind !== 'struct' || item.members.length !== 2) throw new Unsupported(`a buffer of ${args.call.name} that is not {bytes, length}`);
		const length = numberIn(item.members[1]!.value, args.profile);
		if (length === null) throw new Unsupported(`a buffer of ${args.call.name} without a length`);
		return { value: item.members[0]!.value, length };
	});
}

function isEmpty(value: Value): boolean {
	return value.kind === 'ellipsis' || (value.kind === 'array' && value.items.length === 0) || (value.kind === 'symbol' && value.name === 'NULL') || (value.kind === 'integer' && value.value === 0);
}

/** The message a call is given. */
export function messageOf(args: Args): Message {
	const members = args.members(1);
	if (members === null) throw new Unsupported(`${args.call.name} without a message`);
	let pieces: readonly Piece[] = [];
	let control = false;
	for (const { name, value } of members) {
		switch (name) {
			case 'msg_iov':
				pieces = piecesOf(args, value);
				break;
			case 'msg_control':
				control = !isEmpty(value);
				break;
			case 'msg_flags': case 'msg_iovlen': case 'msg_controllen': case 'msg_namelen':
				// What comes out there is compared by whoever reads it; of what goes in nothing counts.
				break;
			default:
				if (!isEmpty(value)) throw new Unsupported(`${args.call.name} with ${name ?? 'a member without a name'}`);
		}
	}
	return { pieces, control };
}

/** Spreads what was read over the buffers of a vector, as a script writes it: `{bytes, length}` each. */
export function spread(pieces: readonly Piece[], text: string): Plain[] {
	let at = 0;
	return pieces.map(({ length }) => {
		const part = text.slice(at, at + length);
		at += length;
		return { bytes: part, length };
	});
}
