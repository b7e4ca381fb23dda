import type { Line } from './ladder.ts';
import type { Performance } from './perform.ts';
import type { Claim } from './scenario.ts';

/** Breaks a text into lines of at most `width` columns, between words. */
export function wrap(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line !== '' && [...line].length + 1 + [...word].length > width) {
			lines.push(line);
			line = word;
		} else line = line === '' ? word : `${line} ${word}`;
	}
	lines.push(line);
	return lines;
}

function frameList(frames: readonly number[]): string {
	if (frames.length === 0) return '';
	const shown = frames.length > 8 ? `${frames.slice(0, 7).join(', ')} … ${frames.at(-1)}` : frames.join(', ');
	return `frame${frames.length === 1 ? '' : 's'} ${shown}`;
}

/** A claim and what shows it. */
export function claimLines({ text, ok, frames, evidence }: Claim, width: number): Line[] {
	const [first = '', ...rest] = wrap(text, width - 4);
	const shown = [evidence, frameList(frames)].filter((part) => part !== '').join(' · ');
	return [
		[{ text: ok ? '  ✓ ' : '  ✗ ', tone: ok ? 'good' : 'bad' }, { text: first, tone: ok ? 'plain' : 'bad' }],
		...rest.map((line): Line => [{ text: `    ${line}`, tone: ok ? 'plain' : 'bad' }]),
		...(shown === '' ? [] : wrap(shown, width - 6).map((line): Line => [{ text: `      ${line}`, tone: 'faint' }])),
	];
}

/** What an arm shows. */
export function performanceLines({ claims, run }: Performance, width: number): Line[] {
	const held = claims.filter(({ ok }) => ok).length;
	const all = held === claims.length;
	return [
		...claims.flatMap((claim) => claimLines(claim, width)),
		[{ text: `  ${held} of ${claims.length} claims hold`, tone: all ? 'good' : 'bad' }, { text: ` · seed ${run.seed} · ${run.steps} steps · digest ${run.digest}`, tone: 'faint' }],
	];
}
