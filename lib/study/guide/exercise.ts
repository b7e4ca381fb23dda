import type { Scenario } from '../scenario.ts';
import type { Text } from './text.ts';

/** What came of an answer. */
export interface Judgement {
	readonly ok: boolean;
	/** what was seen with this answer */
	readonly said: Text;
}

/** Finds a scenario of the house. */
export type Find = (name: string) => Scenario;

/** Something to find out, and a world that says whether it was found. */
export interface Exercise {
	readonly id: string;
	readonly question: Text;
	/** what an answer looks like; not one that is right */
	readonly form: Text;
	/** @throws AnswerError where the answer is none */
	readonly check: (answer: string, find: Find) => Judgement;
}

/** An answer that cannot be one: its form is wrong. */
export class AnswerError extends Error {
	readonly code: string = 'ANSWER_FORM';
	override readonly name: string = 'AnswerError';
	/** the message in each language */
	readonly text: Text;

	constructor(text: Text) {
		super(text.en);
		this.text = text;
	}
}

/** The form of an answer that needs no words. */
export function sameForm(form: string): Text {
	return { en: form, zh: form };
}

/** Reads a whole number from `least` on. */
export function wholeNumber(answer: string, least: number = 0): number {
	const value = Number(answer);
	if (answer.trim() === '' || !Number.isSafeInteger(value) || value < least) throw new AnswerError({ en: `'${answer}' is no whole number from ${least} on.`, zh: `“${answer}”不是不小于 ${least} 的整数。` });
	return value;
}

/** Reads a list of words. */
export function words(answer: string): string[] {
	return answer.split(',').map((word) => word.trim()).filter((word) => word !== '');
}

/** Whether two lists hold the same words, in whatever order. */
export function sameWords(a: readonly string[], b: readonly string[]): boolean {
	return new Set(a).size === new Set(b).size && a.every((word) => b.includes(word));
}
