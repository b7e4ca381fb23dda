export { Explorer } from './explorer.ts';
export type { Bounds, Explored, Found } from './explorer.ts';
export type { Move } from './move.ts';
export { Replay } from './replay.ts';
export { faultKinds } from './system.ts';
export type { Explorable, FaultKind, Spending, System } from './system.ts';
export { Violation } from './watch.ts';
export type { Facts, Watch } from './watch.ts';
export { explorables } from './worlds/index.ts';
