function hashOf(u8: Uint8Array, at: number, length: number): number {
	let hash = 0x811c_9dc5 ^ length;
	for (let i = 0; i < length; i++) hash = Math.imul(hash ^ u8[at + i]!, 0x0100_0193);
	return hash >>> 0;
}

function equal(a: Uint8Array, u8: Uint8Array, at: number, length: number): boolean {
	if (a.length !== length) return false;
	for (let i = 0; i < length; i++) if (a[i] !== u8[at + i]) return false;
	return true;
}

/** Frames found again by their bytes. */
export class FrameIndex {
	/** every frame added, in order; copies */
	readonly frames: Uint8Array[] = [];
	readonly #places: Map<number, number[]> = new Map();

	/** Adds a copy of a frame; returns its place in `frames`. */
	add(u8: Uint8Array, at: number, length: number): number {
		const place = this.frames.push(u8.slice(at, at + length)) - 1;
		const hash = hashOf(u8, at, length);
		const same = this.#places.get(hash);
		if (same === undefined) this.#places.set(hash, [place]);
		else same.push(place);
		return place;
	}

	/** Takes back the frame added last. */
	drop(): void {
		const frame = this.frames.pop();
		if (frame !== undefined) this.#places.get(hashOf(frame, 0, frame.length))!.pop();
	}

	/** Place of the first frame with these bytes; −1 where there is none. */
	find(u8: Uint8Array, at: number = 0, length: number = u8.length): number {
		for (const place of this.#places.get(hashOf(u8, at, length)) ?? []) if (equal(this.frames[place]!, u8, at, length)) return place;
		return -1;
	}
}
