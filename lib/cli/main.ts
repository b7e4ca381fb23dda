#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { StudyError } from '../study/index.ts';
import { analyzeCommand } from './analyze.ts';
import { checkCommand } from './check.ts';
import { CommandError, EXIT_OK, EXIT_USAGE } from './exit.ts';
import { exploreCommand } from './explore.ts';
import { fuzzCommand } from './fuzz.ts';
import { guideCommand } from './guide.ts';
import { liveCommand } from './live.ts';
import { packetdrillCommand } from './packetdrill.ts';
import { matrixCommand } from './matrix.ts';
import { replayCommand } from './replay.ts';
import { runCommand } from './run.ts';
import { scenariosCommand } from './scenarios.ts';

/** Each command is one file that adds itself to the program. */
const commands: readonly ((program: Command) => void)[] = [scenariosCommand, runCommand, replayCommand, analyzeCommand, packetdrillCommand, fuzzCommand, exploreCommand, liveCommand, matrixCommand, guideCommand, checkCommand];

const examples = `
Examples:
  $ dupack run duplicate-output      the lecture's case: the reply is sent twice and read once
  $ dupack scenarios                 what else there is
  $ dupack run --help                seeds, knobs, crash points, captures
`;

function program(): Command {
	const dupack = new Command('dupack')
		.description('A userspace TCP stack, and a replicated machine on top of it that survives its primary.')
		.addHelpText('before', examples)
		.exitOverride()
		.configureHelp({ showGlobalOptions: false });
	for (const add of commands) add(dupack);
	for (const command of dupack.commands) command.exitOverride();
	return dupack;
}

/** Runs the command line; every failure ends in a message and an exit code. */
async function main(): Promise<void> {
	try {
		await program().parseAsync();
	} catch (error) {
		process.exitCode = failure(error);
	}
}

function failure(error: unknown): number {
	// Commander has written its message itself: help and version end with 0.
	if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
	if (error instanceof CommandError || error instanceof StudyError) {
		process.stderr.write(`${error.message}\n`);
		return error instanceof CommandError ? error.exitCode : EXIT_USAGE;
	}
	// What a command was given and cannot be: commands without errors of their own throw this.
	if (error instanceof RangeError) {
		process.stderr.write(`${error.message}\n`);
		return EXIT_USAGE;
	}
	throw error;
}

/** Whoever read may go away before the end (`| head`): what is left to say is dropped, and the exit code stays what it is. */
function dropped(error: NodeJS.ErrnoException): void {
	if (error.code !== 'EPIPE') throw error;
}
process.stdout.on('error', dropped);
process.stderr.on('error', dropped);

await main();
