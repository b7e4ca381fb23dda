import { Kind } from '../trace/index.ts';
import type { Announcer } from './announcer.ts';
import type { Core } from './core.ts';
import { CONTROL_GO_LIVE, ENTRY_CONTROL } from './entry.ts';

/** Drops the outputs that by policy are not sent again by one for whom the other has sent. */
export function giveUp({ gate, log, knobs }: Core): void {
	if (knobs.policy === 'nothing') gate.discard(Infinity, Infinity, 'policy');
	else if (knobs.policy === 'lecture') gate.discard(Infinity, log.last, 'policy');
}

/**
 * What a backup does that has won: goes live in an entry of its own, begins to
 * announce itself, and keeps of the outputs what policy says is sent again.
 *
 * @param sinceLast  own time since the newest entry was received, µs
 * @param drained    entries executed since the arbiter was asked
 */
export function takeOver(core: Core, announcer: Announcer, sinceLast: number, drained: number): void {
	const { gate, log, machine, knobs } = core;
	core.peer = 0;
	// Without the drain there is something left: it is given up.
	if (core.executed < log.last) log.truncate(core.executed, machine.record.time);
	core.offset = log.time + sinceLast - core.now;
	// One who sends knows what has left: there is nothing to send again.
	gate.replayed = knobs.outputFrom === 'backup' ? gate.watermark : machine.record.outputs;
	if (knobs.outputFrom === 'primary') giveUp(core);
	const repeats = gate.held;
	core.append(ENTRY_CONTROL, CONTROL_GO_LIVE);
	if (core.trace !== null) core.trace.put(Kind.tookOver, core.place, core.epoch, log.last, drained, repeats);
	if (!core.step()) return;
	log.ring.trim(core.executed + 1);
	announcer.begin(core.now);
}
