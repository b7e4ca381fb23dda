import { freebsd, linux, rfc } from '../../../tcp/index.ts';
import type { Profile } from '../../../tcp/index.ts';
import type { Property } from '../property.ts';
import { runOf } from '../exhibit.ts';
import type { Crossing } from '../exhibit.ts';
import { Breach, Player } from './player.ts';
import { scriptOf } from './script.ts';
import { stories } from './story.ts';
import type { Story } from './story.ts';
import { HostSubject } from './subject.ts';

/** Small buffers, so that windows close. */
export const profiles: readonly Profile[] = [rfc, linux, freebsd].map((profile) => ({ ...profile, receiveBuffer: 2400, receiveBufferMax: 0, sendBuffer: 4800, sendBufferMax: 0, mss: 536 }));

/** Everything that crossed between the peer that is played and the host. */
function crossingsOf({ frames }: HostSubject): Crossing[] {
	return frames.map(({ at, bytes, sent }) => ({ at, from: sent ? 'host' : 'peer', to: sent ? 'peer' : 'host', bytes }));
}

/** Structured segments into every state, against a model that says which answers are allowed. */
export const segments: Property<Story> = {
	name: 'segments',
	text: 'whatever segment comes in whatever state, at whatever edge of the window: the answer is one RFC 9293 allows, and so is the state behind it',
	runs: 300,
	arbitrary: stories,
	check(story) {
		for (const profile of profiles) new Player(new HostSubject(profile), story).play();
	},
	exhibit(story) {
		for (const profile of profiles) {
			const subject = new HostSubject(profile);
			const player = new Player(subject, story);
			try {
				player.play();
			} catch (error) {
				if (!(error instanceof Breach)) return { run: runOf(['peer', 'host'], crossingsOf(subject)), capture: null, script: null };
				return { run: runOf(['peer', 'host'], crossingsOf(subject)), capture: null, script: scriptOf(player, profile, error) };
			}
		}
		return { run: null, capture: null, script: null };
	},
};
