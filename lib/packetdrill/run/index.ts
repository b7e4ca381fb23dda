export { runScript } from './runner.ts';
export type { RunSettings } from './runner.ts';
export type { TapedFrame } from './subject.ts';
export type { Verdict } from './verdict.ts';
