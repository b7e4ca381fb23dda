import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';

const shape = {
	/** the machine's clock: time of the last input, µs */
	now: 'f64',
	/** when the application wants to be woken, µs; 0: never */
	alarm: 'f64',
	/** state of the generator (xoshiro128**) */
	random: { a: 'i32', b: 'i32', c: 'i32', d: 'i32' },
	/** 1 once the application has started; 1 while an alarm that has come is not told */
	started: 'u8', rung: 'u8',
} as const;

/** What a host keeps besides TCP and the network below it. */
export type HostRecord = Cursor<typeof shape>;
export const HostRecord: RecordType<typeof shape> = record(shape);

export const hostPool: PoolSpec = pool('host', HostRecord, 1);
