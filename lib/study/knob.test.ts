import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { StudyError } from './error.ts';
import { allowed, choice, number, probability, readKnob, toggle, writeKnob } from './knob.ts';

const onOff = toggle(true, ''), whole = number(3, '', 1, 10), chance = probability(0.5, ''), word = choice('a', ['a', 'b'], '');

test('a value is read as the knob has it, and written back the same', () => {
	assert.is(readKnob('k', onOff, 'off'), false);
	assert.is(readKnob('k', onOff, 'true'), true);
	assert.is(readKnob('k', word, 'b'), 'b');
	fc.assert(fc.property(fc.integer({ min: 1, max: 10 }), (value) => { assert.is(readKnob('k', whole, writeKnob(value)), value); }));
	fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => { assert.is(readKnob('k', chance, String(value)), value); }));
});

test('what cannot be is refused with what could', () => {
	const refused: readonly [typeof onOff | typeof whole | typeof word, string][] = [[onOff, 'maybe'], [whole, '0'], [whole, '11'], [whole, '1.5'], [whole, ''], [whole, 'NaN'], [chance, '1.1'], [chance, '-0.1'], [word, 'c'], [word, '']];
	for (const [knob, text] of refused) {
		try {
			readKnob('name', knob, text);
			assert.unreachable(text);
		} catch (error) {
			assert.instance(error, StudyError);
			assert.is((error as StudyError).code, 'KNOB_VALUE');
			assert.match((error as StudyError).message, allowed(knob));
		}
	}
});

test.run();
