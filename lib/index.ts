/** Running scenarios and looking at what they show; `dupack/scenario` has what it takes to write one. */
export * from './study/index.ts';
export { scenarios } from '../scenarios/index.ts';
