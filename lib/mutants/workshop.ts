import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { plant } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** A source as it is built: types taken off, and its neighbours called as they are there. */
function built(source: string, file: string): string {
	const { code } = transformSync(source, { loader: 'ts', target: 'es2022', sourcefile: file });
	return code.replace(/((?:from|import)\s*\(?\s*"\.[^"]*)\.ts"/g, '$1.js"');
}

/**
 * A copy of the built project, in which one source at a time is replaced by one
 * with a bug. All that is not built is there by a link.
 */
export class Workshop {
	/** the copy's root */
	readonly folder: string;
	readonly #root: string;
	#changed: string | null = null;

	/** @param root  of the project, which is built already */
	constructor(root: string) {
		this.#root = root;
		this.folder = mkdtempSync(join(tmpdir(), 'dupack-mutants-'));
		for (const name of readdirSync(root)) {
			if (['dist', '.git', 'coverage', 'package.json'].includes(name)) continue;
			symlinkSync(join(root, name), join(this.folder, name));
		}
		// Whoever looks for the root looks for this file, and is to find the copy's.
		cpSync(join(root, 'package.json'), join(this.folder, 'package.json'));
		cpSync(join(root, 'dist'), join(this.folder, 'dist'), { recursive: true, filter: (name) => !/\.(map|d\.ts)$/.test(name) });
	}

	#builtName(file: string): string { return join('dist', file.replace(/\.ts$/, '.js')); }

	/** Plants a bug, in the place of the one before. @throws PatchError */
	plant(mutant: Mutant): void {
		this.mend();
		const name = this.#builtName(mutant.file);
		const code = built(plant(readFileSync(join(this.#root, mutant.file), 'utf8'), mutant), mutant.file);
		this.#changed = name;
		writeFileSync(join(this.folder, name), code);
	}

	/** Puts the source back that a bug was planted into. */
	mend(): void {
		if (this.#changed === null) return;
		cpSync(join(this.#root, this.#changed), join(this.folder, this.#changed));
		this.#changed = null;
	}

	remove(): void { rmSync(this.folder, { recursive: true, force: true }); }
}
