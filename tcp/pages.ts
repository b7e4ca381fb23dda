import type { Image, Intake } from '../lib/memory/index.ts';

// Chains of pages hold the octets of a connection. A place in a chain is a page
// and an offset counted from that page's start; offsets beyond the page mean
// pages further down the chain.

/** The page an offset lies in, walking down the chain from `page`; 0 where the chain ends before it. */
export function pageAt(image: Image, page: number, offset: number): number {
	for (let hops = offset >> image.chunkShift; hops > 0 && page !== 0; hops--) page = image.nextPage(page);
	return page;
}

/** As `pageAt`, but the chain is made longer where it ends too early; 0 where pages have run out. */
export function pageFor(image: Image, page: number, offset: number): number {
	for (let hops = offset >> image.chunkShift; hops > 0; hops--) {
		let next = image.nextPage(page);
		if (next === 0) {
			next = image.allocPage();
			if (next === 0) return 0;
			image.setNextPage(page, next);
		}
		page = next;
	}
	return page;
}

/**
 * Copies octets into a chain, making it longer where needed.
 *
 * @param page    page that `offset` is counted from
 * @param bytes   where the octets come from; may be the image itself
 * @returns       octets copied: fewer than `length` where pages have run out
 */
export function copyIn(intake: Intake, page: number, offset: number, bytes: Uint8Array, from: number, length: number): number {
	const { image } = intake;
	const mask = image.chunk - 1;
	let at = pageFor(image, page, offset), within = offset & mask, done = 0;
	while (at !== 0) {
		const part = Math.min(length - done, image.chunk - within);
		if (bytes === image.u8) image.copy(at + within, from + done, part);
		else intake.take(at + within, bytes, from + done, part);
		done += part;
		if (done === length) return done;
		within = 0;
		at = pageFor(image, at, image.chunk);
	}
	return done;
}

/** Copies octets out of a chain to an address of the image; the chain must hold them. Returns the page the last one lay in. */
export function copyOut(image: Image, page: number, offset: number, to: number, length: number): number {
	const mask = image.chunk - 1;
	let at = pageAt(image, page, offset), within = offset & mask, done = 0;
	for (;;) {
		const part = Math.min(length - done, image.chunk - within);
		image.copy(to + done, at + within, part);
		done += part;
		if (done === length) return at;
		within = 0;
		at = image.nextPage(at);
	}
}

/** Frees the first pages of a chain, so that `offset` lies in the first; returns that page, 0 where the chain ends there. */
export function freeUpTo(image: Image, page: number, offset: number): number {
	for (let hops = offset >> image.chunkShift; hops > 0 && page !== 0; hops--) {
		const next = image.nextPage(page);
		image.freePage(page);
		page = next;
	}
	return page;
}

/** Frees a whole chain, of which no more than the first `used` octets were written. */
export function freeChain(image: Image, page: number, used: number): void {
	while (page !== 0) {
		const next = image.nextPage(page);
		image.freePage(page, Math.min(used, image.chunk));
		used -= image.chunk;
		page = next;
	}
}
