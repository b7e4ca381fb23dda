import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { capturesOf } from '../search/captures.ts';
import { properties } from '../search/properties.ts';
import type { AnyProperty } from '../search/property.ts';

/** The folder of captures that comes with the sources; null where there is none. */
function fixtures(): string | null {
	for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
		if (existsSync(join(folder, 'package.json'))) return existsSync(join(folder, 'fixtures')) ? join(folder, 'fixtures') : null;
		if (folder === dirname(folder)) return null;
	}
}

/** Real captures, where they are at hand. */
function realCaptures(): Uint8Array[] {
	const folder = fixtures();
	if (folder === null) return [];
	return readdirSync(folder).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name)).sort().map((name) => {
		const bytes = readFileSync(join(folder, name));
		return new Uint8Array(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
	});
}

const captures = capturesOf(realCaptures) as unknown as AnyProperty;

/** Everything that can be fuzzed; captures are real ones where they are at hand. */
export const targets: readonly AnyProperty[] = properties.map((property) => (property.name === captures.name ? captures : property));
