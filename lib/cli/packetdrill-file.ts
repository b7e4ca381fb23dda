import { PcapngWriter } from '../capture/pcapng-writer.ts';
import { ScriptError, parseScript } from '../packetdrill/index.ts';
import type { Script } from '../packetdrill/index.ts';
import type { TapedFrame, Verdict } from '../packetdrill/run/index.ts';
import { readText, writeFile } from './own-files.ts';

/** Reads a script and plays it; what is none has failed. */
export function judgeFile(file: string, play: (script: Script) => Verdict): Verdict {
	try {
		return play(parseScript(readText(file), file));
	} catch (error) {
		if (!(error instanceof ScriptError)) throw error;
		return { file, ok: false, status: 'fail', line: error.line, message: `not a script: expected ${error.expected}, found ${error.found}` };
	}
}

/** Writes the frames of a script as pcapng. */
export function writePcap(name: string, file: string, frames: readonly TapedFrame[]): void {
	const blocks: Uint8Array[] = [];
	const writer = new PcapngWriter((block) => blocks.push(block));
	const wire = writer.addInterface(file);
	for (const { at, bytes, outbound } of frames) writer.packet(wire, at, bytes, 0, bytes.length, outbound ? 'the stack' : 'the script');
	writeFile(name, Buffer.concat(blocks));
}
