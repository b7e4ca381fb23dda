import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { canLive } from './live.test.helper.ts';
import { until } from './pair.ts';
import { holds, PATIENCE, statusOf, timesAsked, withClient } from './pair.test.helper.ts';
import { withPair } from './siege.test.helper.ts';

/** Who is stopped has to be found out by his silence; a busy machine shall not look like that. */
const LEASE = 800_000;

/** Something that is wrong with the arbiter's folder while it is needed. */
interface Fault {
	readonly name: string;
	readonly how: 'SIGKILL' | 'SIGSTOP';
	/** what is said of it */
	readonly says: RegExp;
	readonly begin: (folder: string) => void;
	readonly end: (folder: string) => void;
}

function mount(...words: string[]): boolean {
	return spawnSync('mount', words, { stdio: 'ignore' }).status === 0;
}

/** Takes all the room there is left. */
function fill(folder: string): void {
	for (let i = 0; ; i++) {
		try {
			writeFileSync(join(folder, `other-${i}`), new Uint8Array(4096));
		} catch {
			return;
		}
	}
}

function empty(folder: string): void {
	for (let i = 0; i < 32; i++) rmSync(join(folder, `other-${i}`), { force: true });
}

const away: Fault = { name: 'a folder that is gone', how: 'SIGKILL', says: /cannot be read \(ENOENT\)/, begin: (folder) => renameSync(folder, `${folder}.away`), end: (folder) => renameSync(`${folder}.away`, folder) };
const ofDisks: readonly Fault[] = [
	{ name: 'a full disk', how: 'SIGSTOP', says: /cannot be written \(ENOSPC\)/, begin: fill, end: empty },
	{ name: 'a disk that may only be read', how: 'SIGKILL', says: /cannot be written \(EROFS\)/, begin: (folder) => { mount('-o', 'remount,ro', join(folder, '..')); }, end: (folder) => { mount('-o', 'remount,rw', join(folder, '..')); } },
];

if (canLive()) {
	const disk = mkdtempSync(join(tmpdir(), 'dkdisk-'));
	const mounted = mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk);
	if (!mounted) console.log('SKIP full disks: file systems may not be mounted here (run as root)');
	test.after(() => {
		if (mounted) spawnSync('umount', ['-l', disk]);
		rmSync(disk, { recursive: true, force: true });
	});
	const faults = [away, ...(mounted ? ofDisks : [])];

	test(`the arbiter cannot be reached when it is needed (${faults.map(({ name }) => name).join(', ')}): silence with a reason, and it heals`, async () => {
		const arbiter = join(disk, 'arbiter');
		mkdirSync(arbiter);
		await withPair({ service: 'counter', journals: true, sniff: true, arbiter, knobs: { lease: LEASE, silence: LEASE } }, async (pair) => {
			await withClient(pair, async (client) => {
				let replies = 0;
				for (const { name, how, says, begin, end } of faults) {
					const { speaker, backup } = await pair.paired();
					assert.is(await client.ask('inc'), String(10 + ++replies));
					begin(arbiter);
					pair.signal(speaker, how);
					await until(PATIENCE, async () => ((await statusOf(pair, backup.id)).status?.arbiter ?? '') !== '', () => `${name}: it did not say why it is silent`);
					const { status, said } = await statusOf(pair, backup.id);
					assert.is(status!.role, 'backup', name);
					assert.match(status!.arbiter, says);
					assert.match(said, /silent until the arbiter answers: .*cannot be/);
					client.tell({ verb: 'ask', connection: 1, text: 'inc' });
					// It asks again and again, and says nothing to the client meanwhile.
					const before = timesAsked(pair, backup.id);
					await until(PATIENCE, () => timesAsked(pair, backup.id) >= before + 10, () => `${name}: it asks no more`);
					assert.is(client.of('delivered').length, replies, name);
					end(arbiter);
					assert.is((await client.said('delivered', replies + 1)).text, String(10 + ++replies), name);
					await until(PATIENCE, async () => (await statusOf(pair, backup.id)).said.endsWith('the arbiter can be reached again') || (await statusOf(pair, backup.id)).status?.role === 'alone', () => `${name}: it did not heal`);
					assert.is((await statusOf(pair, backup.id)).status!.arbiter, '', name);
					pair.signal(speaker, 'SIGCONT');
					await until(PATIENCE, async () => (await statusOf(pair, speaker.id)).process === 'ended', () => `${name}: the one that lost lives on`);
				}
				await holds(pair);
			});
		});
	});
}

test.run();
