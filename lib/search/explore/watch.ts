import type { TraceEvent } from '../../trace/index.ts';

export { Violation } from '../violation.ts';

/** What is remembered of a history to judge it by: part of the state that is explored. States are never changed. */
export interface Watch<S> {
	readonly initial: S;
	/** Takes in an event a machine told. @throws {Violation} */
	event(state: S, event: TraceEvent): S;
	/** Takes in that a frame was put on a link at a port. @throws {Violation} */
	sent(state: S, place: string, port: number, bytes: Uint8Array): S;
	/** Takes in that a machine died. */
	crashed(state: S, place: string): S;
	/** Equal for states that judge every future alike. */
	keyOf(state: S): string;
	/** World time, µs, behind which such a history is not followed: it has ended. */
	until(state: S): number;
	/** Judges a history that has ended. @throws {Violation} */
	ended(state: S, facts: ReadonlyMap<string, Facts>): void;
}

/** What can be seen of a machine from outside. */
export interface Facts {
	/** state of every connection, by record and life; listeners left out */
	readonly connections: ReadonlyMap<string, number>;
	/** what the system's `describe` says */
	readonly text: string;
}
