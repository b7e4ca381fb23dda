import { LANE, LENGTH, SEQ, TIME, WIDTH } from './agenda.ts';
import type { Engine } from './engine.ts';
import { OUT_SEQ, OUT_TIME, type Place } from './place.ts';

interface Line {
	readonly time: number;
	readonly seq: number;
	readonly text: string;
}

function ofPlace(place: Place, now: number): Line[] {
	const { name, outbox, outHead, outputs, wakeTime, wakeSeq, standing, held } = place;
	const lines: Line[] = [];
	if (outputs > 0) {
		lines.push({
			time: outbox[outHead + OUT_TIME]!, seq: outbox[outHead + OUT_SEQ]!,
			text: `${standing} '${name}': ${outputs} output(s) wait for the link`,
		});
	}
	if (wakeTime < Infinity) lines.push({ time: wakeTime, seq: wakeSeq, text: `${standing} '${name}': a timer at ${wakeTime} µs` });
	if (held.length > 0) lines.push({ time: now, seq: 0, text: `${standing} '${name}': ${held.length} frame(s) wait until it goes on` });
	return lines;
}

/** What is still to happen, soonest first, in words. */
export function pending(engine: Engine, limit: number = 20): string[] {
	const lines = engine.places.flatMap((place) => ofPlace(place, engine.now));
	const { agenda, ways } = engine.traffic;
	for (const row of agenda.inOrder().slice(0, limit)) {
		const at = row * WIDTH;
		const time = agenda.rows[at + TIME]!;
		const way = ways[agenda.rows[at + LANE]!];
		const what = way === undefined ? 'an action'
			: `a frame of ${agenda.rows[at + LENGTH]} bytes from '${way.from.name}' to '${way.to.name}'`;
		lines.push({ time, seq: agenda.rows[at + SEQ]!, text: `${what} at ${time} µs` });
	}
	return lines.sort((a, b) => a.time - b.time || a.seq - b.seq).slice(0, limit).map((line) => line.text);
}
