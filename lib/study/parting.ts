import { differences } from '../memory/index.ts';
import type { Difference } from '../memory/index.ts';
import { Machine, entryHead, loggedIn, survivingLog } from '../replica/index.ts';
import type { TraceEvent } from '../trace/index.ts';
import type { Run } from './run.ts';
import type { Stage } from './stage.ts';

/** Where a backup ceased to be what the log makes of the machine. */
export interface Parting {
	/** the entry behind which the images are different for the first time */
	readonly entry: number;
	/** what that entry is: `frames`, `wake` … */
	readonly of: string;
	/** entries behind which they were compared and equal */
	readonly equal: number;
	/** fields that differ: `a` by the log, `b` in the backup */
	readonly differences: readonly Difference[];
	/** the first of them that is a field of a record, where there is one */
	readonly field: Difference;
}

/** What was seen while a stage ran. */
interface Sight {
	entry: number;
	equal: number;
	image: Uint8Array | null;
}

const sights = new WeakMap<Stage, Sight>();

/** Most differences that are named. */
const NAMED = 32;

function hex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Has a stage compare the backup with the primary behind every entry, and keep
 * the first image of the backup that is another. The stage's backup has to
 * execute one entry a step (`burst: 1`) with `witness` on, as stages have it.
 */
export function watchParting(stage: Stage): void {
	const sight: Sight = { entry: 0, equal: 0, image: null };
	const digests = new Map<number, string>();
	sights.set(stage, sight);
	const parts = (event: TraceEvent): boolean => {
		if (event.kind !== 'entryExecuted') return false;
		const digest = hex(event.bytes);
		if (event.place === 'primary') digests.set(event.entry, digest);
		const other = digests.get(event.entry);
		if (event.place !== 'backup' || other === undefined) return false;
		if (other === digest) sight.equal++;
		else sight.entry = event.entry;
		return other !== digest;
	};
	stage.when(parts, () => {
		const { machine } = stage.replica('backup');
		if (machine.record.index === sight.entry) sight.image = machine.host.image.snapshot();
	});
}

/** Names what parted in a run whose stage watched for it; null where nothing did. */
export function partingOf(run: Run): Parting | null {
	const { stage } = run;
	const sight = sights.get(stage);
	if (sight === undefined || sight.image === null) return null;
	const { entries } = survivingLog(loggedIn(run.trace));
	const machine = new Machine(stage.machine());
	for (const entry of entries.slice(0, sight.entry)) machine.step(entry, 0, { output: () => {} });
	const backup = stage.machine();
	backup.image.restore(sight.image);
	const found = differences(machine.host.image, backup.image, NAMED);
	const last = entries[sight.entry - 1], field = found.find(({ where }) => where.includes('#')) ?? found[0];
	if (last === undefined || field === undefined) return null;
	return { entry: sight.entry, equal: sight.equal, of: entryHead(last, 0).name, differences: found, field };
}
