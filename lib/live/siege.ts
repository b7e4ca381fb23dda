import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { turned } from '../replica/index.ts';
import { LIVE, tapName } from './bridge.ts';
import { readJournal } from './journal.ts';
import { modulePath, until } from './pair.ts';
import type { LivePair } from './pair.ts';
import { PortWatch } from './port-watch.ts';
import { holdings, isAlive, isStopped } from './process-table.ts';
import type { Holdings } from './process-table.ts';
import { begin } from './program.ts';
import type { Program } from './program.ts';
import { firstAt, reignsOf, slipped } from './reigns.ts';
import type { ProcessRecord } from './run-folder.ts';
import type { ClientFinding } from './siege-client.ts';
import { serverFrames } from './verdict.ts';

/** What is done to whoever speaks: ended with kill -9, or stopped and continued. */
export type Assault = 'kill' | 'stop';

export interface SiegePlan {
	readonly how: Assault;
	readonly times: number;
	/** names of `siegeClients` that work meanwhile */
	readonly clients: readonly string[];
	/** called after each blow */
	readonly told?: (done: number) => void;
}

/** One blow and what came of it. */
interface Blow {
	/** µs of the run's clock */
	readonly at: number;
	/** how long it was stopped, µs; `Infinity` for one that was killed */
	readonly pause: number;
	/** machine id of who took over; 0 where nobody did, since it was continued in time */
	readonly winner: number;
}

/** What the processes of the pair held once it stood again after a blow. */
export interface Stand {
	readonly primary: Holdings;
	readonly backup: Holdings;
}

/** What a siege showed. */
export interface SiegeReport {
	readonly blows: number;
	readonly takeovers: number;
	/** blows without a takeover: pauses shorter than the primary's lease, and longer ones */
	readonly spared: { readonly short: number; readonly long: number };
	/** takeovers that nobody had planned: a busy machine can look dead */
	readonly unplanned: number;
	/** of each takeover, from the blow to the first frame of the winner's at the client's end, µs */
	readonly gaps: readonly number[];
	/** frames at the client's end that the one who spoke then did not send */
	readonly slipped: number;
	/** ports the bridge had the address at, one after the other */
	readonly ports: readonly string[];
	/** what they should have been */
	readonly expectedPorts: readonly string[];
	readonly clients: readonly ClientFinding[];
	/** after each blow in turn */
	readonly stands: readonly Stand[];
}

/** Longest a stopped process stays so, ms: some are continued before anybody noticed, some in the midst of being taken over from. */
const LONGEST_STOP = 160;
const PATIENCE = 20_000;

/** Deals blow after blow, with a new backup after each, while clients work. */
export class Siege {
	readonly #pair: LivePair;
	readonly #plan: SiegePlan;
	readonly #blows: Blow[] = [];
	readonly #stands: Stand[] = [];
	#unplanned = 0;

	/** @param pair  with journals, and recorded at the client's end */
	constructor(pair: LivePair, plan: SiegePlan) {
		this.#pair = pair;
		this.#plan = plan;
	}

	/** @throws LiveError  where the pair does not stand any more */
	async run(): Promise<SiegeReport> {
		const pair = this.#pair;
		const stop = pair.folder.file('siege-over');
		const moves = new PortWatch(pair);
		await moves.caughtUp();
		const clients = this.#plan.clients.map((name) => begin(pair, [process.execPath, ...process.execArgv, modulePath('siege-client-main'), name, pair.state.machine.address, stop]));
		try {
			await until(PATIENCE, () => clients.every(({ lines }) => lines.length > 0), () => `Not all of the clients were answered: ${this.#plan.clients.filter((_, i) => clients[i]!.lines.length === 0).join(', ')}.`);
			for (let i = 0; i < this.#plan.times; i++) {
				await sleep(50 + Math.random() * 150);
				this.#blows.push(this.#plan.how === 'kill' ? await this.#kill() : await this.#stop());
				await this.#stand();
				this.#plan.told?.(i + 1);
			}
			writeFileSync(stop, '');
			const found = await Promise.all(clients.map((client, i) => this.#finding(client, this.#plan.clients[i]!)));
			return await this.#report(found, moves);
		} finally {
			for (const client of clients) client.kill();
			moves.end();
		}
	}

	async #finding(client: Program, name: string): Promise<ClientFinding> {
		const code = await Promise.race([client.ended, sleep(60_000, -1, { ref: false })]);
		if (code === 0) return JSON.parse(client.lines.at(-1)!) as ClientFinding;
		return { client: name, asked: 0, wrong: 1, first: code === -1 ? 'it did not end' : `it ended with ${code}` };
	}

	/** Waits until a pair stands again, and looks at what it holds. */
	async #stand(): Promise<void> {
		const { speaker, backup } = await this.#pair.paired();
		const held = [speaker, backup].map(({ pid }) => holdings(pid));
		if (held[0] != null && held[1] != null) this.#stands.push({ primary: held[0], backup: held[1] });
	}

	async #kill(): Promise<Blow> {
		const { speaker, backup } = await this.#pair.paired();
		const at = this.#pair.clock.now();
		this.#pair.signal(speaker, 'SIGKILL');
		await this.#speaks(backup);
		return { at, pause: Infinity, winner: backup.id };
	}

	async #speaks({ id }: ProcessRecord): Promise<void> {
		const roleOf = async (): Promise<string> => (await this.#pair.status()).find((one) => one.id === id)?.status?.role ?? '';
		await until(PATIENCE, async () => (await roleOf()) === 'alone', () => `Replica ${id} did not take over.`);
	}

	async #stop(): Promise<Blow> {
		const pair = this.#pair;
		const { speaker, backup } = await this.#pair.paired();
		const at = pair.clock.now();
		pair.signal(speaker, 'SIGSTOP');
		await sleep(Math.random() * LONGEST_STOP);
		pair.signal(speaker, 'SIGCONT');
		const pause = pair.clock.now() - at;
		return { at, pause, winner: await this.#decided(speaker, backup) };
	}

	/** Waits until it is decided who goes on; who took over, 0 where nobody did. */
	async #decided(speaker: ProcessRecord, backup: ProcessRecord): Promise<number> {
		let winner = -1;
		await until(PATIENCE, async () => {
			const status = await this.#pair.status();
			const role = (id: number): string => status.find((one) => one.id === id)?.status?.role ?? '';
			const gone = !isAlive(speaker.pid, speaker.started);
			if (role(backup.id) === 'alone' && gone) winner = backup.id;
			// Both as before, and for long enough that no claim can be on its way.
			else if (role(speaker.id) === 'primary' && role(backup.id) === 'backup') winner = await this.#unchanged(speaker, backup) ? 0 : -1;
			else if (role(speaker.id) === 'alone' && !isAlive(backup.pid, backup.started)) {
				// The one that had been stopped asked first, and the other had been slow.
				this.#unplanned++;
				winner = 0;
			}
			return winner >= 0;
		}, () => `It was not decided who goes on after replica ${speaker.id} was continued${isStopped(speaker.pid) ? ', which is stopped still' : ''}.`);
		return winner;
	}

	async #unchanged(speaker: ProcessRecord, backup: ProcessRecord): Promise<boolean> {
		await sleep(150);
		const status = await this.#pair.status();
		const role = (id: number): string => status.find((one) => one.id === id)?.status?.role ?? '';
		return role(speaker.id) === 'primary' && role(backup.id) === 'backup';
	}

	async #report(clients: readonly ClientFinding[], moves: PortWatch): Promise<SiegeReport> {
		const pair = this.#pair;
		const seen = await serverFrames(pair);
		const sent = new Map(pair.members.map(({ id }) => [id, readJournal(pair.journal(`replica-${id}`))]));
		const reigns = reignsOf(sent);
		const won = this.#blows.filter(({ winner }) => winner !== 0), spared = this.#blows.filter(({ winner }) => winner === 0);
		const { lease } = turned(pair.state.knobs);
		await moves.caughtUp();
		return {
			blows: this.#blows.length, takeovers: reigns.length - 1, unplanned: this.#unplanned,
			spared: { short: spared.filter(({ pause }) => pause < lease).length, long: spared.filter(({ pause }) => pause >= lease).length },
			gaps: won.flatMap(({ at, winner }) => firstAt(reigns.find(({ id }) => id === winner), seen.filter(({ time }) => time > at), at)),
			slipped: slipped(reigns, seen), ports: moves.portsOf(LIVE.serverMac), expectedPorts: reigns.map(({ id }) => tapName(id)), clients,
			stands: this.#stands,
		};
	}
}
