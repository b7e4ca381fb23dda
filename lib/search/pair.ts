import fc from 'fast-check';
import { Counter } from '../service/counter.ts';
import { TcpClient } from '../service/client-tcp.ts';
import type { LaneOptions } from '../sim/index.ts';
import { Run } from '../study/run.ts';
import { Stage } from '../study/stage.ts';
import { cover } from './coverage.ts';
import { demand } from './invariants.ts';
import type { Property } from './property.ts';

/** One run of a pair: what the client does, how the links behave, and what befalls whom when. */
export interface PairCase {
	readonly seed: number;
	/** pauses between requests, µs */
	readonly pauses: readonly number[];
	readonly end: 'stay' | 'close' | 'abort' | 'half';
	readonly client: LaneOptions;
	readonly log: LaneOptions;
	readonly arbiter: LaneOptions;
	/** who is killed before which step; 0: nobody */
	readonly crash: { readonly who: 'primary' | 'backup'; readonly step: number };
	/** who stands still from which step on for how long, µs; 0: nobody */
	readonly stall: { readonly who: 'primary' | 'backup'; readonly step: number; readonly long: number };
	/** the log link is cut from which step on for how long, µs; 0: never */
	readonly cut: { readonly step: number; readonly long: number };
	/** entries the backup leaves unexecuted */
	readonly behind: number;
	/** time it takes for an entry, µs */
	readonly every: number;
	/** clock of the backup against the primary's */
	readonly offset: number;
	readonly drift: number;
}

const chance: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, 0.02, 0.2);
const lane: fc.Arbitrary<LaneOptions> = fc.record({
	loss: chance, duplication: chance, duplicateBy: fc.constantFrom(0, 5000), reordering: chance, reorderBy: fc.constantFrom(100, 20_000), delay: fc.constantFrom(10, 50, 3000),
});
/** Where something happens: by steps and not by time, most of which nothing fills. */
const step = fc.nat(500);
const machine = fc.constantFrom('primary' as const, 'backup' as const);

/** Runs of a pair under any faults that are fail-stop. */
export const pairCases: fc.Arbitrary<PairCase> = fc.record({
	seed: fc.nat(),
	pauses: fc.array(fc.constantFrom(0, 100, 5000, 60_000), { minLength: 1, maxLength: 5, size: 'max' }),
	end: fc.constantFrom('stay' as const, 'close' as const, 'abort' as const, 'half' as const),
	client: lane,
	log: lane,
	arbiter: fc.record({ loss: chance, delay: fc.constantFrom(50, 2000) }),
	crash: fc.record({ who: machine, step: fc.oneof(fc.constant(0), step) }),
	stall: fc.record({ who: machine, step, long: fc.constantFrom(0, 0, 10_000, 80_000, 600_000) }),
	cut: fc.record({ step, long: fc.constantFrom(0, 0, 0, 30_000, 400_000) }),
	behind: fc.constantFrom(0, 0, 3),
	every: fc.constantFrom(0, 0, 2000),
	offset: fc.constantFrom(0, 1_000_000, 77),
	drift: fc.constantFrom(0, 400, -400),
});

const REQUESTS_AT = 5000;
/** Virtual time of a run, µs: every time-out of the pair and several of TCP's. */
const LONGEST = 30_000_000;

function stageOf(about: PairCase): Stage {
	const stage = new Stage({
		seed: about.seed,
		service: () => new Counter({ start: 10 }),
		replica: { executeBehind: about.behind, executeEvery: about.every },
		links: { log: about.log, arbiter: about.arbiter },
		clock: { offset: about.offset, drift: about.drift },
	});
	let at = REQUESTS_AT;
	const requests = about.pauses.map((pause) => (at += pause));
	stage.client(new TcpClient({ requests, end: about.end }), { link: { ...about.client } });
	if (about.crash.step > 0) stage.world.beforeStep(about.crash.step, (world) => world.crash(about.crash.who));
	if (about.stall.long > 0) {
		const { who, step: from, long } = about.stall;
		stage.world.beforeStep(from, (world) => {
			if (world.place(who).standing === 'dead') return;
			world.stop(who);
			world.at(world.now + long, () => { if (world.place(who).standing !== 'dead') world.cont(who); });
		});
	}
	if (about.cut.long > 0) {
		stage.world.beforeStep(about.cut.step, (world) => {
			world.cut(stage.links.log);
			world.at(world.now + about.cut.long, () => world.mend(stage.links.log));
		});
	}
	return stage;
}

/** The client's replies are the counter's, each once and in order. */
function checkReplies(run: Run): void {
	const { delivered } = run.client();
	const wrong = delivered.findIndex((reply, i) => reply !== String(11 + i));
	if (wrong >= 0) throw new Error(`the client was told ${delivered.join(', ')}`);
}

/** The replicated pair under any schedule. */
export const pair: Property<PairCase> = {
	name: 'pair',
	text: 'whatever dies, stands still or is cut, what the client sees could have come from a machine that never failed',
	runs: 40,
	arbitrary: pairCases,
	check(about) {
		const stage = stageOf(about);
		stage.run(LONGEST);
		const run = new Run(stage);
		demand({ run, hosts: stage.clients.map(({ host }) => host), counter: 10 });
		checkReplies(run);
		for (const { kind, place } of stage.trace) cover(`${place}: ${kind}`);
	},
	exhibit(about) {
		const stage = stageOf(about);
		stage.run(LONGEST);
		return { run: new Run(stage), capture: null, script: null };
	},
};
