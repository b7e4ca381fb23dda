import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';

const shape = {
	/** index of the last entry executed; 0 before the first */
	index: 'f64',
	/** machine time: that of the last entry, µs */
	time: 'f64',
	/** number of the last output made; 0 before the first */
	outputs: 'f64',
	/** epoch of the last entry executed */
	epoch: 'i32',
} as const;

/** What a replicated machine knows of its own run: part of its image, equal in all replicas. */
export type MachineRecord = Cursor<typeof shape>;
export const MachineRecord: RecordType<typeof shape> = record(shape);

/** The pool every replicated machine's image has to have. */
export const machinePool: PoolSpec = pool('machine', MachineRecord, 1);
