import type { Command } from 'commander';
import { allowed, wrap, writeKnob } from '../study/index.ts';
import type { Scenario } from '../study/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import { loadScenario } from './load.ts';
import { Screen } from './screen.ts';

/** A scenario as JSON has it. */
function describe({ name, title, lecture, knobs, arms }: Scenario): object {
	return {
		name, title, lecture,
		arms: Object.entries(arms).map(([arm, { title: what, knobs: set = {}, breaks = '' }]) => ({ arm, title: what, knobs: set, breaks })),
		knobs: Object.entries(knobs).map(([knob, { value, doc, values }]) => ({ knob, value, doc, ...(values === undefined ? {} : { values }) })),
	};
}

function list(screen: Screen): void {
	const longest = Math.max(...scenarios.map(({ name }) => name.length));
	for (const { name, title } of scenarios) screen.print(`${screen.bold(name.padEnd(longest))}  ${title}`);
	screen.print();
	screen.print(screen.paint('dupack scenarios NAME tells more about one; dupack run NAME runs it.', 'faint'));
}

function show({ name, title, lecture, knobs, arms }: Scenario, screen: Screen): void {
	screen.print(`${screen.bold(name)}  ${title}`);
	for (const line of wrap(lecture, screen.width - 2)) screen.print(`  ${line}`);
	screen.print('\narms');
	const longest = Math.max(...Object.keys(arms).map((arm) => arm.length), ...Object.keys(knobs).map((knob) => knob.length));
	for (const [arm, { title: what }] of Object.entries(arms)) screen.print(`  ${arm.padEnd(longest)}  ${what}`);
	screen.print('\nknobs, with what they stand at');
	for (const [knob, spec] of Object.entries(knobs)) {
		screen.print(`  ${knob.padEnd(longest)}  ${writeKnob(spec.value)}`);
		for (const line of wrap(`${spec.doc}: ${allowed(spec)}`, screen.width - longest - 6)) screen.print(screen.paint(`  ${' '.repeat(longest)}  ${line}`, 'faint'));
	}
}

/** `dupack scenarios`: what there is to run. */
export function scenariosCommand(program: Command): void {
	program.command('scenarios')
		.description('list the scenarios with what each shows, or tell everything about one')
		.argument('[scenario]', 'a scenario\'s name, or a file of your own')
		.option('--json', 'as JSON')
		.action(async (name: string | undefined, options: { readonly json?: true }) => {
			const screen = new Screen();
			if (name === undefined) {
				if (options.json) screen.print(JSON.stringify(scenarios.map(describe), null, 2));
				else list(screen);
				return;
			}
			const { scenario } = await loadScenario(name);
			if (options.json) screen.print(JSON.stringify(describe(scenario), null, 2));
			else show(scenario, screen);
		});
}
