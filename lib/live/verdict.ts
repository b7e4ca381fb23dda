import { announcement, judge } from '../replica/index.ts';
import type { OracleVerdict } from '../replica/index.ts';
import { kinds } from '../trace/index.ts';
import { readJournal } from './journal.ts';
import type { JournalRecord } from './journal.ts';
import { identityOf, makeMachine } from './machine-order.ts';
import type { LivePair } from './pair.ts';

/** The frames of the replicated machine's that were seen at the client's end. */
export async function serverFrames(pair: LivePair): Promise<JournalRecord[]> {
	await pair.sniffed();
	const { mac } = identityOf(pair.state.machine);
	return readJournal(pair.journal('client')).records.filter(({ kind, bytes }) => kind === kinds.frameArrived.code && mac.every((byte, i) => bytes[6 + i] === byte));
}

/** The one criterion over what was logged by all replicas and seen at the client's end (DESIGN.md §0). */
export async function verdictOf(pair: LivePair): Promise<OracleVerdict & { readonly seen: number }> {
	const { machine } = pair.state;
	const frames = (await serverFrames(pair)).map(({ bytes }) => bytes);
	const logged = pair.members.flatMap(({ id }) => readJournal(pair.journal(`replica-${id}`)).records.filter(({ kind }) => kind === kinds.entryLogged.code).map(({ bytes }) => bytes));
	const announced = announcement('gratuitous-arp', identityOf(machine));
	return { ...judge({ host: makeMachine(machine), logged, frames, announcements: announced === null ? [] : [announced] }), seen: frames.length };
}
