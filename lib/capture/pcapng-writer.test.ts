import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { PcapngWriter } from './pcapng-writer.ts';

/** A broadcast ARP request: short, and known to every reader. */
const arp = Uint8Array.from([
	255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2, 0,
]);

function write(fill: (writer: PcapngWriter) => void): Uint8Array {
	const chunks: Uint8Array[] = [];
	fill(new PcapngWriter((chunk) => { chunks.push(chunk); }));
	return Buffer.concat(chunks);
}

function sample(): Uint8Array {
	return write((writer) => {
		const client = writer.addInterface('client');
		const server = writer.addInterface('server ★');
		writer.packet(client, 1_500_000_000_123_456, arp, 0, arp.length, 'lost ✗');
		writer.packet(server, 1_500_000_000_123_457, arp, 0, 42);
		writer.addInterface('log');
		writer.packet(2, 7, Uint8Array.of(0, 0, ...arp), 2, 41, '');
	});
}

test('every block ends as it begins, and is whole words', () => {
	const comment = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
	fc.assert(fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 80 }), fc.nat(2 ** 50), comment)), (packets) => {
		const bytes = write((writer) => {
			writer.addInterface('a');
			for (const [frame, time, text] of packets) writer.packet(0, time, frame, 0, frame.length, text);
		});
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		let blocks = 0;
		let at = 0;
		for (; at < bytes.length; blocks++) {
			const length = view.getUint32(at + 4, true);
			assert.is(length % 4, 0);
			assert.is(view.getUint32(at + length - 4, true), length);
			at += length;
		}
		assert.is(at, bytes.length);
		assert.is(blocks, 2 + packets.length);
	}));
});

test('refuses a packet of an unknown interface, and bytes it was not given', () => {
	write((writer) => {
		assert.throws(() => { writer.packet(0, 0, arp, 0, 42); }, /no interface 0/);
		writer.addInterface('a');
		assert.throws(() => { writer.packet(0, 0, arp, 10, 42); }, /not within/);
	});
});

/** Bytes of this comment that a packet block holds. */
function keptOf(comment: string): number {
	const blocks: Uint8Array[] = [];
	const writer = new PcapngWriter((chunk) => { blocks.push(chunk); });
	writer.packet(writer.addInterface('a'), 0, arp, 0, 40, comment);
	const packet = blocks[2] ?? new Uint8Array();
	return new DataView(packet.buffer).getUint16(28 + 40 + 2, true);
}

test('a comment longer than an option may be is cut between characters', () => {
	assert.is(keptOf('€'.repeat(30_000)), 65_535);
	assert.is(keptOf(`é${'€'.repeat(30_000)}`), 65_534);
});

test('capinfos and tshark read it without a word', () => {
	if (spawnSync('tshark', ['--version']).status !== 0 || spawnSync('capinfos', ['--version']).status !== 0) {
		console.log('SKIP tshark and capinfos are not installed: what the writer makes was not shown to them');
		return;
	}
	const folder = mkdtempSync(join(tmpdir(), 'dupack-writer-'));
	try {
		const file = join(folder, 'sample.pcapng');
		writeFileSync(file, sample());
		const capinfos = spawnSync('capinfos', ['-c', '-T', '-m', '-r', file], { encoding: 'utf8' });
		assert.is(capinfos.status, 0);
		assert.is(withoutRoot(capinfos.stderr), '');
		assert.match(capinfos.stdout, /,3\s*$/);
		const fields = ['frame.time_epoch', 'frame.interface_name', 'frame.comment', 'frame.len'].flatMap((name) => ['-e', name]);
		const tshark = spawnSync('tshark', ['-r', file, '-T', 'fields', ...fields], { encoding: 'utf8' });
		assert.is(withoutRoot(tshark.stderr), '');
		const rows = tshark.stdout.trimEnd().split('\n');
		assert.is(rows[0], '1500000000.123456000\tclient\tlost ✗\t43');
		assert.is(rows[1], '1500000000.123457000\tserver ★\t\t42');
		assert.match(rows[2] ?? '', /^0\.000007000\tlog\t\t41$/);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

/** tshark warns every superuser that it is one: no word about the file. */
function withoutRoot(text: string): string {
	return text.split('\n').filter((line) => !line.startsWith('Running as user')).join('\n').trim();
}

test.run();
