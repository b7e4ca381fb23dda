import type { Sink } from '../wire/node.ts';
import type { Ballot } from './ballot.ts';
import type { Letter } from './letter.ts';
import type { Luggage } from './luggage.ts';

/** What a replica does in its role: that of one who speaks, or of one who listens. */
export interface Side {
	readonly wakeAt: number;
	/** A client's frame arrived. */
	frame(bytes: Uint8Array, at: number, length: number): void;
	/** A sound message of another machine arrived. */
	letter(letter: Letter): void;
	/** The arbiter answered. */
	answer(ballot: Ballot): void;
	/** The operating system closed the peer's end: it is dead. */
	peerDied(): void;
	/** Does what is due; `wanted` is when it wanted to be woken. */
	wake(wanted: number): void;
	drain(sink: Sink): void;
	carry(luggage: Luggage): void;
}
