import { senders } from './senders.ts';

/** A transfer over one link: who sends, bytes of either buffer, 0 where both are left to grow, probability of loss, one-way delay, µs. */
export interface Cell {
	readonly sender: string;
	readonly buffer: number;
	readonly loss: number;
	readonly delay: number;
}

/** So many flows of one kind over one link. */
export interface Crowd {
	readonly sender: string;
	readonly flows: number;
}

const buffers = [65_536, 262_144, 1_048_576];
/** Those whose buffers are also left to themselves. */
const tuned = ['newreno', 'linux', 'freebsd'];
const losses = [0, 0.001, 0.01, 0.05];
const delays = [1000, 10_000, 50_000];

/** Every transfer of the table, in its order. */
export const cells: readonly Cell[] = Object.keys(senders).flatMap((sender) =>
	[...buffers, ...(tuned.includes(sender) ? [0] : [])].flatMap((buffer) => losses.flatMap((loss) => delays.map((delay) => ({ sender, buffer, loss, delay })))));

/** Every crowd of the table, in its order. */
export const crowds: readonly Crowd[] = ['newreno', 'cubic', 'linux', 'linux+paced', 'freebsd'].flatMap((sender) => [2, 8, 64].map((flows) => ({ sender, flows })));

/** The line of the table a transfer has. */
export function cellKey({ sender, buffer, loss, delay }: Cell): string {
	return `${sender}, ${buffer === 0 ? 'tuned' : `${buffer >> 10} KiB`}, ${loss * 100} % lost, ${delay / 1000} ms`;
}

/** The line of the table a crowd has. */
export function crowdKey({ sender, flows }: Crowd): string {
	return `${sender}, ${flows} flows`;
}
