import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { ARGUMENTS, ASKED, DONE, ERRNO_AT, NAME, RESULT, SERVING, SYSTEM_CALLS, WORDS_AT } from './caller-memory.ts';

// Makes one system call after the other, as `Caller` asks for them. All the
// numbers of a call fit into registers, and whoever is asked with more of them
// than it takes does not look at the rest.
const koffi = createRequire(import.meta.url)('koffi') as { load(path: string): { func(name: string, result: string, parameters: readonly string[]): (...args: bigint[]) => number | bigint }; errno(): number };
const library = koffi.load('libc.so.6');
const six = Array.from({ length: ARGUMENTS }, () => 'int64_t');
const calls = SYSTEM_CALLS.map(({ name, result }) => library.func(name, result, six));
const wake = library.func('write', 'int64_t', six);

const memory = workerData as SharedArrayBuffer;
const words = new Int32Array(memory);
const numbers = new BigInt64Array(memory, WORDS_AT);
const zero = 0n;
// The first call of a function is slow: it is bound only then. Nothing is open by this number, nor lies at this address.
for (const call of calls) call(-1n, zero, zero, zero, zero, zero);
wake(-1n, zero, zero, zero, zero, zero);
Atomics.store(words, SERVING, 1);
for (let served = 0; ;) {
	Atomics.wait(words, ASKED, served);
	served = Atomics.load(words, ASKED);
	const [a, b, c, d, e, f] = numbers.subarray(0, ARGUMENTS) as unknown as [bigint, bigint, bigint, bigint, bigint, bigint];
	const result = calls[words[NAME]!]!(a, b, c, d, e, f);
	words[ERRNO_AT] = koffi.errno();
	numbers[RESULT] = BigInt(result);
	Atomics.store(words, DONE, served);
	// An eventfd takes a number of eight bytes: the one behind the result is a one.
	wake(numbers[RESULT + 1]!, numbers[RESULT + 2]!, 8n, zero, zero, zero);
}
