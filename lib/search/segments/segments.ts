import { freebsd, linux, rfc } from '../../../tcp/index.ts';
import type { Property } from '../property.ts';
import { Player } from './player.ts';
import { stories } from './story.ts';
import type { Story } from './story.ts';
import { HostSubject } from './subject.ts';

/** Small buffers, so that windows close. */
const profiles = [rfc, linux, freebsd].map((profile) => ({ ...profile, receiveBuffer: 2000, sendBuffer: 3000, mss: 536 }));

/** Structured segments into every state, against a model that says which answers are allowed. */
export const segments: Property<Story> = {
	name: 'segments',
	text: 'whatever segment comes in whatever state, at whatever edge of the window: the answer is one RFC 9293 allows, and so is the state behind it',
	runs: 300,
	arbitrary: stories,
	check(story) {
		for (const profile of profiles) new Player(new HostSubject(profile), story).play();
	},
};
