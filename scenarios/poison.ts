import { Counter, TcpClient, carries, choice, claim, number, profileOf, scenario, sent } from '../lib/study/scenario.ts';
import type { Claim, Packet, Run, Scenario } from '../lib/study/scenario.ts';
import type { Sockets } from '../lib/host/index.ts';

/** A counter with a bug: a request that is too long for it makes it throw. */
class Poisonable extends Counter {
	override ready(io: Sockets, socket: number, events: number): void {
		const length = io.readable(socket);
		if (length > 0 && length >= LONGEST && io.peek(socket, length) > 0) throw new RangeError(`a request of ${length} bytes was never thought of`);
		super.ready(io, socket, events);
	}
}

/** From here on the bug shows, bytes. */
const LONGEST = 64;
const POISON = `inc${' please'.repeat(12)}`;

const poison: Scenario = scenario({
	name: 'poison',
	title: 'The frame that kills one kills the other',
	lecture:
		'What is replicated is the machine with everything in it, its bugs too. A request that brings the service down is logged like any other before it is executed, and brings the backup down in the same place. ' +
		'Replication hides that a machine fails. It does not hide that a program is wrong.',
	knobs: {
		fails: choice('program', ['program', 'machine'], 'what fails at the second request: the program, by a bug that the request meets, or the machine it runs on'),
		patience: number(3, 'how often the client sends a segment again before it gives its connection up', 1, 15),
	},
	arms: {
		'poison': { title: 'a request meets a bug of the service', breaks: 'the log that survives brings down the machine that never fails too' },
		'late': { title: 'the same, with a backup that executes only when it takes over', knobs: { behind: 100 }, breaks: 'the log that survives brings down the machine that never fails too' },
		'machine': { title: 'the same request to a service without the bug, on a machine that fails', knobs: { fails: 'machine' } },
	},
	clients: 2,
	service: ({ fails }) => (fails === 'program' ? new Poisonable() : new Counter()),
	until: ({ patience }) => 800_000 + 300_000 * 2 ** (patience + 1),
	unsafe: ({ fails }) => fails === 'program',
	play(stage, { fails, patience, 'client-profile': name }) {
		const profile = { ...profileOf(name), retries: patience };
		stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000, 60_000] }), { profile });
		stage.client(new TcpClient({ connectAt: 30_000, requests: [40_000], request: POISON }), { profile });
		if (fails === 'machine') stage.crash(sent('primary', carries('12\n')));
	},
	claims: (run, { fails, behind }) => (fails === 'machine' ? hidden(run) : shown(run, behind > 0)),
});

export default poison;

function poisonIn(run: Run): { readonly entry: number; readonly frame: Packet | undefined } {
	const logged = run.events('entryLogged').find(({ bytes }) => String.fromCharCode(...bytes).includes('please'));
	return { entry: logged?.entry ?? 0, frame: run.find('client-2', (packet) => packet.sent && packet.text.includes('please')) };
}

function shown(run: Run, isLate: boolean): Claim[] {
	const { entry, frame } = poisonIn(run);
	const received = run.events('entryReceived', 'backup').find(({ last }) => last >= entry);
	const fell = run.events('halted').filter(({ reason }) => reason === 'fault');
	const [primary, backup] = (['primary', 'backup'] as const).map((name) => fell.find(({ place }) => place === name));
	const outputs = [...run.events('outputHeld'), ...run.events('outputReleased'), ...run.events('outputKept')].filter((event) => event.entry >= entry);
	const first = run.client(), second = run.client('client-2');
	const last = run.events('tookOver');
	return [
		claim('logged-first', 'The request was logged and sent to the backup before it was executed: that is what a log is for.', entry > 0 && received !== undefined && received.time > 0, [frame], `entry ${entry}`),
		claim('both-fall', 'Both machines fall at that entry: they are one machine.', primary?.entry === entry && backup?.entry === entry, [frame], fell.map(({ place, entry: at, time }) => `the ${place} at entry ${at} after ${(time / 1000).toFixed(1)} ms`).join(', ')),
		...(isLate ? [claim('later', 'The backup had not executed it when the primary fell. It heard nothing any more, executed its log as it has to before it goes live, and fell there.', run.events('peerSilent', 'backup').some(({ time }) => time <= (backup?.time ?? 0)) && last.length === 0, [], `${(((backup?.time ?? 0) - (primary?.time ?? 0)) / 1000).toFixed(1)} ms after the primary`)] : []),
		claim('fail-stop', 'Nothing that the failed step had made was put out.', outputs.length === 0 && last.length === 0, [], `${outputs.length} outputs from entry ${entry} on`),
		claim('nobody-left', 'Nobody is left, for any client: what was told before was right, and then comes nothing.', first.delivered.join() === '11' && first.error === 'ETIMEDOUT' && second.delivered.length === 0 && second.error === 'ETIMEDOUT', [], `told ${first.delivered.join(', ')} and then ${first.error}; the other client ${second.error}`),
		claim('same-for-one', 'A single machine that never fails would have fallen at the same entry.', run.oracle.fault !== null && run.oracle.entries === entry - 1, [], String(run.oracle.fault)),
	];
}

function hidden(run: Run): Claim[] {
	const { entry, frame } = poisonIn(run);
	const took = run.events('tookOver', 'backup')[0];
	const first = run.client(), second = run.client('client-2');
	return [
		claim('machine-died', 'The machine dies when it has answered that request.', run.crashedAt > 0 && entry > 0, [frame], `entry ${entry}`),
		claim('hidden', 'The other goes on, and no client can tell: 12 for that request, 13 for the next.', took !== undefined && second.delivered.join() === '12' && first.delivered.join() === '11,13' && first.error === '' && second.error === '', [], `told ${first.delivered.join(', ')} and ${second.delivered.join(', ')}`),
	];
}
