// dupack/fuzz: arbitraries, models and the search, for our stack and anybody's.
export { explain, search } from './property.ts';
export type { AnyProperty, Effort, Outcome, Property } from './property.ts';
export { properties, run } from './properties.ts';
export { broken, demand, invariants } from './invariants.ts';
export type { Broken, Evidence, Invariant, InvariantName } from './invariants.ts';
export { Violation } from './violation.ts';
export { WireWatch } from './wire-laws.ts';
export type { Sighting, WireLaw } from './wire-laws.ts';
export { checkTcp } from './tcp-invariants.ts';
export { covered, forget } from './coverage.ts';
export { runOf, sceneOf } from './exhibit.ts';
export type { Crossing, Exhibit } from './exhibit.ts';

// Somebody else's host, by what it sends.
export { PEER, SUBJECT, nodeDeeds, nodeProperty } from './foreign/node.ts';
export type { NodeDeed } from './foreign/node.ts';
export type { Node, Sink } from '../wire/node.ts';

// Somebody else's TCP, by its states: the model of RFC 9293.
export { allowedFor } from './segments/model.ts';
export type { Allowed, Arrival, Duty, Habits, View } from './segments/model.ts';
export { beginnings, deeds, stories } from './segments/story.ts';
export type { AckPlace, Beginning, Deed, Place, Story } from './segments/story.ts';
export { Breach, Player } from './segments/player.ts';
export { HostSubject } from './segments/subject.ts';
export type { Answer, Subject } from './segments/subject.ts';
export { arpReply, frameOf } from './segments/wire.ts';
export type { EndPoint, Written } from './segments/wire.ts';

// Conversations, pairs and their lives, captures and scripts.
export { conversations, converse } from './transfer.ts';
export type { Conversation } from './transfer.ts';
export { pairCases } from './pair.ts';
export type { PairCase } from './pair.ts';
export { ACTS, lifeOf, lives } from './lives/life.ts';
export type { Life, Mischief } from './lives/life.ts';
export { campaign } from './lives/lives.ts';
export type { Campaign } from './lives/lives.ts';
export { capturesOf, damaged, damages } from './captures.ts';
export type { Damage } from './captures.ts';
export { scribbles, scriptText } from './scripts.ts';
export type { Scribble } from './scripts.ts';
