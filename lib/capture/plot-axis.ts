/** Round numbers between two limits: about `count` of them, at distances of 1, 2 or 5 times a power of ten. */
export function axisTicks(low: number, high: number, count: number): number[] {
	const rough = (high - low) / count;
	let power = 1;
	while (power * 10 <= rough) power *= 10;
	while (power > rough) power /= 10;
	const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? power;
	const ticks: number[] = [];
	for (let i = Math.ceil(low / step); i * step <= high; i++) ticks.push(i * step);
	return ticks;
}

/** A time in ns, in the unit that suits the length of the axis. */
export function formatTime(time: number, span: number): string {
	const [unit, name] = span >= 2e9 ? [1e9, 's'] : span >= 2e6 ? [1e6, 'ms'] : [1e3, 'µs'];
	return `${trim(time / unit)} ${name}`;
}

/** A relative sequence number, shortened. */
export function formatBytes(value: number): string {
	const size = Math.abs(value);
	if (size >= 1e6) return `${trim(value / 1e6)} M`;
	return size >= 1e4 ? `${trim(value / 1e3)} k` : trim(value);
}

function trim(value: number): string {
	return String(Math.round(value * 1000) / 1000);
}
