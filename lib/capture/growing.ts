/** The same numbers with room for at least `length`; room doubles, so that growing costs little in all. */
export function roomyInts(from: Int32Array, length: number): Int32Array {
	if (length <= from.length) return from;
	const wider = new Int32Array(Math.max(length, 2 * from.length));
	wider.set(from);
	return wider;
}

/** The same of doubles. */
export function roomyDoubles(from: Float64Array, length: number): Float64Array {
	if (length <= from.length) return from;
	const wider = new Float64Array(Math.max(length, 2 * from.length));
	wider.set(from);
	return wider;
}
