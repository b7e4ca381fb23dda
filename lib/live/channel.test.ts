import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { channelCases } from '../replica/channel-cases.test.helper.ts';
import type { Carrier } from '../replica/channel-cases.test.helper.ts';
import { Channel } from './channel.ts';
import { libc } from './libc.ts';
import { Poller } from './poller.ts';
import { connectTo, streamAddress } from './socket.ts';

const LONGEST = 9014;
/** How long is waited for what has to come, ms. */
const PATIENCE = 20_000;
const isLinux = process.platform === 'linux';
if (!isLinux) console.log('SKIP channels over sockets: this is not Linux');

const root = mkdtempSync(join(tmpdir(), 'dkchannel-'));
const fresh = (): string => mkdtempSync(join(root, 'c-'));
test.after(() => rmSync(root, { recursive: true }));

/** Two ends of a channel in one process. */
class Ends {
	readonly poller: Poller = new Poller();
	readonly got: Uint8Array[][] = [[], []];
	readonly closed: (string | null)[] = [null, null];
	readonly opened: number[] = [0, 0];
	readonly channels: Channel[];

	constructor(address: string) {
		this.channels = [0, 1].map((end) => new Channel(this.poller, {
			port: 1, longest: LONGEST, listen: end === 0 ? address : '', connect: end === 1 ? address : '',
			input: { take: (bytes, at, length) => this.got[end]!.push(bytes.slice(at, at + length)) },
			opened: () => { this.opened[end]!++; },
			closed: (how, proven) => { this.closed[end] = `${how}${proven ? ', proven' : ''}`; },
		}));
		this.until(() => this.opened[0]! > 0 && this.opened[1]! > 0);
	}

	/** Lets things happen until something holds. */
	until(holds: () => boolean): void {
		const end = performance.now() + PATIENCE;
		while (!holds()) {
			assert.ok(performance.now() < end, 'what was waited for did not come');
			for (const channel of this.channels) if (channel.wakeAt === -Infinity) channel.wake(0);
			if (this.poller.wait(10_000)) this.poller.serve();
		}
	}

	dispose(): void {
		for (const channel of this.channels) channel.close();
	}
}

let port = 20_000 + (process.pid % 10_000);
const kinds: readonly { readonly name: string; readonly address: (folder: string) => string }[] = [
	{ name: 'a Unix socket', address: (folder) => `unix:${join(folder, 'channel')}` },
	{ name: 'TCP', address: () => `tcp:127.0.0.1:${++port}` },
];

function pair(address: (folder: string) => string): Ends {
	return new Ends(address(fresh()));
}

function carrier(address: (folder: string) => string): Carrier {
	const ends = pair(address);
	const sent = [0, 0], taken = [0, 0], shut = [false, false];
	/** All that was sent has come, or nothing more can. */
	const complete = (end: 0 | 1): boolean => shut[end]! || (shut[1 - end]! ? ends.closed[end] !== null : taken[end]! + ends.got[end]!.length === sent[1 - end]);
	return {
		longest: LONGEST, reliable: true, noticesClosing: true,
		send: (end, bytes, at, length) => { sent[end]!++; ends.channels[end]!.send(bytes, at, length); },
		received: async (end) => {
			ends.until(() => complete(end));
			const got = ends.got[end]!.splice(0);
			taken[end]! += got.length;
			return got;
		},
		close: (end) => { shut[end] = true; ends.channels[end]!.close(); },
		closed: async (end) => { ends.until(() => ends.closed[end] !== null); return true; },
		dispose: () => ends.dispose(),
	};
}

if (isLinux) {
	for (const { name, address } of kinds) for (const one of channelCases) test(`${name}: ${one.name}`, () => one.run(() => carrier(address)));

	test('the end of a Unix socket proves death, that of a TCP connection does not', () => {
		for (const [{ address }, expected] of [[kinds[0]!, 'closed, proven'], [kinds[1]!, 'closed']] as const) {
			const ends = pair(address);
			ends.channels[1]!.close();
			ends.until(() => ends.closed[0] !== null);
			assert.is(ends.closed[0], expected);
			ends.dispose();
		}
	});

	test('a peer that does not read costs messages, not memory, and nothing is torn', () => {
		const ends = pair(kinds[0]!.address);
		const bytes = new Uint8Array(LONGEST).fill(7);
		for (let i = 0; i < 2000; i++) ends.channels[0]!.send(bytes, 0, LONGEST);
		assert.ok(ends.channels[0]!.dropped > 0 && ends.channels[0]!.waiting <= 0x40_0000);
		const got = ends.got[1]!;
		ends.until(() => got.length === 2000 - ends.channels[0]!.dropped);
		assert.ok(got.every((message) => message.length === LONGEST && message.every((byte) => byte === 7)));
		ends.dispose();
	});

	test('a stream that carries something else ends without being taken for a death', () => {
		const ends = new Ends(`unix:${fresh()}/c`);
		const folder = fresh();
		let opened = false;
		const other = new Channel(ends.poller, { port: 1, longest: LONGEST, listen: `unix:${folder}/c`, connect: '', input: { take: () => {} }, opened: () => { opened = true; }, closed: (how, proven) => { ends.closed[0] = `${how}${proven ? ', proven' : ''}`; } });
		const fd = connectTo(streamAddress(`unix:${folder}/c`));
		ends.until(() => opened);
		libc().write(fd, Uint8Array.of(0xff, 0xff, 0xff, 0xff), 4);
		ends.until(() => ends.closed[0] !== null);
		assert.is(ends.closed[0], 'damaged');
		libc().close(fd);
		other.close();
		ends.dispose();
	});

	test('who stays looks for nobody, lets the next one in over TCP, and does not end a connection that proves death', () => {
		for (const { name, address } of kinds) {
			const ends = pair(address);
			ends.channels[0]!.stay();
			const isTcp = name === 'TCP';
			assert.is(ends.channels[0]!.isOpen, !isTcp, name);
			if (isTcp) ends.until(() => ends.opened[0] === 2 && ends.opened[1] === 2);
			assert.is(ends.closed[0], null, 'its owner was told of what it did itself');
			ends.channels[1]!.stay();
			assert.is(ends.channels[1]!.wakeAt, Infinity);
			ends.channels[0]!.close();
			for (let turns = 0; turns < 5; turns++) if (ends.poller.wait(1000)) ends.poller.serve();
			assert.is(ends.channels[1]!.wakeAt, Infinity, 'it looks for a peer');
			ends.dispose();
		}
	});

	test('who is refused tries again', () => {
		const poller = new Poller();
		const address = `tcp:127.0.0.1:${++port}`;
		let opened = 0;
		const config = { port: 1, longest: LONGEST, input: { take: () => {} }, opened: () => { opened++; }, closed: () => {} };
		const client = new Channel(poller, { ...config, listen: '', connect: address });
		const started = performance.now(), now = (): number => (performance.now() - started) * 1000;
		const until = (holds: () => boolean): void => {
			for (const end = now() + PATIENCE * 1000; !holds();) {
				assert.ok(now() < end, 'what was waited for did not come');
				if (client.wakeAt <= now()) client.wake(now());
				if (poller.wait(1000)) poller.serve();
			}
		};
		// A wake while the answer is under way must not be the last one.
		for (let tries = 0; tries < 3; tries++) {
			until(() => client.wakeAt <= now());
			client.wake(now());
			client.wake(now());
		}
		const server = new Channel(poller, { ...config, listen: address, connect: '' });
		until(() => opened === 2);
		for (const channel of [client, server]) channel.close();
	});

	test('a second peer waits until the first is gone', () => {
		const ends = pair(kinds[0]!.address);
		const path = `unix:${fresh()}/c`;
		let opened = 0, closed = 0;
		const server = new Channel(ends.poller, { port: 1, longest: LONGEST, listen: path, connect: '', input: { take: () => {} }, opened: () => { opened++; }, closed: () => { closed++; } });
		const first = connectTo(streamAddress(path)), second = connectTo(streamAddress(path));
		ends.until(() => opened > 0);
		// The listener is asked again while the first is there.
		for (let turns = 0; turns < 5; turns++) if (ends.poller.wait(1000)) ends.poller.serve();
		assert.equal([opened, closed], [1, 0]);
		libc().close(first);
		ends.until(() => opened > 1);
		assert.equal([opened, closed], [2, 1]);
		libc().close(second);
		server.close();
		ends.dispose();
	});
}

test('an address that is none is an error', () => {
	for (const text of ['', 'unix:', `unix:/${'x'.repeat(200)}`, 'tcp:1.2.3.4', 'tcp:1.2.3:80', 'tcp:1.2.3.4:0', 'tcp:300.0.0.1:80']) {
		assert.throws(() => streamAddress(text), (error: { code: string }) => error.code === 'ADDRESS_INVALID', text);
	}
});

test.run();
