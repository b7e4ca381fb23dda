import { ERROR_REFUSED, ERROR_UNREACHABLE } from '../errors.ts';
import type { HardError, Profile } from '../profile.ts';
import { rfc } from './rfc.ts';

const second = 1_000_000;

/** Whatever says that a filter, a host or its protocol does not want it; and that it went round in circles. */
const hardErrors: readonly HardError[] = [
	...[2, 3, 9, 10, 13].map((code): HardError => ({ family: 4, type: 3, code, error: ERROR_REFUSED })),
	{ family: 4, type: 11, code: 0, error: ERROR_UNREACHABLE },
	...[1, 4].map((code): HardError => ({ family: 6, type: 1, code, error: ERROR_REFUSED })),
	{ family: 6, type: 3, code: 0, error: ERROR_UNREACHABLE },
	{ family: 6, type: 4, code: 1, error: ERROR_REFUSED },
];

/** The constants of a current FreeBSD kernel. */
export const freebsd: Profile = {
	...rfc,
	name: 'freebsd',
	windowScale: 6,
	synOptions: ['mss', 'nop', 'wscale', 'sackOk', 'ts', 'end'],
	synOptionsNoSack: ['mss', 'nop', 'wscale', 'nop', 'nop', 'ts', 'end'],
	synOptionsPlain: ['mss', 'nop', 'wscale', 'sackOk', 'end'],
	receiveBuffer: 65536,
	sendBuffer: 32768,
	receiveBufferMax: 2_097_152,
	sendBufferMax: 2_097_152,
	rtoMin: 30_000,
	rtoMax: 64 * second,
	delayedAck: 40_000,
	rateReduction: true,
	congestion: 'cubic',
	slowStartExit: 'loss',
	slowStartPerAck: 2,
	blackHoleAfter: 0,
	synCookies: true,
	msl: 30 * second,
	persistMin: 5 * second,
	finWait2: 60 * second,
	keepProbes: 8,
	challengeAcks: 200,
	timeWaitIgnoresReset: true,
	timeWaitReopensBy: 'timestamp',
	rtoSlop: 200_000,
	openTimeout: 75 * second,
	announcesAll: true,
	takesBeyondEdge: true,
	wholeSegments: 'up',
	takesOldAcks: true,
	acksSegments: true,
	repeatsFin: true,
	listenIgnoresSynAck: true,
	synRetries: 12,
	synAckRetries: 12,
	announcesPathMtu6: true,
	hardErrors,
};
