import type { Act } from './act.ts';
import { firstAct } from './first-act.ts';
import { secondAct } from './second-act.ts';
import { thirdAct } from './third-act.ts';

/** The acts of the demonstration by name; one may be played in several ways. */
export const acts: { readonly [id: string]: (name: string) => Promise<readonly Act[]> } = {
	kill: async (name) => [await firstAct(name)],
	closed: secondAct,
	join: async (name) => [await thirdAct(name)],
};
