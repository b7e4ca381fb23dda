import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { fileWords } from '../files/file-words.ts';
import { CommandError } from './exit.ts';

function cannot(what: string, path: string, error: unknown): CommandError {
	return new CommandError(`cannot ${what} ${path}: ${fileWords(error)}`);
}

/** The text of a file. @throws CommandError */
export function readText(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		throw cannot('read', path, error);
	}
}

/** Writes a file. @throws CommandError */
export function writeFile(path: string, content: Uint8Array | string): void {
	try {
		writeFileSync(path, content);
	} catch (error) {
		throw cannot('write', path, error);
	}
}

/** Opens a file for writing. @throws CommandError */
export function openToWrite(path: string): number {
	try {
		return openSync(path, 'w');
	} catch (error) {
		throw cannot('write', path, error);
	}
}

/** Makes a folder, and those it lies in, unless it is there. @throws CommandError */
export function makeFolder(path: string): void {
	try {
		mkdirSync(path, { recursive: true });
	} catch (error) {
		throw cannot('make the folder', path, error);
	}
}
