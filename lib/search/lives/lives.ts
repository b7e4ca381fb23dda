import { cover } from '../coverage.ts';
import { runOf } from '../exhibit.ts';
import type { Crossing } from '../exhibit.ts';
import type { Property } from '../property.ts';
import { lifeOf, lives as arbitrary } from './life.ts';
import type { Life } from './life.ts';
import { Theatre } from './theatre.ts';

let theatre: Theatre | null = null;

/** Plays a life on a stage that is kept for the next. @throws {Violation} */
export function play(life: Life): ReturnType<Theatre['play']> {
	theatre ??= new Theatre();
	try {
		return theatre.play(life);
	} catch (error) {
		// Whatever is left of it must not be in the next.
		theatre = null;
		throw error;
	}
}

/** Short lives of a pair by the thousand. */
export const lives: Property<Life> = {
	name: 'lives',
	text: 'a pair that is asked, crashes at any act and goes on: what the client sees could have come from a machine that never failed, and it is told how it ends',
	runs: 400,
	arbitrary,
	check(life) {
		const { tookOver } = play(life);
		cover(`${life.who} dies at act ${life.act}${tookOver ? ', and the backup takes over' : ''}`);
	},
	exhibit: (life) => ({ run: runOf(['client', 'primary', 'backup'], crossingsOf(life), (a) => (a === 'client' ? [0, 0] : [1, 1])), capture: null, script: null }),
};

/** Everything that crossed in a life, as far as it goes. */
function crossingsOf(life: Life): Crossing[] {
	const crossings: Crossing[] = [];
	const stage = new Theatre();
	stage.watch = (at, from, to, bytes) => { if (from !== 'arbiter' && to !== 'arbiter') crossings.push({ at, from, to, bytes }); };
	try {
		stage.play(life);
	} catch {
		// It ends where it breaks.
	}
	return crossings;
}

/** What a campaign has come to. */
export interface Campaign {
	readonly seed: number;
	/** lives played: numbers `from` to `from + lives − 1` */
	readonly from: number;
	readonly lives: number;
	readonly takeovers: number;
	readonly acts: number;
	/** the first that broke something */
	readonly broken: { readonly number: number; readonly life: Life; readonly why: string } | null;
}

/**
 * Plays the lives `from` to `from + count − 1` of a seed, crash points in turn.
 *
 * @param enough  asked every 256 lives: whether to end
 */
export function campaign(seed: number, from: number, count: number, enough: (so: Campaign) => boolean = () => false): Campaign {
	let played = 0, takeovers = 0, acts = 0;
	const so = (broken: Campaign['broken']): Campaign => ({ seed, from, lives: played, takeovers, acts, broken });
	for (let number = from; number < from + count; number++) {
		const life = lifeOf(seed, number);
		try {
			const { tookOver, acts: more } = play(life);
			if (tookOver) takeovers++;
			acts += more;
		} catch (error) {
			return so({ number, life, why: error instanceof Error ? error.message : String(error) });
		}
		if ((++played & 255) === 0 && enough(so(null))) break;
	}
	return so(null);
}
