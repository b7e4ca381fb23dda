import { ERROR_FORBIDDEN, ERROR_HOST_DOWN, ERROR_NET_UNREACHABLE, ERROR_NOT_SUPPORTED, ERROR_NO_NETWORK, ERROR_NO_PROTOCOL, ERROR_PROTOCOL, ERROR_REFUSED, ERROR_UNREACHABLE } from '../errors.ts';
import type { HardError, Profile } from '../profile.ts';
import { rfc } from './rfc.ts';

const second = 1_000_000;

/** What each code of "unreachable" means; "fragmentation needed" is none of them. */
const unreachable4: readonly (readonly [code: number, error: number])[] = [
	[0, ERROR_NET_UNREACHABLE], [1, ERROR_UNREACHABLE], [2, ERROR_NO_PROTOCOL], [3, ERROR_REFUSED], [5, ERROR_NOT_SUPPORTED], [6, ERROR_NET_UNREACHABLE], [7, ERROR_HOST_DOWN],
	[8, ERROR_NO_NETWORK], [9, ERROR_NET_UNREACHABLE], [10, ERROR_UNREACHABLE], [11, ERROR_NET_UNREACHABLE], [12, ERROR_UNREACHABLE], [13, ERROR_UNREACHABLE], [14, ERROR_UNREACHABLE], [15, ERROR_UNREACHABLE],
];
const unreachable6: readonly (readonly [code: number, error: number])[] = [
	[0, ERROR_NET_UNREACHABLE], [1, ERROR_FORBIDDEN], [2, ERROR_UNREACHABLE], [3, ERROR_UNREACHABLE], [4, ERROR_REFUSED], [5, ERROR_FORBIDDEN], [6, ERROR_FORBIDDEN],
];

/** Linux believes every error while it opens a connection. */
const hardErrors: readonly HardError[] = [
	...unreachable4.map(([code, error]): HardError => ({ family: 4, type: 3, code, error })),
	...[0, 1].map((code): HardError => ({ family: 4, type: 11, code, error: ERROR_UNREACHABLE })),
	...[0, 1, 2].map((code): HardError => ({ family: 4, type: 12, code, error: ERROR_PROTOCOL })),
	...unreachable6.map(([code, error]): HardError => ({ family: 6, type: 1, code, error })),
	...[0, 1].map((code): HardError => ({ family: 6, type: 3, code, error: ERROR_UNREACHABLE })),
	...[0, 1, 2].map((code): HardError => ({ family: 6, type: 4, code, error: ERROR_PROTOCOL })),
];

/** The constants of a current Linux kernel. */
export const linux: Profile = {
	...rfc,
	name: 'linux',
	windowScale: 7,
	scaleFitsBuffer: true,
	synLossesForgiven: 1,
	rtoMin: 200_000,
	rtoGranularity: 200_000,
	timesOutFromHead: true,
	roundTrips: 'all',
	slowStartPerAck: 0,
	burst: 2,
	defersBursts: true,
	nagleWaitsFor: 'small',
	keepsRecords: true,
	joinsRepeats: true,
	rtoMax: 120 * second,
	synRetries: 6,
	synAckRetries: 5,
	retries: 15,
	delayedAck: 40_000,
	quickAcks: 16,
	acksBeyondOne: true,
	rack: true,
	tailProbe: true,
	rateReduction: true,
	undo: true,
	congestion: 'cubic',
	window: 'segments',
	renegingDelay: 10_000,
	dupThreshMost: 300,
	slowStartExit: 'hystart',
	ecnRetries: 1,
	blackHoleAfter: 0,
	synCookies: true,
	msl: 30 * second,
	probesBelow: true,
	persistMax: 120 * second,
	// Half of what the kernel is given: the other half goes into its bookkeeping.
	receiveBuffer: 65536,
	receiveBufferMax: 3_145_728,
	wholeSegments: 'down',
	sendBuffer: 131072,
	sendBufferMax: 4_194_304,
	challengeAcks: 1000,
	answerMost: 1,
	answerEvery: 500_000,
	takesNearResets: true,
	takesAcrossEdge: true,
	acksInWindow: true,
	dropsMute: true,
	leastPathMtu: 552,
	halvesWindow: true,
	repeatsInWindow: true,
	keepAliveResets: true,
	dropsSigned: true,
	takesFinAtClosedWindow: true,
	keepsTextOnReset: true,
	forgetsUnread: true,
	timeWaitIgnoresReset: false,
	announcesAll: true,
	tellsDoubled: true,
	sacksFin: true,
	hardErrors,
};
