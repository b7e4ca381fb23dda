import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { ProfileName } from '../packetdrill/index.ts';
import { runScript } from '../packetdrill/run/index.ts';
import type { TapedFrame, Verdict } from '../packetdrill/run/index.ts';
import { CommandError, EXIT_OK, EXIT_USAGE, EXIT_VIOLATED } from './exit.ts';
import { againstKernel } from './kernel/pool.ts';
import { judgeFile, writePcap } from './packetdrill-file.ts';
import { Screen } from './screen.ts';

export interface PacketdrillOptions {
	readonly json?: boolean;
	readonly profile?: ProfileName;
	/** what nobody expected fails any script, those written for Linux too */
	readonly strict?: boolean;
	/** what the scripts are run against; by default our stack */
	readonly against?: 'stack' | 'kernel';
	/** name of the file that gets the frames of the one script */
	readonly pcap?: string;
}

/** Adds `dupack packetdrill` to the program. */
export function packetdrillCommand(program: Command): void {
	program
		.command('packetdrill')
		.description('run packetdrill scripts against the stack in virtual time')
		.argument('<script...>', 'scripts, or folders of them (*.pkt)')
		.addOption(new Option('--profile <name>', 'whose constants the stack has; by default what a script is written for').choices(['rfc', 'linux', 'freebsd']))
		.addOption(new Option('--against <subject>', 'our stack in virtual time, or the kernel of this machine in a network namespace of its own: in real time, as root or in a user namespace').choices(['stack', 'kernel']).default('stack'))
		.option('--strict', 'what the stack sends behind the last packet expected fails scripts for Linux, too, and is not only told')
		.option('--pcap <file>', 'write the frames of the one script as pcapng')
		.option('--json', 'one array of {file, ok, status, line, message}')
		.action(async (paths: string[], options: PacketdrillOptions) => {
			process.exitCode = await packetdrill(paths, options, new Screen());
		});
}

/**
 * Runs scripts and writes what came of each.
 *
 * @param paths  scripts and folders of them
 * @returns      the exit code: 1 where a script failed
 * @throws CommandError where a path is no script and no folder with one
 */
export async function packetdrill(paths: readonly string[], options: PacketdrillOptions, screen: Screen): Promise<number> {
	const files = paths.flatMap(scriptsAt);
	if (options.pcap !== undefined && files.length !== 1) throw new CommandError(`--pcap takes the frames of one script, and there are ${files.length}: name one`);
	let count = 0;
	const told = (verdict: Verdict): void => {
		screen.progress('');
		if (options.json !== true) report(verdict, options, screen);
		if (++count < files.length) screen.progress(`${count + 1}/${files.length} ${files[count]}`);
	};
	const verdicts = options.against === 'kernel' ? await againstKernel(files, { pcap: options.pcap ?? '', strict: options.strict === true }, told) : files.map((file) => {
		const verdict = judge(file, options);
		told(verdict);
		return verdict;
	});
	if (options.json === true) screen.print(JSON.stringify(verdicts, null, '\t'));
	else summarize(verdicts, screen);
	return verdicts.some(({ status }) => status === 'fail') ? EXIT_VIOLATED : EXIT_OK;
}

/** A script's name as it was given, or all below a folder in order. */
function scriptsAt(path: string): string[] {
	const stat = statSync(path, { throwIfNoEntry: false });
	if (stat === undefined) throw new CommandError(`there is no '${path}': name a packetdrill script or a folder of them`, EXIT_USAGE);
	if (!stat.isDirectory()) return [path];
	const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pkt')).sort();
	if (names.length === 0) throw new CommandError(`the folder '${path}' has no script in it: they are called *.pkt`, EXIT_USAGE);
	return names.map((name) => join(path, name));
}

function judge(file: string, options: PacketdrillOptions): Verdict {
	const keep = (frames: readonly TapedFrame[]): void => { if (options.pcap !== undefined) writePcap(options.pcap, file, frames); };
	return judgeFile(file, (script) => runScript(script, { tape: keep, ...(options.profile === undefined ? {} : { profile: options.profile }), ...(options.strict === true ? { strict: true } : {}) }));
}

const TONES = { pass: 'good', fail: 'bad', unsupported: 'faint' } as const;

function report({ file, status, line, message }: Verdict, options: PacketdrillOptions, screen: Screen): void {
	const place = line === null ? file : `${file}:${line}`;
	screen.print(`${screen.paint(status.padEnd(11), TONES[status])} ${place}`);
	// What a script leaves behind while it closes down is nobody's business.
	if (status === 'pass' && !message.startsWith('the host sent')) return;
	for (const text of message.split('\n')) screen.print(`    ${text}`);
	if (status === 'fail') screen.say(`Again: npx dupack packetdrill ${file}${options.against === 'kernel' ? ' --against kernel' : ''}${options.profile === undefined ? '' : ` --profile ${options.profile}`}`);
}

function summarize(verdicts: readonly Verdict[], screen: Screen): void {
	const count = (status: Verdict['status']): number => verdicts.filter((verdict) => verdict.status === status).length;
	screen.print(`${verdicts.length} ${verdicts.length === 1 ? 'script' : 'scripts'}: ${count('pass')} passed, ${count('fail')} failed, ${count('unsupported')} not supported`);
}
