import type { Sockets } from './service.ts';
import { newline, textOf } from './text.ts';

/** Longest request, bytes; a longer one ends the connection. */
export const LONGEST_REQUEST = 512;

/**
 * How long the request at the head of a connection is, its newline included, bytes.
 *
 * @returns  0 while it has not come as a whole; −1 where it never can, for it is too long
 */
export function requestLength(io: Sockets, socket: number): number {
	const length = io.peek(socket, LONGEST_REQUEST);
	if (length <= 0) return 0;
	const end = newline(io.bytes, io.at, length);
	if (end >= 0) return end + 1 - io.at;
	return length === LONGEST_REQUEST ? -1 : 0;
}

/** Takes the request whose length was found out just now; the line without its newline. */
export function takeRequest(io: Sockets, socket: number, length: number): string {
	const line = textOf(io.bytes, io.at, length - 1);
	io.consume(socket, length);
	return line;
}
