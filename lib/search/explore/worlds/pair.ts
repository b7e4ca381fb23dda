import type { Host } from '../../../host/index.ts';
import { Replica } from '../../../replica/index.ts';
import type { Knobs } from '../../../replica/index.ts';
import { Counter, Stage, TcpClient } from '../../../study/scenario.ts';
import type { StageOptions } from '../../../study/scenario.ts';
import type { Explorable, FaultKind, Spending, System } from '../system.ts';
import { PairWatch } from '../pair-watch.ts';
import type { Watch } from '../watch.ts';

/** Links that take no time: what takes time is a fault. */
const NOW = { delay: 0, bandwidth: Infinity } as const;

/** A pair that is in no hurry: the fewer timers, the fewer situations. */
const knobs: Partial<Knobs> = {
	heartbeat: 30_000, silence: 60_000, lease: 60_000, patience: 20_000, stall: 5_000, resend: 20_000, watermarkDelay: 10_000, askEvery: 40_000,
	announceTimes: 1, logBytes: 0x4000, logEntries: 64, gateBytes: 0x4000, gateOutputs: 64, witness: true,
};

interface Plan {
	readonly name: string;
	readonly text: string;
	readonly faults: readonly FaultKind[];
	readonly most: Spending;
	readonly clients?: number;
	readonly stage?: Partial<StageOptions>;
	readonly service?: () => Counter;
	/** plugs clients in */
	readonly play: (stage: Stage) => void;
	/** exploring begins at that world time, µs; it ends at one while a client waits, at another when none does any more */
	readonly from: number;
	readonly until: number;
	readonly settled: number;
	/** what happens when exploring begins */
	readonly begin?: (stage: Stage) => void;
	readonly mayCrash?: readonly string[];
	readonly mayBeCut?: readonly string[];
	readonly mayFail?: readonly string[];
	/** replies each client has to be told in the end */
	readonly replies: number;
}

function build(plan: Plan): System {
	const stage = new Stage({
		seed: 1, service: plan.service ?? ((): Counter => new Counter()), clientLink: NOW, links: { primary: NOW, backup: NOW, log: NOW, arbiter: NOW },
		clients: plan.clients ?? 1, ...plan.stage, replica: { ...knobs, ...plan.stage?.replica },
	});
	plan.play(stage);
	stage.run(plan.from);
	plan.begin?.(stage);
	const { world } = stage;
	const hosts = new Map<string, Host>(stage.clients.map(({ name, host }) => [name, host]));
	for (const { name, node } of world.places) if (node instanceof Replica) hosts.set(name, (node as Replica).machine.host as Host);
	return {
		world, scene: stage, hosts, through: ['switch'], patience: 150_000, tick: 0,
		mayCrash: plan.mayCrash ?? [], mayBeCut: plan.mayBeCut ?? [], mayFail: plan.mayFail ?? [],
		watch: new PairWatch(stage, plan) as Watch<unknown>,
		describe: (place) => {
			const { node } = world.place(place);
			return node instanceof Replica ? (node as Replica).role : '';
		},
	};
}

const BOTH = ['primary', 'backup'] as const;
/** One machine dies, and one frame is lost, repeated or late. */
const ONE_EACH: Spending = { frames: 1, crashes: 1, cuts: 0 };
/** The same with two frames, where that can be visited whole within half a minute. */
const TWO_FRAMES: Spending = { frames: 2, crashes: 1, cuts: 0 };
const COMMON = { faults: ['drop', 'dup', 'delay', 'reorder', 'crash'], most: ONE_EACH, from: 29_999, until: 1_000_000, settled: 300_000, mayCrash: BOTH, mayFail: ['client', 'log'], replies: 1 } as const;

/** A client that has asked and been answered ends its connection. */
function ending(end: 'close' | 'abort' | 'half'): (stage: Stage) => void {
	return (stage) => { stage.client(new TcpClient({ connectAt: 5_000, requests: [30_000], end })); };
}

/** The primary dies, the backup goes on alone, and a new machine asks to become its backup. */
function newBackup(stage: Stage): void {
	stage.client(new TcpClient({ connectAt: 5_000, requests: [30_000, 400_050] }));
	stage.crash(35_000);
}

function join(stage: Stage): void {
	const { world } = stage;
	stage.join('primary');
	while (world.place('primary').outputs > 0) world.choices.take({ kind: 'output', place: 'primary' });
}

const plans: readonly Plan[] = [
	{
		...COMMON, most: TWO_FRAMES, name: 'duplicate-output', text: 'a client asks the pair; one of the two dies behind any output, and frames are lost, repeated and late',
		play(stage) { stage.client(new TcpClient({ connectAt: 5_000, requests: [30_000] })); },
	},
	{
		...COMMON, name: 'slow-backup', text: 'the backup executes two entries late; one of the two dies behind any output, and frames are lost, repeated and late',
		stage: { replica: { executeBehind: 2, executeEvery: 1_000 } },
		play(stage) { stage.client(new TcpClient({ connectAt: 5_000, requests: [30_000] })); },
	},
	{ ...COMMON, name: 'client-closed', text: 'the client closes when it has its answer; one of the two dies, and frames are lost, repeated and late', play: ending('close') },
	{ ...COMMON, name: 'client-aborted', text: 'the client aborts when it has its answer; one of the two dies, and frames are lost, repeated and late', play: ending('abort') },
	{ ...COMMON, name: 'half-closed', text: 'the client says with its request that it sends no more; one of the two dies, and frames are lost, repeated and late', play: ending('half') },
	{ ...COMMON, name: 'server-closed', text: 'the server closes with its answer; one of the two dies, and frames are lost, repeated and late', service: () => new Counter({ endAfter: 1 }), play: ending('close') },
	{
		...COMMON, name: 'split-brain', text: 'the log link is cut and mended at any time, questions to the arbiter and its answers are lost and late, and a client asks',
		faults: ['drop', 'dup', 'delay', 'reorder', 'cut'], most: { frames: 1, crashes: 0, cuts: 1 }, settled: 400_000, mayBeCut: ['log'], mayFail: ['arbiter of primary', 'arbiter of backup'],
		play(stage) { stage.client(new TcpClient({ connectAt: 5_000, requests: [30_000] })); },
	},
	{
		...COMMON, name: 'new-backup', text: 'a new machine joins one that is alone; either dies, messages between them are lost, repeated and late, and a client asks meanwhile',
		play: newBackup, begin: join, from: 400_000, until: 1_500_000, settled: 700_000, mayFail: ['log', 'arbiter of backup'], replies: 2,
	},
];

/** The pair, its client and its arbiter. */
export const pairs: readonly Explorable[] = plans.map((plan) => ({ name: plan.name, text: plan.text, faults: plan.faults, most: plan.most, build: () => build(plan) }));
