import { kinds } from '../trace/index.ts';
import type { Trace } from '../trace/index.ts';
import { linearity } from './linear.ts';
import type { Linearity, Operation, Sequential } from './linear.ts';
import { textOf } from './packet.ts';

/** A request to count, and the number it was answered. */
export type CountOperation = Operation<'inc', number>;

/** The lecture's counter, as a single machine would be it. */
export function counterFrom(start: number): Sequential<number, 'inc', number> {
	return {
		initial: start,
		next: (state, _input, output) => (output === undefined || output === state + 1 ? state + 1 : null),
		keyOf: String,
	};
}

/**
 * What the clients of a run asked and were answered, from their applications'
 * own accounts: a request that is made again under one serial is one operation,
 * answered when its first answer was delivered. An answer that is no number
 * (a server without room, an expired session) says nothing of what was executed.
 */
export function countsIn(trace: Trace): CountOperation[] {
	const operations = new Map<string, { client: string; input: 'inc'; called: number; returned: number; output: number | undefined }>();
	for (let event = 0; event < trace.length; event++) {
		const kind = trace.kindOf(event);
		if (kind !== kinds.wrote.code && kind !== kinds.delivered.code) continue;
		const client = trace.places[trace.placeOf(event)] ?? '';
		const key = `${client} ${trace.slotOf(event, 1)}`;
		const known = operations.get(key);
		if (kind === kinds.wrote.code) {
			if (known === undefined) operations.set(key, { client, input: 'inc', called: event, returned: Infinity, output: undefined });
		} else if (known !== undefined && known.returned === Infinity) {
			const answer = /^(\d+)( s\d+)?$/.exec(textOf(trace.bytesOf(event)));
			if (answer === null) continue;
			known.returned = event;
			known.output = Number(answer[1]);
		}
	}
	return [...operations.values()];
}

/** Whether what the clients of a run were told could have come from one counter on one machine. */
export function counterLinearity(trace: Trace, start: number = 10): Linearity & { readonly operations: readonly CountOperation[]; readonly text: string } {
	const operations = countsIn(trace);
	const found = linearity(operations, counterFrom(start));
	return { ...found, operations, text: explain(operations, found) };
}

/** One sentence. */
function explain(operations: readonly CountOperation[], { verdict, order, unexplained }: Linearity): string {
	const name = (i: number): string => `${operations[i]!.client} was told ${operations[i]!.output ?? 'nothing'}`;
	switch (verdict) {
		case 'linearizable': return 'ok';
		case 'unknown': return 'Too many orders are possible to try them all.';
		case 'impossible': {
			const told = order.filter((i) => operations[i]!.returned < Infinity).map(name);
			return `No order of the requests explains what the clients were told: ${[...told, ...unexplained.map(name)].join(', ')}.`;
		}
	}
}
