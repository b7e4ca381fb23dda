import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { linearity } from './linear.ts';
import type { Operation, Sequential } from './linear.ts';
import { counterFrom } from './linear-counter.ts';

type Count = Operation<'inc', number>;

function inc(client: string, called: number, returned: number, output?: number): Count {
	return { client, input: 'inc', called, returned, output };
}

type Access = { readonly write: number } | 'read';

function read(called: number, returned: number, output: number): Operation<Access, number> {
	return { client: 'r', input: 'read', called, returned, output };
}

const counter = counterFrom(10);
const verdict = (...operations: Count[]): string => linearity(operations, counter).verdict;

test('requests one after the other are told the numbers in that order', () => {
	assert.is(verdict(inc('a', 1, 2, 11), inc('b', 3, 4, 12)), 'linearizable');
	assert.is(verdict(inc('a', 1, 2, 12), inc('b', 3, 4, 11)), 'impossible');
});

test('requests that overlap may be executed in either order', () => {
	assert.is(verdict(inc('a', 1, 4, 12), inc('b', 2, 3, 11)), 'linearizable');
	assert.is(verdict(inc('a', 1, 3, 12), inc('b', 2, 4, 11)), 'linearizable');
});

test('two clients told one number is what no machine does', () => {
	const found = linearity([inc('a', 1, 2, 11), inc('b', 3, 4, 11)], counter);
	assert.is(found.verdict, 'impossible');
	assert.equal(found.order, [0]);
	assert.equal(found.unexplained, [1]);
});

test('what was never answered may have been executed, then or later, or not at all', () => {
	assert.is(verdict(inc('a', 1, Infinity), inc('b', 2, 3, 11)), 'linearizable');
	assert.is(verdict(inc('a', 1, Infinity), inc('b', 2, 3, 12)), 'linearizable');
	assert.is(verdict(inc('a', 1, Infinity), inc('b', 2, 3, 11), inc('b', 4, 5, 13)), 'linearizable');
	assert.is(verdict(inc('a', 1, Infinity), inc('b', 2, 3, 13)), 'impossible');
	// Not before it was asked.
	assert.is(verdict(inc('b', 1, 2, 12), inc('a', 3, Infinity)), 'impossible');
});

test('a return and a call at one moment may be in either order', () => {
	assert.is(verdict(inc('a', 1, 2, 12), inc('b', 2, 3, 11)), 'linearizable');
});

test('nothing asked is explained by nothing done', () => {
	assert.equal(linearity([], counter), { verdict: 'linearizable', order: [], unexplained: [] });
});

test('it gives up where it is told to, and says so', () => {
	const many = [...Array.from({ length: 8 }, (_, i) => inc(`c${i}`, 0, Infinity)), inc('d', 0, 100, 30)];
	assert.is(linearity(many, counter, 5).verdict, 'unknown');
	assert.is(linearity(many, counter).verdict, 'impossible');
});

test('a register: a read that overlaps a write sees the old value or the new one, and time does not go back', () => {
	const register: Sequential<number, Access, number> = {
		initial: 0,
		next: (state, input, output) => (input !== 'read' ? input.write : output === undefined || output === state ? state : null),
		keyOf: String,
	};
	const of = (...operations: Operation<Access, number>[]): string => linearity(operations, register).verdict;
	const write: Operation<Access, number> = { client: 'w', input: { write: 1 }, called: 0, returned: 10, output: undefined };
	assert.is(of(write, read(1, 2, 0), read(3, 4, 1)), 'linearizable');
	assert.is(of(write, read(1, 2, 1), read(3, 4, 0)), 'impossible');
	assert.is(of(write, read(11, 12, 0)), 'impossible');
});

/** Histories that a machine did make: each operation takes effect at a moment of its own between call and return. */
const honest = fc.array(fc.record({ before: fc.nat(20), after: fc.nat(20), lost: fc.boolean() }), { maxLength: 9 }).map((shapes) => {
	const effects = shapes.map((shape, i) => ({ ...shape, at: 10 * (i + 1) }));
	return effects.map(({ at, before, after, lost }, i) => inc(`c${i}`, at - before, lost ? Infinity : at + after, lost ? undefined : 11 + i));
});

/** By trying every order and every choice of what was never executed. */
function bruteForce(operations: readonly Count[]): boolean {
	const go = (left: readonly Count[], state: number): boolean => {
		if (left.every(({ returned }) => returned === Infinity)) return true;
		return left.some((one, i) => {
			if (left.some((other, j) => j !== i && other.returned < one.called)) return false;
			if (one.output !== undefined && one.output !== state + 1) return false;
			return go(left.filter((_, j) => j !== i), state + 1);
		});
	};
	return go(operations, 10);
}

test('what a machine did make is always found possible, and the order found explains it', () => {
	fc.assert(fc.property(honest, (operations) => {
		const { verdict: found, order } = linearity(operations, counter);
		assert.is(found, 'linearizable');
		let state = 10;
		for (const [place, i] of order.entries()) {
			const one = operations[i]!;
			state++;
			if (one.output !== undefined) assert.is(one.output, state);
			assert.ok(order.slice(place + 1).every((later) => operations[later]!.returned >= one.called));
		}
	}));
});

test('any history is judged as by trying every order', () => {
	const any = fc.array(fc.record({ called: fc.nat(12), takes: fc.nat(12), output: fc.option(fc.integer({ min: 11, max: 15 }), { nil: undefined }) }), { maxLength: 5 });
	fc.assert(fc.property(any, (shapes) => {
		const operations = shapes.map(({ called, takes, output }, i) => inc(`c${i}`, called, output === undefined ? Infinity : called + takes, output));
		assert.is(linearity(operations, counter).verdict, bruteForce(operations) ? 'linearizable' : 'impossible');
	}), { numRuns: 500 });
});

test.run();
