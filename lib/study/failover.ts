import type { Line } from './ladder.ts';
import type { Run } from './run.ts';

/** How long nobody served, and why. Times are µs. */
export interface Failover {
	/** the computer that ended, and the one that went on */
	readonly from: string;
	readonly to: string;
	/** when it ended */
	readonly at: number;
	/** until the other was sure enough to ask the arbiter */
	readonly detection: number;
	/** from there until it went live: the arbiter's answer, the log executed, the lease over */
	readonly drain: number;
	/** of that: until the arbiter had answered; until the last entry was executed */
	readonly answer: number;
	readonly execution: number;
	/** entries executed meanwhile */
	readonly entries: number;
	/** from there until a frame of it came to a client, or a client's to it; `Infinity` where none did */
	readonly switch: number;
	readonly total: number;
}

/** The takeovers of a run, each split into what it took. */
export function failoversOf(run: Run): Failover[] {
	const ended = [...run.events('crashed'), ...run.events('halted')].sort((a, b) => a.index - b.index);
	const asked = run.events('arbiterAsked'), answered = run.events('arbiterAnswered'), executed = run.events('entryExecuted'), silent = run.events('peerSilent');
	return run.events('tookOver').map(({ place: to, time: live, entry, drained, index }) => {
		const before = <T extends { readonly place: string; readonly index: number }>(events: readonly T[]): T[] => events.filter((event) => event.place === to && event.index < index);
		// The loser of a vote may fall later than the winner speaks; then it was the silence that ended it.
		const end = last(ended, (event) => event.place !== to && event.index < index) ?? before(silent).at(-1);
		const at = end?.time ?? live;
		const ask = before(asked).find(({ time }) => time >= at)?.time ?? before(silent).at(-1)?.time ?? live;
		const done = last(before(executed), (event) => event.entry < entry)?.time ?? ask;
		const seen = firstSeen(run, to, live);
		return {
			from: end?.place === to || end === undefined ? '' : end.place, to, at, detection: ask - at, drain: live - ask,
			answer: Math.max(0, (before(answered).at(-1)?.time ?? ask) - ask), execution: Math.max(0, done - ask), entries: drained, switch: seen - live, total: seen - at,
		};
	});
}

function last<T>(events: readonly T[], fits: (event: T) => boolean): T | undefined {
	for (let i = events.length - 1; i >= 0; i--) if (fits(events[i]!)) return events[i];
	return undefined;
}

/** When a machine that went live was heard of in the network, or the network by it. */
function firstSeen(run: Run, place: string, live: number): number {
	const { packets } = run;
	const heard = packets.find((packet) => packet.interface === place && !packet.sent && !packet.byServer && packet.segment !== null && packet.time >= live)?.time ?? Infinity;
	const sent = packets.find((packet) => packet.interface === place && packet.sent && packet.time >= live)?.time ?? Infinity;
	const arrived = packets.find((packet) => packet.interface.startsWith('client') && !packet.sent && packet.byServer && packet.time >= sent)?.time ?? Infinity;
	return Math.min(heard, arrived);
}

/** Time for people. */
export function durationText(time: number): string {
	if (time === Infinity) return 'never';
	return time < 1_000 ? `${time} µs` : time < 1_000_000 ? `${(time / 1000).toFixed(1)} ms` : `${(time / 1e6).toFixed(2)} s`;
}

/** A bar for each takeover, as wide as it took. */
export function failoverLines(failovers: readonly Failover[], width: number = 60): Line[] {
	const longest = Math.max(...failovers.map(({ total }) => (total < Infinity ? total : 0)), 1);
	return failovers.flatMap((failover): Line[] => {
		const parts = [['detection', failover.detection, '░', 'faint'], ['drain', failover.drain, '▓', 'first'], ['switch', failover.switch, '█', 'good']] as const;
		const bar: Line = parts.map(([, time, mark, tone]) => ({ text: mark.repeat(time === Infinity ? 1 : Math.max(1, Math.round((time / longest) * width))), tone }));
		const words: Line = parts.map(([name, time, mark, tone], i) => ({ text: `${i > 0 ? ' + ' : '  '}${mark} ${name} ${durationText(time)}`, tone }));
		return [[{ text: '  ', tone: 'plain' }, ...bar], [...words, { text: ` = ${durationText(failover.total)}`, tone: 'plain' }]];
	});
}
