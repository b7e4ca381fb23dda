import { ByteWindow } from './byte-window.ts';
import { CaptureError } from './capture-error.ts';
import { STEP_MORE, STEP_RECORD } from './capture-format.ts';
import type { CaptureFormat, Step } from './capture-format.ts';
import { CaptureRecord } from './capture-record.ts';
import { PcapFormat, pcapVariant } from './pcap-format.ts';
import { PCAP_FILE } from './pcap-layout.ts';
import { PcapngFormat } from './pcapng-format.ts';
import { SECTION_HEADER_BLOCK } from './pcapng-layout.ts';

const MAGIC_LENGTH = 4;

/**
 * Reads a capture of any format from bytes as they come:
 *
 *     reader.push(chunk);
 *     while (reader.next()) use(reader.record);
 *     …
 *     reader.end();
 *     if (reader.error) …
 *
 * It holds no more than one chunk and one record. What is damaged ends the
 * reading: records before it were given, and `error` says why.
 */
export class CaptureReader {
	/** the packet that next() found; filled anew each time, its bytes hold until the next push */
	readonly record: CaptureRecord = new CaptureRecord();
	/** set once reading has ended early */
	error: CaptureError | undefined = undefined;
	#window: ByteWindow;
	#format: CaptureFormat | undefined = undefined;

	/** @param room  bytes of the capture that stay within reach behind what was read; least where not given */
	constructor(room?: number) {
		this.#window = new ByteWindow(room);
	}

	/** Adds bytes; they are copied. */
	push(chunk: Uint8Array): void {
		if (this.error === undefined) this.#window.push(chunk);
	}

	/** Room for up to `length` bytes that the caller fills itself, then tells with filled(): saves a copy. */
	space(length: number): Uint8Array {
		return this.#window.space(length);
	}

	/** @param length  how many bytes of the space were filled */
	filled(length: number): void {
		this.#window.filled(length);
	}

	/** Moves to the next packet; false where more bytes are needed, or reading has ended. */
	next(): boolean {
		if (this.error !== undefined) return false;
		try {
			const found = this.#step() === STEP_RECORD;
			if (found) this.record.frame++;
			return found;
		} catch (error) {
			if (!(error instanceof CaptureError)) throw error;
			this.error = error;
			return false;
		}
	}

	/** No more bytes will come: what is left over, or nothing at all, is a capture cut short. */
	end(): void {
		const { at, end, offset } = this.#window;
		if (this.error !== undefined) return;
		if (this.#format === undefined) {
			this.error = new CaptureError('CAPTURE_CUT', offset, end === 0 ? 'the capture is empty' : `the capture ends within its first ${end} bytes, in the file header`);
		} else if (at < end) {
			this.error = new CaptureError('CAPTURE_CUT', offset, `the capture ends in the middle of a record, of which ${end - at} bytes are there: what came before it was used`);
		}
	}

	#step(): Step {
		this.#format ??= this.#sniff();
		if (this.#format === undefined) return STEP_MORE;
		let step: Step;
		do step = this.#format.step(this.#window, this.record);
		while (step !== STEP_MORE && step !== STEP_RECORD);
		return step;
	}

	/** Tells the format by its magic number. */
	#sniff(): CaptureFormat | undefined {
		const window = this.#window;
		if (window.end - window.at < MAGIC_LENGTH) return undefined;
		const magic = window.view.getUint32(window.at, true);
		if (magic === SECTION_HEADER_BLOCK) return new PcapngFormat();
		const variant = pcapVariant(magic);
		if (variant === undefined) {
			const shown = magic.toString(16).padStart(8, '0').replace(/(..)(..)(..)(..)/, '$4 $3 $2 $1');
			throw new CaptureError('CAPTURE_UNKNOWN', 0, `the first bytes ${shown} are of no pcap and no pcapng: convert the file with editcap`);
		}
		return window.end - window.at < PCAP_FILE.end ? undefined : new PcapFormat(window, variant);
	}
}
