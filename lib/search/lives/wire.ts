/** A frame on its way, or none. */
interface Flight {
	due: number;
	/** the order of sending */
	nth: number;
	from: number;
	to: number;
	port: number;
	at: number;
	length: number;
}

const LONGEST = 4096;

/** Frames in flight between a few machines, each due at its own time; memory is used again, nothing is allocated per frame. */
export class Flights {
	readonly #flights: Flight[] = [];
	readonly #free: Flight[] = [];
	readonly #u8: Uint8Array = new Uint8Array(LONGEST * 256);
	#made = 0;
	#sent = 0;

	/** Everything on its way, copied. */
	get u8(): Uint8Array { return this.#u8; }
	get count(): number { return this.#flights.length; }

	/** Puts a frame on its way. */
	send(from: number, to: number, port: number, bytes: Uint8Array, at: number, length: number, due: number): void {
		let flight = this.#free.pop();
		if (flight === undefined) {
			if (this.#made === 256 || length > LONGEST) throw new RangeError('more frames in flight than a life can have');
			flight = { due: 0, nth: 0, from: 0, to: 0, port: 0, at: this.#made++ * LONGEST, length: 0 };
		}
		flight.due = due;
		flight.nth = this.#sent++;
		flight.from = from;
		flight.to = to;
		flight.port = port;
		flight.length = length;
		for (let i = 0; i < length; i++) this.#u8[flight.at + i] = bytes[at + i]!;
		this.#flights.push(flight);
	}

	/** When the next one is due; `Infinity` where nothing is on its way. */
	get due(): number {
		let due = Infinity;
		for (let i = 0; i < this.#flights.length; i++) if (this.#flights[i]!.due < due) due = this.#flights[i]!.due;
		return due;
	}

	/** Takes off what is due first, of equals what was sent first; its bytes stay until the next `send`. */
	take(): Readonly<Flight> {
		const flights = this.#flights;
		let best = 0;
		for (let i = 1; i < flights.length; i++) {
			const one = flights[i]!, other = flights[best]!;
			if (one.due < other.due || (one.due === other.due && one.nth < other.nth)) best = i;
		}
		const flight = flights[best]!;
		flights[best] = flights[flights.length - 1]!;
		flights.pop();
		this.#free.push(flight);
		return flight;
	}

	/** Loses everything on its way to a machine. */
	clear(): void {
		this.#free.push(...this.#flights);
		this.#flights.length = 0;
	}
}
