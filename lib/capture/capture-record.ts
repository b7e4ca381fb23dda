import { optionTexts } from './pcapng-option.ts';

/**
 * One captured packet; one object, filled again and again. Its bytes are the
 * reader's and hold until more is pushed.
 */
export class CaptureRecord {
	/** counted from 1 over the whole capture, as every tool counts */
	frame: number = 0;
	/** bytes into the capture where the record begins */
	offset: number = 0;
	/** whole seconds since the epoch */
	seconds: number = 0;
	/** nanoseconds within the second */
	nanos: number = 0;
	/** what the first bytes are: a LINKTYPE_ number */
	linkType: number = 0;
	/** pcapng: counted from 0 within the section; otherwise 0 */
	interfaceId: number = 0;
	bytes: Uint8Array = new Uint8Array();
	/** the packet is bytes[at, at + capturedLength) */
	at: number = 0;
	capturedLength: number = 0;
	/** in which time round its buffer was filled, and how far it is filled now: earlier records lie behind */
	lap: number = 0;
	filled: number = 0;
	/** bytes of frame check sequence at its end, where the capture says that there is one */
	checkLength: number = 0;
	/** length on the wire, more than capturedLength where the capture cut it */
	originalLength: number = 0;
	/** where a pcapng block's options lie; equal where there are none */
	optionsAt: number = 0;
	optionsEnd: number = 0;
	littleEndian: boolean = true;

	/** Time of capture, µs since the epoch; fractions are cut. */
	get timeUs(): number {
		return this.seconds * 1e6 + Math.floor(this.nanos / 1000);
	}

	/** The comments that pcapng keeps with a packet. */
	get comments(): string[] {
		return optionTexts(this.bytes, this.optionsAt, this.optionsEnd, this.littleEndian);
	}
}
