import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bridge } from './bridge.ts';
import { Namespace } from './namespace.ts';
import { lacks } from './requirements.ts';

/** Whether live tests can run here; says on stdout what is missing. */
export function canLive(): boolean {
	const missing = lacks();
	for (const { what, remedy } of missing) console.log(`SKIP live tests: ${what} (${remedy})`);
	return missing.length === 0;
}

let count = 0;

/** A namespace with a bridge, and what was started in it; all of it goes when the use ends, however it ends. */
export class Lab {
	readonly namespace: Namespace;
	readonly bridge: Bridge;
	readonly folder: string;
	readonly children: ChildProcess[] = [];

	private constructor(namespace: Namespace, folder: string) {
		this.namespace = namespace;
		this.bridge = new Bridge(namespace);
		this.folder = folder;
	}

	static async use(ports: readonly string[], work: (lab: Lab) => Promise<void>): Promise<void> {
		const lab = new Lab(await Namespace.make(`dktest-${process.pid}-${++count}`), mkdtempSync(join(tmpdir(), 'dktest-')));
		try {
			lab.bridge.build();
			for (const port of ports) lab.bridge.addPort(port);
			await work(lab);
		} finally {
			for (const child of lab.children) child.kill('SIGKILL');
			lab.namespace.remove();
			rmSync(lab.folder, { recursive: true, force: true });
		}
	}

	/** Starts a module of ours inside, and waits until it has written a line. */
	async start(module: URL, ...args: string[]): Promise<ChildProcess> {
		const [program, ...rest] = [...this.namespace.prefix, process.execPath, ...process.execArgv, module.pathname, ...args];
		const child = spawn(program!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.children.push(child);
		await new Promise<void>((resolve, reject) => {
			child.stdout.once('data', () => resolve());
			child.once('exit', (code) => reject(new Error(`${module.pathname} ended with ${code}`)));
		});
		return child;
	}

	/** Runs a script of Node's inside; what it wrote on stdout. */
	script(text: string): string {
		return this.namespace.run([process.execPath, '--input-type=module', '-'], text);
	}
}

/** The URL of a module beside this one, in the form this one runs in. */
export function besides(name: string): URL {
	return new URL(`${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
