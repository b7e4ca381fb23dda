import type { TraceEvent } from '../../trace/index.ts';
import { ballotText, gist, readLetter } from '../letter-view.ts';
import { lossText } from '../narrate.ts';
import { readPacket, textOf } from '../packet.ts';

/** What a frame is, in a few words. */
export function frameText(bytes: Uint8Array): string {
	const packet = readPacket(bytes);
	if (packet.kind === 'arbiter') return `ballot (${ballotText(bytes)})`;
	if (packet.kind !== 'channel') return gist(packet);
	const { kind, first, last, contents, mark, note } = readLetter(bytes);
	switch (kind) {
		case 'entries': return `log ${first === last ? first : `${first}–${last}`} (${contents.join(', ')})`;
		case 'acknowledgement': return `acknowledgement of ${last}`;
		case 'heartbeat': return note || `heartbeat, mark ${mark}`;
		default: return kind;
	}
}

/** One event in a sentence without its subject; '' for what another event of the same step says already. */
export function tell(event: TraceEvent): string {
	switch (event.kind) {
		case 'frameSent': return `puts ${frameText(event.bytes)} on its link`;
		case 'frameArrived': return `is handed ${frameText(event.bytes)}${event.copy === 1 ? ', a second time' : ''}`;
		case 'frameLost': return `loses a frame: ${lossText(event.reason)}`;
		case 'crashed': return `is killed; ${event.outputs} outputs die with it`;
		case 'stopped': return 'is stopped';
		case 'continued': return 'goes on';
		case 'started': return 'is started anew';
		case 'macLearnt': return `learns an address at port ${event.port}`;
		case 'macMoved': return `sees an address move from port ${event.from} to port ${event.port}`;
		case 'macForgotten': return `forgets an address at port ${event.port}: ${event.reason}`;
		case 'dropped': return `drops a frame: ${event.counter}`;
		case 'stateChanged': return `connection ${event.connection}: ${event.from} → ${event.to}`;
		case 'connecting': return 'application connects';
		case 'connected': return 'application is connected';
		case 'wrote': return `application asks "${textOf(event.bytes)}"`;
		case 'delivered': return `application is given "${textOf(event.bytes)}"`;
		case 'discarded': return `application drops "${textOf(event.bytes)}": ${event.reason}`;
		case 'failed': return `application is told ${event.error}`;
		case 'closed': return `connection closed by ${event.by}`;
		case 'entryLogged': return `logs entry ${event.entry}: ${event.of}`;
		case 'entrySent': return `sends log ${event.entry === event.last ? event.entry : `${event.entry}–${event.last}`}${event.again === 1 ? ' again' : ''}`;
		case 'entryReceived': return `takes entry ${event.entry} into its log`;
		case 'entryAcknowledged': return `hears that everything up to entry ${event.entry} was received`;
		case 'entryExecuted': return `executes entry ${event.entry}: ${event.outputs} output${event.outputs === 1 ? '' : 's'}`;
		case 'outputHeld': return `output ${event.output} (${frameText(event.bytes)}) waits for entry ${event.entry}`;
		case 'outputReleased': return `lets output ${event.output} go (${frameText(event.bytes)})`;
		case 'outputKept': return `keeps output ${event.output} (${frameText(event.bytes)})`;
		case 'outputRepeated': return `sends output ${event.output} again (${frameText(event.bytes)})`;
		case 'outputDiscarded': return `gives output ${event.output} up: ${event.reason}`;
		case 'leaseExpired': return 'may release no more: its lease has run out';
		case 'peerSilent': return 'hears nothing of the other any more';
		case 'arbiterAsked': return `asks the arbiter for epoch ${event.epoch}`;
		case 'arbiterAnswered': return `is answered by the arbiter: ${event.answer}`;
		case 'arbiterDecided': return `decides epoch ${event.epoch} for machine ${event.winner}`;
		case 'tookOver': return `takes over in epoch ${event.epoch}, behind entry ${event.entry}`;
		case 'wentAlone': return `goes on alone in epoch ${event.epoch}: ${event.reason}`;
		case 'halted': return `halts: ${event.reason}`;
		case 'announced': return `announces its address (${event.nth})`;
		case 'joined': return `takes a new backup in at entry ${event.entry}`;
		case 'diverged': return `has parted from the log at entry ${event.entry}: ${event.where}`;
		default: return event.kind;
	}
}
