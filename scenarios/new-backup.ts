import { Counter, TcpClient, carries, choice, claim, number, readLetter, scenario, sent, toldOf } from '../lib/study/scenario.ts';
import type { Claim, Computer, Packet, Run, Scenario, Stage } from '../lib/study/scenario.ts';

const newBackup: Scenario = scenario({
	name: 'new-backup',
	title: 'After a takeover one is left, and gets a new backup',
	lecture:
		'Once the backup has gone live nothing needs to be replicated any more: there is nobody to replicate to. ' +
		'To survive the next failure a new backup has to be made from the one that runs, while it runs; and when that is done the next may die.',
	knobs: {
		'rounds': number(10, 'how many machines die, one after the other', 1, 50),
		'every': number(5_000, 'how often the client asks, µs', 100),
		'rest': number(20_000, 'how long the survivor is alone before a new machine is started, µs', 1000),
		'how': choice('crash', ['crash', 'hand-over', 'half-joined', 'just-joined'], 'how a primary ends: killed behind a reply, in order, killed while a new backup receives the machine, killed the moment it is taken in'),
	},
	arms: {
		'ten-in-a-row': { title: 'each time it has answered the client the primary is killed, and each time a new backup joins' },
		'planned-stop': { title: 'the primary is stopped in order, twice', knobs: { how: 'hand-over', rounds: 2 } },
		'half-joined': { title: 'the survivor dies while a new backup is still receiving the machine', knobs: { how: 'half-joined', rounds: 2 } },
		'just-joined': { title: 'the survivor dies when the arbiter has taken the new backup in, and nobody has heard of it', knobs: { how: 'just-joined', rounds: 2 } },
	},
	service: () => new Counter(),
	until: ({ rounds }) => 400_000 + rounds * 400_000,
	play(stage, { rounds, every, rest, how }) {
		const requests = Math.floor((rounds * 300_000) / every);
		stage.client(new TcpClient({ connectAt: 10_000, requests: Array.from({ length: requests }, (_, i) => 20_000 + i * every) }));
	},
	claims: () => [],
});

export default newBackup;
