import { Option } from 'commander';
import type { Command } from 'commander';
import { chapters, exercisesOf, guideMarkdown, languages, words } from '../study/guide/index.ts';
import type { Chapter, Language, Shown } from '../study/guide/index.ts';
import { CommandError } from './exit.ts';
import { Screen } from './screen.ts';
import { didYouMean } from './suggest.ts';
import { wrapWide } from './wrap-wide.ts';

interface GuideOptions {
	readonly lang: Language;
	readonly markdown?: true;
	readonly json?: true;
}

const examples = `
Examples:
  $ dupack guide                         the whole lecture, station by station
  $ dupack guide output-rule             one station
  $ dupack guide output-rule --lang zh   in Chinese
`;

/** The language option, of every command that speaks two. */
export function languageOption(): Option {
	return new Option('--lang <language>', 'in which language').choices([...languages]).default('en');
}

function chapterOf(id: string): Chapter {
	const chapter = chapters.find((one) => one.id === id);
	if (chapter === undefined) throw new CommandError(`The guide has no chapter '${id}'.${didYouMean(id, chapters.map((one) => one.id))} It has ${chapters.map((one) => one.id).join(', ')}.`);
	return chapter;
}

function printShown({ command, quotes }: Shown, screen: Screen): void {
	screen.print(`    $ ${screen.bold(`npx dupack ${command}`)}`);
	for (const quote of quotes) for (const line of wrapWide(quote, screen.width - 8)) screen.print(screen.paint(`      │ ${line}`, 'faint'));
}

function printChapter(chapter: Chapter, language: Language, screen: Screen): void {
	const paragraph = (head: string, text: string): void => {
		for (const line of wrapWide(head === '' ? text : `${head} ${text}`, screen.width - 2)) screen.print(`  ${line}`);
		screen.print();
	};
	screen.print(screen.bold(`${chapters.indexOf(chapter) + 1}. ${chapter.title[language]}`));
	screen.print();
	paragraph('', chapter.question[language]);
	printShown(chapter.run, screen);
	screen.print();
	paragraph(words.look[language], chapter.look[language]);
	paragraph(words.next[language], chapter.next.text[language]);
	printShown(chapter.next, screen);
	screen.print();
	for (const { id, question, form } of exercisesOf(chapter)) {
		paragraph(words.exercise[language], question[language]);
		screen.print(`    $ ${screen.bold(`npx dupack check ${id} ${words.answer[language]}`)}${screen.paint(`   ${form[language]}`, 'faint')}\n`);
	}
}

/** A chapter as JSON has it, in one language. */
function chapterJson(chapter: Chapter, language: Language): object {
	const { id, title, question, run, look, next } = chapter;
	return {
		id, title: title[language], question: question[language], run, look: look[language], next: { command: next.command, quotes: next.quotes, text: next.text[language] },
		exercises: exercisesOf(chapter).map((one) => ({ id: one.id, question: one.question[language], form: one.form[language] })),
	};
}

/** `dupack guide`: the lecture, scenario by scenario. */
export function guideCommand(program: Command): void {
	program.command('guide')
		.description('walk through the lecture: a question, a command, what to look for, what to change, an exercise')
		.argument('[chapter]', 'one chapter; all of them without it')
		.addOption(languageOption())
		.option('--markdown', 'as Markdown')
		.option('--json', 'as JSON')
		.addHelpText('before', examples)
		.action((id: string | undefined, { lang, markdown, json }: GuideOptions) => {
			const screen = new Screen();
			const chosen = id === undefined ? chapters : [chapterOf(id)];
			if (json) screen.print(JSON.stringify(chosen.map((chapter) => chapterJson(chapter, lang)), null, 2));
			else if (markdown) process.stdout.write(guideMarkdown(lang));
			if (json || markdown) return;
			if (id === undefined) {
				screen.print(screen.bold(words.title[lang]));
				screen.print();
				for (const text of [words.lead[lang], words.how[lang]]) for (const line of wrapWide(text, screen.width)) screen.print(line);
				screen.print();
			}
			for (const chapter of chosen) printChapter(chapter, lang, screen);
		});
}
