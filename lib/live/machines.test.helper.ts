import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { announcement, judge } from '../replica/index.ts';
import type { OracleVerdict } from '../replica/index.ts';
import { kinds } from '../trace/index.ts';
import { Bridge, LIVE } from './bridge.ts';
import { Clock } from './clock.ts';
import { loadJournal, readJournal } from './journal.ts';
import type { JournalRecord } from './journal.ts';
import { identityOf, makeMachine } from './machine-order.ts';
import type { MachineOrder } from './machine-order.ts';
import { Namespace } from './namespace.ts';
import { LivePair, modulePath, until } from './pair.ts';
import type { MemberStatus } from './pair.ts';

export type MachineName = 'a' | 'b';

const PATIENCE = 30_000;
/** Addresses of the machines on the cable of the log, and towards the arbiter. */
const LOG = '192.168.77', ARBITER = '192.168.78';
const HOSTS = { a: 1, b: 2, c: 3 } as const;
const LOG_PORT = 7000, ARBITER_PORT = 7001;
/** Longer than a busy machine makes a living process wait, ms. */
const LEASE_MS = 500;

const main = fileURLToPath(new URL(`../cli/main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/**
 * Three network namespaces as three machines: a and b of the pair, each with a
 * bridge and a TAP device of its own, and c with the client, the switch and the
 * arbiter. Each of a and b has three cables: `lan` to the client's switch, `san`
 * to the arbiter's, and `log` to the other.
 */
export class Machines {
	/** of the client's machine: what a client has to know */
	readonly namespace: Namespace;
	readonly state: { readonly clockBase: string; readonly machine: { readonly address: string; readonly service: string } } = { clockBase: new Clock().base, machine: { address: LIVE.server, service: 'counter' } };
	readonly bridge: Bridge;
	readonly folder: string = mkdtempSync(join(tmpdir(), 'dkmachines-'));
	readonly #spaces: Readonly<Record<MachineName | 'c', Namespace>>;
	readonly #children: ChildProcess[] = [];
	/** journals of processes that are over */
	readonly #past: JournalRecord[][] = [];

	private constructor(spaces: Readonly<Record<MachineName | 'c', Namespace>>) {
		this.#spaces = spaces;
		this.namespace = spaces.c;
		this.bridge = new Bridge(spaces.c);
		process.env['DUPACK_LIVE'] = join(this.folder, 'runs');
	}

	static async use(work: (machines: Machines) => Promise<void>): Promise<void> {
		const name = (which: string): string => `dkm${which}-${process.pid}`;
		const machines = new Machines({ a: await Namespace.make(name('a')), b: await Namespace.make(name('b')), c: await Namespace.make(name('c')) });
		try {
			machines.#wire();
			await machines.#serve();
			await work(machines);
		} finally {
			for (const child of machines.#children) child.kill('SIGKILL');
			for (const space of Object.values(machines.#spaces)) space.remove();
			rmSync(machines.folder, { recursive: true, force: true });
		}
	}

	#ip(machine: MachineName | 'c', ...lines: readonly string[]): void {
		this.#spaces[machine].run(['ip', '-batch', '-'], `${lines.join('\n')}\n`);
	}

	#wire(): void {
		this.bridge.build();
		const c = this.#spaces.c.record.name;
		this.#ip('c', 'link add san type bridge forward_delay 0', `address add ${ARBITER}.${HOSTS.c}/24 dev san`, 'link set san up');
		for (const machine of ['a', 'b'] as const) {
			this.#spaces[machine].run(['sh', '-c', 'for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done 2>/dev/null || true']);
			this.#ip(machine, 'link set lo up', 'link add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0', 'link set br0 up',
				`link add lan type veth peer name lan-${machine} netns ${c}`, 'link set lan master br0 up',
				`link add san type veth peer name san-${machine} netns ${c}`, `address add ${ARBITER}.${HOSTS[machine]}/24 dev san`, 'link set san up');
			this.#ip('c', `link set lan-${machine} master ${LIVE.bridge} up`, `link set san-${machine} master san up`);
		}
		this.#ip('a', `link add log type veth peer name log netns ${this.#spaces.b.record.name}`);
		for (const machine of ['a', 'b'] as const) this.#ip(machine, `address add ${LOG}.${HOSTS[machine]}/24 dev log`, 'link set log up');
	}

	/** Starts a program on a machine, and waits until it has said a line. */
	async #start(machine: MachineName | 'c', words: readonly string[]): Promise<ChildProcess> {
		const [program, ...rest] = [...this.#spaces[machine].prefix, process.execPath, ...process.execArgv, ...words];
		const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
		this.#children.push(child);
		let said = '';
		child.stderr!.on('data', (piece) => { said += String(piece); });
		await new Promise<void>((resolve, reject) => {
			child.stdout!.once('data', () => resolve());
			child.once('exit', (code) => reject(new Error(`${words.slice(1, 3).join(' ')} on ${machine} ended with ${code}: ${said}`)));
		});
		return child;
	}

	/** The arbiter, and whoever records what comes to the client. */
	async #serve(): Promise<void> {
		const ledger = join(this.folder, 'ledger'), control = join(this.folder, 'sniffer');
		mkdirSync(ledger);
		await this.#start('c', [main, 'live', 'arbiter', '--listen', `${ARBITER}.${HOSTS.c}:${ARBITER_PORT}`, '--ledger', ledger]);
		const [program, ...rest] = [...this.namespace.prefix, process.execPath, ...process.execArgv, modulePath('sniffer-main'), LIVE.bridge, join(this.folder, 'client.journal'), this.state.clockBase, control];
		this.#children.push(spawn(program!, rest, { stdio: 'ignore' }));
		await until(PATIENCE, () => existsSync(control), () => 'the recorder of frames did not start');
	}

	/** Starts a machine's replica: the same command whether it founds or joins. */
	async replica(machine: MachineName): Promise<ChildProcess> {
		const other = machine === 'a' ? 'b' : 'a';
		const at = (which: MachineName): string => `${LOG}.${HOSTS[which]}:${LOG_PORT}`;
		this.#keep(machine);
		return this.#start(machine, [main, 'live', 'replica', '--name', machine, '--bridge', 'br0', '--listen', at(machine), '--connect', at(other),
			'--arbiter', `tcp:${ARBITER}.${HOSTS.c}:${ARBITER_PORT}`, '--lease', String(LEASE_MS), '--journal']);
	}

	#run(machine: MachineName): LivePair | null {
		return existsSync(join(this.folder, 'runs', machine, 'state.json')) ? LivePair.find(machine) : null;
	}

	#keep(machine: MachineName): void {
		const run = this.#run(machine);
		if (run !== null) this.#past.push([...readJournal(run.journal(`replica-${run.members[0]!.id}`)).records]);
	}

	/** How a machine's replica stands; null where there never was one. */
	async status(machine: MachineName): Promise<MemberStatus | null> {
		return (await this.#run(machine)?.status())?.[0] ?? null;
	}

	/** Waits until a machine's replica has a role, or `ended`. */
	async becomes(machine: MachineName, role: string): Promise<MemberStatus> {
		let last: MemberStatus | null = null;
		await until(PATIENCE, async () => {
			last = await this.status(machine);
			return role === 'ended' ? last?.process === 'ended' : last?.status?.role === role;
		}, () => `${machine} did not become ${role}: it is ${last?.process} ${last?.status?.role} ${last?.ended} ${last?.status?.arbiter}`);
		return last!;
	}

	/** Pulls out a machine's cables at their other ends, or plugs them in: none of its own sockets is closed by that. */
	cables(machine: MachineName, plugged: boolean, which: readonly ('lan' | 'san' | 'log')[] = ['lan', 'san', 'log']): void {
		const how = plugged ? 'up' : 'down';
		const other = machine === 'a' ? 'b' : 'a';
		for (const cable of which) {
			if (cable === 'log') this.#ip(other, `link set log ${how}`);
			else this.#ip('c', `link set ${cable}-${machine} ${how}`);
		}
	}

	/** What everything logged and everything that came to the client says of the one criterion (DESIGN.md §0). */
	verdict(): OracleVerdict & { readonly seen: number } {
		for (const machine of ['a', 'b'] as const) this.#keep(machine);
		const machine: MachineOrder = this.#run('a')!.state.machine;
		const { mac } = identityOf(machine);
		const { records } = readJournal(loadJournal(join(this.folder, 'client.journal')));
		const frames = records.filter(({ kind, bytes }) => kind === kinds.frameArrived.code && mac.every((byte, i) => bytes[6 + i] === byte)).map(({ bytes }) => bytes);
		const logged = this.#past.flat().filter(({ kind }) => kind === kinds.entryLogged.code).map(({ bytes }) => bytes);
		const announced = announcement('gratuitous-arp', identityOf(machine));
		return { ...judge({ host: makeMachine(machine), logged, frames, announcements: announced === null ? [] : [announced] }), seen: frames.length };
	}
}
