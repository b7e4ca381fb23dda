/**
 * Sequence numbers are int32, and compared by the sign of their difference
 * (RFC 9293 §3.4): right across 2³¹ and 2³² while the two lie within 2³¹ of
 * each other.
 */

/** a < b in sequence space. */
export function lt(a: number, b: number): boolean { return ((a - b) | 0) < 0; }

/** a ≤ b in sequence space. */
export function leq(a: number, b: number): boolean { return ((a - b) | 0) <= 0; }

/** a > b in sequence space. */
export function gt(a: number, b: number): boolean { return ((a - b) | 0) > 0; }

/** a ≥ b in sequence space. */
export function geq(a: number, b: number): boolean { return ((a - b) | 0) >= 0; }

/** How far b lies behind a, signed. */
export function diff(a: number, b: number): number { return (a - b) | 0; }

/** The sequence number n octets behind a. */
export function add(a: number, n: number): number { return (a + n) | 0; }

/** The later of two. */
export function latest(a: number, b: number): number { return ((a - b) | 0) > 0 ? a : b; }

/** The earlier of two. */
export function earliest(a: number, b: number): number { return ((a - b) | 0) < 0 ? a : b; }
