export { part, record } from './record.ts';
export type { Cursor, RecordType, Views } from './record.ts';
export type { Field, FieldType, Placement, Shape } from './layout.ts';
export { Intake } from './intake.ts';
export { Image, pool } from './image.ts';
export type { ImageConfig, Pool, PoolSpec } from './image.ts';
export { differences } from './compare.ts';
export type { Difference } from './compare.ts';
