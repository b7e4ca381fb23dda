import type { Tcp } from './engine.ts';

/** The timestamp of the connection at hand at a time: milliseconds (RFC 7323 §5.4) from a start of its own. */
export function timestampAt(t: Tcp, time: number): number {
	return (Math.floor(time / 1000) + t.tcb.ts.offset) | 0;
}

/** Its timestamp now. */
export function timestampNow(t: Tcp): number { return timestampAt(t, t.now); }
