/**
 * A rate limit as one number, the theoretical arrival time of what comes next
 * (GCRA): `interval` µs apart in the long run, up to `burst` at once.
 *
 * @param expected  the number kept; 0 at first
 * @returns         the number to keep, or -1 where it is one too many
 */
export function admit(expected: number, now: number, interval: number, burst: number): number {
	const from = expected > now ? expected : now;
	return from - now > interval * (burst - 1) ? -1 : from + interval;
}
