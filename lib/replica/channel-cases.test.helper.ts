/**
 * What every carrier of the log channel has to do, whatever it is made of: a
 * simulated link, a stream, a socket. A test file runs these over its own.
 */
export interface Carrier {
	/** Sends one message from an end (0 or 1); bytes are borrowed for the call. */
	send(end: 0 | 1, bytes: Uint8Array, at: number, length: number): void;
	/** Lets everything arrive that is going to; then gives what came to an end since it was asked last, in order. */
	received(end: 0 | 1): Promise<readonly Uint8Array[]>;
	/** Closes an end for good, in the middle of whatever is under way. */
	close(end: 0 | 1): void;
	/** Whether the other end's closing was noticed. */
	closed(end: 0 | 1): Promise<boolean>;
	/** Frees what it holds. */
	dispose(): void;
	/** bytes of the longest message it takes */
	readonly longest: number;
	/** whether it never loses, repeats or reorders while open; a link may */
	readonly reliable: boolean;
	/** whether closing is noticed at the other end */
	readonly noticesClosing: boolean;
}

/** One thing to hold, for any implementation. */
export interface Case<T> {
	readonly name: string;
	/** Throws where it does not hold. */
	run(make: () => T | Promise<T>): Promise<void>;
}

export function must(holds: boolean, text: string): void {
	if (!holds) throw new Error(text);
}

function pattern(length: number, seed: number): Uint8Array {
	return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 255);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

async function using(make: () => Carrier | Promise<Carrier>, use: (carrier: Carrier) => Promise<void>): Promise<void> {
	const carrier = await make();
	try { await use(carrier); } finally { carrier.dispose(); }
}

export const channelCases: readonly Case<Carrier>[] = [
	{
		name: 'what arrives is what was sent, whole, whatever its length',
		run: (make) => using(make, async (carrier) => {
			const lengths = [15, 60, 61, 255, 256, 1514, carrier.longest].filter((length) => length <= carrier.longest);
			const sent = lengths.map((length, i) => pattern(length, i));
			for (const bytes of sent) carrier.send(0, bytes, 0, bytes.length);
			const got = await carrier.received(1);
			for (const bytes of got) must(sent.some((one) => equal(one, bytes)), `a message of ${bytes.length} bytes arrived that was never sent`);
			if (carrier.reliable) must(got.length === sent.length && got.every((bytes, i) => equal(bytes, sent[i]!)), 'a reliable carrier lost, repeated or reordered messages');
		}),
	},
	{
		name: 'bytes are borrowed: what the sender does with them afterwards changes nothing',
		run: (make) => using(make, async (carrier) => {
			const bytes = pattern(100, 1);
			carrier.send(0, bytes, 10, 60);
			const before = bytes.slice(10, 70);
			bytes.fill(0);
			for (const message of await carrier.received(1)) must(equal(message, before), 'a message changed after it was sent');
		}),
	},
	{
		name: 'both ends send at once',
		run: (make) => using(make, async (carrier) => {
			for (let i = 0; i < 50; i++) {
				const bytes = pattern(60 + i, i);
				carrier.send(0, bytes, 0, bytes.length);
				carrier.send(1, bytes, 0, bytes.length);
			}
			const there = await carrier.received(1), back = await carrier.received(0);
			if (carrier.reliable) must(there.length === 50 && back.length === 50, `${there.length} and ${back.length} of 50 arrived`);
		}),
	},
	{
		name: 'closing loses the rest, tears nothing, and is noticed where it can be',
		run: (make) => using(make, async (carrier) => {
			const bytes = pattern(carrier.longest, 3);
			for (let i = 0; i < 20; i++) carrier.send(0, bytes, 0, bytes.length);
			carrier.close(0);
			for (const message of await carrier.received(1)) must(equal(message, bytes), 'closing tore a message');
			if (carrier.noticesClosing) must(await carrier.closed(1), 'the other end did not notice');
			carrier.send(1, bytes, 0, bytes.length);
			must((await carrier.received(0)).length === 0, 'a closed end received');
		}),
	},
];
