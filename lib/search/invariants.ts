import type { Host } from '../host/index.ts';
import { counterLinearity } from '../study/linear-counter.ts';
import type { Run, Scene } from '../study/index.ts';
import type { InvariantName as TraceLaw } from '../replica/index.ts';
import { checkRest } from './memory-laws.ts';
import { checkTcp } from './tcp-invariants.ts';
import { Violation } from './violation.ts';
import { WireWatch } from './wire-laws.ts';
import type { Sighting, WireLaw } from './wire-laws.ts';

/** What is known of something that happened. Each invariant looks at what it needs, and says nothing where that is not there. */
export interface Evidence {
	/** of the pair, or of anything that has a trace */
	readonly run?: Run<Scene>;
	/** hosts that live */
	readonly hosts?: readonly Host[];
	/** frames as hosts saw them, in order; of a run those its clients saw */
	readonly frames?: readonly Sighting[];
	/** faults have stopped, and everything that can happen has: whatever was asked has to be answered, or to have failed */
	readonly settled?: boolean;
	/** everything is closed, besides: nothing may be left */
	readonly closed?: boolean;
	/** what the counter stood at before the first request, where the service is the counter */
	readonly counter?: number;
	/** the digest of the same once more */
	readonly again?: string;
}

/** Names of what must always hold. */
export type InvariantName =
	| 'oracle' | 'never-throws' | 'bytes-are-right' | TraceLaw | WireLaw | 'rfc-9293' | 'all-is-settled' | 'linearizable' | 'memory-is-accounted-for' | 'same-digest';

/** One of the things that must always hold. */
export interface Invariant {
	readonly name: InvariantName;
	/** the sentence */
	readonly text: string;
	/** @returns what breaks it, in one sentence; '' where nothing does, as far as the evidence goes */
	readonly check: (evidence: Evidence) => string;
}

/** One sentence of what a check throws. */
function said(act: () => void): string {
	try {
		act();
		return '';
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

function ofTrace(name: TraceLaw): (evidence: Evidence) => string {
	return ({ run }) => run?.violations.find(({ invariant }) => invariant === name)?.text ?? '';
}

function sightings({ run, frames }: Evidence): Iterable<Sighting> {
	if (frames !== undefined) return frames;
	if (run === undefined) return [];
	const clients = new Set(run.stage.clients.map(({ name }) => name));
	return run.packets.filter((packet) => clients.has(packet.interface)).map((packet) => ({ host: packet.interface, sent: packet.sent, at: packet.time, bytes: packet.bytes }));
}

function ofWire(law: WireLaw): (evidence: Evidence) => string {
	return (evidence) => {
		const watch = new WireWatch();
		for (const sighting of sightings(evidence)) watch.see(sighting);
		return watch.broken.get(law) ?? '';
	};
}

function oracle({ run }: Evidence): string {
	if (run === undefined) return '';
	const { violation, conflict } = run.oracle;
	return violation?.text ?? (conflict === null ? '' : `two machines wrote entry ${conflict.index} in epoch ${conflict.epoch}`);
}

function neverThrows({ run }: Evidence): string {
	const [failure] = run?.stage.world.failures ?? [];
	if (failure !== undefined) return `'${failure.place}' threw in step ${failure.step}: ${failure.error instanceof Error ? failure.error.message : String(failure.error)}`;
	return run === undefined || run.oracle.fault === null ? '' : `the log brought the machine that never failed down: ${String(run.oracle.fault)}`;
}

function bytesAreRight({ run, counter }: Evidence): string {
	if (run === undefined || counter === undefined) return '';
	for (const { name } of run.stage.clients) {
		const { delivered, wrote } = run.client(name);
		if (delivered.length > wrote.length) return `${name} asked ${wrote.length} times and was told ${delivered.join(', ')}`;
		const wrong = delivered.find((reply) => !/^\d+$/.test(reply) || Number(reply) <= counter);
		if (wrong !== undefined) return `${name} was told '${wrong}', which the service never says`;
	}
	return '';
}

function allIsSettled({ run, settled }: Evidence): string {
	if (run === undefined || settled !== true) return '';
	for (const { name } of run.stage.clients) {
		const { delivered, discarded, wrote, error, closed } = run.client(name);
		if (delivered.length + discarded.length < wrote.length && error === '' && closed === '') return `${name} asked ${wrote.length} times, and was told ${delivered.join(', ') || 'nothing'} and of no error`;
	}
	return '';
}

function linearizable({ run, counter }: Evidence): string {
	if (run === undefined || counter === undefined) return '';
	const { verdict, text } = counterLinearity(run.trace, counter);
	return verdict === 'impossible' ? text : '';
}

/** What must always hold: the criterion, and what says nearer the cause what is wrong. */
export const invariants: readonly Invariant[] = [
	{ name: 'oracle', text: 'every frame of the server that a client sees is an output of a machine that never failed, lost, repeated or delayed at will, or an announcement', check: oracle },
	{ name: 'never-throws', text: 'no input makes a machine throw', check: neverThrows },
	{ name: 'bytes-are-right', text: 'what a client is told is exactly what the service says, or the connection ends with an error it sees', check: bytesAreRight },
	{ name: 'output-rule', text: 'no output leaves before the backup has its input', check: ofTrace('output-rule') },
	{ name: 'one-speaker', text: 'at most one machine speaks in an epoch', check: ofTrace('one-speaker') },
	{ name: 'equal-replicas', text: 'replicas behind the same entry are equal, byte for byte', check: ofTrace('equal-replicas') },
	{ name: 'identical-repeats', text: 'a frame that a takeover repeats is byte for byte what was sent first', check: ofTrace('identical-repeats') },
	{ name: 'same-payload', text: 'whatever is sent again under a sequence number is the same octet', check: ofWire('same-payload') },
	{ name: 'rfc-9293', text: 'SND.UNA ≤ SND.NXT, and all else that has to be true of a control block in its state', check: ({ hosts = [] }) => said(() => { for (const host of hosts) checkTcp(host); }) },
	{ name: 'right-edge', text: 'the right edge of the receive window never moves left', check: ofWire('right-edge') },
	{ name: 'reset-allowed', text: 'a RST is sent only where RFC 9293 has one, with the number it has there', check: ofWire('reset-allowed') },
	{ name: 'progress', text: 'no two hosts answer each other for ever', check: ofWire('progress') },
	{ name: 'all-is-settled', text: 'once faults stop, everything is delivered or reset within bounded time', check: allIsSettled },
	{ name: 'linearizable', text: 'what clients are told could have come from one machine that executes one request after the other', check: linearizable },
	{ name: 'memory-is-accounted-for', text: 'when everything is closed no record and no page is left', check: ({ hosts = [], closed }) => (closed === true ? said(() => { for (const host of hosts) checkRest(host); }) : '') },
	{ name: 'same-digest', text: 'the same seed gives the same digest', check: ({ run, again }) => (run === undefined || again === undefined || run.digest === again ? '' : `${run.digest.slice(0, 16)}… the first time, ${again.slice(0, 16)}… the second`) },
];

/** One that is broken, and how. */
export interface Broken { readonly name: InvariantName; readonly text: string }

/** Everything the evidence shows to be broken. */
export function broken(evidence: Evidence): Broken[] {
	return invariants.map(({ name, check }) => ({ name, text: check(evidence) })).filter(({ text }) => text !== '');
}

/** @throws {Violation} with the first that is broken */
export function demand(evidence: Evidence): void {
	for (const { name, check } of invariants) {
		const text = check(evidence);
		if (text !== '') throw new Violation(name, text);
	}
}
