import { LIVE, makeMachine, identityOf, mergeTrace, readJournal, recordOf } from '../../live/index.ts';
import type { JournalRecord, KernelClient, LivePair, TracePart } from '../../live/index.ts';
import { Counter } from '../../service/index.ts';
import { Run } from '../../study/index.ts';
import type { Scene } from '../../study/index.ts';

/** The places of a ladder. A newcomer takes the place of the one that died. */
const PLACES = ['client', 'primary', 'backup'] as const;

/** Where a replica stands in the ladder: the first and the third are its primary, the second its backup. */
export function placeOf(id: number): string {
	return id % 2 === 1 ? 'primary' : 'backup';
}

/** What a replica wrote down; that it was killed where somebody else did that. */
function partOf(pair: LivePair, id: number, killedAt: number | undefined): TracePart {
	const { records, names } = readJournal(pair.journal(`replica-${id}`));
	if (killedAt === undefined) return { place: placeOf(id), is: 'replica', records, names };
	return { place: placeOf(id), is: 'replica', records: [...records, recordOf('crashed', killedAt, [0, names.length])], names: [...names, 'killed'] };
}

const kinds = { connecting: 'connecting', connected: 'connected', wrote: 'wrote', delivered: 'delivered', failed: 'failed', closed: 'closed' } as const;

/** Two lists in one, by time; each keeps its order, whatever its times say. */
function merged(frames: readonly JournalRecord[], said: readonly JournalRecord[]): JournalRecord[] {
	const all: JournalRecord[] = [];
	let next = 0;
	for (const frame of frames) {
		while (next < said.length && said[next]!.time < frame.time) all.push(said[next++]!);
		all.push(frame);
	}
	return [...all, ...said.slice(next)];
}

/** The frames at the client's end, and what its application says of itself. */
function clientPart(pair: LivePair, client: KernelClient): TracePart {
	const { records } = readJournal(pair.journal('client'));
	const names: string[] = [];
	const said = client.reports.map(({ kind, time, connection, text }): JournalRecord => {
		const named = kind === 'failed' || kind === 'closed';
		if (named) names.push(text);
		return recordOf(kinds[kind], time, named ? [connection, names.length - 1] : [connection, 0], named ? '' : text);
	});
	return { place: 'client', is: 'client', records: merged(records, said), names };
}

/** Puts what all processes of a run wrote down together, and judges it as a simulated run is judged. */
export async function recordingOf(pair: LivePair, client: KernelClient, kills: ReadonlyMap<number, number> = new Map()): Promise<Run<Scene>> {
	await pair.sniffed();
	const replicas = pair.members.map(({ id }) => partOf(pair, id, kills.get(id)));
	const trace = mergeTrace([clientPart(pair, client), ...replicas], PLACES);
	const { machine } = pair.state;
	return new Run<Scene>({
		trace, world: { steps: trace.length, now: trace.length === 0 ? 0 : trace.timeOf(trace.length - 1), failures: [] },
		knobs: { announce: 'gratuitous-arp' }, identity: identityOf(machine),
		clients: [{ name: 'client', mac: LIVE.bridgeMac, address: LIVE.client }],
		machine: () => makeMachine(machine),
		describe: (host): { readonly [name: string]: number | string } => (host.application instanceof Counter ? { counter: Counter.valueIn(host.image) } : {}),
	});
}
