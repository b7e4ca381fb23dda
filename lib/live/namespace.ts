import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { LiveError } from './error.ts';
import { isRoot } from './requirements.ts';
import { isAlive, startedAt } from './process-table.ts';

/** A network namespace as a file can name it: by name where root made it, by the process that holds it open, or by neither: the one that whoever asks is in. */
export interface NamespaceRecord {
	readonly name: string;
	/** of the holder, and when it started; 0 where the namespace has a name */
	readonly pid: number;
	readonly started: string;
}

/** A network namespace of our own: nothing in it touches the machine's network. */
export class Namespace {
	readonly record: NamespaceRecord;

	constructor(record: NamespaceRecord) {
		this.record = record;
	}

	/**
	 * Makes one: as root with a name that `ip netns` knows, else inside a user
	 * namespace of its own that a sleeping process holds open.
	 *
	 * @throws LiveError  `NAMESPACE_FAILED`
	 */
	static async make(name: string): Promise<Namespace> {
		if (isRoot()) {
			const { status, stderr } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
			if (status !== 0) throw new LiveError('NAMESPACE_FAILED', `The network namespace '${name}' cannot be made: ${stderr.trim()}.`, 'What an earlier run left behind goes with: npx dupack live clean');
			return new Namespace({ name, pid: 0, started: '' });
		}
		const pid = await hold();
		return new Namespace({ name, pid, started: startedAt(pid) });
	}

	/** Whether it is the one this process is in, and none of our own. */
	get isHere(): boolean { return this.record.name === ''; }

	/** What stands before a command that shall run inside. */
	get prefix(): readonly string[] {
		const { name, pid } = this.record;
		if (this.isHere) return [];
		if (pid === 0) return ['ip', 'netns', 'exec', name];
		return ['nsenter', '--preserve-credentials', '--user', '--net', '--target', String(pid), '--'];
	}

	/** Whether it exists still. */
	get exists(): boolean {
		const { name, pid, started } = this.record;
		if (this.isHere) return true;
		return pid === 0 ? existsSync(`/run/netns/${name}`) || existsSync(`/var/run/netns/${name}`) : isAlive(pid, started);
	}

	/**
	 * Runs a program inside, and waits for it.
	 *
	 * @returns  what it wrote on stdout
	 * @throws LiveError  `COMMAND_FAILED`
	 */
	run(command: readonly string[], input: string = ''): string {
		const [program, ...rest] = [...this.prefix, ...command];
		try {
			return execFileSync(program!, rest, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
		} catch (error) {
			const { stderr = '' } = error as { stderr?: string };
			throw new LiveError('COMMAND_FAILED', `'${command.join(' ')}' failed inside the namespace '${this.record.name}': ${stderr.trim() || String(error)}.`);
		}
	}

	/** Removes it, with every device in it. */
	remove(): void {
		const { name, pid, started } = this.record;
		if (this.isHere) return;
		if (pid === 0) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
		else if (isAlive(pid, started)) process.kill(pid, 'SIGKILL');
	}
}

/** Starts a process that does nothing but hold a user and a network namespace open. */
async function hold(): Promise<number> {
	const child = spawn('unshare', ['-Urn', 'sh', '-c', 'echo ready; exec sleep infinity'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
	await new Promise<void>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', () => reject(new LiveError('NAMESPACE_FAILED', 'A user namespace cannot be made by this user.', 'Run as root.')));
		child.stdout.once('data', () => resolve());
	});
	child.removeAllListeners();
	child.stdout.destroy();
	child.unref();
	return child.pid!;
}
