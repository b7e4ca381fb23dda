import { open, stat } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';
import { CaptureError } from '../capture/capture-error.ts';
import { fileWords } from './file-words.ts';

const CHUNK = 1024 * 1024;
/** What a damaged gzip file costs before the damage, at most, where it cannot be read again: the unpacker drops what it has not handed over. */
const UNPACKED_CHUNK = 16 * 1024;
/** Packed bytes are handed to the unpacker in pieces of so many; near damage of so few. */
const PIECE = 64 * 1024;
const SMALL_PIECE = 16;
const GZIP = [0x1f, 0x8b];
/** The name that stands for standard input. */
const STDIN = '-';

/** A file cannot be opened: says which, and why. */
export class CaptureFileError extends Error {
	override readonly name: string = 'CaptureFileError';
	readonly code = 'CAPTURE_FILE_UNREADABLE' as const;
}

/**
 * The bytes of a capture, in chunks, from a file or, for `-`, from standard
 * input; gzip is told by its magic number and unpacked. A chunk is borrowed:
 * it holds until the next is asked for.
 *
 * A packed file that is cut or damaged yields what could be unpacked, and then
 * throws a CaptureError whose offset counts unpacked bytes.
 *
 * @throws CaptureFileError where the file cannot be read
 */
export async function* captureChunks(path: string): AsyncGenerator<Uint8Array> {
	const source = path === STDIN ? process.stdin : await openFile(path);
	const chunks = readable(source, path);
	const { first, rest } = await peek(chunks);
	if (first[0] !== GZIP[0] || first[1] !== GZIP[1]) {
		if (first.length > 0) yield first;
		yield* rest;
		return;
	}
	yield* unpacked(first, rest, () => (path === STDIN ? undefined : readable(readAhead(path), path)));
}

async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
	const status = await stat(path).catch((error: unknown) => { throw unreadable(path, error); });
	if (status.isDirectory()) throw new CaptureFileError(`${path} is a folder: name a capture file, or - for standard input`);
	return readAhead(path);
}

/** Reads into two buffers in turn: one is filled while the other is used. */
async function* readAhead(path: string): AsyncGenerator<Uint8Array> {
	const file = await open(path);
	let reading: Promise<unknown> | undefined;
	try {
		let [ahead, spare] = [Buffer.allocUnsafeSlow(CHUNK), Buffer.allocUnsafeSlow(CHUNK)];
		let next = file.read(ahead, 0, CHUNK, null);
		for (;;) {
			reading = next;
			const { bytesRead } = await next;
			reading = undefined;
			if (bytesRead === 0) return;
			const chunk = ahead.subarray(0, bytesRead);
			[ahead, spare] = [spare, ahead];
			next = file.read(ahead, 0, CHUNK, null);
			reading = next;
			yield chunk;
		}
	} finally {
		await reading?.catch(() => undefined);
		await file.close();
	}
}

async function* readable(source: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
	try {
		yield* source;
	} catch (error) {
		throw unreadable(path, error);
	}
}

function unreadable(path: string, error: unknown): CaptureFileError {
	return new CaptureFileError(`cannot read ${path}: ${fileWords(error)}`, { cause: error });
}

/** Enough bytes to see a magic number, and what follows them. */
async function peek(chunks: AsyncGenerator<Uint8Array>): Promise<{ first: Uint8Array; rest: AsyncGenerator<Uint8Array> }> {
	let first: Uint8Array = new Uint8Array();
	while (first.length < GZIP.length) {
		const before = Buffer.from(first);
		const { value, done } = await chunks.next();
		if (done === true) return { first: before, rest: chunks };
		first = before.length === 0 ? value : Buffer.concat([before, value]);
	}
	return { first, rest: chunks };
}

/** Unpacks; of a file that is damaged the last bytes before the damage are found by unpacking it anew, in smaller and smaller pieces. */
async function* unpacked(first: Uint8Array, rest: AsyncGenerator<Uint8Array>, again: () => AsyncIterable<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
	const unpacker = new Unpacker();
	let error: CaptureError;
	try {
		yield* unpacker.unpack(joined(first, rest), PIECE);
		return;
	} catch (thrown) {
		if (!(thrown instanceof CaptureError)) throw thrown;
		error = thrown;
	}
	const source = error.code === 'CAPTURE_DAMAGED' ? again() : undefined;
	if (source === undefined) throw error;
	const closer = new Unpacker(unpacker.offset, unpacker.pieces - 1);
	yield* closer.unpack(source, SMALL_PIECE);
}

async function* joined(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
	yield first;
	yield* rest;
}

/** Unpacks gzip piece by piece; whatever a piece gives is handed on before the next is taken. */
class Unpacker {
	/** unpacked bytes */
	offset: number = 0;
	/** packed pieces taken */
	pieces: number = 0;
	#known: number;
	#large: number;

	/**
	 * @param known  unpacked bytes that are not wanted again
	 * @param large  so many pieces are known to be good
	 */
	constructor(known: number = 0, large: number = Number.POSITIVE_INFINITY) {
		this.#known = known;
		this.#large = large;
	}

	/**
	 * @param small  bytes of a piece behind the large ones
	 * @throws CaptureError where they cannot be unpacked
	 */
	async *unpack(packed: AsyncIterable<Uint8Array>, small: number): AsyncGenerator<Uint8Array> {
		const gunzip = createGunzip({ chunkSize: UNPACKED_CHUNK, flush: constants.Z_SYNC_FLUSH });
		const feeding = this.#feed(gunzip, packed, small);
		try {
			for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
				const fresh = chunk.subarray(Math.min(chunk.length, Math.max(0, this.#known - this.offset)));
				this.offset += chunk.length;
				if (fresh.length > 0) yield fresh;
			}
			await feeding;
		} catch (error) {
			await feeding.catch(() => undefined);
			throw error instanceof CaptureFileError ? error : packedError(error, this.offset);
		}
	}

	/** Writes the packed bytes into the unpacker, as fast as it takes them. */
	async #feed(gunzip: ReturnType<typeof createGunzip>, packed: AsyncIterable<Uint8Array>, small: number): Promise<void> {
		try {
			for await (const chunk of packed) {
				for (let at = 0; at < chunk.length;) {
					if (gunzip.destroyed) return;
					const piece = Math.min(this.pieces < this.#large ? PIECE : small, chunk.length - at);
					await write(gunzip, chunk.subarray(at, at + piece));
					this.pieces++;
					at += piece;
				}
			}
			gunzip.end();
		} catch (error) {
			gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
			throw error;
		}
	}
}

function packedError(error: unknown, offset: number): CaptureError {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code === 'Z_BUF_ERROR') return new CaptureError('CAPTURE_CUT', offset, 'the gzip file is cut short: what could be unpacked was used');
	return new CaptureError('CAPTURE_DAMAGED', offset, 'the gzip file is damaged: what could be unpacked was used');
}

/** Resolves once the piece is unpacked, and what it gave taken: the bytes are borrowed. */
async function write(gunzip: ReturnType<typeof createGunzip>, piece: Uint8Array): Promise<void> {
	if (gunzip.destroyed) return;
	await new Promise<void>((resolve) => {
		const done = (): void => {
			gunzip.off('close', done).off('error', done);
			resolve();
		};
		gunzip.on('close', done).on('error', done);
		gunzip.write(piece, done);
	});
}
