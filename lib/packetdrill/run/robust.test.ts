import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ScriptError, parseScript } from '../index.ts';
import { runScript } from './index.ts';

function root(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
	return folder;
}

const folder = join(root(), 'scenarios', 'packetdrill');
const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pkt')).map((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
const words = [...new Set(texts.flat().flatMap((line) => line.split(/\s+/)))].filter((word) => word !== '');

/** What may befall a line of a script. */
interface Damage { readonly kind: 'gone' | 'twice' | 'word' | 'mark' | 'number'; readonly at: number; readonly place: number; readonly text: string }

const damage: fc.Arbitrary<Damage> = fc.oneof(
	fc.record({ kind: fc.constantFrom('gone' as const, 'twice' as const), at: fc.nat(), place: fc.constant(0), text: fc.constant('') }),
	fc.record({ kind: fc.constant('word' as const), at: fc.nat(), place: fc.nat(), text: fc.constantFrom(...words) }),
	fc.record({ kind: fc.constant('mark' as const), at: fc.nat(), place: fc.nat(), text: fc.constantFrom(...'{}[]()<>=,|&"`%$#*+-~.') }),
	fc.record({ kind: fc.constant('number' as const), at: fc.nat(), place: fc.nat(), text: fc.constantFrom('0', '1', '4294967295', '2147483648', '65535', '-1', '0x7f', '1e9') }),
);

function damaged(before: readonly string[], what: Damage): string[] {
	const lines = [...before];
	const i = what.at % Math.max(1, lines.length);
	const line = lines[i] ?? '';
	if (what.kind === 'gone') lines.splice(i, 1);
	else if (what.kind === 'twice') lines.splice(i, 0, line);
	else if (what.kind === 'word') {
		const parts = line.split(' ');
		parts[what.place % parts.length] = what.text;
		lines[i] = parts.join(' ');
	} else if (what.kind === 'mark') {
		const at = what.place % (line.length + 1);
		lines[i] = line.slice(0, at) + what.text + line.slice(at);
	} else lines[i] = line.replace(/\d+/, what.text);
	return lines;
}

test('a script that was damaged is no script, or passes, fails or is not supported: nothing else is thrown, and it ends', () => {
	const seen = new Set<string>();
	fc.assert(fc.property(fc.constantFrom(...texts), fc.array(damage, { minLength: 1, maxLength: 4 }), (lines, damages) => {
		try {
			seen.add(runScript(parseScript(damages.reduce(damaged, lines as string[]).join('\n'), 'x.pkt')).status);
		} catch (error) {
			if (!(error instanceof ScriptError)) throw error;
			seen.add('no script');
		}
	}), { numRuns: 80 });
	assert.ok(seen.size >= 3, [...seen].join());
});

test.run();
