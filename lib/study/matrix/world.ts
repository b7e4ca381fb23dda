import { Counter, UdpClient } from '../../service/index.ts';
import type { Policy } from '../../replica/index.ts';
import { linux } from '../../../tcp/index.ts';
import { readLetter } from '../letter-view.ts';
import { carries, frame, logs } from '../moments.ts';
import { Stage } from '../stage.ts';
import { Asker } from './asker.ts';
import type { Coordinates, Fault } from './axes.ts';

/** The times of a world of the matrix, µs. */
export const CLOCK = {
	connect: 2_000,
	/** the two requests of the client */
	requests: [6_000, 8_000],
	/** how long it waits before it asks again: longer than a takeover, shorter than the shortest retransmission time-out */
	timeout: 120_000,
	/** how much later a reply is that comes late: behind the takeover */
	late: 90_000,
	/** when the witness asks, long after all has settled, and when the world ends */
	witness: 5_500_000,
	end: 6_200_000,
	/** a conversation that has not ended by then has no end */
	longest: 400_000,
	/** what follows an answer: its ACK, the watermark */
	settling: 1_500,
} as const;

/** What the counter stands at before the first request. */
export const START = 10;

const CLIENT_ID = 7, WITNESS_ID = 9;

const replica = { lease: 50_000, silence: 50_000, heartbeat: 40_000, announceTimes: 2 } as const;
const policyOf: { readonly [P in Coordinates['policy']]: Policy } = { 'normal': 'unreleased', 'neither-sends': 'nothing', 'rule-off': 'unreleased' };
/** A connection that has come apart is given up after some seconds. */
const impatient = { ...linux, retries: 3 };

/** What the scripted fault is told of the world without it. */
export interface Hint {
	/** the log entry of the first request; `Infinity` where it is not known */
	readonly entry: number;
}

/**
 * Sets a world of the matrix up: the pair, the client under study, and a witness
 * who asks once over UDP when all is over. It has not begun to run.
 *
 * @param crashAt  the step before which the primary is killed; 0: it is not
 */
export function worldOf(coordinates: Coordinates, seed: number, hint: Hint, crashAt: number = 0): Stage {
	const { transport, serials, policy, client, fault } = coordinates;
	const stage = new Stage({
		seed, clients: 2, clientProfile: impatient, profile: impatient,
		service: () => new Counter({ start: START }),
		replica: { ...replica, outputRule: policy !== 'rule-off', policy: policyOf[policy], witness: false },
		...(crashAt === 0 ? {} : { crashAt }),
	});
	const { connect: connectAt, requests, timeout } = CLOCK;
	stage.client(new Asker({ transport, habit: client, id: serials === 'none' ? 0 : CLIENT_ID, connectAt, requests, timeout, retries: 2 }));
	stage.client(new UdpClient({ id: WITNESS_ID, requests: [CLOCK.witness], timeout: 200_000, retries: 2 }));
	strike(stage, fault, hint);
	return stage;
}

/** Writes the fault down at the link it is to befall. */
function strike(stage: Stage, fault: Fault, { entry }: Hint): void {
	const { link } = stage.clients[0]!;
	const { log } = stage.links;
	const request = frame(carries('inc')), reply = frame(carries('11'));
	switch (fault) {
		case 'none': return;
		case 'request-lost': return link.script('client', { act: 'lose', when: request });
		case 'request-twice': return link.script('client', { act: 'duplicate', when: request, by: 300 });
		case 'reply-lost': return link.script('switch', { act: 'lose', when: reply });
		case 'reply-late': return link.script('switch', { act: 'delay', when: reply, by: CLOCK.late });
		case 'log-lost': return log.script('primary', { act: 'lose', when: logs('inc') });
		case 'log-ack-lost': return log.script('backup', {
			act: 'lose',
			when: (bytes, at, length) => {
				const letter = readLetter(bytes.slice(at, at + length));
				return letter.kind === 'acknowledgement' && letter.last >= entry;
			},
		});
	}
}
