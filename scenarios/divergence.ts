import { TcpClient, carries, choice, claim, differingFields, number, partingOf, scenario, sent, watchParting } from '../lib/study/scenario.ts';
import type { Claim, Exhibit, Parting, Run, Scenario } from '../lib/study/scenario.ts';
import { Lottery } from './lottery.ts';

const own = {
	none: 'nothing',
	packets: 'the frames its own network card hears',
	timers: 'the time at which its own clock makes timers due',
	time: 'the time of its own clock',
	random: 'its own random numbers',
} as const;

const divergence: Scenario = scenario({
	name: 'divergence',
	title: 'One kind of input taken from elsewhere than the log',
	lecture:
		'The backup follows as long as everything that is no function of the state comes from the log: packets, timers, and those few instructions that give every machine something else, such as the time or a random number. ' +
		'Whichever of them a machine takes from itself, from there on the two are two.',
	knobs: {
		'own': choice('none', ['none', 'packets', 'timers', 'time', 'random'], 'what the backup takes from itself and not from the log'),
		'digest-every': number(0, 'entries between two that say what the image is, for the backup to compare; 0: none', 0, 1000),
		'crash': choice('reply', ['reply', 'never'], 'when the primary is killed: behind its first reply, or never'),
	},
	arms: {
		'log': { title: 'everything comes from the log' },
		'packets': { title: 'the backup executes the frames that it hears itself', knobs: { own: 'packets' }, breaks: 'the new primary is another machine' },
		'timers': { title: 'the backup\'s timers run by its own clock', knobs: { own: 'timers' }, breaks: 'the new primary is another machine' },
		'time': { title: 'the backup reads its own clock', knobs: { own: 'time' }, breaks: 'the new primary is another machine' },
		'random': { title: 'the backup throws its own dice', knobs: { own: 'random' }, breaks: 'the new primary is another machine' },
		'found': { title: 'dice of its own, and digests in the log', knobs: { 'own': 'random', 'digest-every': 8, 'crash': 'never' }, breaks: 'the backup is another machine' },
		'refuses': { title: 'a clock of its own, digests in the log, and the primary dies before the backup has compared', knobs: { 'own': 'time', 'digest-every': 4, 'behind': 100 }, breaks: 'the backup is another machine' },
	},
	clients: 2,
	service: () => new Lottery(),
	until: 1_000_000,
	stage: ({ own: divergence, 'digest-every': digestEvery }) => ({ replica: { divergence, digestEvery, burst: 1 } }),
	unsafe: ({ own: taken }) => taken !== 'none',
	play(stage, { crash }) {
		stage.client(new TcpClient({ connectAt: 15_000, requests: [30_000, 300_000], request: 'my ticket' }));
		stage.client(new TcpClient({ connectAt: 400_000, requests: [410_000], request: 'and mine' }));
		watchParting(stage);
		if (crash === 'reply') stage.crash(sent('primary', carries('ticket')));
	},
	claims(run, { own: taken, 'digest-every': every, crash }) {
		const parting = partingOf(run);
		if (parting === null || taken === 'none') return followed(run);
		const parted = [partedClaim(parting, taken)];
		if (every === 0) return [...parted, ...unseen(run, taken)];
		return [...parted, ...found(run, parting, every), ...(crash === 'never' ? [aloneClaim(run)] : [refusedClaim(run)])];
	},
	exhibits: (run) => exhibitOf(partingOf(run)),
});

export default divergence;

/** What a client was told of the one ticket there is; '' where it was told nothing. */
function ticketOf(run: Run, client: string): string {
	return run.client(client).delivered.at(-1) ?? '';
}

function followed(run: Run): Claim[] {
	const primary = new Map(run.events('entryExecuted', 'primary').map(({ entry, bytes }) => [entry, bytes.join()]));
	const both = run.events('entryExecuted', 'backup').filter(({ entry, epoch }) => epoch === 1 && primary.has(entry));
	const same = both.filter(({ entry, bytes }) => primary.get(entry) === bytes.join());
	const repeat = run.repeats.find(({ first }) => first.text.startsWith('ticket'));
	return [
		claim('equal', 'Behind every entry the two machines are the same, byte for byte.', both.length > 0 && same.length === both.length, [], `${same.length} of ${both.length} images equal`),
		claim('same-reply', 'So the reply that is sent again is the same to the last bit, whatever it says of chance and time.', repeat?.identical ?? false, [repeat?.first, repeat?.again], repeat === undefined ? 'it was not sent again' : `"${repeat.first.text}"`),
		claim('one-ticket', 'There is one ticket, whoever asks, before the failure or behind it.', ticketOf(run, 'client') !== '' && new Set([...run.client().delivered, ...run.client('client-2').delivered]).size === 1, [], `"${ticketOf(run, 'client-2')}"`),
	];
}

function partedClaim({ entry, of, equal, field, differences }: Parting, taken: keyof typeof own): Claim {
	const first = of === 'frames' ? 'frames' : `'${of}'`;
	return claim('parted', `The backup takes ${own[taken]}, and the images part at a named entry and field.`, entry > 0, [],
		`entry ${entry} (${first}), ${equal === 0 ? 'the first' : `equal behind the ${equal} before`}: ${field.where} is ${field.a} by the log and ${field.b} in the backup${differences.length > 1 ? `; ${differences.length}${differences.length >= 32 ? ' or more' : ''} fields differ` : ''}`);
}

/** Nobody looks: the other machine goes live. */
function unseen(run: Run, taken: keyof typeof own): Claim[] {
	const first = run.client(), second = run.client('client-2');
	const repeat = run.repeats.find(({ first: before }) => before.text.startsWith('ticket'));
	const reply = run.find('client', ({ byServer, text }) => byServer && text.startsWith('ticket'));
	const other = run.find('client-2', ({ byServer, text }) => byServer && text.startsWith('ticket'));
	const seen = taken === 'timers'
		? claim('client-sees', 'The reply that is sent again says something else. TCP compares numbers and not bytes: the client throws it away and does not know. Asking again, it is told of another ticket.', repeat?.identical === false && new Set(first.delivered).size === 2, [repeat?.first, repeat?.again], `told "${first.delivered.join('", then "')}"${repeat === undefined ? '' : `; ${differingFields(repeat.first, repeat.again).join(', ')} differ`}`)
		: claim('client-sees', 'The new primary has no such connection, or one with other sequence numbers. The client is reset.', first.error === 'ECONNRESET' && first.delivered.length === 1, [reply, ...run.on('client').filter(({ byServer, kind, sent: isSent, segment }) => byServer && !isSent && kind === 'tcp' && segment !== null && (segment.flags & 4) !== 0).slice(0, 1)], first.error || 'no error');
	return [
		claim('went-live', 'Nobody compares, and the backup takes over as another machine.', run.events('tookOver', 'backup').length === 1 && run.events('diverged').length === 0, []),
		seen,
		claim('another-ticket', 'A second client is told of another ticket than the first was.', second.delivered.length === 1 && second.delivered[0] !== first.delivered[0], [reply, other], `"${first.delivered[0]}" and "${second.delivered[0]}"`),
	];
}

/** The backup compares itself with what the log says it should be. */
function found(run: Run, parting: Parting, every: number): Claim[] {
	const diverged = run.events('diverged', 'backup')[0], halted = run.events('halted', 'backup')[0];
	const behind = (diverged?.entry ?? Infinity) - parting.entry;
	return [
		claim('found', `Every ${every} entries the log says what the image is. The backup finds by itself that it is something else, at the next of them, and stops for good.`, diverged !== undefined && halted?.reason === 'diverged' && behind <= every + 1, [],
			diverged === undefined ? 'it did not' : `parted at entry ${parting.entry}, found at entry ${diverged.entry}: its image is ${diverged.mine.toString(16)}… and not ${diverged.other.toString(16)}…`),
		claim('no-lie', 'Every frame a client saw is one that a machine that never failed would have sent.', run.oracle.ok, [], `${run.oracle.numbers.length} server frames seen`),
	];
}

function aloneClaim(run: Run): Claim {
	const alone = run.events('wentAlone', 'primary')[0];
	const { delivered, error } = run.client();
	return claim('goes-on-alone', 'The primary hears nothing more of it, asks the arbiter, and goes on alone: the clients are told of one ticket.', alone !== undefined && delivered.length === 2 && new Set([...delivered, ...run.client('client-2').delivered]).size === 1 && error === '', [], `"${delivered[0]}" each time`);
}

function refusedClaim(run: Run): Claim {
	const live = run.events('tookOver').length, { delivered } = run.client();
	const spoke = run.on('backup').filter((packet) => packet.sent);
	return claim('refuses', 'The primary dies before the backup has compared. The backup executes its log before going live, meets the digest, and does not go live: no service rather than another one.', live === 0 && spoke.length === 0 && delivered.length === 1, [], `${spoke.length} frames sent by it; the client was told "${delivered[0] ?? 'nothing'}" and then nothing`);
}

/** The fields that part, side by side. */
function exhibitOf(parting: Parting | null): Exhibit[] {
	if (parting === null) return [];
	const shown = parting.differences.filter(({ where }) => where.includes('#')).slice(0, 6);
	const width = Math.max(...shown.map(({ where }) => where.length), 8);
	const line = (where: string, a: string, b: string): Exhibit['lines'][number] => [{ text: `  ${where.padEnd(width)}  `, tone: 'plain' }, { text: a.padStart(14), tone: 'good' }, { text: b.padStart(18), tone: 'bad' }];
	return [{
		title: `behind entry ${parting.entry} (${parting.of})`,
		lines: [line('', 'by the log', 'in the backup'), ...shown.map(({ where, a, b }) => line(where, String(a), String(b)))],
	}];
}
