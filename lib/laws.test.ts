import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** The folder that holds the sources, from wherever this test was built to. */
function rootOf(start: string): string {
	for (let folder = start; ; folder = dirname(folder)) if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'tsconfig.json'))) return folder;
}
const root = rootOf(dirname(fileURLToPath(import.meta.url)));

/** Rooms from the ground up; each may use what stands before it. Rooms in one line do not know each other. */
const storeys: readonly (readonly string[])[] = [
	['lib/memory'], ['lib/wire'], ['tcp'], ['lib/trace'], ['lib/host'], ['lib/service'], ['lib/replica'],
	['lib/sim', 'lib/live', 'lib/capture'], ['lib/study'], ['lib/packetdrill'], ['lib/search'], ['scenarios'], ['lib/files'], ['lib/cli', 'lib/mutants'],
];
/** Rooms that may touch the machine they run on. */
const worldly = ['lib/live', 'lib/files', 'lib/cli', 'lib/mutants'];

function sources(folder: string): string[] {
	if (!existsSync(join(root, folder))) return [];
	return readdirSync(join(root, folder), { recursive: true })
		.map((name) => join(folder, String(name)))
		.filter((name) => name.endsWith('.ts') && !/\.test\.(helper\.)?ts$|\.d\.ts$/.test(name) && statSync(join(root, name)).isFile());
}

function roomOf(file: string): string {
	const parts = file.split('/');
	return parts[0] === 'lib' ? parts.slice(0, 2).join('/') : parts[0]!;
}

/** The text of a source without its comments. */
function code(file: string): string {
	return readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

function importsOf(file: string): string[] {
	return [...code(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((found) => found[1]!);
}

const rooms = storeys.flat();

function storeyOf(room: string): number { return storeys.findIndex((names) => names.includes(room)); }

test('law 1: rooms without I/O compile where no clock, timer, buffer or process exists', () => {
	const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
	try {
		execFileSync(process.execPath, [tsc, '-p', join(root, 'lib', 'pure.tsconfig.json')], { cwd: root, stdio: 'pipe' });
	} catch (error) {
		assert.unreachable(String((error as { stdout: Buffer }).stdout));
	}
});

test('law 1: no room without I/O imports node, tells the time or draws lots', () => {
	const found: string[] = [];
	for (const room of rooms.filter((name) => !worldly.includes(name))) {
		for (const file of sources(room)) {
			for (const name of importsOf(file)) if (name.startsWith('node:')) found.push(`${file} imports ${name}`);
			for (const word of code(file).match(/\b(?:Date\.|new Date|Math\.random|performance\.now|setTimeout|setInterval|setImmediate|queueMicrotask)\b/g) ?? []) found.push(`${file} uses ${word}`);
		}
	}
	assert.equal(found, []);
});

test('law 1: nothing inside a machine computes what engines may round differently', () => {
	const found: string[] = [];
	for (const room of ['lib/memory', 'lib/wire', 'tcp', 'lib/host', 'lib/service', 'lib/replica']) {
		for (const file of sources(room)) {
			for (const word of code(file).match(/\bMath\.(?:cbrt|pow|exp|expm1|log|log2|log10|log1p|sin|cos|tan|atan2?|hypot)\b|\bIntl\b|\.toLocale\w+/g) ?? []) found.push(`${file} uses ${word}`);
		}
	}
	assert.equal(found, []);
});

test('arrows point one way: no room uses one that stands above it', () => {
	const found: string[] = [];
	for (const room of rooms) {
		for (const file of sources(room)) {
			for (const name of importsOf(file).filter((one) => one.startsWith('.'))) {
				const used = roomOf(relative(root, resolve(root, dirname(file), name)));
				if (used === room || !rooms.includes(used)) continue;
				if (storeyOf(used) >= storeyOf(room)) found.push(`${file} uses ${used}`);
			}
		}
	}
	assert.equal(found, []);
});

test('arrows point one way: no files use each other in a ring, types apart', () => {
	const uses = new Map(rooms.flatMap(sources).map((file) => {
		const values = code(file).replace(/^(?:import|export) type [^;]*;/gm, '');
		return [file, [...values.matchAll(/from '(\.[^']+)'/g)].map((found) => relative(root, resolve(root, dirname(file), found[1]!)))];
	}));
	assert.ok(uses.size > 100);
	for (let before = 0; before !== uses.size;) {
		before = uses.size;
		for (const [file, used] of uses) if (!used.some((one) => uses.has(one))) uses.delete(file);
	}
	assert.equal([...uses.keys()], [], 'what is in a ring, or stands on one');
});

test.run();
