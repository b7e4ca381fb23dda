import type { Command } from 'commander';
import { EXIT_LACKING, EXIT_USAGE, CommandError } from './exit.ts';
import type { ReplicaOptions } from './live/machines.ts';
import type { SiegeOptions } from './live/siege.ts';
import { Screen } from './screen.ts';

/** What stands on the command line of all of them. */
interface Common { readonly name: string; readonly json?: true }
interface Up extends Common { readonly service: string; readonly alone?: true; readonly pcap?: string; readonly lease?: string; readonly channel: string; readonly journal?: true }
interface Demo extends Common { readonly act?: string; readonly pcap?: string }

const examples = `
Examples:
  $ npx dupack live demo                     kill -9 under a connection of the kernel's, by itself
  $ npx dupack live up --service counter     a pair of one's own; says what to try
  $ npx dupack live kill primary             and look at your connection
  $ npx dupack live join                     a new backup
  $ npx dupack live siege stop --times 200   stopped and continued at any moment, every reply checked
  $ npx dupack live down

On two machines, and a third for the arbiter (or a folder on storage that both share):
  c$ npx dupack live arbiter --listen 10.9.0.3:7001 --ledger /var/lib/dupack
  a$ npx dupack live replica --service http --bridge br0 --listen 10.9.0.1:7000 --connect 10.9.0.2:7000 --arbiter tcp:10.9.0.3:7001
  b$ npx dupack live replica --service http --bridge br0 --listen 10.9.0.2:7000 --connect 10.9.0.1:7000 --arbiter tcp:10.9.0.3:7001
`;

/** Names of live errors that mean that the environment lacks something. */
const LACKING = ['ARBITER_SILENT', 'BRIDGE_FAILED', 'LEDGER_UNREACHABLE', 'SOCKET_FAILED', 'NOT_LINUX', 'KOFFI_MISSING', 'TUN_MISSING', 'NOT_PERMITTED', 'IP_MISSING', 'UNSHARE_MISSING', 'NAMESPACE_FAILED', 'TAP_BUSY', 'SNIFF_FAILED'];
const USAGE = ['CHARTER_DIFFERS', 'PEER_UNNAMED', 'JOIN_ELSEWHERE', 'SERVICE_INVALID', 'NAME_INVALID', 'SERVICE_UNKNOWN', 'RUN_UNKNOWN', 'RUN_EXISTS', 'ROLE_VACANT', 'ACT_UNKNOWN', 'KNOB_INVALID'];

/** Errors of the room as those of the command line. */
function asCommandError(error: unknown): unknown {
	const { code = '', name = '', message = '' } = error as { code?: string; name?: string; message?: string };
	if (!['LiveError', 'KnobError', 'LedgerError'].includes(name)) return error;
	return new CommandError(message, LACKING.includes(code) ? EXIT_LACKING : USAGE.includes(code) ? EXIT_USAGE : 1);
}

/** The rooms below are loaded only when they are needed: they want Linux and a native library. */
async function commands(): Promise<typeof import('./live/commands.ts')> {
	return import('./live/commands.ts');
}

async function guarded(work: () => Promise<number>): Promise<void> {
	try {
		process.exitCode = await work();
	} catch (error) {
		throw asCommandError(error);
	}
}

/** `dupack live`: the pair on TAP devices against the kernel's own clients. */
export function liveCommand(program: Command): void {
	const live = program
		.command('live')
		.summary('the pair as two processes on TAP devices, against real Linux clients')
		.description('Runs the pair as two processes of the operating system on TAP devices behind a bridge, in a network namespace of its own, and lets Linux clients talk to it.')
		.addHelpText('before', examples);
	const sub = (name: string, summary: string): Command => live.command(name).summary(summary).description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
		.option('--name <name>', 'of the run, and of its namespace', 'dupack').option('--json', 'one object on stdout').exitOverride();
	sub('demo', 'set everything up, kill the primary under a connection, show what was on the wire, and clean up')
		.option('--act <act>', 'one act alone: kill, closed, join')
		.option('--pcap <file>', 'write the frames of the (first) act as pcapng')
		.action((options: Demo) => guarded(async () => (await commands()).demo(options, new Screen())));
	sub('siege', 'kill or stop whoever speaks again and again, while clients check every reply').argument('<how>', 'kill, or stop: SIGSTOP, and SIGCONT at any moment')
		.option('--times <n>', 'blows', '20')
		.option('--service <name>', 'http or kv', 'http')
		.option('--clients <names>', 'some of node-http, curl · node-kv, redis-cli, redis-benchmark')
		.option('--lease <ms>', 'how long the primary may send after the backup last answered')
		.option('--pcap <file>', 'write the frames at the client\'s end')
		.action((how: string, options: SiegeOptions) => guarded(async () => (await import('./live/siege.ts')).siege(how, options, new Screen())));
	sub('up', 'start a pair for clients of your own')
		.option('--service <name>', 'counter, echo, http, kv, or the file of one of your own', 'counter')
		.option('--alone', 'one replica without a backup')
		.option('--lease <ms>', 'how long the primary may send after the backup last answered')
		.option('--channel <kind>', 'what the log goes over: unix, whose end proves death, or tcp, as between two machines', 'unix')
		.option('--journal', 'have each replica write down what it does')
		.option('--pcap <file>', 'write the frames at the client\'s end to a file when the run ends')
		.action((options: Up) => guarded(async () => (await commands()).up(options, new Screen())));
	sub('status', 'say how every replica stands').action((options: Common) => guarded(async () => (await commands()).status(options, new Screen())));
	sub('kill', 'end a replica with kill -9').argument('<role>', 'primary or backup').action((role: string, options: Common) => guarded(async () => (await commands()).kill(role, options, new Screen())));
	sub('stop', 'end the primary in order: the backup goes on without a repeat').argument('<role>', 'primary')
		.option('--freeze', 'stop it where it stands, with SIGSTOP: the backup goes on once its lease has run out')
		.action((role: string, options: Common & { readonly freeze?: true }) => guarded(async () => (await commands()).stop(role, options, new Screen())));
	sub('continue', 'let whoever was stopped with --freeze go on').action((options: Common) => guarded(async () => (await commands()).proceed(options, new Screen())));
	sub('join', 'start a new backup').action((options: Common) => guarded(async () => (await commands()).join(options, new Screen())));
	sub('replica', 'be one machine of a pair whose other is elsewhere: found it, or join whoever speaks')
		.requiredOption('--listen <host:port>', 'where a backup finds this machine\'s log')
		.option('--connect <host:port>', 'where the one that speaks is found, should this not be the first')
		.requiredOption('--arbiter <where>', 'a folder on storage that both share, or tcp:HOST:PORT of a live arbiter')
		.option('--service <name>', 'counter, echo, http, kv, or the file of one of your own', 'counter')
		.option('--tap <device>', 'TAP device of the machine\'s own network; made where there is none', 'dk0')
		.option('--bridge <device>', 'the bridge to put it under')
		.option('--address <ip/prefix>', 'of the replicated machine', '10.0.0.1/24')
		.option('--mac <address>', 'of the replicated machine', '02:00:00:00:00:01')
		.option('--lease <ms>', 'how long the primary may send after the backup last answered')
		.option('--journal', 'write down what it does')
		.action((options: ReplicaOptions) => guarded(async () => (await import('./live/machines.ts')).replica(options, new Screen())));
	live.command('arbiter').summary('decide for pairs on two machines who goes on').description('Decides for the two machines of a pair who goes on, asked over TCP; its ledger is a folder of its own.')
		.requiredOption('--listen <host:port>', 'where it is asked')
		.requiredOption('--ledger <folder>', 'where it keeps what it decided; it has to be there')
		.option('--json', 'one object on stdout').exitOverride()
		.action((options: { readonly listen: string; readonly ledger: string; readonly json?: true }) => guarded(async () => (await import('./live/machines.ts')).arbiter(options, new Screen())));
	sub('down', 'end the run and remove everything it made').action((options: Common) => guarded(async () => (await commands()).down(options, new Screen())));
	sub('clean', 'remove whatever earlier runs left behind').action((options: Common) => guarded(async () => (await commands()).clean(options, new Screen())));
}
