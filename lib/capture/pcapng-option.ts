import { decodeUtf8 } from './utf8.ts';
import { OPT_COMMENT, OPT_ENDOFOPT, OPTION } from './pcapng-layout.ts';

/** Goes through a list of pcapng options (draft-ietf-opsawg-pcapng §3.5). */
export class OptionWalk {
	code: number = 0;
	valueAt: number = 0;
	length: number = 0;
	/** an option claims more bytes than its block has */
	overrun: boolean = false;
	#view: DataView;
	#next: number;
	#end: number;
	#littleEndian: boolean;

	constructor(bytes: Uint8Array, at: number, end: number, littleEndian: boolean) {
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		this.#next = at;
		this.#end = end;
		this.#littleEndian = littleEndian;
	}

	/** The value of an option of 4 bytes. */
	word(): number { return this.#view.getUint32(this.valueAt, this.#littleEndian); }

	/** Moves to the next option; false at the end of the list, or of what can be read of it. */
	next(): boolean {
		if (this.#next + OPTION.end > this.#end) return false;
		this.code = this.#view.getUint16(this.#next + OPTION.code, this.#littleEndian);
		this.length = this.#view.getUint16(this.#next + OPTION.length, this.#littleEndian);
		if (this.code === OPT_ENDOFOPT) return false;
		this.valueAt = this.#next + OPTION.end;
		this.overrun = this.valueAt + this.length > this.#end;
		this.#next = this.valueAt + ((this.length + 3) & ~3);
		return !this.overrun;
	}
}

/** The comments in a list of options; a damaged rest of the list is passed over. */
export function optionTexts(bytes: Uint8Array, at: number, end: number, littleEndian: boolean): string[] {
	const texts: string[] = [];
	const options = new OptionWalk(bytes, at, end, littleEndian);
	while (options.next()) if (options.code === OPT_COMMENT) texts.push(decodeUtf8(bytes, options.valueAt, options.length));
	return texts;
}
