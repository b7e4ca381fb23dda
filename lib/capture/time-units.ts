const TWO_32 = 0x1_0000_0000;
/** Below this a high word leaves the whole number exact in a double. */
const EXACT_HIGH = 0x20_0000;

/**
 * What a pcapng time counts (if_tsresol, if_tsoffset; draft-ietf-opsawg-pcapng
 * §4.2), and its value in seconds and nanoseconds.
 */
export class TimeUnits {
	seconds: number = 0;
	nanos: number = 0;
	#perSecond: number;
	#nanosPerUnit: number;
	#offsetSeconds: number;
	/** set where a second has more units than a double divides exactly, or no whole number of ns a unit */
	#bigPerSecond: bigint | undefined;

	/**
	 * @param resolution     if_tsresol: 10⁻ⁿ s, or 2⁻ⁿ s where the top bit is set
	 * @param offsetSeconds  if_tsoffset
	 */
	constructor(resolution: number, offsetSeconds: number) {
		const exponent = resolution & 0x7f;
		const isPower = (resolution & 0x80) !== 0;
		this.#offsetSeconds = offsetSeconds;
		this.#perSecond = isPower ? 2 ** exponent : 10 ** exponent;
		this.#nanosPerUnit = 1e9 / this.#perSecond;
		this.#bigPerSecond = isPower || exponent > 9 ? (isPower ? 2n : 10n) ** BigInt(exponent) : undefined;
	}

	/** Takes a 64-bit count of units; the result stands in `seconds` and `nanos`. */
	take(high: number, low: number): void {
		if (this.#bigPerSecond !== undefined || high >= EXACT_HIGH) {
			this.#takeBig(high, low);
			return;
		}
		const units = high * TWO_32 + low;
		let seconds = Math.floor(units / this.#perSecond);
		let rest = units - seconds * this.#perSecond;
		// A quotient close below a whole number may have been rounded up to it.
		if (rest < 0) { seconds--; rest += this.#perSecond; }
		this.seconds = seconds + this.#offsetSeconds;
		this.nanos = rest * this.#nanosPerUnit;
	}

	/** The same for nanoseconds of today and other numbers no double holds; costs a few hundred ns. */
	#takeBig(high: number, low: number): void {
		if (this.#bigPerSecond === undefined && this.#perSecond === 1e9) {
			this.#takeNanos(high, low);
			return;
		}
		const perSecond = this.#bigPerSecond ?? BigInt(this.#perSecond);
		const units = (BigInt(high) << 32n) | BigInt(low);
		this.seconds = Number(units / perSecond) + this.#offsetSeconds;
		this.nanos = Number(((units % perSecond) * 1_000_000_000n) / perSecond);
	}

	/** Long division by 10⁹ in steps of 16 bits, each exact in a double. */
	#takeNanos(high: number, low: number): void {
		const first = Math.floor(high / 1e9);
		const middle = (high - first * 1e9) * 0x1_0000 + (low >>> 16);
		const second = Math.floor(middle / 1e9);
		const last = (middle - second * 1e9) * 0x1_0000 + (low & 0xffff);
		const third = Math.floor(last / 1e9);
		this.seconds = first * TWO_32 + second * 0x1_0000 + third + this.#offsetSeconds;
		this.nanos = last - third * 1e9;
	}
}
