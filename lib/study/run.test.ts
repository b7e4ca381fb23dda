import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PcapngWriter } from '../capture/pcapng-writer.ts';
import { readCapture } from '../capture/read-capture.ts';
import { captureOf } from './pcap.ts';
import { armsOf, crashAt, perform, study } from './perform.ts';
import { pointJson, studyJson } from './json.ts';
import { StudyError } from './error.ts';
import { scenario } from './scenario.ts';
import { scenarios } from '../../scenarios/index.ts';

const duplicate = scenarios.find(({ name }) => name === 'duplicate-output')!;
const skip = scenarios.find(({ name }) => name === 'skip-drain')!;

test('JSON has what the lecture\'s case shows', () => {
	const json = studyJson(study(duplicate));
	assert.is(json.scenario, 'duplicate-output');
	assert.match(json.digest, /^[0-9a-f]{64}$/);
	assert.equal(json.client.delivered, ['11']);
	assert.is(json.client.dupAcks, 1);
	assert.is(json.client.resets, 0);
	assert.equal(json.service, { counter: 11 });
	assert.is(json.repeated.length, 1);
	assert.ok(json.repeated[0]!.identical && json.repeated[0]!.first < json.repeated[0]!.again);
	assert.match(json.repeated[0]!.sha256, /^[0-9a-f]{64}$/);
	assert.is(json.verdict, 'ok');
	assert.is(json.arms.length, 1);
	assert.equal(JSON.parse(JSON.stringify(json)), json);
});

test('with a knob turned by hand an arm that becomes the same is not run twice', () => {
	assert.equal(armsOf(skip), ['skip', 'drain']);
	assert.is(armsOf(skip, { drain: true }).length, 1);
	const [arm] = study(skip, { set: { drain: true } }).arms;
	assert.ok(arm!.ok, 'and it is judged by what it is now');
});

test('a crash point is judged by the criterion alone, and shows instead of failing where a protection is off', () => {
	const { steps } = perform(duplicate, 'default').run;
	const point = pointJson(crashAt(duplicate, 30, steps));
	assert.is(point.verdict, 'ok');
	const open = perform(skip, 'skip').run.steps;
	const shown = Array.from({ length: 12 }, (_, i) => crashAt(skip, 30 + i * 4, open)).map((one) => ({ json: pointJson(one), ok: one.performance.ok }));
	assert.ok(shown.some(({ json }) => json.verdict === 'shown' && json.text !== ''));
	assert.ok(shown.every(({ ok }) => ok));
	for (const at of [0, steps + 1, 1.5]) {
		try {
			crashAt(duplicate, at, steps);
			assert.unreachable();
		} catch (error) {
			assert.is((error as StudyError).code, 'STEP_UNKNOWN');
		}
	}
});

test('a scenario that cannot be is refused', () => {
	const fine = { name: 'x', title: '', lecture: '', service: () => { throw new Error('never called'); }, until: 1, play: () => {}, claims: () => [] } as const;
	const wrong: readonly unknown[] = [{ ...fine, name: 'Not So' }, { ...fine, claims: 3 }, { ...fine, arms: {} }, { ...fine, arms: { a: { title: '', knobs: { nonsense: 1 } } } }];
	for (const spec of wrong) {
		try {
			scenario(spec as typeof fine);
			assert.unreachable();
		} catch (error) {
			assert.instance(error, StudyError);
			assert.is((error as StudyError).code, 'SCENARIO_INVALID');
		}
	}
});

test('the capture file holds the frames in their numbers, at their places and times, with comments', () => {
	const { run } = perform(duplicate, 'default');
	const { packets, error } = readCapture(captureOf(run));
	assert.is(error, undefined);
	assert.is(packets.length, run.packets.length);
	const names = [...new Set(run.trace.taps.map((tap) => tap.interface))];
	for (const [i, packet] of packets.entries()) {
		const own = run.packets[i]!;
		assert.is(packet.frame, own.number);
		assert.equal(packet.bytes, own.bytes);
		assert.is(names[packet.interfaceId], own.interface);
		assert.is(packet.seconds * 1e6 + packet.nanos / 1e3, own.time);
	}
	assert.equal(names, ['client', 'primary', 'backup', 'log']);
	const said = packets[run.repeats[0]!.again.number - 1]!.comments;
	assert.match(said.join(), new RegExp(`again.*Every byte is that of frame ${run.repeats[0]!.first.number}`));
});

/** Time as tshark writes it, seconds. */
function micros(packet: { readonly time: number }): string {
	return (packet.time / 1e6).toFixed(6);
}

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
if (!hasTshark) console.log('SKIP tshark is not installed: what it says of our captures is not compared');

/** The client's frames of a run alone: tshark follows a stream over all interfaces of a file. */
function clientsEnd(run: ReturnType<typeof perform>['run']): Uint8Array {
	const chunks: Uint8Array[] = [];
	const writer = new PcapngWriter((chunk) => { chunks.push(chunk); });
	const id = writer.addInterface('client');
	for (const { time, bytes } of run.on('client')) writer.packet(id, time, bytes, 0, bytes.length);
	return Buffer.concat(chunks);
}

/** tshark leaves checksums alone unless it is told not to. */
const CHECKS = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);

/** Lines of fields that tshark reads from the client's frames of a run. */
function tshark(run: ReturnType<typeof perform>['run'], fields: readonly string[], filter?: string): string[][] {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-'));
	try {
		const client = join(folder, 'client.pcapng');
		writeFileSync(client, clientsEnd(run));
		const { stdout, status } = spawnSync('tshark', ['-r', client, ...CHECKS, ...(filter === undefined ? [] : ['-Y', filter]), '-T', 'fields', ...fields.flatMap((field) => ['-e', field])], { encoding: 'utf8' });
		assert.is(status, 0);
		return stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

(hasTshark ? test : test.skip)('tshark says the same: a spurious retransmission, and a duplicate ACK with DSACK', () => {
	const { run } = perform(duplicate, 'default');
	const [repeat] = run.repeats;
	const spurious = tshark(run, ['frame.time_epoch', 'tcp.payload'], 'tcp.analysis.spurious_retransmission');
	assert.equal(spurious.map(([time, payload]) => [Number(time).toFixed(6), payload]), [[micros(repeat!.again), '31310a']]);
	const dup = tshark(run, ['frame.time_epoch', 'tcp.options.sack.dsack_le'], 'tcp.analysis.duplicate_ack');
	assert.is(dup.length, 1);
	assert.is(Number(dup[0]![0]).toFixed(6), micros(run.client().dupAcks[0]!));
	assert.is.not(dup[0]![1] ?? '', '');
});

(hasTshark ? test : test.skip)('tshark finds our interfaces and comments in the file of a run', () => {
	const { run } = perform(duplicate, 'default');
	const folder = mkdtempSync(join(tmpdir(), 'dupack-'));
	try {
		const whole = join(folder, 'run.pcapng');
		writeFileSync(whole, captureOf(run));
		const { stdout } = spawnSync('tshark', ['-r', whole, '-T', 'fields', '-e', 'frame.number', '-e', 'frame.interface_name', '-e', 'frame.comment'], { encoding: 'utf8' });
		const rows = stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
		assert.equal(rows.map(([number, place]) => [Number(number), place]), run.packets.map(({ number, interface: place }) => [number, place]));
		assert.match(rows[run.repeats[0]!.again.number - 1]![2]!, 'again');
	} finally {
		rmSync(folder, { recursive: true });
	}
});

(hasTshark ? test : test.skip)('tshark reads every frame of every scenario, finds no bad checksum and nothing malformed, and counts sequence numbers as we do', () => {
	for (const one of scenarios) {
		const { run } = perform(one, Object.keys(one.arms)[0]!);
		const rows = tshark(run, ['frame.time_epoch', 'tcp.seq', '_ws.malformed', 'ip.checksum.status', 'tcp.checksum.status', 'udp.checksum.status']);
		const frames = run.on('client');
		assert.is(rows.length, frames.length, one.name);
		for (const [i, row] of rows.entries()) {
			assert.is(row[2] ?? '', '', `${one.name} frame ${frames[i]!.number}`);
			if (row[1] !== undefined && row[1] !== '' && frames[i]!.relative!.ack >= 0) assert.is(Number(row[1]), frames[i]!.relative!.seq, `${one.name} frame ${frames[i]!.number}`);
			// 1: good, '' where there is none
			for (const status of row.slice(3)) assert.ok(status === '1' || status === '', `${one.name} frame ${frames[i]!.number}: checksum ${status}`);
		}
	}
});

test.run();
