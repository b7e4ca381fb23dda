import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plant } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const ROOMS = ['lib', 'tcp', 'scenarios'];

/**
 * Type-checks every mutant in one go: each lies beside the source it was made
 * of, under a name of its own, and sees the same neighbours. What does not even
 * compile is no bug that anybody could have left in.
 *
 * @returns  the compiler's complaints
 */
export function complaints(root: string, mutants: readonly Mutant[]): string[] {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-mutants-'));
	try {
		for (const room of ROOMS) cpSync(join(root, room), join(folder, room), { recursive: true, filter: (name) => !/\.test\.ts$|\.pkt$/.test(name) });
		for (const name of readdirSync(root).filter((one) => ['node_modules', 'package.json'].includes(one))) symlinkSync(join(root, name), join(folder, name));
		const files = mutants.map((mutant, i) => {
			const name = mutant.file.replace(/\.ts$/, `.mutant-${i}.ts`);
			writeFileSync(join(folder, name), plant(readFileSync(join(root, mutant.file), 'utf8'), mutant));
			return name;
		});
		const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { compilerOptions: object };
		// What a bug leaves unused is no mistake of ours.
		const loose = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false, noFallthroughCasesInSwitch: false, declaration: false, isolatedDeclarations: false, sourceMap: false };
		writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...compilerOptions, ...loose }, files, include: ['lib/**/*.d.ts'] }));
		const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder], { cwd: folder, encoding: 'utf8' });
		return stdout.split('\n').filter((line) => line.includes('error')).map((line) => {
			const found = /\.mutant-(\d+)\.ts/.exec(line);
			return found === null ? line : `${mutants[Number(found[1])]!.name}: ${line}`;
		});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
