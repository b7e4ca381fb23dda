import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { CaptureError } from '../capture/capture-error.ts';

const CHUNK = 1024 * 1024;
/** What a damaged gzip file costs before the damage, at most: the unpacker drops what it has not handed over. */
const UNPACKED_CHUNK = 16 * 1024;
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
	yield* unpacked(first, rest);
}

async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
	const status = await stat(path).catch((error: unknown) => { throw unreadable(path, error); });
	if (status.isDirectory()) throw new CaptureFileError(`${path} is a directory: name a capture file, or - for standard input`);
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
	const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
	const shown: { readonly [code: string]: string } = { ENOENT: 'there is no such file', EACCES: 'reading it is not permitted' };
	return new CaptureFileError(`cannot read ${path}: ${shown[why] ?? why}`, { cause: error });
}

/** Enough bytes to see a magic number, and what follows them. */
async function peek(chunks: AsyncGenerator<Uint8Array>): Promise<{ first: Uint8Array; rest: AsyncGenerator<Uint8Array> }> {
	let first: Uint8Array = new Uint8Array();
	while (first.length < GZIP.length) {
		const { value, done } = await chunks.next();
		if (done === true) break;
		first = first.length === 0 ? value : Buffer.concat([first, value]);
	}
	return { first, rest: chunks };
}

async function* unpacked(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
	const gunzip = createGunzip({ chunkSize: UNPACKED_CHUNK });
	const feeding = feed(gunzip, first, rest);
	let offset = 0;
	try {
		for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
			offset += chunk.length;
			yield chunk;
		}
		await feeding;
	} catch (error) {
		await feeding.catch(() => undefined);
		throw error instanceof CaptureFileError ? error : packedError(error, offset);
	}
}

function packedError(error: unknown, offset: number): CaptureError {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code === 'Z_BUF_ERROR') return new CaptureError('CAPTURE_CUT', offset, 'the gzip file is cut short: what could be unpacked was used');
	return new CaptureError('CAPTURE_DAMAGED', offset, 'the gzip file is damaged: what could be unpacked was used');
}

/** Writes the packed bytes into the unpacker, as fast as it takes them. */
async function feed(gunzip: ReturnType<typeof createGunzip>, first: Uint8Array, rest: AsyncGenerator<Uint8Array>): Promise<void> {
	try {
		await write(gunzip, first);
		for await (const chunk of rest) {
			if (gunzip.destroyed) return;
			await write(gunzip, chunk);
		}
		gunzip.end();
	} catch (error) {
		gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
		throw error;
	}
}

async function write(gunzip: ReturnType<typeof createGunzip>, chunk: Uint8Array): Promise<void> {
	if (gunzip.destroyed || gunzip.write(chunk)) return;
	await new Promise<void>((resolve) => {
		const done = (): void => {
			gunzip.off('drain', done).off('close', done).off('error', done);
			resolve();
		};
		gunzip.on('drain', done).on('close', done).on('error', done);
	});
}
