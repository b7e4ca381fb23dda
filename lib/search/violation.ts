import type { InvariantName } from './invariants.ts';

/** Something that must always hold does not. */
export class Violation extends Error {
	override readonly name: string = 'Violation';
	/** name of the sentence that is broken (`invariants.ts`) */
	readonly code: InvariantName;

	constructor(invariant: InvariantName, text: string) {
		super(text);
		this.code = invariant;
	}
}
