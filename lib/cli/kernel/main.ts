import { writeSync } from 'node:fs';
import { Caller } from '../../live/caller.ts';
import { LiveError } from '../../live/error.ts';
import { libc } from '../../live/libc.ts';
import { runScript } from '../../packetdrill/run/index.ts';
import type { TapedFrame } from '../../packetdrill/run/index.ts';
import { judgeFile, writePcap } from '../packetdrill-file.ts';
import type { KernelOrder } from './pool.ts';
import { KernelProcess } from './process.ts';
import { KernelWire } from './wire.ts';

// Runs one script against the kernel of the namespace this process is in, and
// says what came of it as JSON: `node main.js SCRIPT ORDER`.
const [, , file = '', order = '{}'] = process.argv;
const { pcap, strict } = JSON.parse(order) as Partial<KernelOrder>;

function end(code: number, descriptor: number, text: string): never {
	writeSync(descriptor, text);
	// A call that still blocks would keep the process.
	libc()._exit(code);
	process.exit(code);
}

try {
	const caller = new Caller();
	await caller.begun();
	await caller.hurry();
	const keep = (frames: readonly TapedFrame[]): void => { if (pcap !== undefined && pcap !== '') writePcap(pcap, file, frames); };
	const verdict = judgeFile(file, (script) => runScript(script, {
		profile: 'linux', tape: keep, ...(strict === true ? { strict } : {}),
		subject: (addressing, take) => {
			const lab = new KernelWire(addressing, take);
			return { lab, process: new KernelProcess(lab, caller) };
		},
	}));
	end(0, 1, JSON.stringify(verdict));
} catch (error) {
	end(3, 2, error instanceof LiveError ? error.message : String((error as Error).stack));
}
