import type { Image } from '../../memory/index.ts';
import type { Hash } from '../../sim/index.ts';

/**
 * Word indices of an image that only count: no machine's behaviour depends on
 * them, and states that differ in nothing else are one.
 */
export function countersOf(image: Image): Uint32Array {
	const words: number[] = [];
	for (const name of ['tcpCounters', 'network']) {
		const pool = image.pools.find(({ spec }) => spec.name === name);
		if (pool === undefined) continue;
		const at = image.first(pool);
		for (const { group, offset, span } of pool.spec.type.placement.fields) {
			if (name === 'network' && group !== 'counters') continue;
			for (let byte = offset; byte < offset + span; byte += 4) words.push((at + byte) >> 2);
		}
	}
	return Uint32Array.from(words);
}

/** Adds what a machine saved to a hash, its counters left out. */
export function hashOfImage(hash: Hash, saved: unknown, counters: Uint32Array | null): void {
	if (counters === null) return hash.value(saved);
	const { image, outside } = saved instanceof Uint8Array ? { image: saved, outside: null } : (saved as { image: Uint8Array; outside: Uint8Array });
	// A snapshot is a buffer of its own; its counters are put back.
	const words = new Int32Array(image.buffer, image.byteOffset, image.length >> 2);
	const kept = new Int32Array(counters.length);
	for (let i = 0; i < counters.length; i++) {
		kept[i] = words[counters[i]!]!;
		words[counters[i]!] = 0;
	}
	for (let i = 0; i < words.length; i++) hash.word(words[i]!);
	for (let i = 0; i < counters.length; i++) words[counters[i]!] = kept[i]!;
	if (outside !== null) hash.bytes(outside);
}
