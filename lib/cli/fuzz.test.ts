import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCapture } from '../capture/index.ts';
import { Host } from '../host/index.ts';
import type { AnyProperty } from '../search/property.ts';
import { segments } from '../search/segments/segments.ts';
import { readPacket } from '../study/packet.ts';
import { ACK } from '../wire/tcp.ts';
import { fuzz } from './fuzz.ts';
import type { FuzzOptions } from './fuzz.ts';
import { packetdrill } from './packetdrill.ts';
import { Screen } from './screen.ts';

/** A screen that keeps what is written on it. */
class Kept extends Screen {
	readonly printed: string[] = [];
	readonly said: string[] = [];
	override print(text: string = ''): void { this.printed.push(text); }
	override say(text: string): void { this.said.push(text); }
	override progress(): void { /* not kept */ }
}

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-fuzz-'));
	try {
		await act(folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const main = join(dirname(fileURLToPath(import.meta.url)), `main${extname(fileURLToPath(import.meta.url))}`);
function dupack(...args: string[]): { status: number | null; stdout: string; stderr: string } {
	const loader = extname(main) === '.ts' ? ['--import', import.meta.resolve('tsx')] : [];
	return spawnSync(process.execPath, [...loader, main, ...args], { encoding: 'utf8' });
}

test('a fault is found, made small, drawn, and written as a capture and as a script that fails the same way', async () => {
	const whole = Host.prototype.drain;
	// The planted fault: a bare ACK never leaves.
	Host.prototype.drain = function drain(sink) {
		whole.call(this, { take: (bytes, at, length, port) => {
			const { segment, payload } = readPacket(bytes.slice(at, at + length));
			if (segment?.flags !== ACK || payload.length > 0) sink.take(bytes, at, length, port);
		} });
	};
	try {
		await inFolder(async (folder) => {
			const screen = new Kept(), options: FuzzOptions = { seed: 1, runs: 300, jobs: 1, out: folder };
			const wanted = [segments as unknown as AnyProperty];
			assert.is(await fuzz(wanted, options, screen), 1);
			const again = screen.said.at(-1)!;
			assert.match(again, /^Again: npx dupack fuzz segments --seed 1 --path [\d:]+$/);
			assert.ok(screen.printed.some((line) => line.includes('an ACK is due, and none comes')));
			assert.ok(screen.printed.filter((line) => /[◀▶]/.test(line)).length >= 3, 'a ladder');
			const files = readdirSync(folder);
			assert.equal(files.sort(), ['fuzz-segments-1.pcapng', 'fuzz-segments-1.pkt']);
			const { packets, error } = readCapture(new Uint8Array(readFileSync(join(folder, files[0]!))));
			assert.ok(packets.length > 0 && error === undefined);
			assert.is(await packetdrill([join(folder, files[1]!)], {}, new Kept()), 1);
			// The one line finds the same.
			const second = new Kept();
			assert.is(await fuzz(wanted, { ...options, path: again.split(' ').at(-1)! }, second), 1);
			assert.equal(second.printed, screen.printed);
			Host.prototype.drain = whole;
			assert.is(await packetdrill([join(folder, files[1]!)], {}, new Kept()), 0, 'without the fault it passes');
		});
	} finally {
		Host.prototype.drain = whole;
	}
});

test('the smallest case is printed, and as JSON', async () => {
	const broken: AnyProperty = { name: 'small', text: 'no number is above 41', runs: 100, arbitrary: fc.nat(1000), check: (n: number) => { if (n > 41) throw new Error(`${n} is`); } } as unknown as AnyProperty;
	await inFolder(async (out) => {
		const screen = new Kept();
		assert.is(await fuzz([broken], { seed: 3, jobs: 1, out, json: true }, screen), 1);
		const { ok, outcomes: [outcome] } = JSON.parse(screen.printed.join('')) as { ok: boolean; outcomes: [{ counterexample: string; again: string; why: string }] };
		assert.equal([ok, outcome.counterexample, outcome.why], [false, '42', '42 is']);
		assert.match(outcome.again, /^npx dupack fuzz small --seed 3 --path /);
		assert.equal(readdirSync(out), []);
	});
});

test('threads try what one thread would, and say the same', () => {
	const [one, two] = ['1', '2'].map((jobs) => JSON.parse(dupack('fuzz', 'scripts', '--runs', '600', '--seed', '5', '--time', '60', '--jobs', jobs, '--json').stdout) as { outcomes: [{ runs: number; covered: string[] }] });
	assert.is(one!.outcomes[0].runs, 600);
	assert.equal(two!.outcomes[0].covered, one!.outcomes[0].covered);
});

test('what it is told wrong it says, with a proposal', () => {
	const { status, stderr } = dupack('fuzz', 'segmets');
	assert.is(status, 2);
	assert.match(stderr, /Did you mean 'segments'\?/);
	assert.is(dupack('fuzz', '--path', '1:2').status, 2);
	assert.is(dupack('fuzz', 'frames', '--runs', 'many').status, 2);
	assert.ok(existsSync(main));
});

test.run();
