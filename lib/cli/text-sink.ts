import type { Writable } from 'node:stream';

/** Text is handed on in pieces of this many characters. */
const PIECE = 64 * 1024;

/** Collects small pieces of text for a stream, and waits where the stream is slower than we are. */
export class TextSink {
	#stream: Writable;
	#text: string = '';
	#isFull: boolean = false;
	/** whoever read has gone away: what is written from then on is dropped */
	#isGone: boolean = false;

	constructor(stream: Writable) {
		this.#stream = stream;
		stream.on('error', (error: NodeJS.ErrnoException) => {
			if (error.code !== 'EPIPE') throw error;
			this.#isGone = true;
		});
	}

	/** @param piece  text, or UTF-8 that is not written to again */
	write(piece: string | Uint8Array): void {
		if (typeof piece !== 'string') {
			this.#flush();
			this.#hand(piece);
			return;
		}
		this.#text += piece;
		if (this.#text.length >= PIECE) this.#flush();
	}

	/** Resolves when more may be written. */
	async ready(): Promise<void> {
		if (!this.#isFull || this.#isGone) return;
		await new Promise<void>((resolve) => {
			const done = (): void => {
				this.#stream.off('drain', done).off('close', done).off('error', done);
				resolve();
			};
			this.#stream.on('drain', done).on('close', done).on('error', done);
		});
		this.#isFull = false;
	}

	/** Hands on what is left. */
	async end(): Promise<void> {
		this.#flush();
		await this.ready();
	}

	#flush(): void {
		const text = this.#text;
		this.#text = '';
		if (text !== '') this.#hand(text);
	}

	#hand(piece: string | Uint8Array): void {
		if (!this.#isGone && !this.#stream.write(piece)) this.#isFull = true;
	}
}
