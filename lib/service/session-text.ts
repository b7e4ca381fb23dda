import type { SessionRequest } from './session.ts';

/** The form of a request's name within a line: `inc c7 s3 l2`. */
const NAME = / c(\d{1,9}) s(\d{1,9}) l(\d{1,9})$/;

/** The line with which a client asks for a session; the answer is `session 7`. */
export const HELLO = 'hello';

/** What a request is and by what it names itself; null where it does not. */
export function sessionIn(line: string): { readonly text: string; readonly request: SessionRequest } | null {
	const found = NAME.exec(line);
	if (found === null) return null;
	const [session, serial, lowest] = found.slice(1).map(Number) as [number, number, number];
	return { text: line.slice(0, found.index), request: { session, serial, lowest } };
}

/** A request as a client with a session writes it. */
export function inSession(text: string, { session, serial, lowest }: SessionRequest): string {
	return `${text} c${session} s${serial} l${lowest}`;
}

/** The number of the session in the answer to `hello`; 0 where it is none. */
export function openedIn(line: string): number {
	const found = /^session (\d{1,10})$/.exec(line);
	return found === null ? 0 : Number(found[1]);
}
