import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scenarios } from '../../../scenarios/index.ts';
import type { Scenario } from '../scenario.ts';
import { cellAt } from '../matrix/index.ts';
import { AnswerError } from './exercise.ts';
import { RESEND, exercises, givenUp, judgeAnswer } from './exercises.ts';

function find(name: string): Scenario {
	return scenarios.find((one) => one.name === name)!;
}

/** Of each exercise an answer that is right, some that are not, and some that are none. */
const answers: { readonly [id: string]: { readonly right: readonly string[]; readonly wrong: readonly string[]; readonly none: readonly string[] } } = {
	'repeat': { right: ['60'], wrong: ['10', '40'], none: ['', '0', 'x'] },
	'drain': { right: ['behind=0'], wrong: ['policy=lecture', 'behind=20'], none: ['drain=on', 'nothing', 'wheel=3'] },
	'resend': { right: ['3'], wrong: ['1', '2,3', '1,2'], none: ['x', '0'] },
	'fooled': { right: ['39'], wrong: ['10', '60'], none: ['', '-1'] },
	'lie': { right: ['60'], wrong: ['20', '80'], none: ['', 'all'] },
	'lost-entry': { right: ['4'], wrong: ['3', '5'], none: ['four'] },
	'rst': { right: ['a1=dropped,a2=aborts,b1=none,c=none', 'c=none,b1=none,a2=aborts,a1=dropped'], wrong: ['a1=aborts,a2=aborts,b1=none,c=none', 'a1=dropped,a2=dropped,b1=dropped,c=dropped'], none: ['a1=dropped', 'a1=lost,a2=aborts,b1=none,c=none'] },
	'later': { right: ['tcp TSval, ip id, ip checksum, tcp checksum'], wrong: ['ip id', 'ip ttl', ''], none: [] },
	'ageing': { right: ['300000'], wrong: ['3000000'], none: ['50000', '1 s'] },
	'epochs': { right: ['21'], wrong: ['11', '1'], none: ['0'] },
	'parting': { right: ['2'], wrong: ['1', '3'], none: ['two'] },
	'failover': { right: ['lease=10000'], wrong: ['lease=50000', 'lease=0', 'policy=nothing'], none: ['lease', 'wheel=3'] },
	'repeater': { right: ['79', '100'], wrong: ['10', '55', '150'], none: ['', '0'] },
	'both': { right: ['forgets, no-arbiter'], wrong: ['no-arbiter', 'arbiter,no-arbiter,forgets', ''], none: [] },
	'network-alone': { right: ['reply-lost'], wrong: ['none', 'log-lost'], none: ['luck', ''] },
	'copies': { right: ['plain'], wrong: ['plain,serials', ''], none: [] },
	'poison': { right: ['11'], wrong: ['10', '12'], none: ['x'] },
	'unsafe': { right: ['client=retry,fault=none,crash=40'], wrong: ['client=no-retry,fault=none,crash=40', 'client=retry,fault=none,crash=1'], none: ['client=retry', 'crash=40', 'client=retry,fault=none,crash=x'] },
};

test('there is an answer here to every exercise', () => {
	assert.equal(Object.keys(answers), exercises.map(({ id }) => id));
});

for (const exercise of exercises) {
	test(`${exercise.id}: what is right is right, what is wrong is wrong`, () => {
		const { right, wrong, none } = answers[exercise.id]!;
		for (const answer of right) assert.is(judgeAnswer(exercise, answer, find).ok, true, answer);
		for (const answer of wrong) assert.is(judgeAnswer(exercise, answer, find).ok, false, answer);
		for (const answer of none) {
			try {
				judgeAnswer(exercise, answer, find);
				assert.unreachable(`'${answer}' was taken for an answer`);
			} catch (error) {
				assert.ok(error instanceof AnswerError || (error as { code?: string }).code === 'KNOB_VALUE', `'${answer}': ${String(error)}`);
			}
		}
	});
}

test('everything an answer is told, and how it is to look, is there in both languages', () => {
	for (const exercise of exercises) {
		const { right, wrong, none } = answers[exercise.id]!;
		assert.ok(/[\u4e00-\u9fff]/.test(exercise.form.zh) || exercise.form.zh === exercise.form.en, exercise.id);
		assert.not.match(exercise.form.zh, /[a-z]{3,} [a-z]{2,} [a-z]{2,}/);
		for (const answer of [...right, ...wrong]) assert.match(judgeAnswer(exercise, answer, find).said.zh, /[\u4e00-\u9fff]/);
		for (const answer of none) {
			try {
				judgeAnswer(exercise, answer, find);
			} catch (error) {
				if (error instanceof AnswerError) assert.match(error.text.zh, /[\u4e00-\u9fff]/);
			}
		}
		// A Chinese sentence has Chinese marks.
		for (const text of [exercise.question.zh, exercise.form.zh]) assert.not.match(text, /[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]/);
	}
});

test('the takeover of the exercise about sending again gave up what nobody has, and kept more than that', () => {
	const { trace } = cellAt(RESEND.coordinates, 1, RESEND.crash).stage;
	assert.equal(givenUp(trace).missing, [3]);
	assert.ok([...trace.of('outputKept')].filter(({ place }) => place === 'backup').length > 1);
});

test.run();
