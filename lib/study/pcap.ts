import { PcapngWriter } from '../capture/pcapng-writer.ts';
import { interfacesOf } from '../trace/index.ts';
import { Narrator } from './narrate.ts';
import type { Run, Scene } from './run.ts';

/**
 * Writes a run as pcapng: an interface a place, virtual time as time stamps, and
 * a comment at every frame there is something to say about.
 *
 * @param take  gets each block as it is made
 */
export function writeCapture(run: Run<Scene>, take: (chunk: Uint8Array) => void): void {
	const writer = new PcapngWriter(take);
	const ids = new Map(interfacesOf(run.trace).map((name) => [name, writer.addInterface(name)]));
	const narrator = new Narrator(run);
	for (const packet of run.packets) {
		const comment = narrator.comment(packet);
		writer.packet(ids.get(packet.interface)!, packet.time, packet.bytes, 0, packet.bytes.length, ...(comment === '' ? [] : [comment]));
	}
}

/** A run as the bytes of a pcapng file. */
export function captureOf(run: Run<Scene>): Uint8Array {
	const chunks: Uint8Array[] = [];
	writeCapture(run, (chunk) => { chunks.push(chunk); });
	const file = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
	let at = 0;
	for (const chunk of chunks) {
		file.set(chunk, at);
		at += chunk.length;
	}
	return file;
}
