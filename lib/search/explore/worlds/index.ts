import type { Explorable } from '../system.ts';
import { pairs } from './pair.ts';
import { twoHosts } from './two-hosts.ts';

/** Everything that can be explored by name. */
export const explorables: readonly Explorable[] = [...twoHosts, ...pairs];
