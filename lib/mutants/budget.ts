import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Who hunts mutants: each on its own, so that it is seen what each is worth. */
export const hunters = ['tests', 'fuzz', 'explore', 'packetdrill'] as const;
export type Hunter = (typeof hunters)[number];

/** Cases of a property, of as many as its test tries. */
const FUZZ_TIMES = 0.5;
/** Situations of each explored world. */
const SITUATIONS = 1000;

/**
 * Tests that are run for a mutant, by the room it stands in: folders and files,
 * its own first, then those that rest on it.
 */
const rooms: { readonly [room: string]: readonly string[] } = {
	'lib/memory': ['lib/memory', 'lib/host', 'lib/replica/machine', 'lib/replica/host-pair'],
	'lib/wire': ['lib/wire', 'lib/host'],
	'tcp': ['tcp', 'lib/host/go-live', 'lib/host/families'],
	'lib/host': ['lib/host', 'tcp'],
	'lib/replica': ['lib/replica'],
};
/** Tests of what no mutant touches, and that take long. */
const LEFT_OUT = ['tcp/pacing.test.js'];

/** Room of a source. */
export function roomOf(file: string): string {
	const parts = file.split('/');
	return parts[0] === 'lib' ? `lib/${parts[1]}` : parts[0]!;
}

/** Test files that are run for a mutant in `file`, in that order, from `dist`. */
export function testsFor(dist: string, file: string): string[] {
	const own = basename(file, '.ts');
	const all = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.js') && !LEFT_OUT.includes(name)).sort();
	const names = (rooms[roomOf(file)] ?? []).flatMap((start) => all.filter((name) => name.startsWith(`${start}/`) || name === `${start}.test.js`));
	return [...new Set([...names.filter((name) => basename(name, '.test.js') === own), ...names])];
}

/**
 * A process of a hunter for a mutant in `file`; null where it never comes near.
 *
 * @param root  where scripts and their like are found
 */
export function processFor(hunter: Exclude<Hunter, 'tests'>, root: string, file: string): readonly string[] | null {
	const room = roomOf(file), isReplica = room === 'lib/replica';
	switch (hunter) {
		case 'fuzz': return ['dist/lib/mutants/hunters/fuzz.js', String(FUZZ_TIMES), ...(isReplica ? ['lives', 'pair'] : [])];
		case 'explore': return ['dist/lib/mutants/hunters/explore.js', String(SITUATIONS), ...(isReplica ? ['pair'] : [])];
		case 'packetdrill': return isReplica ? null : ['dist/lib/mutants/hunters/packetdrill.js', ...scriptFolders(root)];
	}
}

/** Equal for files whose mutants a hunter hunts in the same way, whatever the order. */
export function effortFor(hunter: Hunter, dist: string, root: string, file: string): string {
	return (hunter === 'tests' ? testsFor(dist, file).sort() : processFor(hunter, root, file) ?? []).join(' ');
}

/** Our own scripts, and those of FreeBSD where they are at hand. */
export function scriptFolders(root: string): string[] {
	const shared = join(process.env['DUPACK_SHARED'] ?? join(root, '..', 'shared'), 'packetdrill', 'freebsd');
	return [join(root, 'scenarios', 'packetdrill'), shared].filter((folder) => existsSync(folder));
}
