import { readdirSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Arbiter, PORT_ARBITER, PORT_CHANNEL, PORT_CLIENTS, Replica, turned } from '../replica/index.ts';
import type { Knobs, Likeness } from '../replica/index.ts';
import type { Host } from '../host/index.ts';
import { Kind } from '../trace/index.ts';
import { ArbiterLine } from './arbiter-line.ts';
import type { ArbiterSeat } from './arbiter-line.ts';
import { putUnder } from './bridge.ts';
import { Channel } from './channel.ts';
import { Clock } from './clock.ts';
import { ControlServer } from './control-server.ts';
import type { ControlRequest } from './control-server.ts';
import { Driver } from './driver.ts';
import type { Line } from './driver.ts';
import { LiveError } from './error.ts';
import { FileLedger } from './file-ledger.ts';
import { setInterface } from './interface-flags.ts';
import { Journal } from './journal.ts';
import { JournalTrace } from './journal-trace.ts';
import { identityOf, likenessOf, makeMachine } from './machine-order.ts';
import { Poller } from './poller.ts';
import { rehearse } from './rehearsal.ts';
import { RemoteArbiter } from './remote-arbiter.ts';
import type { ReplicaOrder, ReplicaStatus, Trap } from './replica-order.ts';
import { TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6, TUN_F_TSO_ECN } from './offload.ts';
import { Tap } from './tap.ts';
import { TapLine } from './tap-line.ts';
import { TrappedLine } from './trapped-line.ts';

/** What the kernel may leave to a replica: frames come in as few pieces as they left it. */
const LARGE_FRAMES = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
/** How long one who needs a peer waits for it, µs. */
const PATIENCE = 30_000_000;
/** How long the pair is rehearsed before it begins, ms. */
const REHEARSAL = 400;

/** One replica as a process of its own: the device, the channel, the arbiter and the control socket around it. */
export class ReplicaProcess {
	readonly #order: ReplicaOrder;
	readonly #knobs: Knobs;
	readonly #clock: Clock;
	readonly #poller: Poller = new Poller();
	readonly #trace: JournalTrace | null;
	readonly #channel: Channel;
	readonly #control: ControlServer;
	readonly #tap: Tap;
	readonly #trapped: TrappedLine;
	readonly #arbiter: ArbiterSeat;
	readonly #host: Host;
	readonly #likeness: Likeness;
	#replica: Replica | null = null;
	#driver: Driver | null = null;
	#role = '';
	#complaint = '';

	/** @throws LiveError  where it lacks something */
	constructor(order: ReplicaOrder) {
		this.#order = order;
		this.#knobs = turned(order.knobs);
		this.#clock = new Clock(order.clockBase);
		this.#trace = order.journal === '' ? null : new JournalTrace(new Journal(order.journal));
		this.#tap = new Tap(order.tap, order.offload ? { header: true, offload: LARGE_FRAMES } : {});
		if (order.bridge !== '') putUnder(order.bridge, order.tap);
		this.#trapped = new TrappedLine(new TapLine(this.#tap, PORT_CLIENTS, this.#input), ({ signal }) => this.#lastWords(signal));
		this.#arbiter = this.#seat();
		rehearse(order.machine, order.knobs, REHEARSAL);
		this.#host = makeMachine(order.machine);
		this.#likeness = likenessOf(order.machine, this.#host);
		// The peer is let in once all is ready: from then on each waits for the other's word.
		this.#channel = new Channel(this.#poller, {
			port: PORT_CHANNEL, listen: order.listen, connect: order.connect, longest: this.#knobs.messageBytes, input: this.#input,
			opened: () => {}, closed: (how, proven) => this.#channelClosed(how, proven),
		});
		this.#control = new ControlServer(this.#poller, order.control, (request) => this.#answer(request));
	}

	/** Lines are plugged in before there is a driver to hand things to. */
	get #input(): { take(bytes: Uint8Array, at: number, length: number, port: number): void } {
		return { take: (bytes, at, length, port) => this.#driver?.input.take(bytes, at, length, port) };
	}

	#seat(): ArbiterSeat {
		const { ledger, ledgerOutlivesMachine } = this.#order;
		if (ledger.startsWith('tcp:')) return new RemoteArbiter(this.#poller, ledger, PORT_ARBITER, this.#input, () => this.#fence());
		return new ArbiterLine(new Arbiter(new FileLedger(ledger, ledgerOutlivesMachine)), PORT_ARBITER, this.#input, () => this.#fence());
	}

	#say(text: string): void {
		process.stderr.write(`replica ${this.#order.id}: ${text}\n`);
	}

	/** Runs until it is halted. Returns the reason. */
	run(): string {
		if (this.#order.role !== 'alone' && !this.#meet()) return this.#end('no peer came');
		const { replica, driver } = this.#assemble();
		this.#say(`${replica.role} in epoch ${replica.epoch}`);
		driver.run();
		return this.#end(replica.haltReason);
	}

	/** Waits for the peer: a pair begins with both. */
	#meet(): boolean {
		const until = this.#clock.now() + PATIENCE;
		while (!this.#channel.isOpen) {
			const now = this.#clock.now();
			if (now > until) return false;
			if (this.#channel.wakeAt <= now) this.#channel.wake(now);
			if (this.#poller.wait(Math.min(until, this.#channel.wakeAt) - now)) this.#poller.serve();
		}
		return true;
	}

	#assemble(): { replica: Replica; driver: Driver } {
		const order = this.#order;
		const now = this.#clock.now();
		this.#trace?.at(now);
		const peer = order.role === 'joining' ? 0 : order.peer;
		const replica = new Replica({ id: order.id, peer, role: order.role, host: this.#host, identity: identityOf(order.machine), likeness: this.#likeness, knobs: order.knobs, trace: this.#trace }, now);
		const driver = new Driver(replica, this.#clock, this.#poller, this.#trace);
		this.#replica = replica;
		this.#driver = driver;
		// The channel first: what the peer has said is read before anything else.
		const lines: readonly (readonly [number, Line])[] = [[PORT_CHANNEL, this.#channel], [PORT_CLIENTS, this.#trapped], [PORT_ARBITER, this.#arbiter]];
		for (const [port, line] of lines) driver.plug(port, line);
		for (const task of [this.#channel, this.#arbiter]) driver.task(task);
		driver.after = () => this.#look();
		// While outputs wait, the backup's word is expected; on one processor it would be kept from speaking.
		if (availableParallelism() > 1) driver.eager = () => replica.held > 0 && replica.role === 'primary';
		replica.entropy(randomBytes(32), now);
		return { replica, driver };
	}

	/** After every turn: does for the replica what it cannot do itself, and says what has changed. */
	#look(): void {
		const replica = this.#replica!, driver = this.#driver!;
		if (replica.role !== this.#role) this.#changed(replica.role);
		const { complaint } = this.#arbiter;
		if (complaint !== this.#complaint) this.#complain(complaint);
		if (replica.role === 'halted') driver.stop();
	}

	/**
	 * One who has won closes the old primary's port before it goes live, so that
	 * nothing gets out that the other had decided before it was stopped.
	 */
	#fence(): void {
		const replica = this.#replica!;
		const { peerTap } = this.#order;
		if (!replica.mayFence || peerTap === '' || !this.#closePort(peerTap)) return;
		// Who judges the run has to know from when on nothing of the other's can have come.
		this.#trace?.at(this.#clock.now());
		if (this.#trace !== null) this.#trace.put(Kind.note, 0, this.#trace.name(`closes ${peerTap}, the port of the one that lost`));
		replica.fenced(this.#driver!.now);
	}

	/** False where it cannot: then the lease has to be waited for. */
	#closePort(port: string): boolean {
		try {
			setInterface(port, false);
			return true;
		} catch (error) {
			if (!(error instanceof LiveError)) throw error;
			// A port that is gone lets nothing out.
			if (error.code === 'PORT_UNKNOWN') return true;
			this.#say(error.message);
			return false;
		}
	}

	#changed(role: string): void {
		if (this.#role !== '') this.#say(`${role} in epoch ${this.#replica!.epoch}${role === 'halted' ? `: ${this.#replica!.haltReason}` : ''}`);
		this.#role = role;
		// Who speaks without a backup is looked for, and whoever was its peer is none any more.
		if (role === 'alone') this.#channel.stay();
	}

	#complain(complaint: string): void {
		this.#complaint = complaint;
		this.#say(complaint === '' ? 'the arbiter can be reached again' : `silent until the arbiter answers: ${complaint}`);
	}

	#channelClosed(how: string, proven: boolean): void {
		const replica = this.#replica;
		if (replica === null) return;
		// Our end is closed already, and the peer may take that for our death: so it has to be.
		if (how === 'damaged') process.exit(this.#fail('the log channel carried what is no message'));
		if (proven) replica.peerDied(this.#driver!.now);
	}

	#answer(request: ControlRequest): unknown {
		switch (request.verb) {
			case 'status': return this.status();
			case 'stop': return this.#do((replica, now) => replica.stop(now));
			case 'hand-over': return this.#do((replica, now) => replica.handOver(now));
			case 'trap': this.#trapped.trap = request['trap'] as Trap; return {};
			case 'pace': return this.#do((replica) => { replica.pace = request['pace'] as Replica['pace']; });
			default: throw new RangeError(`'${request.verb}' is nothing a replica can do`);
		}
	}

	#do(work: (replica: Replica, now: number) => void): object {
		if (this.#replica === null) throw new RangeError('the replica still waits for its peer');
		work(this.#replica, this.#clock.now());
		return {};
	}

	/** How it stands. */
	status(): ReplicaStatus {
		const replica = this.#replica;
		return {
			id: this.#order.id, pid: process.pid, role: replica?.role ?? 'waiting', epoch: replica?.epoch ?? 0, halted: replica?.haltReason ?? '',
			logged: replica?.logged ?? 0, executed: replica?.executed ?? 0, acknowledged: replica?.acknowledged ?? 0, watermark: replica?.watermark ?? 0, held: replica?.held ?? 0,
			arbiter: this.#complaint, refused: this.#tap.refused, turns: this.#driver?.turns ?? 0, longestTurn: this.#driver?.longest ?? 0,
			channel: { open: this.#channel.isOpen, waiting: this.#channel.waiting, sent: this.#channel.sent, dropped: this.#channel.dropped },
			counters: { ...replica?.counters }, rss: process.memoryUsage.rss(), files: readdirSync('/proc/self/fd').length, missed: this.#trace?.journal.missed ?? 0,
		};
	}

	#lastWords(signal: string): void {
		const trace = this.#trace;
		if (trace === null) return;
		trace.at(this.#clock.now());
		if (signal === 'SIGKILL') trace.put(Kind.crashed, 0, 0, trace.name('killed'));
		else trace.put(Kind.stopped, 0);
	}

	#fail(text: string): number {
		this.#say(text);
		writeFileSync(this.#order.epitaph, `${JSON.stringify({ ...this.status(), halted: text })}\n`);
		return 10;
	}

	#end(reason: string): string {
		writeFileSync(this.#order.epitaph, `${JSON.stringify({ ...this.status(), halted: reason, fault: String(this.#replica?.fault ?? '') })}\n`);
		this.#tap.close();
		this.#channel.close();
		this.#arbiter.close();
		this.#control.close();
		return reason;
	}
}
