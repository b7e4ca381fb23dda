import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PcapngWriter } from '../../capture/pcapng-writer.ts';
import { clear, LivePair, LiveError, loadService, readJournal, RunFolder, runNames, serviceOf, services } from '../../live/index.ts';
import type { MemberStatus } from '../../live/index.ts';
import { captureOf, claimLines, Ladder } from '../../study/index.ts';
import { CommandError, EXIT_OK, EXIT_VIOLATED } from '../exit.ts';
import type { Screen } from '../screen.ts';
import { didYouMean } from '../suggest.ts';
import { actJson, demoJson } from './json.ts';
import type { Act } from './act.ts';
import { acts } from './acts.ts';

interface Common { readonly name: string; readonly json?: true }

function told(options: Common, screen: Screen, object: object, lines: readonly string[]): number {
	if (options.json) screen.print(JSON.stringify(object, null, 2));
	else for (const line of lines) screen.print(line);
	return EXIT_OK;
}

/** Runs something that takes a run down however it ends, also on Ctrl-C. */
export async function untilInterrupted<T>(name: string, work: () => Promise<T>): Promise<T> {
	const interrupted = (signal: NodeJS.Signals): void => {
		clear(new RunFolder(name));
		process.exit(signal === 'SIGINT' ? 130 : 143);
	};
	process.once('SIGINT', interrupted);
	process.once('SIGTERM', interrupted);
	try {
		return await work();
	} finally {
		process.removeListener('SIGINT', interrupted);
		process.removeListener('SIGTERM', interrupted);
	}
}

/** `live demo`. */
export async function demo(options: Common & { readonly act?: string; readonly pcap?: string }, screen: Screen): Promise<number> {
	const wanted = Object.entries(acts).filter(([id]) => options.act === undefined || id === options.act);
	if (wanted.length === 0) throw new CommandError(`There is no act '${options.act}'.${didYouMean(options.act!, Object.keys(acts))} There are ${Object.keys(acts).join(', ')}.`);
	const name = options.name === 'dupack' ? 'dupack-demo' : options.name;
	const played: Act[] = [];
	for (const [id, play] of wanted) {
		screen.progress(`act ${id} …`);
		const shown = await untilInterrupted(name, () => play(name));
		screen.progress('');
		played.push(...shown);
		if (!options.json) for (const act of shown) printAct(act, screen);
		if (options.pcap !== undefined && played.length === shown.length) writePcap(options.pcap, captureOf(shown[0]!.run), screen);
	}
	const result = demoJson(played);
	if (options.json) screen.print(JSON.stringify(result, null, 2));
	if (result.ok) return EXIT_OK;
	const bad = played.find((act) => !actJson(act).ok)!;
	screen.say(`Not everything holds. Again: npx dupack live demo --act ${bad.id.split('-')[0]}`);
	return EXIT_VIOLATED;
}

function printAct(act: Act, screen: Screen): void {
	screen.print(screen.bold(act.title));
	screen.print(screen.paint(`  ${act.text}`, 'faint'));
	screen.print();
	screen.lines(new Ladder(act.run, screen.width).lines());
	screen.print();
	for (const claim of act.claims) screen.lines(claimLines(claim, screen.width));
	for (const { detectionUs, drainUs, switchUs } of act.gaps) {
		const ms = (us: number): string => `${(us / 1000).toFixed(1)} ms`;
		screen.print(`  without service for ${ms(detectionUs + drainUs + switchUs)}: ${ms(detectionUs)} until the death was noticed, ${ms(drainUs)} until the backup was live, ${ms(switchUs)} until its first frame was at the client`);
	}
	screen.print();
}

function writePcap(path: string, bytes: Uint8Array, screen: Screen): void {
	try {
		writeFileSync(path, bytes);
	} catch (error) {
		throw new CommandError(`'${path}' cannot be written: ${(error as Error).message}`);
	}
	screen.say(`frames in ${path}`);
}

/** A service's name, or the whole path of its file. */
export async function serviceNamed(name: string): Promise<string> {
	if (services[name] !== undefined) return name;
	if (!/[/.]/.test(name)) throw new CommandError(`There is no service '${name}'.${didYouMean(name, Object.keys(services))} There are ${Object.keys(services).join(', ')}; one of your own is given with the path of its file.`);
	const file = resolve(name);
	await loadService(file);
	return file;
}

/** What can be tried with a service that offers no examples. */
function anyExample(service: string): (address: string) => readonly string[] {
	return (address) => [`bash -c 'exec 3<>/dev/tcp/${address}/${serviceOf(service).port}; cat <&3 & cat >&3'`];
}

/** `live up`. */
export async function up(options: Common & { readonly service: string; readonly alone?: true; readonly pcap?: string; readonly lease?: string; readonly channel: string; readonly journal?: true }, screen: Screen): Promise<number> {
	const { channel } = options;
	if (channel !== 'unix' && channel !== 'tcp') throw new CommandError(`--channel ${channel} is none: unix or tcp.${didYouMean(channel, ['unix', 'tcp'])}`);
	const service = await serviceNamed(options.service);
	const lease = options.lease === undefined ? {} : leaseKnobs(options.lease);
	const pair = await untilInterrupted(options.name, () => LivePair.up({ name: options.name, service, alone: options.alone === true, channel, journals: options.journal === true, pcap: options.pcap ?? '', knobs: lease }));
	const { machine } = pair.state;
	const { port, examples = anyExample(service) } = serviceOf(service);
	const prefix = pair.namespace.prefix.join(' ');
	const tries = examples(machine.address).map((example) => `${prefix} ${example}`);
	return told(options, screen, { ok: true, name: options.name, namespace: pair.namespace.record, address: machine.address, port, prefix: pair.namespace.prefix, try: tries, replicas: await pair.status() }, [
		`${options.service} at ${machine.address} port ${port}, in the namespace ${options.name}`, '', 'Try:', ...tries.map((line) => `  ${line}`), '',
		'Then, in another terminal:', ...[...(options.alone ? [] : ['kill primary', 'join']), 'status', 'down'].map((verb) => `  npx dupack live ${verb}${options.name === 'dupack' ? '' : ` --name ${options.name}`}`),
	]);
}

export function leaseKnobs(text: string): { lease: number; silence: number; heartbeat: number } {
	const ms = Number(text);
	if (!(ms >= 5 && ms <= 60_000)) throw new CommandError(`--lease ${text} is no time: give milliseconds from 5 to 60000.`);
	return { lease: ms * 1000, silence: ms * 1000, heartbeat: Math.min(10_000, ms * 200) };
}

function statusLine({ id, pid, process: how, status, ended, said }: MemberStatus): string {
	const who = `replica ${id} (process ${pid})`;
	if (how !== 'running') return `${who}: ${how}${ended === '' ? '' : `, ${ended}`}`;
	if (status === null) return `${who}: does not answer${said === '' ? '' : `; it said last: ${said}`}`;
	const arbiter = status.arbiter === '' ? '' : `; silent: ${status.arbiter}`;
	return `${who}: ${status.role} in epoch ${status.epoch}, entry ${status.logged} logged, ${status.executed} executed, ${status.watermark} outputs released${arbiter}`;
}

/** `live status`. */
export async function status(options: Common, screen: Screen): Promise<number> {
	const pair = LivePair.find(options.name);
	const members = await pair.status();
	const table = pair.table();
	return told(options, screen, { ok: true, name: options.name, namespace: pair.namespace.record, service: pair.state.machine.service, address: pair.state.machine.address, replicas: members, table }, [
		...members.map(statusLine), ...table.map(({ mac, port }) => `the bridge has ${mac} at ${port}`),
	]);
}

function checkRole(role: string, allowed: readonly string[]): 'speaker' | 'backup' {
	if (!allowed.includes(role)) throw new CommandError(`'${role}' is no role: ${allowed.join(' or ')}.${didYouMean(role, allowed)}`);
	return role === 'backup' ? 'backup' : 'speaker';
}

/** `live kill`. */
export async function kill(role: string, options: Common, screen: Screen): Promise<number> {
	const wanted = checkRole(role, ['primary', 'backup']);
	const pair = LivePair.find(options.name);
	const member = await pair.find(wanted);
	pair.signal(member, 'SIGKILL');
	return told(options, screen, { ok: true, killed: member.id, pid: member.pid }, [`replica ${member.id} (process ${member.pid}) was killed`]);
}

/** `live stop`: an end in order, or a halt in the middle of whatever it does. */
export async function stop(role: string, options: Common & { readonly freeze?: true }, screen: Screen): Promise<number> {
	checkRole(role, ['primary']);
	const pair = LivePair.find(options.name);
	const member = await pair.find('speaker');
	if (options.freeze) pair.signal(member, 'SIGSTOP');
	else await pair.tell(member, 'hand-over');
	return told(options, screen, { ok: true, stopped: member.id, pid: member.pid, how: options.freeze ? 'SIGSTOP' : 'in order' }, [
		`replica ${member.id} (process ${member.pid}) ${options.freeze ? 'is stopped: npx dupack live continue' : 'ends in order'}`,
	]);
}

/** `live continue`: whoever was stopped goes on, and finds out what has become of it. */
export async function proceed(options: Common, screen: Screen): Promise<number> {
	const pair = LivePair.find(options.name);
	const stopped = (await pair.status()).filter(({ process: how }) => how === 'stopped').map(({ id }) => pair.members.find((member) => member.id === id)!);
	for (const member of stopped) pair.signal(member, 'SIGCONT');
	return told(options, screen, { ok: true, continued: stopped.map(({ id }) => id) }, [stopped.length === 0 ? 'nobody was stopped' : `replica ${stopped.map(({ id }) => id).join(', ')} goes on`]);
}

/** `live join`. */
export async function join(options: Common, screen: Screen): Promise<number> {
	const pair = LivePair.find(options.name);
	const member = await pair.join();
	return told(options, screen, { ok: true, joined: member.id, pid: member.pid }, [`replica ${member.id} (process ${member.pid}) is the backup now`]);
}

/** `live down`. */
export async function down(options: Common, screen: Screen): Promise<number> {
	const folder = new RunFolder(options.name);
	if (!folder.exists) throw new LiveError('RUN_UNKNOWN', `There is no live run '${options.name}'.`, runNames().length === 0 ? '' : `There ${runNames().length === 1 ? 'is' : 'are'} ${runNames().join(', ')}.`);
	const { pcap } = folder.read();
	if (pcap !== '') await keepCapture(LivePair.find(options.name), pcap, screen);
	clear(folder);
	return told(options, screen, { ok: true, ended: options.name }, [`${options.name} is down`]);
}

/** Writes what the client's end saw as pcapng. */
export async function keepCapture(pair: LivePair, path: string, screen: Screen): Promise<void> {
	await pair.sniffed().catch(() => 0);
	const chunks: Uint8Array[] = [];
	const writer = new PcapngWriter((chunk) => { chunks.push(chunk); });
	const client = writer.addInterface('client');
	const { records } = readJournal(pair.journal('client'));
	for (const { time, bytes } of records) writer.packet(client, Math.max(0, time), bytes, 0, bytes.length);
	writePcap(path, Buffer.concat(chunks), screen);
}

/** `live clean`. */
export async function clean(options: Common, screen: Screen): Promise<number> {
	const names = runNames();
	for (const name of names) clear(new RunFolder(name));
	return told(options, screen, { ok: true, removed: names }, [names.length === 0 ? 'nothing was left behind' : `removed ${names.join(', ')}`]);
}
