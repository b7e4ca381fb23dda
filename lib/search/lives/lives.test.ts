import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Violation } from '../violation.ts';
import { ACTS, lifeOf } from './life.ts';
import { campaign } from './lives.ts';
import { Theatre } from './theatre.ts';

test('every crash point of either machine, everything else by the seed', () => {
	const { lives, takeovers, broken } = campaign(3, 0, 2 * ACTS);
	assert.is(broken, null);
	assert.is(lives, 2 * ACTS);
	assert.ok(takeovers > 50, `${takeovers} takeovers`);
});

test('a life is a function of its description', () => {
	const theatre = new Theatre(), other = new Theatre();
	for (let n = 100; n < 130; n++) other.play(lifeOf(2, n));
	for (const n of [7, 60, 300]) {
		assert.equal(theatre.play(lifeOf(2, n)), other.play(lifeOf(2, n)));
		assert.is(theatre.trace.digest(), other.trace.digest());
	}
});

test('a pair with a protection switched off is found out', () => {
	for (const [knobs, codes] of [[{ outputRule: false }, ['output-rule']], [{ drain: false }, ['identical-repeats', 'oracle', 'bytes-are-right', 'all-is-settled']], [{ arbiter: false, lease: 0, silence: 200, patience: 100, heartbeat: 150 }, ['one-speaker', 'oracle', 'output-rule']]] as const) {
		const theatre = new Theatre(knobs);
		let found = '';
		for (let n = 0; n < 4000 && found === ''; n++) {
			try {
				theatre.play({ ...lifeOf(1, n), behind: 3 });
			} catch (error) {
				if (!(error instanceof Violation)) throw error;
				found = error.code;
			}
		}
		assert.ok((codes as readonly string[]).includes(found), `${JSON.stringify(knobs)}: ${found || 'nothing was found'}`);
	}
});

test.run();
