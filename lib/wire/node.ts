/**
 * Takes what a node sends. The bytes are borrowed: they are valid for the call
 * alone, and a sink that wants to keep them copies them.
 */
export interface Sink {
	/**
	 * @param bytes   memory the frame or message lies in
	 * @param at      first byte of it in `bytes`
	 * @param length  bytes
	 * @param port    which of the node's ports it leaves by
	 */
	take(bytes: Uint8Array, at: number, length: number, port: number): void;
	/**
	 * As `take`, for what is to leave later than now. Whoever keeps no departure
	 * times leaves this out, and is then asked to keep none.
	 *
	 * @param departure  µs of the node's clock; frames with equal ones leave in the order of these calls
	 */
	takeAt?(bytes: Uint8Array, at: number, length: number, port: number, departure: number): void;
}

/**
 * Every active part of the house: host, switch, replica, arbiter. A node never
 * touches a clock or a socket, and never calls whoever drives it: a driver
 * (the simulated world, the TAP loop, a browser) loops receive → drain → arm.
 *
 * `now` is integer microseconds of the driver's monotonic clock for this node.
 */
export interface Node {
	/** Takes in one frame or message; `bytes` are borrowed for the call. */
	receive(port: number, bytes: Uint8Array, at: number, length: number, now: number): void;
	/** Does what is due at `now`. */
	wake(now: number): void;
	/** When the node wants to be woken, µs; `Infinity` when nothing is pending. */
	readonly wakeAt: number;
	/** Hands over everything there is to send, and keeps none of it. */
	drain(sink: Sink): void;
}
