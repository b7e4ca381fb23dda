/** Points that a search has come to, by name: what was met, not how often. */
const met: Set<string> = new Set();

/** Notes that something was met. */
export function cover(point: string): void { met.add(point); }

/** Points met since the last `forget`, sorted. */
export function covered(): string[] { return [...met].sort(); }

/** How many those are. */
export function coveredCount(): number { return met.size; }

export function forget(): void { met.clear(); }
