import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultKnobs, KnobError, turned } from './knobs.ts';
import type { Knobs } from './knobs.ts';

test('the defaults hold, and what is turned is turned', () => {
	assert.equal(turned({}), defaultKnobs);
	assert.is(turned({ drain: false }).drain, false);
});

test('a knob that cannot be is an error that says what can', () => {
	const wrong: Partial<Knobs>[] = [{ lease: -1 }, { drift: Number.NaN }, { heartbeat: 0 }, { logEntries: 100 }, { gateOutputs: 0 }, { messageBytes: 1600 }, { logBytes: 1000 }];
	for (const knobs of wrong) assert.throws(() => turned(knobs), (error: unknown) => error instanceof KnobError && error.code === 'KNOB_INVALID' && error.message.includes(Object.keys(knobs)[0]!), JSON.stringify(knobs));
});

test.run();
