import type { Command } from 'commander';
import { scenarios } from '../../scenarios/index.ts';
import { AnswerError, exercises, judgeAnswer } from '../study/guide/index.ts';
import type { Exercise, Language } from '../study/guide/index.ts';
import { CommandError, EXIT_OK, EXIT_VIOLATED } from './exit.ts';
import { languageOption } from './guide.ts';
import { Screen } from './screen.ts';
import { didYouMean } from './suggest.ts';
import { wrapWide } from './wrap-wide.ts';

interface CheckOptions {
	readonly lang: Language;
	readonly json?: true;
}

const examples = `
Examples:
  $ dupack check                  the exercises of the guide
  $ dupack check lie              one of them
  $ dupack check lie 12           an answer to it
`;

const said: { readonly [L in Language]: { readonly right: string; readonly wrong: string; readonly form: (exercise: Exercise) => string } } = {
	en: { right: 'Right.', wrong: 'Not yet.', form: ({ id, form }) => `An answer to '${id}' looks like this: ${form.en}.` },
	zh: { right: '对了。', wrong: '还不对。', form: ({ id, form }) => `对“${id}”的回答是这样的形式：${form.zh}。` },
};

function exerciseOf(id: string): Exercise {
	const exercise = exercises.find((one) => one.id === id);
	if (exercise === undefined) throw new CommandError(`There is no exercise '${id}'.${didYouMean(id, exercises.map((one) => one.id))} There are ${exercises.map((one) => one.id).join(', ')}.`);
	return exercise;
}

function print({ id, question, form }: Exercise, language: Language, screen: Screen): void {
	screen.print(`${screen.bold(id)}${screen.paint(`   ${form[language]}`, 'faint')}`);
	for (const line of wrapWide(question[language], screen.width - 2)) screen.print(`  ${line}`);
}

function execute(exercise: Exercise, answer: string, { lang, json }: CheckOptions, screen: Screen): number {
	const find = (name: string): (typeof scenarios)[number] => scenarios.find((one) => one.name === name)!;
	try {
		const { ok, said: seen } = judgeAnswer(exercise, answer, find);
		if (json) screen.print(JSON.stringify({ exercise: exercise.id, answer, ok, said: seen[lang] }, null, 2));
		else screen.print(`${screen.paint(ok ? '✓' : '✗', ok ? 'good' : 'bad')} ${ok ? said[lang].right : said[lang].wrong} ${seen[lang]}`);
		return ok ? EXIT_OK : EXIT_VIOLATED;
	} catch (error) {
		if (error instanceof AnswerError) throw new CommandError(`${error.text[lang]} ${said[lang].form(exercise)}`);
		throw error;
	}
}

/** `dupack check`: the exercises of the guide, and answers to them. */
export function checkCommand(program: Command): void {
	program.command('check')
		.description('the exercises of the guide: list them, read one, check an answer')
		.argument('[exercise]', 'its name; without it all are listed')
		.argument('[answer]', 'what you have found')
		.addOption(languageOption())
		.option('--json', 'as JSON')
		.addHelpText('before', examples)
		.action((id: string | undefined, answer: string | undefined, options: CheckOptions) => {
			const screen = new Screen();
			const asked = id === undefined ? exercises : [exerciseOf(id)];
			if (id !== undefined && answer !== undefined) {
				process.exitCode = execute(asked[0]!, answer, options, screen);
				return;
			}
			if (options.json) screen.print(JSON.stringify(asked.map((one) => ({ exercise: one.id, question: one.question[options.lang], form: one.form[options.lang] })), null, 2));
			else for (const one of asked) print(one, options.lang, screen);
		});
}
