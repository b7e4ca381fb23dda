import type { HostRecord } from './host-record.ts';

function rotl(x: number, n: number): number { return (x << n) | (x >>> (32 - n)); }

/** The next 32 random bits of a machine (xoshiro128**); the state lies in the image. */
export function draw({ random }: HostRecord): number {
	const { b } = random;
	const result = Math.imul(rotl(Math.imul(b, 5), 7), 9);
	const t = b << 9;
	random.c ^= random.a;
	random.d ^= b;
	random.b ^= random.c;
	random.a ^= random.d;
	random.c ^= t;
	random.d = rotl(random.d, 11);
	return result;
}

/** Mixes entropy into the generator. It never becomes all zero, which would be its end. */
export function stirInto(host: HostRecord, bytes: Uint8Array, at: number, length: number): void {
	const { random } = host;
	for (let i = 0; i < length; i++) {
		random.a = Math.imul(random.a ^ bytes[at + i]!, 0x9e37_79b1);
		random.d = (random.d + rotl(random.a, i & 31)) | 0;
		draw(host);
	}
	if ((random.a | random.b | random.c | random.d) === 0) random.a = 0x6475_7061;
	for (let i = 0; i < 16; i++) draw(host);
}
