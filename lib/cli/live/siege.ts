import { hasClient, LivePair, RunFolder, Siege, siegeClients, verdictOf } from '../../live/index.ts';
import type { Assault, SiegeReport, Stand } from '../../live/index.ts';
import { claim, claimLines } from '../../study/index.ts';
import type { Claim } from '../../study/index.ts';
import { CommandError, EXIT_OK, EXIT_VIOLATED } from '../exit.ts';
import type { Screen } from '../screen.ts';
import { didYouMean } from '../suggest.ts';
import { keepCapture, untilInterrupted } from './commands.ts';

export interface SiegeOptions { readonly name: string; readonly json?: true; readonly times: string; readonly service: string; readonly clients?: string; readonly lease?: string; readonly pcap?: string }

/** Patient with a busy machine where death is told by the operating system; else silence has to tell it. */
const LEASES: { readonly [how in Assault]: number } = { kill: 2000, stop: 50 };

function chosen<T extends string>(given: string, all: readonly T[], what: string): T {
	const found = all.find((one) => one === given);
	if (found === undefined) throw new CommandError(`There is no ${what} '${given}'.${didYouMean(given, all)} There are ${all.join(', ')}.`);
	return found;
}

function quantile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function clientsOf(service: string, given: string | undefined, screen: Screen): string[] {
	const all = Object.keys(siegeClients).filter((name) => siegeClients[name]!.service === service);
	const wanted = given === undefined ? all : given.split(',').map((name) => chosen(name, all, `client of ${service}`));
	for (const name of wanted) if (!hasClient(name)) screen.say(`without ${name}: the program ${siegeClients[name]!.program} is missing (apt-get install curl redis-tools)`);
	return wanted.filter(hasClient);
}

/** `live siege`. */
export async function siege(wanted: string, options: SiegeOptions, screen: Screen): Promise<number> {
	const how = chosen(wanted, ['kill', 'stop'] as const, 'assault'), service = chosen(options.service, ['http', 'kv'], 'service to besiege');
	const times = Number(options.times), lease = Number(options.lease ?? LEASES[how]) * 1000;
	if (!(Number.isInteger(times) && times > 0)) throw new CommandError(`--times ${options.times} is no number of blows.`);
	if (!(lease >= 5000 && lease <= 60_000_000)) throw new CommandError(`--lease ${options.lease} is no time: give milliseconds from 5 to 60000.`);
	const clients = clientsOf(service, options.clients, screen);
	const name = options.name === 'dupack' ? 'dupack-siege' : options.name;
	const { report, claims } = await untilInterrupted(name, async () => {
		const pair = await LivePair.up({ name, service, journals: true, sniff: true, knobs: { lease, silence: lease } });
		try {
			const shown = await new Siege(pair, { how, times, clients, told: (done) => screen.progress(`${done} of ${times}`) }).run();
			screen.progress('judging …');
			const verdict = await verdictOf(pair);
			screen.progress('');
			if (options.pcap !== undefined) await keepCapture(pair, options.pcap, screen);
			return { report: shown, claims: claimsOf(shown, verdict.ok && verdict.conflict === null && verdict.fault === null, verdict.violation?.text ?? `${verdict.seen} server frames, ${verdict.entries} entries`) };
		} finally {
			if (new RunFolder(name).exists) pair.down();
		}
	});
	return show(how, report, claims, options, screen);
}

/** What memory may grow by without anything leaking: young objects that are not yet collected, code that is compiled. */
const SLACK = 24_000_000;
const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** That the last pairs hold no more than the first ones did; each takeover hands on what the machine is made of. */
function flatClaim(stands: readonly Stand[]): Claim {
	const part = Math.ceil(stands.length / 4);
	const memory = (of: readonly Stand[]): number => quantile(of.flatMap(({ primary, backup }) => [primary.memory, backup.memory]), 0.5);
	// Whoever asks how it stands holds a connection meanwhile: the fewest are its own.
	const files = (of: readonly Stand[]): number => Math.min(...of.map(({ primary, backup }) => primary.files + backup.files));
	const [first, last] = [stands.slice(0, part), stands.slice(-part)];
	return claim('flat', 'Memory and open files of the pair stayed as they were.', memory(last) - memory(first) < SLACK && files(last) === files(first), [],
		`${mega(memory(first))} each and ${files(first)} open files together after the first ${part}, ${mega(memory(last))} and ${files(last)} after the last`);
}

function claimsOf(report: SiegeReport, holds: boolean, evidence: string): Claim[] {
	const { clients, slipped, ports, expectedPorts } = report;
	return [
		...clients.map(({ client, asked, wrong, first }) => claim(`client-${client}`, `${client} was given no wrong, missing or repeated reply, and no error.`, wrong === 0 && asked > 0, [], first === '' ? `asked ${asked} times` : first)),
		claim('nothing-slipped', 'No frame of one who had lost came to the client.', slipped === 0, [], `${slipped} frames`),
		claim('table', 'The bridge moved the address to each winner once, and nowhere else.', ports.join() === expectedPorts.join(), [], ports.length > 12 ? `${ports.length} ports in turn` : ports.join(' → ')),
		flatClaim(report.stands),
		claim('oracle', 'Everything the client saw could have come from a machine that never failed, behind a network that loses, repeats and delays.', holds, [], evidence),
	];
}

function show(how: Assault, report: SiegeReport, claims: readonly Claim[], options: SiegeOptions, screen: Screen): number {
	const { blows, takeovers, unplanned, gaps, spared, stands } = report;
	const ok = claims.every((one) => one.ok);
	const gap = { medianUs: Math.round(quantile(gaps, 0.5)), p90Us: Math.round(quantile(gaps, 0.9)), longestUs: Math.round(quantile(gaps, 1)) };
	if (options.json) screen.print(JSON.stringify({ ok, how, blows, takeovers, unplanned, spared, gap, claims, clients: report.clients, slipped: report.slipped, ports: report.ports, stands }, null, 2));
	else {
		for (const one of claims) screen.lines(claimLines(one, screen.width));
		const ms = (us: number): string => `${(us / 1000).toFixed(1)} ms`;
		screen.print(`  ${blows} ${how === 'kill' ? 'kills' : 'stops'}, ${takeovers} takeovers${unplanned === 0 ? '' : `, ${unplanned} of them unplanned`}; to the first frame of the winner's ${ms(gap.medianUs)} in the median, 90 % below ${ms(gap.p90Us)}, longest ${ms(gap.longestUs)}`);
		if (spared.short + spared.long > 0) screen.print(`  ${spared.short + spared.long} stops without a takeover: ${spared.short} shorter than the primary's lease, ${spared.long} longer`);
	}
	if (ok) return EXIT_OK;
	screen.say(`Not everything holds. Again: npx dupack live siege ${how} --service ${options.service} --times ${options.times}`);
	return EXIT_VIOLATED;
}
