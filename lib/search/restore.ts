import fc from 'fast-check';
import { Host } from '../host/index.ts';
import { differences } from '../memory/index.ts';
import { World } from '../sim/index.ts';
import { Trace } from '../trace/index.ts';
import { conversations, exhibitOf, profiles } from './transfer.ts';
import type { Conversation } from './transfer.ts';
import type { Property } from './property.ts';
import { Talker } from './talker.ts';

const MAX_STEPS = 1500;

function hostOf(about: Conversation, i: number): Host {
	const application = i === 0
		? new Talker({ octets: about.up, piece: about.piece, awaits: about.down, pause: about.pause, peer: '10.0.0.2' })
		: new Talker({ octets: about.down, piece: about.piece, awaits: about.up, pause: 0, peer: '', aborts: about.aborts });
	return new Host({ mac: `02:00:00:00:00:0${i + 1}`, addresses: [`10.0.0.${i + 1}/24`], application, profile: profiles[about.profile]!, chunk: 1024, pages: 600, tcp: { connections: 4 } });
}

/** Runs a conversation; at each of the steps one host is taken down to its bytes, overwritten, and put together again. */
function run(about: Conversation, at: readonly number[]): { digest: string; hosts: Host[] } {
	const trace = new Trace(about.seed);
	const world = new World({ seed: about.seed, trace });
	const hosts = [hostOf(about, 0), hostOf(about, 1)];
	world.add('client', hosts[0]!);
	world.add('server', hosts[1]!);
	world.link(['client', 0], ['server', 0], about.link);
	let done = 0;
	for (const step of [...at].sort((x, y) => x - y)) {
		if (step > done) done += world.run({ maxSteps: step - done }).steps;
		const host = hosts[step & 1]!;
		const kept = host.image.snapshot();
		// Another state first, so that nothing is left of the one before.
		host.image.restore(hostOf(about, step & 1).image.snapshot());
		host.attach();
		host.image.restore(kept);
		host.attach();
	}
	if (done < MAX_STEPS) world.run({ maxSteps: MAX_STEPS - done });
	return { digest: trace.digest(), hosts };
}

/** Restoring and going on. */
export const restore: Property<{ about: Conversation; at: readonly number[] }> = {
	name: 'restore',
	text: 'restoring a snapshot and going on is indistinguishable from never having stopped',
	runs: 40,
	arbitrary: fc.record({ about: conversations, at: fc.array(fc.nat(MAX_STEPS), { minLength: 1, maxLength: 6, size: 'max' }) }),
	check({ about, at }) {
		const plain = run(about, []), restored = run(about, at);
		for (let i = 0; i < 2; i++) {
			const [first] = differences(plain.hosts[i]!.image, restored.hosts[i]!.image, 1);
			if (first !== undefined) throw new Error(`${first.where} is ${first.b} after a restore, ${first.a} without`);
		}
		if (plain.digest !== restored.digest) throw new Error('the traces differ');
	},
	exhibit: ({ about }) => exhibitOf(about),
};
