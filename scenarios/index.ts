import type { Scenario } from '../lib/study/scenario.ts';
import duplicateOutput from './duplicate-output.ts';
import neitherSideSends from './neither-side-sends.ts';
import skipDrain from './skip-drain.ts';

/** The scenarios of the house, in the order of the lecture. */
export const scenarios: readonly Scenario[] = [duplicateOutput, skipDrain, neitherSideSends];
