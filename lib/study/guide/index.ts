export { chapters } from './chapters.ts';
export type { Chapter, Shown } from './chapter.ts';
export { exercises, judgeAnswer } from './exercises.ts';
export { AnswerError } from './exercise.ts';
export type { Exercise, Find, Judgement } from './exercise.ts';
export { exercisesOf, guideMarkdown, words } from './markdown.ts';
export { languages } from './text.ts';
export type { Language, Text } from './text.ts';
