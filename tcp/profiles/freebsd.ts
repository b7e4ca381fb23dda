import type { Profile } from '../profile.ts';
import { rfc } from './rfc.ts';

const second = 1_000_000;

/** The constants of a current FreeBSD kernel. */
export const freebsd: Profile = {
	...rfc,
	name: 'freebsd',
	windowScale: 6,
	synOptions: ['mss', 'nop', 'wscale', 'sackOk', 'ts', 'end'],
	synOptionsPlain: ['mss', 'nop', 'wscale', 'sackOk', 'end'],
	receiveBuffer: 65700,
	sendBuffer: 32768,
	rtoMin: 30_000,
	rtoMax: 64 * second,
	delayedAck: 40_000,
	rateReduction: true,
	congestion: 'cubic',
	blackHoleAfter: 0,
	synCookies: true,
	msl: 30 * second,
	persistMin: 5 * second,
	finWait2: 60 * second,
	keepProbes: 8,
	challengeAcks: 200,
	timeWaitIgnoresReset: true,
};
