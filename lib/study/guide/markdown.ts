import type { Chapter } from './chapter.ts';
import { chapters } from './chapters.ts';
import { exercises } from './exercises.ts';
import type { Exercise } from './exercise.ts';
import type { Language, Text } from './text.ts';

/** What the guide says between its stations. */
export const words: { readonly [name in 'title' | 'lead' | 'how' | 'other' | 'look' | 'says' | 'next' | 'exercise' | 'check' | 'answer']: Text } = {
	title: { en: 'The lecture, scenario by scenario', zh: '逐个场景走完这一讲' },
	lead: {
		en: 'Section 4.6 of the lecture on VMware FT is about duplicated output: a primary replies and dies, and the backup that takes over replies again. Each chapter below asks one question of that lecture, answers it by a run, says what to look for, what to change next, and leaves an exercise.',
		zh: 'VMware FT 一讲的 4.6 节讲的是重复输出：主机回复之后崩溃，接管的备机又回复一次。下面每一章提出这一讲中的一个问题，用一次运行来回答，说明该看什么、接下来改什么，并留下一道练习。',
	},
	how: {
		en: 'Every command is one line, and every quoted passage is printed by it. An answer to an exercise is checked by dupack check; run it without one to see the question.',
		zh: '每条命令只有一行，引用的文字都是它打印出来的。练习的答案用 dupack check 检查；不带答案运行，会显示题目。',
	},
	other: { en: '[中文](README.zh.md)', zh: '[English](README.md)' },
	look: { en: 'What to look for.', zh: '看什么。' },
	says: { en: 'It says:', zh: '它会说：' },
	next: { en: 'What to change next.', zh: '接下来改什么。' },
	exercise: { en: 'Exercise.', zh: '练习。' },
	check: { en: 'Check it with', zh: '检查答案：' },
	answer: { en: 'ANSWER', zh: '答案' },
};

/** The exercises of a chapter. */
export function exercisesOf({ exercises: ids }: Chapter): Exercise[] {
	return ids.flatMap((id) => exercises.find((one) => one.id === id) ?? []);
}

function command(text: string): string {
	return `\`\`\`sh\nnpx dupack ${text}\n\`\`\``;
}

function quotes(passages: readonly string[], language: Language): string {
	return `${words.says[language]}\n\n${passages.map((passage) => `> ${passage}`).join('\n>\n')}`;
}

function chapterText(chapter: Chapter, nth: number, language: Language): string {
	const { title, question, run, look, next } = chapter;
	return [
		`## ${nth}. ${title[language]}`, `*${question[language]}*`,
		command(run.command), quotes(run.quotes, language),
		`**${words.look[language]}** ${look[language]}`,
		`**${words.next[language]}** ${next.text[language]}`, command(next.command), quotes(next.quotes, language),
		...exercisesOf(chapter).flatMap(({ id, question: asked, form }) => [`**${words.exercise[language]}** ${asked[language]}`, language === 'zh' ? `${words.check.zh}\`npx dupack check ${id} ${words.answer.zh}\`（${form.zh}）。` : `${words.check.en} \`npx dupack check ${id} ${words.answer.en}\` (${form.en}).`]),
	].join('\n\n');
}

/** The whole guide as Markdown: what the README of the scenarios is. */
export function guideMarkdown(language: Language): string {
	const head = [`# ${words.title[language]}`, words.other[language], words.lead[language], words.how[language]];
	return `${[...head, ...chapters.map((chapter, i) => chapterText(chapter, i + 1, language))].join('\n\n')}\n`;
}
