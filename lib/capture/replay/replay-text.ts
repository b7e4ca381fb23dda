import { segmentText } from './divergence.ts';
import type { Divergence } from './divergence.ts';
import type { Crossed } from './digester.ts';
import { policyTexts } from './policies.ts';
import type { Policies } from './policies.ts';
import type { StreamReplay } from './replay.ts';

const HASH_SHOWN = 16;

function plural(count: number, word: string): string { return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`; }

function crossedLine(name: string, crossed: Crossed, captured: Crossed): string {
	const isSame = crossed.bytes === captured.bytes && crossed.sha256 === captured.sha256;
	const verdict = isSame ? 'as captured' : `NOT as captured: ${plural(captured.bytes, 'byte')}  sha256 ${captured.sha256.slice(0, HASH_SHOWN)}…`;
	return `  ${name.padEnd(3)}  ${plural(crossed.bytes, 'byte').padEnd(18)} sha256 ${crossed.sha256.slice(0, HASH_SHOWN)}…  ${verdict}`;
}

/** The policies that were applied, with their counts, in words. */
export function policyLine(policies: Policies): string {
	return (Object.keys(policyTexts) as (keyof Policies)[])
		.filter((name) => policies[name] > 0)
		.map((name) => `${policyTexts[name]}: ${policies[name].toLocaleString('en')}`)
		.join('; ');
}

function firstLines(divergence: Divergence): string[] {
	const where = divergence.frame > 0 ? ` (frame ${divergence.frame})` : '';
	const lines = [`  first divergence: ${divergence.class}${where}, ${divergence.text}`];
	if (divergence.expected !== null || divergence.got !== null) lines.push(`    expected  ${segmentText(divergence.expected)}`, `    got       ${segmentText(divergence.got)}`);
	return lines;
}

/** What became of a stream, for people. */
export function streamText(replay: StreamReplay): string[] {
	const { stream, client, server, side, divergences, policies } = replay;
	const lines = [
		`stream ${stream}  ${client.address} port ${client.port} → ${server.address} port ${server.port}  ${plural(replay.segments, 'segment')}; our stack is the ${side}`,
		crossedLine('in', replay.in, replay.captured.in),
		crossedLine('out', replay.out, replay.captured.out),
	];
	const [first] = divergences;
	if (first === undefined) lines.push('  our stack sent what the captured side sent');
	else {
		lines.push(...firstLines(first));
		if (divergences.length > 1 || first.count > 1) lines.push(`  all: ${divergences.map(({ class: name, count }) => `${count} × ${name}`).join(', ')}`);
	}
	const applied = policyLine(policies);
	if (applied !== '') lines.push(`  policies: ${applied}`);
	return lines;
}
