import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ladder } from './ladder.ts';
import { LadderRows } from './ladder-rows.ts';
import { perform } from './perform.ts';
import type { Values } from './perform.ts';
import { wrap } from './report.ts';
import { scenarios } from '../../scenarios/index.ts';

const runOf = (name: string, arm?: string, set: Values = {}): ReturnType<typeof perform>['run'] => {
	const scenario = scenarios.find((one) => one.name === name)!;
	return perform(scenario, arm ?? Object.keys(scenario.arms)[0]!, { set }).run;
};

function textOf(name: string, width: number, arm?: string, set: Values = {}): string[] {
	return new Ladder(runOf(name, arm, set), width).lines().map((line) => line.map(({ text }) => text).join(''));
}

test('no line is wider than it may be, at any width', () => {
	for (const width of [72, 80, 100, 132, 150]) {
		for (const line of textOf('duplicate-output', width)) assert.ok([...line].length <= width, `${width}: ${line}`);
	}
	for (const line of textOf('duplicate-output', 20)) assert.ok([...line].length <= 72);
});

test('the crash, the takeover and the repeat are where a person looks for them', () => {
	const lines = textOf('duplicate-output', 110);
	const at = (pattern: RegExp): number => lines.findIndex((line) => pattern.test(line));
	const reply = at(/◀─+ PSH ACK seq 1 ack 5 len 3 "11" ─+│/), crash = at(/╳ is killed/), live = at(/goes live in epoch 2 ◆/), repeat = at(/◀═+ PSH ACK seq 1 ack 5 len 3 "11" again = #\d+ ═+│/);
	assert.ok(reply > 0 && reply < crash && crash < live && live < repeat);
	assert.match(lines[repeat]!, lines[reply]!.match(/#\d+/)![0]);
	assert.match(lines[at(/dsack 1–4/)]!, /▶│$/);
	// The line of a dead machine ends.
	const primary = [...lines[crash]!].indexOf('╳');
	assert.is([...lines[live]!][primary], ' ');
});

test('a frame that is lost ends in a cross', () => {
	assert.ok(textOf('duplicate-output', 110).some((line) => /✗/.test(line) && /dead/.test(line)));
});

test('every frame a client saw or sent is on the ladder, folded or not', () => {
	const run = runOf('duplicate-output');
	const shown = new Set(new LadderRows(run).rows().flatMap((row) => (row.kind === 'arrow' ? [row.number] : [])));
	for (const packet of run.on('client')) {
		// Announcements after the first are folded into the gaps.
		if (packet.operation === 'announcement' && packet.time > run.tookOverAt + 1000) continue;
		assert.ok(shown.has(packet.number), `frame ${packet.number}`);
	}
});

test('what goes to and fro without end is folded', () => {
	// Of these two stacks none limits what one connection is answered.
	const lines = textOf('skip-drain', 120, undefined, { profile: 'freebsd', 'client-profile': 'freebsd' });
	assert.ok(lines.some((line) => /to and fro \d+ times more/.test(line)));
	assert.ok(lines.length < 100, `${lines.length} lines`);
});

test('text is broken between words and nothing is lost', () => {
	const text = 'a bb ccc dddd eeeee ffffff';
	assert.is(wrap(text, 8).join(' '), text);
	assert.ok(wrap(text, 8).every((line) => line.length <= 8));
});

test.run();
