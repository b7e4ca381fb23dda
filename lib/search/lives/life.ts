import fc from 'fast-check';

/** Chances a link takes with each frame, out of 256. */
export interface Mischief {
	readonly lose: number;
	readonly repeat: number;
	readonly delay: number;
}

/** One life of a pair: connect, requests, a crash, a takeover, close. */
export interface Life {
	/** what the links draw from */
	readonly seed: number;
	/** who dies, before which of the acts of the whole world; 0: nobody */
	readonly who: 'primary' | 'backup';
	readonly act: number;
	/** requests of the client, and the pause between two, µs */
	readonly requests: number;
	readonly pause: number;
	readonly end: 'close' | 'abort' | 'half';
	/** entries the backup leaves unexecuted, and the time it takes for one, µs */
	readonly behind: number;
	readonly every: number;
	readonly client: Mischief;
	readonly log: Mischief;
}

const chance: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, 5, 40);
const mischief: fc.Arbitrary<Mischief> = fc.record({ lose: chance, repeat: chance, delay: chance });

/** Acts of a life without faults, and somewhat more. */
export const ACTS = 140;

/** Lives of all kinds. */
export const lives: fc.Arbitrary<Life> = fc.record({
	seed: fc.nat(), who: fc.constantFrom('primary' as const, 'primary' as const, 'backup' as const), act: fc.nat(ACTS), requests: fc.integer({ min: 1, max: 4 }),
	pause: fc.constantFrom(0, 300, 20_000), end: fc.constantFrom('close' as const, 'abort' as const, 'half' as const), behind: fc.constantFrom(0, 0, 3), every: fc.constantFrom(0, 0, 2000),
	client: mischief, log: mischief,
});

/** Mixes the bits of a number (the finalizer of MurmurHash3). */
export function mixed(n: number): number {
	let h = n | 0;
	h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
	return (h ^ (h >>> 16)) >>> 0;
}

const chances = [0, 0, 0, 5, 40] as const, pauses = [0, 300, 20_000] as const, ends = ['close', 'abort', 'half'] as const;

/**
 * Life number `n` of a campaign: crash points in turn, everything else by the
 * seed. Every block of twice `ACTS` lives has each crash point of each machine.
 */
export function lifeOf(seed: number, n: number): Life {
	const place = n % (2 * ACTS);
	let drawn = mixed(Math.imul(seed, 0x9e37_79b1) + n);
	const draw = (most: number): number => (drawn = mixed(drawn + 0x6d2b_79f5)) % most;
	const lane = (): Mischief => ({ lose: chances[draw(5)]!, repeat: chances[draw(5)]!, delay: chances[draw(5)]! });
	return {
		seed: drawn, who: place < ACTS ? 'primary' : 'backup', act: 1 + (place % ACTS), requests: 1 + draw(4), pause: pauses[draw(3)]!, end: ends[draw(3)]!,
		behind: draw(3) === 0 ? 3 : 0, client: lane(), log: lane(), every: draw(3) === 0 ? 2000 : 0,
	};
}
