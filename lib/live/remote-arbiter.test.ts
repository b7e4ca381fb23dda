import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arbiterCases } from '../replica/arbiter-cases.test.helper.ts';
import type { ArbiterRig } from '../replica/arbiter-cases.test.helper.ts';
import { readBallot } from '../replica/index.ts';
import type { Ballot } from '../replica/index.ts';
import { ArbiterServer } from './arbiter-server.ts';
import { enrol } from './charter.ts';
import { FileLedger } from './file-ledger.ts';
import { libc } from './libc.ts';
import type { MachineOrder } from './machine-order.ts';
import { Poller } from './poller.ts';
import { enrolAt, RemoteArbiter } from './remote-arbiter.ts';
import { connectTo, streamAddress } from './socket.ts';
import { besides } from './live.test.helper.ts';

/** How long is waited for what has to come, ms. */
const PATIENCE = 20_000;
const isLinux = process.platform === 'linux';
if (!isLinux) console.log('SKIP arbiters over TCP: this is not Linux');
let port = 31_000 + (process.pid % 10_000);

/** A server and two that ask it, in one process. */
class Court {
	readonly parent: string = mkdtempSync(join(tmpdir(), 'dkcourt-'));
	readonly folder: string = join(this.parent, 'ledger');
	readonly poller: Poller = new Poller();
	readonly address: string = `tcp:127.0.0.1:${++port}`;
	server: ArbiterServer;
	readonly answers: Ballot[] = [];

	constructor() {
		mkdirSync(this.folder);
		new FileLedger(this.folder, false).put({ epoch: 1, winner: 1, members: [1, 2] });
		this.server = new ArbiterServer(this.poller, this.address, this.folder);
	}

	seat(): RemoteArbiter {
		return new RemoteArbiter(this.poller, this.address, 2, { take: (bytes, at, length) => { this.answers.push(readBallot(bytes, at, length)!); } });
	}

	/** Lets things happen until something holds; whoever looks for a connection is given his time. */
	until(holds: () => boolean, ...seats: readonly RemoteArbiter[]): void {
		const end = performance.now() + PATIENCE;
		while (!holds()) {
			assert.ok(performance.now() < end, 'what was waited for did not come');
			for (const seat of seats) if (seat.wakeAt <= performance.now() * 1000) seat.wake(performance.now() * 1000);
			if (this.poller.wait(1000)) this.poller.serve();
		}
	}

	/** Sends a claim once there is a connection, and waits until it is answered or known not to be. */
	ask(seat: RemoteArbiter, claim: Uint8Array): Ballot | null {
		const { counters } = this.server.arbiter;
		const before = this.answers.length, silent = counters.unanswered;
		this.until(() => seat.isOpen, seat);
		seat.send(claim, 0, claim.length);
		this.until(() => this.answers.length > before || counters.unanswered > silent, seat);
		return this.answers[before] ?? null;
	}

	dispose(): void {
		this.server.close();
		rmSync(this.parent, { recursive: true, force: true });
	}
}

function rig(): ArbiterRig {
	const court = new Court();
	const [first, second] = [court.seat(), court.seat()];
	return {
		ask: async (claim) => court.ask(first, claim), askAgain: async (claim) => court.ask(second, claim),
		reach: (reachable) => renameSync(reachable ? `${court.folder}.away` : court.folder, reachable ? court.folder : `${court.folder}.away`),
		dispose: () => {
			first.close();
			second.close();
			court.dispose();
		},
	};
}

const machine: MachineOrder = { mac: '02:00:00:00:00:01', address: '10.0.0.1', prefix: 24, service: 'counter', epoch: 1, seed: '00', connections: 16, pages: 16 };

function codeOf(work: () => unknown): string {
	try {
		work();
		return '';
	} catch (error) {
		return (error as { code: string }).code;
	}
}

if (isLinux) {
	for (const one of arbiterCases) test(`over TCP: ${one.name}`, () => one.run(rig));

	test('an arbiter that is not there is complained of, and found when it comes back', () => {
		const court = new Court();
		const seat = court.seat();
		const claim = Uint8Array.of(0);
		court.server.close();
		for (let i = 0; i < 20; i++) seat.send(claim, 0, 1);
		assert.match(seat.complaint, /cannot be reached/);
		court.server = new ArbiterServer(court.poller, court.address, court.folder);
		court.until(() => court.server.callers === 1 && seat.isOpen, seat);
		assert.match(seat.complaint, /does not answer/);
		seat.close();
		court.until(() => court.server.callers === 0);
		court.dispose();
	});

	test('a caller that sends what is no message is hung up on, and others are served on', () => {
		const court = new Court();
		const seat = court.seat();
		const fd = connectTo(streamAddress(court.address));
		court.until(() => court.server.callers === 1);
		libc().write(fd, Uint8Array.of(0xff, 0xff, 0xff, 0xff), 4);
		court.until(() => court.server.callers === 0);
		const nonsense = Buffer.from('\x00\x00\x00\x05{"a":', 'latin1');
		const other = connectTo(streamAddress(court.address));
		court.until(() => court.server.callers === 1);
		libc().write(other, nonsense, nonsense.length);
		court.until(() => court.server.callers === 2, seat);
		libc().close(fd);
		libc().close(other);
		seat.close();
		court.dispose();
	});

	test('the first to enrol founds the machine; later ones are told of it, and nobody has an id twice', async () => {
		const parent = mkdtempSync(join(tmpdir(), 'dkcharter-'));
		const server = spawn(process.execPath, [...process.execArgv, besides('arbiter-server.test.helper').pathname, `tcp:127.0.0.1:${++port}`, parent], { stdio: ['ignore', 'pipe', 'inherit'] });
		await new Promise((resolve) => { server.stdout.once('data', resolve); });
		const first = enrolAt(`tcp:127.0.0.1:${port}`, machine), second = enrolAt(`tcp:127.0.0.1:${port}`, { ...machine, epoch: 2, seed: '01' });
		assert.equal([first.id, first.founder, second.id, second.founder], [1, 1, 2, 1]);
		assert.equal(second.machine, machine);
		// Whoever has the folder itself is told the same.
		assert.equal(enrol(parent, machine), { id: 3, founder: 1, machine });
		assert.equal(new FileLedger(parent).newest(), { epoch: 1, winner: 1, members: [1] });
		for (const work of [() => enrolAt(`tcp:127.0.0.1:${port}`, { ...machine, service: 'kv' }), () => enrol(parent, { ...machine, prefix: 16 })]) assert.is(codeOf(work), 'CHARTER_DIFFERS');
		server.kill('SIGKILL');
		rmSync(parent, { recursive: true });
	});

	test('a founder that died before its epoch was opened is the founder still', () => {
		const parent = mkdtempSync(join(tmpdir(), 'dkcharter-'));
		enrol(parent, machine);
		rmSync(join(parent, 'epoch-1'));
		assert.is(enrol(parent, machine).founder, 1);
		assert.is(new FileLedger(parent).newest().winner, 1);
		writeFileSync(join(parent, 'charter'), '{');
		assert.is(codeOf(() => enrol(parent, machine)), 'LEDGER_DAMAGED');
		assert.equal(readdirSync(parent).filter((name) => name.startsWith('.')), []);
		rmSync(parent, { recursive: true });
		assert.is(codeOf(() => enrol(parent, machine)), 'LEDGER_UNREACHABLE');
	});
}

test.run();
