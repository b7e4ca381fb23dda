/** Room to begin with; it doubles for a record that does not fit. */
const FIRST_ROOM = 0x1_0000;

/** The part of a capture that is at hand: what came and is not used up. */
export class ByteWindow {
	bytes: Uint8Array;
	view: DataView;
	/** the next byte to use */
	at: number = 0;
	/** behind the last byte at hand */
	end: number = 0;
	/** bytes into the capture of bytes[0] */
	base: number = 0;
	/**
	 * counts how often filling began again at the front: what was used before
	 * stays in place behind `end` until the next time round
	 */
	lap: number = 0;

	/** @param room  bytes to begin with: as much of what was used stays within reach */
	constructor(room: number = FIRST_ROOM) {
		this.bytes = new Uint8Array(room);
		this.view = new DataView(this.bytes.buffer);
	}

	/** Bytes into the capture of the next byte to use. */
	get offset(): number {
		return this.base + this.at;
	}

	/** Copies a chunk behind what is at hand. */
	push(chunk: Uint8Array): void {
		this.space(chunk.length).set(chunk);
		this.filled(chunk.length);
	}

	/**
	 * Room for `length` more bytes, to be filled by the caller and then told
	 * with filled(). What was used up makes room, so positions change.
	 */
	space(length: number): Uint8Array {
		if (this.end + length > this.bytes.length) this.#makeRoom(length);
		return this.bytes.subarray(this.end, this.end + length);
	}

	filled(length: number): void {
		this.end += length;
	}

	/** Moves what is left to the front: only once at least as much was used up, so that every byte is moved a bounded number of times. */
	#makeRoom(length: number): void {
		const left = this.end - this.at;
		if (this.at >= left && left + length <= this.bytes.length) {
			this.bytes.copyWithin(0, this.at, this.end);
			this.lap++;
		} else {
			this.lap += 2;
			const wider = new Uint8Array(2 * (left + length));
			wider.set(this.bytes.subarray(this.at, this.end));
			this.bytes = wider;
			this.view = new DataView(wider.buffer);
		}
		this.base += this.at;
		this.at = 0;
		this.end = left;
	}
}
