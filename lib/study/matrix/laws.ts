import { senseless } from './axes.ts';
import type { Coordinates } from './axes.ts';
import type { Cell, Reason } from './cell.ts';
import { tally } from './fold.ts';

/** Where a cell is not what the matrix says cells of its kind are. */
export interface Breach {
	readonly cell: Cell;
	/** one sentence */
	readonly text: string;
}

/**
 * Whether nothing may go wrong: the pair as it should be, and something that
 * tells a repeat from news for as long as the client may repeat itself.
 */
export function isSafe({ transport, serials, policy, client }: Coordinates): boolean {
	if (policy !== 'normal') return false;
	return transport === 'tcp' ? client === 'no-retry' || serials === 'stored-reply' : client === 'retry' && serials === 'stored-reply';
}

/** Whether a reason can be one, with these coordinates. */
const possible: { readonly [R in Exclude<Reason, ''>]: (of: Coordinates) => boolean } = {
	'told-too-early': ({ policy }) => policy === 'rule-off',
	'asked-twice': ({ serials, client, transport, fault }) => serials === 'none' && (client !== 'no-retry' || (transport === 'udp' && fault === 'request-twice')),
	'no-memory': ({ serials, transport }) => serials === 'none' && transport === 'udp',
	'neither-sent': ({ policy }) => policy === 'neither-sends',
	'not-asked-again': ({ transport, client }) => transport === 'udp' && client === 'no-retry',
	'timer': () => true,
	'unexplained': () => false,
};

/** What is wrong about a cell; '' where it is as it must be. */
export function breachOf(cell: Cell): string {
	const { verdict, reason, policy, watch, equal } = cell;
	if (verdict === 'n/a') return senseless(cell) === '' ? 'It makes sense, and was not run.' : '';
	if (equal === false) return 'What was sent again was not the same, byte for byte.';
	if (watch !== 'ok' && policy !== 'rule-off') return `The criterion is violated: ${watch}`;
	if (isSafe(cell) && (verdict === 'wrong' || verdict === 'unanswered')) return `With all protections on it is ${verdict}.`;
	if (reason !== '' && !possible[reason](cell)) return reason === 'unexplained' ? `It is ${verdict}, and nothing explains it.` : `It is ${verdict} for a reason it cannot have: ${reason}.`;
	return '';
}

export function breachesIn(cells: readonly Cell[]): Breach[] {
	return cells.flatMap((cell) => {
		const text = breachOf(cell);
		return text === '' ? [] : [{ cell, text }];
	});
}

/** A sentence of the lecture, and whether the cells show it. */
export interface Lesson {
	/** short and stable */
	readonly id: string;
	readonly text: string;
	readonly ok: boolean;
	readonly evidence: string;
}

type Where = { readonly [A in keyof Coordinates]?: Coordinates[A] };

function select(cells: readonly Cell[], where: Where): Cell[] {
	const wanted = Object.entries(where) as [keyof Coordinates, string][];
	return cells.filter((cell) => cell.verdict !== 'n/a' && wanted.every(([axis, value]) => cell[axis] === value));
}

/** What the whole matrix has to show, cell against cell. */
export function lessons(cells: readonly Cell[]): Lesson[] {
	const of = (where: Where): Cell[] => select(cells, where);
	const count = (some: readonly Cell[], reason: Reason): number => some.filter((cell) => cell.reason === reason).length;
	const counts = (some: readonly Cell[]): string => {
		const { right, late, unanswered, wrong } = tally(some);
		return `${right} right, ${late} late, ${unanswered} unanswered, ${wrong} wrong`;
	};
	const lesson = (id: string, text: string, ok: boolean, evidence: string): Lesson => ({ id, text, ok, evidence });
	const tcp = of({ transport: 'tcp', serials: 'none', policy: 'normal', client: 'no-retry' });
	const repeated = tcp.filter(({ wire }) => wire > 2);
	const udp = of({ transport: 'udp', serials: 'none', policy: 'normal', client: 'no-retry', fault: 'none' });
	const bare = of({ transport: 'udp', serials: 'none', policy: 'normal', client: 'retry' }), named = of({ transport: 'udp', serials: 'stored-reply', policy: 'normal', client: 'retry' });
	const silentTcp = of({ transport: 'tcp', policy: 'neither-sends', client: 'no-retry' }), silentUdp = of({ transport: 'udp', policy: 'neither-sends', client: 'no-retry' });
	const anew = of({ transport: 'tcp', serials: 'none', policy: 'normal', client: 'reconnect' }), anewNamed = of({ transport: 'tcp', serials: 'stored-reply', policy: 'normal', client: 'reconnect' });
	const early = of({ policy: 'rule-off' });
	const isFine = (some: readonly Cell[]): boolean => some.length > 0 && some.every(({ verdict }) => verdict === 'right' || verdict === 'late');
	return [
		lesson('tcp-discards', 'TCP happens to detect the duplicate: the reply comes twice, every byte the same, and is read once.', isFine(tcp) && repeated.length > 0 && repeated.every(({ seen }) => seen.length === 2), `${repeated.length} worlds with more replies on the wire than were read; ${counts(tcp)}`),
		lesson('udp-believes', 'Without TCP and without serials the application believes the duplicate.', count(udp, 'no-memory') > 0, `${count(udp, 'no-memory')} of ${udp.length} worlds without any further fault`),
		lesson('serials', 'Serials do it without TCP: the client drops a reply to nothing, and the stored reply answers a request made again.', isFine(named) && count(bare, 'asked-twice') > 0 && count(bare, 'no-memory') > 0, `with them ${counts(named)}; without ${counts(bare)}`),
		lesson('neither-udp', 'Sending on neither side loses the reply for good where nobody asks again.', count(silentUdp, 'neither-sent') > 0 && silentUdp.filter(({ reason }) => reason === 'neither-sent').every(({ verdict }) => verdict === 'unanswered'), `${count(silentUdp, 'neither-sent')} worlds without an answer`),
		lesson('neither-tcp', 'Over TCP its timer mends that: late, and never wrong.', isFine(silentTcp) && count(silentTcp, 'neither-sent') > 0, `${count(silentTcp, 'neither-sent')} worlds where the answer waited for the timer`),
		lesson('connection-dies', 'TCP\'s memory dies with the connection: who connects anew and asks again needs serials.', count(anew, 'asked-twice') > 0 && isFine(anewNamed), `without serials ${counts(anew)}; with them ${counts(anewNamed)}`),
		lesson('output-rule', 'Without the Output Rule nothing helps, neither TCP nor serials: the client is told what the backup never heard of.', early.length > 0 && (['udp', 'tcp'] as const).every((transport) => (['none', 'stored-reply'] as const).every((serials) => early.some((cell) => cell.transport === transport && cell.serials === serials && cell.reason === 'told-too-early' && !cell.linearizable))), `${early.filter((cell) => cell.reason === 'told-too-early' && !cell.linearizable).length} worlds that no single machine explains`),
	];
}
