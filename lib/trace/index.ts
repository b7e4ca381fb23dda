export { TraceError } from './error.ts';
export { Kind, kindNames, kinds } from './kinds.ts';
export type { EventOf, KindName, KindShape, TraceEvent } from './kinds.ts';
export { Trace } from './trace.ts';
export type { Tap, TraceEnd, TraceLink, TraceMark } from './trace.ts';
export { interfacesOf, tappedFrames } from './frames.ts';
export type { TappedFrame } from './frames.ts';
export { flightsOf, sameBytes } from './flights.ts';
export type { Flight } from './flights.ts';
