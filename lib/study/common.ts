import { freebsd, linux, rfc } from '../../tcp/index.ts';
import type { Profile } from '../../tcp/index.ts';
import { choice, number, probability, toggle } from './knob.ts';
import type { Choice, Knob, KnobValues } from './knob.ts';
import type { StageOptions } from './stage.ts';

const profiles: { readonly [name: string]: Profile } = { linux, rfc, freebsd };
const profileNames = ['linux', 'rfc', 'freebsd'] as const;
type ProfileName = (typeof profileNames)[number];

/** The constants of a stack by their name. */
export function profileOf(name: ProfileName): Profile {
	return profiles[name]!;
}

/** The knobs every scenario has; what each is for stands in `commonKnobs`. */
export type CommonKnobs = {
	readonly 'output-rule': Knob<boolean>;
	readonly 'drain': Knob<boolean>;
	readonly 'arbiter': Knob<boolean>;
	readonly 'policy': Choice<'unreleased' | 'lecture' | 'nothing'>;
	readonly 'output-from': Choice<'primary' | 'backup'>;
	readonly 'announce': Choice<'gratuitous-arp' | 'rarp' | 'any' | 'none'>;
	readonly 'announce-times': Knob<number>;
	readonly 'port-dies': Knob<boolean>;
	readonly 'behind': Knob<number>;
	readonly 'lease': Knob<number>;
	readonly 'profile': Choice<ProfileName>;
	readonly 'client-profile': Choice<ProfileName>;
	readonly 'client-delay': Knob<number>;
	readonly 'log-delay': Knob<number>;
	readonly 'loss': Knob<number>;
	readonly 'log-loss': Knob<number>;
};

/** The knobs every scenario has. Times are microseconds. */
export const commonKnobs: CommonKnobs = {
	'output-rule': toggle(true, 'no output leaves before the backup has acknowledged the log entry it came from'),
	'drain': toggle(true, 'the backup executes its whole log before it goes live'),
	'arbiter': toggle(true, 'nobody goes on alone before the arbiter has said so'),
	'policy': choice('unreleased', ['unreleased', 'lecture', 'nothing'], 'which outputs a new primary sends again'),
	'output-from': choice('primary', ['primary', 'backup'], 'who sends the outputs; the input is the primary\'s'),
	'announce': choice('gratuitous-arp', ['gratuitous-arp', 'rarp', 'any', 'none'], 'how a new primary tells the switch where its address is'),
	'announce-times': number(5, 'how often it tells that, every 100 ms'),
	'port-dies': toggle(false, 'the switch port of a primary that dies goes down, and what was learnt there is forgotten'),
	'behind': number(0, 'log entries the backup leaves unexecuted while it follows', 0, 1000),
	'lease': number(50_000, 'how long the primary may send after the backup last answered, µs; the backup waits as long', 0),
	'profile': choice('linux', profileNames, 'whose TCP constants the server has'),
	'client-profile': choice('linux', profileNames, 'whose TCP constants the clients have'),
	'client-delay': number(50, 'delay of the clients\' links, µs'),
	'log-delay': number(40, 'delay of the log link, µs'),
	'loss': probability(0, 'probability that a frame on the client\'s link is lost'),
	'log-loss': probability(0, 'probability that a message on the log link is lost'),
};

export type CommonValues = KnobValues<CommonKnobs>;

/** The stage that the common knobs describe; the service is the scenario's. */
export function commonStage(knobs: CommonValues): Omit<StageOptions, 'seed' | 'service'> {
	return {
		replica: {
			outputRule: knobs['output-rule'], drain: knobs.drain, arbiter: knobs.arbiter, policy: knobs.policy, outputFrom: knobs['output-from'],
			announce: knobs.announce, announceTimes: knobs['announce-times'], executeBehind: knobs.behind,
			lease: knobs.lease, silence: Math.max(knobs.lease, 10_000),
		},
		profile: profileOf(knobs.profile),
		clientProfile: profileOf(knobs['client-profile']),
		clientLink: { delay: knobs['client-delay'], loss: knobs.loss },
		portDies: knobs['port-dies'],
		links: { log: { delay: knobs['log-delay'], loss: knobs['log-loss'] } },
	};
}

/** Whether all protections are on, so that the oracle has to pass. */
export function isProtected(knobs: CommonValues): boolean {
	return knobs['output-rule'] && knobs.drain && knobs.arbiter && knobs.lease > 0;
}
