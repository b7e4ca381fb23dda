import type { Profile } from '../profile.ts';

const second = 1_000_000;

/** What the RFCs say where they say it; where they give a range, its plain end. */
export const rfc: Profile = {
	name: 'rfc',
	mss: 1460,
	mssDefault: 536,
	synOptions: ['mss', 'sackOk', 'ts', 'nop', 'wscale'],
	synOptionsPlain: ['mss', 'nop', 'nop', 'sackOk', 'nop', 'wscale'],
	timestamps: true,
	sack: true,
	windowScaling: true,
	windowScale: 2,
	sendBuffer: 65536,
	receiveBuffer: 65536,
	initialWindow: 10,
	rtoInitial: second,
	rtoMin: second,
	rtoMax: 60 * second,
	rtoGranularity: 1000,
	synRetries: 7,
	retries: 12,
	delayedAck: 200_000,
	ackEvery: 2,
	quickAcks: 0,
	dupThresh: 3,
	persistMin: 0,
	persistMax: 60 * second,
	msl: 120 * second,
	finWait2: 60 * second,
	keepIdle: 7200 * second,
	keepInterval: 75 * second,
	keepProbes: 9,
	challengeAcks: 10,
	timeWaitIgnoresReset: true,
};
