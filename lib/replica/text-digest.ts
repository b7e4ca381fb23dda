import type { Image } from '../memory/index.ts';

function mixed(hash: number): number {
	let x = hash ^ (hash >>> 16);
	x = Math.imul(x, 0x85eb_ca6b);
	x ^= x >>> 13;
	x = Math.imul(x, 0xc2b2_ae35);
	return (x ^ (x >>> 16)) >>> 0;
}

/** 16 hex digits of a text; fast, not cryptographic. For what replicas have to have in common. */
export function textDigest(text: string): string {
	let a = 0x811c_9dc5, b = text.length;
	for (let i = 0; i < text.length; i++) {
		a = Math.imul(a ^ text.charCodeAt(i), 0x0100_0193);
		b = Math.imul(b + a, 0x9e37_79b1) ^ (b >>> 15);
	}
	return mixed(a).toString(16).padStart(8, '0') + mixed(b).toString(16).padStart(8, '0');
}

/** The digest of an image's layout: its pools with their fields and quotas, its pages. */
export function layoutDigest(image: Image): string {
	const pools = image.pools.map(({ spec }) => [spec.name, spec.max, spec.type.placement.size, spec.type.placement.fields.map(({ path, type, offset }) => [path, type, offset])]);
	return textDigest(JSON.stringify([image.chunk, image.maxPages, pools]));
}
