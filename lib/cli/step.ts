import { createInterface } from 'node:readline';
import { Stepper } from '../study/step/stepper.ts';
import type { Play } from '../study/step/stepper.ts';
import { viewLines } from '../study/step/view-lines.ts';
import type { ViewLines } from '../study/step/view-lines.ts';
import type { View } from '../study/step/view.ts';
import { CommandError } from './exit.ts';
import type { Screen } from './screen.ts';
import { didYouMean } from './suggest.ts';

const help = 'n [N] forward · b [N] back · g N go to step N · f KIND next such event · r KIND the one before · k kinds of events · q quit';
const keys = '→ n forward · ← b back · ↓ ↑ ten · j k scroll · t takeover · c crash · 0 beginning · $ end · q quit';

/** Goes through a run by commands or keys, and shows each moment. */
class Session {
	readonly #stepper: Stepper;
	readonly #screen: Screen;
	/** as it stood a step before, to mark what has changed */
	#before: View | null = null;
	/** lines of the body that are scrolled away */
	#top: number = 0;

	constructor(play: Play, screen: Screen) {
		this.#stepper = new Stepper(play);
		this.#screen = screen;
	}

	get stepper(): Stepper { return this.#stepper; }

	/** Goes behind a step, by way of the one before it. */
	go(step: number): void {
		const wanted = Math.max(0, Math.min(this.#stepper.steps, step));
		this.#before = null;
		if (wanted > 0) {
			this.#stepper.go(wanted - 1);
			this.#before = this.#stepper.view();
		}
		this.#stepper.go(wanted);
	}

	/** Goes to the next event of a kind, or the one before; false where there is none. */
	seek(kind: string, direction: 1 | -1): boolean {
		const step = this.#stepper.find(kind, direction);
		if (step >= 0) this.go(step);
		return step >= 0;
	}

	/** Goes to the next event of a kind, or else to the one before. */
	seekEitherWay(kind: string): void {
		if (!this.seek(kind, 1)) this.seek(kind, -1);
	}

	#lines(width: number): ViewLines {
		const stepper = this.#stepper;
		return viewLines(stepper.view(), this.#before, stepper.events(), stepper.steps, width);
	}

	show(): void {
		const { head, body } = this.#lines(Infinity);
		this.#screen.lines([...head, ...body]);
	}

	/** Draws as much as fits on a page; the body may be scrolled. */
	draw(columns: number, rows: number): void {
		const screen = this.#screen;
		const { head, body } = this.#lines(columns);
		const room = Math.max(3, rows - head.length - 2);
		this.#top = Math.max(0, Math.min(this.#top, body.length - room));
		screen.lines(head);
		screen.lines(body.slice(this.#top, this.#top + room));
		const below = body.length - this.#top - room;
		const more = [...(this.#top > 0 ? [`${this.#top} lines above`] : []), ...(below > 0 ? [`${below} below`] : [])].join(', ');
		process.stdout.write(screen.paint([...(more === '' ? '' : `${more} · `), ...keys].slice(0, columns).join(''), 'faint'));
	}

	scroll(lines: number): void { this.#top += lines; }

	/** One command line; false to end. */
	obey(line: string): boolean {
		const [word = '', argument = ''] = line.trim().split(/\s+/);
		const many = argument === '' ? 1 : Number(argument);
		const number = (): number => {
			if (!Number.isSafeInteger(many)) throw new CommandError(`'${argument}' is no whole number.`);
			return many;
		};
		switch (word) {
			case 'q': case 'quit': return false;
			case '': case 'n': this.go(this.#stepper.at + number()); break;
			case 'b': this.go(this.#stepper.at - number()); break;
			case 'g': this.go(number()); break;
			case 'f': case 'r':
				if (!this.#look(argument, word === 'f' ? 1 : -1)) return true;
				break;
			case 'k': this.#screen.print(this.#stepper.kinds.join(', ')); return true;
			default: this.#screen.say(`There is no command '${word}': ${help}`); return true;
		}
		this.show();
		return true;
	}

	/** Goes to an event, or says why not. */
	#look(kind: string, direction: 1 | -1): boolean {
		const { kinds } = this.#stepper;
		if (this.seek(kind, direction)) return true;
		if (kinds.includes(kind)) this.#screen.say(`No ${kind} ${direction === 1 ? 'follows' : 'came before'}.`);
		else this.#screen.say(`Nothing of kind '${kind}' happens.${didYouMean(kind, kinds)}`);
		return false;
	}
}

/** A command a line, for pipes and tests. */
async function byLines(session: Session, screen: Screen): Promise<void> {
	session.show();
	for await (const line of createInterface({ input: process.stdin })) {
		try {
			if (!session.obey(line)) return;
		} catch (error) {
			if (!(error instanceof CommandError)) throw error;
			screen.say(error.message);
		}
		screen.print();
	}
}

const ESCAPE = '\u001b';

/** The keys in a piece of input: arrows and the like are three characters. */
function keysIn(input: string): string[] {
	const found: string[] = [];
	for (let at = 0; at < input.length;) {
		const length = input[at] === ESCAPE && input[at + 1] === '[' ? 3 : 1;
		found.push(input.slice(at, at + length));
		at += length;
	}
	return found;
}

/** What each key does; others do nothing. */
function press(session: Session, key: string): boolean {
	const { stepper } = session;
	switch (key) {
		case 'q': case '\u0003': case '\u0004': case '\u001b': return false;
		case '\u001b[C': case 'n': case ' ': case '\r': session.go(stepper.at + 1); break;
		case '\u001b[D': case 'b': case '\u007f': session.go(stepper.at - 1); break;
		case '\u001b[B': session.go(stepper.at + 10); break;
		case '\u001b[A': session.go(stepper.at - 10); break;
		case 'j': case '\u001b[6': session.scroll(8); break;
		case 'k': case '\u001b[5': session.scroll(-8); break;
		case '0': case '\u001b[H': session.go(0); break;
		case '$': case '\u001b[F': session.go(stepper.steps); break;
		case 't': session.seekEitherWay('tookOver'); break;
		case 'c': session.seekEitherWay('crashed'); break;
		default:
	}
	return true;
}

/** Key by key on a terminal, each moment in place of the one before. */
async function byKeys(session: Session): Promise<void> {
	const { stdin, stdout } = process;
	const draw = (): void => {
		stdout.write('\u001b[H\u001b[2J');
		session.draw(stdout.columns, stdout.rows);
	};
	stdin.setRawMode(true);
	stdin.setEncoding('utf8');
	// The terminal gets its own page, and its old one back.
	stdout.write('\u001b[?1049h');
	stdout.on('resize', draw);
	try {
		draw();
		for await (const chunk of stdin) {
			if (!keysIn(String(chunk)).every((key) => press(session, key))) return;
			draw();
		}
	} finally {
		stdout.off('resize', draw);
		stdout.write('\u001b[?1049l');
		stdin.setRawMode(false);
		stdin.pause();
	}
}

/** Steps through a run, by keys on a terminal and by lines of stdin elsewhere. */
export async function stepThrough(play: Play, screen: Screen): Promise<void> {
	const session = new Session(play, screen);
	if (process.stdin.isTTY === true && process.stdout.isTTY === true) await byKeys(session);
	else await byLines(session, screen);
}
