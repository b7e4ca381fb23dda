import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';

// Where a connection stands.
/** it waits for the head of a request */
export const PHASE_HEAD = 0;
/** it reads a body */
export const PHASE_BODY = 1;
/** it has a response to begin */
export const PHASE_ANSWER = 2;
/** it sends the body of a response */
export const PHASE_SEND = 3;
/** it has said its last; what still comes is read and forgotten */
export const PHASE_END = 4;

const shape = {
	/** bytes of the body, or of the chunk, that are still to come */
	left: 'f64',
	/** bytes of the response's body, and how many of them were sent */
	length: 'f64',
	sent: 'f64',
	socket: 'i32',
	/** the object being written or read; 0 for none */
	object: 'i32',
	/** the cell the next byte to send lies in */
	cell: 'i32',
	status: 'u16',
	phase: 'u8',
	route: 'u8',
	/** where in a chunked body it is; 0 where it is none */
	chunk: 'u8',
	closes: 'u8',
	/** HEAD: the response has no body */
	bare: 'u8',
	/** which methods a response of 405 names */
	allow: 'u8',
	/** the number of the counter that is to be told */
	number: 'i32',
} as const;
const ConnectionRecord: RecordType<typeof shape> = record(shape);

/** What a connection is in the middle of; it lies in the image. */
export type HttpConnection = Cursor<typeof shape>;
export const HttpConnection: RecordType<typeof shape> = ConnectionRecord;

export function connectionPool(most: number): PoolSpec {
	return pool('http connection', ConnectionRecord, most);
}
