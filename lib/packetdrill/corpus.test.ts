import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { interpretCommand } from './command.ts';
import { icmpNumbers } from './icmp-names.ts';
import { parseScript } from './parse.ts';
import { printScript } from './print.ts';
import { surveyScript } from './survey.ts';
import { meaningOfSysctl } from './sysctl.ts';
import type { Script } from './tree.ts';
import { commandsOf, wantedProfile } from './wanted-profile.ts';

function sharedFolder(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
	return process.env['DUPACK_SHARED'] ?? join(folder, '..', 'shared');
}

function readScripts(folder: string): Script[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.pkt'))
		.sort()
		.map((name) => parseScript(readFileSync(join(folder, name), 'utf8'), name));
}

function placeless(tree: Script): string {
	return JSON.stringify(tree, (key, value: unknown) => (key === 'line' || key === 'column' ? 0 : value));
}

const folder = join(sharedFolder(), 'packetdrill', 'freebsd');

if (existsSync(folder)) {
	// Read once: that every script reads is what the first test states.
	let scripts: Script[] = [];

	test('every script of FreeBSD reads', () => {
		scripts = readScripts(folder);
		assert.is(scripts.length, 366);
		assert.ok(scripts.every(({ events }) => events.length > 0));
	});

	test('each reads the same once written', () => {
		for (const tree of scripts) assert.is(placeless(parseScript(printScript(tree), tree.file)), placeless(tree), tree.file);
	});

	test('all want the profile of FreeBSD', () => {
		assert.equal(new Set(scripts.map(wantedProfile)), new Set(['freebsd']));
	});

	test('every command and setting in them is understood', () => {
		for (const tree of scripts) {
			for (const command of commandsOf(tree).flatMap(interpretCommand)) {
				assert.is.not(command.kind, 'unsupported', tree.file);
				if (command.kind === 'sysctl') assert.is.not(meaningOfSysctl(command.name, command.value), null, command.name);
			}
		}
	});

	test('nothing in them is beyond the language', () => {
		const counts = new Map<string, number>();
		for (const tree of scripts) surveyScript(tree, counts);
		assert.equal([...counts.keys()].filter((name) => name.includes('unsupported')), []);
	});

	test('every ICMP message in them has its numbers', () => {
		let messages = 0;
		for (const { file, options, events } of scripts) {
			const version = options.some(({ name, value }) => name === 'ip_version' && value === 'ipv6') ? 6 : 4;
			for (const { action } of events) {
				if (action.kind !== 'packet' || action.body.protocol !== 'icmp') continue;
				messages++;
				assert.is.not(icmpNumbers(action.body, version), null, `${file} ${action.body.type} ${action.body.code}`);
			}
		}
		assert.is(messages, 74);
	});
} else {
	console.log(`SKIP the scripts of FreeBSD: ${folder} is absent`);
	test('without the scripts there is nothing to read', () => {
		assert.throws(() => readScripts(folder), /ENOENT/);
	});
}

test.run();
