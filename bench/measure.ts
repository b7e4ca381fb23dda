/** One figure of a benchmark. */
export interface Figure {
	readonly name: string;
	readonly value: number;
	readonly unit: string;
	readonly note?: string;
}

/** Runs a measurement several times; the median of what it returns, and the extremes. */
export function median(runs: number, measure: () => number): { median: number; least: number; most: number } {
	const all = Array.from({ length: runs }, measure).sort((a, b) => a - b);
	return { median: all[all.length >> 1]!, least: all[0]!, most: all[all.length - 1]! };
}

/** CPU seconds this process has used so far, in user and system mode. */
export function cpuSeconds(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1e6;
}

/** CPU seconds of a piece of work. */
export function timed(work: () => void): number {
	const before = cpuSeconds();
	work();
	return cpuSeconds() - before;
}
