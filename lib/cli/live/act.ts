import type { FdbEntry } from '../../live/index.ts';
import { claim } from '../../study/index.ts';
import type { Claim, Run, Scene } from '../../study/index.ts';

/** The time without service after a death, µs. */
export interface Gap {
	/** from the death to the question to the arbiter */
	readonly detectionUs: number;
	/** from there until the log was executed and the backup went live */
	readonly drainUs: number;
	/** from there until its first frame was at the client's end */
	readonly switchUs: number;
}

/** One act that was played. */
export interface Act {
	readonly id: string;
	readonly title: string;
	readonly text: string;
	readonly run: Run<Scene>;
	readonly claims: readonly Claim[];
	/** of each death in turn */
	readonly gaps: readonly Gap[];
	/** the bridge's forwarding table, before and after */
	readonly tables: readonly { readonly when: string; readonly entries: readonly FdbEntry[] }[];
}

/** Knobs of an act: a busy machine shall not break the lease; whoever is killed is noticed at once all the same. */
export const PATIENT: { readonly lease: number; readonly silence: number } = { lease: 3_000_000, silence: 3_000_000 };

/** The last that fits. */
export function last<T>(all: readonly T[], fits: (one: T) => boolean): T | undefined {
	return [...all].reverse().find(fits);
}

/** Where the time went, for every takeover in a run. */
export function gapsOf(run: Run<Scene>): Gap[] {
	const asked = run.events('arbiterAsked'), crashed = run.events('crashed');
	return run.events('tookOver').flatMap((took) => {
		const died = last(crashed, ({ index }) => index < took.index);
		const question = last(asked, ({ index, place }) => index < took.index && place === took.place);
		const first = run.packets.find(({ event, interface: at, sent, byServer }) => event > took.index && at === 'client' && !sent && byServer);
		if (died === undefined || question === undefined || first === undefined) return [];
		return [{ detectionUs: question.time - died.time, drainUs: took.time - question.time, switchUs: first.time - took.time }];
	});
}

/** That the whole run went over one connection of the kernel's, which never noticed anything. */
export function connectionClaim(run: Run<Scene>, connections: number): Claim {
	const syns = run.on('client').filter(({ sent, segment }) => sent && segment !== null && (segment.flags & 2) !== 0);
	const { error } = run.client();
	return claim('same-connection', connections === 1 ? 'The client used one connection of the kernel\'s TCP from first to last, and was told of no error.' : `The client used ${connections} connections of the kernel's TCP, and was told of no error.`, syns.length === connections && error === '', syns,
		error === '' ? `${syns.length} SYN` : `it was told ${error}`);
}

/** That every reply came once and in order. */
export function repliesClaim(run: Run<Scene>, expected: readonly string[]): Claim {
	const { delivered } = run.client();
	return claim('replies', 'No reply was wrong, missing or given twice.', delivered.join() === expected.join(), [], `the application was given ${delivered.join(', ') || 'nothing'}`);
}

/** The one criterion, over what was really seen. */
export function oracleClaim(run: Run<Scene>): Claim {
	const { entries, outputs, numbers } = run.oracle;
	const frame = run.oracle.violation === null ? undefined : run.seenByClients[run.oracle.violation.frame];
	const evidence = run.holds ? `${numbers.length} server frames seen, ${new Set(numbers.filter((number) => number > 0)).size} of the ${outputs} outputs that a machine that never failed makes of the ${entries} surviving log entries` : run.verdict;
	return claim('oracle', 'Everything the client saw could have come from a machine that never failed, behind a network that loses, repeats and delays.', run.holds, [frame], evidence);
}

/** That the bridge moved the address with each takeover. */
export function tableClaim(tables: Act['tables'], mac: string, ports: readonly string[]): Claim {
	const found = tables.map(({ entries }) => entries.find((entry) => entry.mac === mac)?.port ?? 'nowhere');
	return claim('switch-port', 'The bridge had learnt the address at one port and moved it to the other.', found.join() === ports.join(), [], tables.map(({ when }, i) => `${when}: ${mac} at ${found[i]}`).join(' · '));
}
