import type { Profile } from '../profile.ts';
import { rfc } from './rfc.ts';

const second = 1_000_000;

/** The constants of a current Linux kernel. */
export const linux: Profile = {
	...rfc,
	name: 'linux',
	windowScale: 8,
	synLossesForgiven: 1,
	rtoMin: 200_000,
	rtoGranularity: 200_000,
	slowStartPerAck: 0,
	pushesBursts: true,
	rtoMax: 120 * second,
	synRetries: 6,
	retries: 15,
	delayedAck: 40_000,
	quickAcks: 16,
	rack: true,
	tailProbe: true,
	rateReduction: true,
	undo: true,
	congestion: 'cubic',
	slowStartExit: 'hystart',
	ecnRetries: 1,
	blackHoleAfter: 0,
	synCookies: true,
	msl: 30 * second,
	probesBelow: true,
	persistMax: 120 * second,
	receiveBuffer: 131072,
	sendBuffer: 131072,
	receiveBufferMax: 6_291_456,
	sendBufferMax: 4_194_304,
	challengeAcks: 1000,
	answerEvery: 500_000,
	timeWaitIgnoresReset: false,
	announcesAll: true,
};
