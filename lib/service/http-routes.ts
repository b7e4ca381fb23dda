import type { HttpHead } from './http-head.ts';

// What a request asks for.
export const ROUTE_STATUS = 0;
export const ROUTE_HELP = 1;
export const ROUTE_COUNTER = 2;
export const ROUTE_COUNT = 3;
export const ROUTE_BYTES = 4;
export const ROUTE_OBJECT = 5;
export const ROUTE_STORE = 6;
export const ROUTE_DELETE = 7;

/** Most bytes of the pattern one can ask for. */
export const MOST_BYTES = 1_000_000_000;
const LONGEST_NAME = 200;

/** Where a request leads. One object, filled again and again. */
export class HttpRoute {
	/** what it asks for; `ROUTE_STATUS`: nothing but `status` */
	route: number = ROUTE_STATUS;
	/** of the pattern, how many bytes */
	count: number = 0;
	/** of an object */
	name: string = '';
	/** with `ROUTE_STATUS`: what to answer */
	status: number = 404;
	/** with status 405: the methods there are */
	allow: string = '';

	/** Finds where a head leads. */
	of({ method, path }: HttpHead): void {
		this.route = ROUTE_STATUS;
		this.status = 404;
		if (path === '/') return this.#read(method, ROUTE_HELP);
		if (path === '/counter') return this.#counter(method);
		if (path.startsWith('/bytes/')) return this.#bytes(method, path.slice('/bytes/'.length));
		if (path.startsWith('/objects/')) this.#object(method, path.slice('/objects/'.length));
	}

	#read(method: string, route: number): void {
		if (method === 'GET' || method === 'HEAD') this.route = route;
		else this.#not('GET, HEAD');
	}

	#not(allow: string): void {
		this.status = 405;
		this.allow = allow;
	}

	#counter(method: string): void {
		if (method === 'POST') this.route = ROUTE_COUNT;
		else if (method === 'GET' || method === 'HEAD') this.route = ROUTE_COUNTER;
		else this.#not('GET, HEAD, POST');
	}

	#bytes(method: string, text: string): void {
		if (!/^\d{1,10}$/.test(text) || Number(text) > MOST_BYTES) { this.status = 400; return; }
		this.count = Number(text);
		this.#read(method, ROUTE_BYTES);
	}

	#object(method: string, name: string): void {
		this.name = name;
		if (name === '' || name.length > LONGEST_NAME) this.status = name === '' ? 404 : 414;
		else if (method === 'PUT') this.route = ROUTE_STORE;
		else if (method === 'DELETE') this.route = ROUTE_DELETE;
		else if (method === 'GET' || method === 'HEAD') this.route = ROUTE_OBJECT;
		else this.#not('GET, HEAD, PUT, DELETE');
	}
}

/** Byte `at` of the pattern that `/bytes/N` gives: it changes with every position, so that nothing missing or doubled goes unnoticed. */
export function patternByte(at: number): number {
	return (at + (at >> 8) * 7 + (at >> 16) * 31) & 255;
}

/** Twice round: any 256 bytes of it in a row are a row of the pattern. */
const ramp: Uint8Array = Uint8Array.from({ length: 512 }, (_, i) => i & 255);

/** Writes `length` bytes of the pattern, from byte `from` of it on. */
export function putPattern(to: Uint8Array, from: number, length: number): void {
	for (let done = 0; done < length;) {
		const at = from + done;
		const low = at & 255;
		const row = ((at >> 8) * 7 + (at >> 16) * 31) & 255;
		const piece = Math.min(256 - low, length - done);
		to.set(ramp.subarray((row + low) & 255, ((row + low) & 255) + piece), done);
		done += piece;
	}
}
