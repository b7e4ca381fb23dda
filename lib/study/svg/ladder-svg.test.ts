import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spawnSync } from 'node:child_process';
import { scenarios } from '../../../scenarios/index.ts';
import { perform } from '../perform.ts';
import type { Performance } from '../perform.ts';
import { columnsOf, fitted, widthOf } from './columns.ts';
import { itemsOf } from './items.ts';
import { Layouter } from './layout.ts';
import type { PlacedArrow } from './layout.ts';
import { ladderSvg } from './ladder-svg.ts';

function performed(name: string, set: { readonly [knob: string]: number } = {}): Performance {
	const scenario = scenarios.find((one) => one.name === name)!;
	return perform(scenario, Object.keys(scenario.arms)[0]!, { set });
}

function arrowsOf({ run }: Performance): PlacedArrow[] {
	const { places, items } = itemsOf(run);
	return new Layouter(items, columnsOf(places), 100).lay().placed.flatMap((one) => ('x1' in one ? [one] : []));
}

function count(text: string, what: RegExp): number {
	return [...text.matchAll(what)].length;
}

const duplicate = performed('duplicate-output');

test('a repeat is drawn double, tied to its first, and both are explained', () => {
	const svg = ladderSvg(duplicate.run, { title: 'a <b>', lead: 'c & d' });
	const { again, first } = duplicate.run.repeats[0]!;
	assert.match(svg, new RegExp(`#${again.number} .*= #${first.number}`));
	assert.is(count(svg, /stroke-dasharray="5 2.5"/g), 1);
	assert.match(svg, 'the same again, tied to its first');
	assert.match(svg, 'a &lt;b&gt;');
	assert.match(svg, 'c &amp; d');
	assert.is(svg, ladderSvg(performed('duplicate-output').run, { title: 'a <b>', lead: 'c & d' }));
});

test('what is lost ends in an x, short of its goal if it never came there', () => {
	const lost = arrowsOf(performed('byte-identical')).filter(({ item }) => item.row.lost !== '');
	const [dead, network] = [lost.find(({ item }) => item.reached)!, lost.find(({ item }) => !item.reached)!];
	assert.is(dead.item.row.lost, 'the machine it came to was dead');
	assert.is(network.item.row.lost, 'the network lost it');
	const backup = columnsOf(['client', 'primary', 'backup']).of.get('backup')!;
	assert.ok(network.x2 < backup);
	assert.match(ladderSvg(performed('byte-identical').run), 'the network lost it');
});

test('an arrow slopes the more the longer it is on its way', () => {
	const slope = ({ y1, y2 }: PlacedArrow): number => y2 - y1;
	const near = arrowsOf(duplicate), far = arrowsOf(performed('duplicate-output', { 'client-delay': 400 }));
	const isRequest = ({ item }: PlacedArrow): boolean => item.row.label.includes('"inc"') && !item.row.isLog;
	assert.ok(slope(far.find(isRequest)!) > slope(near.find(isRequest)!) + 10);
	assert.ok([...near, ...far].every((one) => slope(one) >= 0));
});

test('no text lies on another', () => {
	for (const scenario of scenarios.slice(0, 8)) {
		const arrows = arrowsOf(performed(scenario.name));
		for (const [i, one] of arrows.entries()) {
			for (const other of arrows.slice(i + 1, i + 4)) {
				if ((one.x1 + one.x2) / 2 !== (other.x1 + other.x2) / 2) continue;
				assert.ok(Math.abs(one.y1 + one.y2 - other.y1 - other.y2) / 2 > 10, `${scenario.name}: ${one.text} and ${other.text}`);
			}
		}
	}
});

test('every scenario is a document that is whole, of a height a person can scroll', () => {
	for (const scenario of scenarios) {
		const svg = ladderSvg(performed(scenario.name).run);
		assert.match(svg, /^<svg xmlns=/);
		assert.not.match(svg, /NaN|undefined|Infinity/);
		assert.ok(Number(/height="([\d.]+)"/.exec(svg)![1]) < 12_000, scenario.name);
		const xml = spawnSync('xmllint', ['--noout', '-'], { input: svg, encoding: 'utf8' });
		if (xml.error === undefined) assert.is(xml.stderr, '');
	}
});

test('what no machine does stands beside them all, where no arrow runs', () => {
	const { places, items } = itemsOf(duplicate.run);
	const columns = columnsOf(places);
	const notes = new Layouter(items, columns, 100).lay().placed.flatMap((one) => ('side' in one && one.side === 'margin' ? [one] : []));
	assert.is(notes.length, 1);
	assert.match(notes[0]!.lines.join(' '), /^switch: /);
	assert.ok(notes[0]!.x > Math.max(...columns.of.values()));
	for (const line of notes[0]!.lines) assert.ok(notes[0]!.x + widthOf(line) <= columns.width, line);
});

test('labels give up what matters least first', () => {
	const label = ['PSH ACK', 'seq 1', 'ack 5', 'len 3', '"11"'];
	assert.is(fitted(label, 1000), 'PSH ACK seq 1 ack 5 len 3 "11"');
	assert.is(fitted(label, widthOf('PSH ACK seq 1 ack 5 "11"')), 'PSH ACK seq 1 ack 5 "11"');
	assert.is(fitted(label, widthOf('PSH ACK "11"')), 'PSH ACK "11"');
	assert.match(fitted(label, 40), /…$/);
});

test.run();
