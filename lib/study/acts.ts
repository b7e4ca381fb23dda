import type { Trace } from '../trace/index.ts';

/**
 * Whether each step of a run was an act of a machine, the first at place 1; a
 * step that left no event counts as one. Between two of its acts it makes no
 * difference when a machine dies: what the others do meanwhile takes nothing
 * from it but what is on its links already.
 */
export function actsOf(trace: Trace, place: string, steps: number): boolean[] {
	const number = trace.place(place);
	const acts: boolean[] = [];
	for (let event = 0; event < trace.length; event++) {
		const step = trace.stepOf(event);
		acts[step] = (acts[step] ?? false) || trace.placeOf(event) === number;
	}
	return Array.from({ length: steps + 1 }, (_, step) => acts[step] ?? true);
}
