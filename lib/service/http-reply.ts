import { httpDate } from './http-date.ts';

const reasons: { readonly [status: number]: string } = {
	100: 'Continue', 200: 'OK', 201: 'Created', 204: 'No Content', 400: 'Bad Request', 404: 'Not Found', 405: 'Method Not Allowed', 413: 'Content Too Large', 414: 'URI Too Long',
	431: 'Request Header Fields Too Large', 501: 'Not Implemented', 505: 'HTTP Version Not Supported', 507: 'Insufficient Storage',
};

/** Every head and every short response is shorter than this. */
export const LONGEST_REPLY = 1024;

export const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

export const HELP = `What there is here:
  GET  /counter        the number it stands at
  POST /counter        counts, and says the new number
  GET  /bytes/N        N bytes of a pattern: byte i is (i + (i >> 8) * 7 + (i >> 16) * 31) mod 256
  PUT, GET, DELETE /objects/NAME
`;

/** What a status means, as text for whoever reads it. */
export function statusText(status: number): string {
	return `${status} ${reasons[status] ?? ''}\n`;
}

/**
 * The head of a response.
 *
 * @param length   bytes of its body; of 204 none are told (RFC 9110 §8.6)
 * @param seconds  when it is, since 1970
 * @param allow    of 405: the methods there are
 */
export function responseHead(status: number, length: number, type: string, closes: boolean, seconds: number, allow: string): string {
	const lines = [`HTTP/1.1 ${status} ${reasons[status] ?? ''}`, `Date: ${httpDate(seconds)}`, 'Server: dupack'];
	if (status !== 204) lines.push(`Content-Type: ${type}`, `Content-Length: ${length}`);
	if (status === 405) lines.push(`Allow: ${allow}`);
	lines.push(`Connection: ${closes ? 'close' : 'keep-alive'}`);
	return `${lines.join('\r\n')}\r\n\r\n`;
}
