import { offsetsOf } from '../wire/offsets.ts';
import type { Refusal } from './letter.ts';

const body = offsetsOf({ build: 8, layout: 8, profile: 8, state: 8 });

/** Bytes of a greeting's body. */
export const GREETING_LENGTH: number = body.end;

/** What two replicas have to have in common; digests of 16 hex digits. */
export interface Likeness {
	/** of the code that runs */
	readonly build: string;
	/** of the image's layout: records, pools, quotas */
	readonly layout: string;
	/** of the machine's configuration: addresses, TCP profile, service */
	readonly profile: string;
}

const fields: readonly { readonly name: keyof Likeness; readonly at: number; readonly refusal: Refusal }[] = [
	{ name: 'build', at: body.build, refusal: 'BUILD_MISMATCH' },
	{ name: 'layout', at: body.layout, refusal: 'LAYOUT_MISMATCH' },
	{ name: 'profile', at: body.profile, refusal: 'PROFILE_MISMATCH' },
];
const STATE = body.state;

/** Writes a digest of 16 hex digits as 8 bytes. @throws RangeError where it is none */
export function putDigest(u8: Uint8Array, at: number, digest: string): void {
	if (!/^[0-9a-f]{16}$/.test(digest)) throw new RangeError(`'${digest}' is no digest: give 16 hex digits`);
	for (let i = 0; i < 8; i++) u8[at + i] = Number.parseInt(digest.slice(2 * i, 2 * i + 2), 16);
}

/** The 16 hex digits of a digest's 8 bytes. */
export function getDigest(u8: Uint8Array, at: number): string {
	return Array.from(u8.subarray(at, at + 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Writes a greeting's body. `state` is the digest of the sender's image. */
export function putGreeting(u8: Uint8Array, at: number, likeness: Likeness, state: string): void {
	for (const field of fields) putDigest(u8, at + field.at, likeness[field.name]);
	putDigest(u8, at + STATE, state);
}

/**
 * Whether one that greets so can be a replica of this machine.
 *
 * @param state  digest the other's image must have; '' where they are not at the same entry
 */
export function judgeGreeting(u8: Uint8Array, at: number, length: number, likeness: Likeness, state: string): Refusal {
	if (length < GREETING_LENGTH) return 'BUILD_MISMATCH';
	for (const field of fields) if (getDigest(u8, at + field.at) !== likeness[field.name]) return field.refusal;
	return state !== '' && getDigest(u8, at + STATE) !== state ? 'STATE_MISMATCH' : 'NONE';
}
