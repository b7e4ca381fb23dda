export { runScript } from './runner.ts';
export type { RunSettings } from './runner.ts';
export type { TapedFrame } from './lab.ts';
export type { Verdict } from './verdict.ts';
