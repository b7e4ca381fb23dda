/** What this room needs of a buffer-layout structure: where a field lies. */
export interface Placed {
	readonly span: number;
	offsetOf(property: string): number | undefined;
}

/**
 * Where a field of a described structure begins, in bytes.
 *
 * Layouts serve for placement only: offsets are taken once, when a module is
 * loaded, and bytes are read and written directly.
 *
 * @throws RangeError where the layout has no such field
 */
export function offsetIn(layout: Placed, property: string): number {
	const offset = layout.offsetOf(property);
	if (offset === undefined) throw new RangeError(`the layout has no field '${property}'`);
	return offset;
}
