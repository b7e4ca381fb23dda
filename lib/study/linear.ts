/** What one client asked and what it was answered. */
export interface Operation<I, O> {
	/** who asked, for people */
	readonly client: string;
	readonly input: I;
	/** when it was asked: any number that grows, such as the index of a trace's event */
	readonly called: number;
	/** when it was answered; `Infinity` where it never was: it may have been executed, later or not at all */
	readonly returned: number;
	/** the answer; undefined where there was none */
	readonly output: O | undefined;
}

/** What a service does that executes one operation after the other. */
export interface Sequential<S, I, O> {
	readonly initial: S;
	/**
	 * The state behind an operation.
	 *
	 * @param output  what it was answered; undefined: whatever it may have been
	 * @returns       null where the service could not have answered so
	 */
	next(state: S, input: I, output: O | undefined): S | null;
	/** Equal for equal states. */
	keyOf(state: S): string;
}

export type LinearVerdict = 'linearizable' | 'impossible' | 'unknown';

/** What the search found. */
export interface Linearity {
	/** `unknown`: given up after too many states */
	readonly verdict: LinearVerdict;
	/** places of operations in an order that explains every answer; the longest that could be found where none explains all */
	readonly order: readonly number[];
	/** places of answered operations that the order does not explain */
	readonly unexplained: readonly number[];
}

/** States visited before it gives up. */
const LIMIT = 1_000_000;

/** A choice being tried: which operations were placed, and where the service stands behind them. */
interface Level<S> {
	readonly state: S;
	/** operations that may come next, and which of them is tried */
	readonly candidates: readonly number[];
	next: number;
}

/**
 * Decides whether the answers could have come from a service that executes one
 * operation after the other, each somewhere between its call and its return
 * (Herlihy and Wing 1990). The search is Wing and Gong's (1993): an operation
 * may come next if it was called before every one still left had returned;
 * states met again with the same operations placed are not tried again.
 *
 * @param limit  states visited before the verdict is `unknown`
 */
export function linearity<S, I, O>(operations: readonly Operation<I, O>[], service: Sequential<S, I, O>, limit: number = LIMIT): Linearity {
	const answered = operations.filter(({ returned }) => returned < Infinity).length;
	const placed: boolean[] = operations.map(() => false);
	const seen = new Set<string>();
	const order: number[] = [];
	let longest: readonly number[] = [], most = -1, done = 0;
	const candidates = (): number[] => {
		const soonest = Math.min(...operations.map(({ returned }, i) => (placed[i] ? Infinity : returned)));
		return [...operations.keys()].filter((i) => !placed[i] && operations[i]!.called <= soonest);
	};
	const levels: Level<S>[] = [{ state: service.initial, candidates: candidates(), next: 0 }];
	while (levels.length > 0) {
		if (done > most) { most = done; longest = [...order]; }
		if (done === answered) return { verdict: 'linearizable', order: [...order], unexplained: [] };
		if (seen.size > limit) return { verdict: 'unknown', order: longest, unexplained: unexplained(operations, longest) };
		const level = levels.at(-1)!;
		const index = level.candidates[level.next++];
		if (index === undefined) {
			levels.pop();
			const last = order.pop();
			if (last !== undefined) {
				placed[last] = false;
				if (operations[last]!.returned < Infinity) done--;
			}
			continue;
		}
		const { input, output, returned } = operations[index]!;
		const state = service.next(level.state, input, returned < Infinity ? output : undefined);
		if (state === null) continue;
		placed[index] = true;
		const key = `${placed.map(Number).join('')} ${service.keyOf(state)}`;
		if (seen.has(key)) {
			placed[index] = false;
			continue;
		}
		seen.add(key);
		order.push(index);
		if (returned < Infinity) done++;
		levels.push({ state, candidates: candidates(), next: 0 });
	}
	return { verdict: 'impossible', order: longest, unexplained: unexplained(operations, longest) };
}

function unexplained(operations: readonly Operation<unknown, unknown>[], order: readonly number[]): number[] {
	return [...operations.keys()].filter((i) => operations[i]!.returned < Infinity && !order.includes(i));
}
