import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRoot, lacks } from '../../live/requirements.ts';
import type { Verdict } from '../../packetdrill/run/index.ts';
import { CommandError, EXIT_LACKING } from '../exit.ts';

/** Scripts that run beside each other: they wait most of their time. */
const ABREAST = 6;
/** The longest a script may take, ms. */
const LONGEST = 600_000;

/** How scripts are to be played. */
export interface KernelOrder {
	/** name of the file that gets the frames; '': none */
	readonly pcap: string;
	/** what nobody expected fails any script */
	readonly strict: boolean;
}

/** What starts the program that plays one script: a namespace of its own, and Node as this process has it. */
function commandFor(file: string, order: KernelOrder): string[] {
	const extension = extname(fileURLToPath(import.meta.url));
	const program = fileURLToPath(new URL(`./main${extension}`, import.meta.url));
	return ['unshare', isRoot() ? '-n' : '-Urn', process.execPath, ...process.execArgv, program, file, JSON.stringify(order)];
}

function play(file: string, order: KernelOrder): Promise<Verdict> {
	return new Promise((resolve, reject) => {
		const [program, ...rest] = commandFor(file, order);
		const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
		let out = '', complaint = '';
		child.stdout.on('data', (text) => { out += String(text); });
		child.stderr.on('data', (text) => { complaint += String(text); });
		const timer = setTimeout(() => { child.kill('SIGKILL'); }, LONGEST);
		child.on('error', reject);
		child.on('close', (code) => {
			clearTimeout(timer);
			if (code === 0) resolve(JSON.parse(out) as Verdict);
			else resolve({ file, ok: false, status: 'fail', line: null, message: `the program that plays it ended with ${code ?? 'a signal'}: ${complaint.trim()}` });
		});
	});
}

/**
 * Runs scripts against the kernel of this machine, each in a network namespace
 * of its own. Verdicts come in the order of the scripts.
 *
 * @param told  gets each verdict as soon as those before it are there
 * @throws CommandError where the machine lacks something
 */
export async function againstKernel(files: readonly string[], order: KernelOrder, told: (verdict: Verdict) => void): Promise<Verdict[]> {
	const [lack] = lacks();
	if (lack !== undefined) throw new CommandError(`A kernel cannot be asked here: ${lack.what}. Mend it: ${lack.remedy}`, EXIT_LACKING);
	const verdicts: (Verdict | undefined)[] = [];
	let next = 0, shown = 0;
	const worker = async (): Promise<void> => {
		while (next < files.length) {
			const i = next++;
			verdicts[i] = await play(files[i]!, order);
			for (let verdict = verdicts[shown]; verdict !== undefined; verdict = verdicts[++shown]) told(verdict);
		}
	};
	await Promise.all(Array.from({ length: Math.min(ABREAST, files.length) }, worker));
	return verdicts as Verdict[];
}
