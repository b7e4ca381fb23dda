/**
 * What a replay did to a captured stream so that it could be played, counted.
 * Nothing here is done in silence.
 */
export interface Policies {
	/** segments whose checksum was wrong; repaired on the way in */
	badChecksums: number;
	/** segments longer than a packet may be, made by offload; split */
	oversize: number;
	/** 1 where the capture began in mid-stream and the handshake was made up */
	missingSyn: number;
	/** 1 where one side alone was captured and the other was made up */
	oneSided: number;
	/** segments whose data was cut off by the capture */
	cutFrames: number;
	/** bytes that were sent and not captured; zeros stand for them */
	zeroFilled: number;
	/** segments of the side played that brought nothing new; played all the same */
	repeated: number;
	/** segments that brought new bytes behind old ones; of bytes that came twice see Strand */
	overlapping: number;
	/** resets that were not the last of the stream; the last one was played at its end */
	resetsHeld: number;
	/** SYN-ACKs with a number that nobody acknowledged; left out */
	synsSkipped: number;
	/** FIN flags with data behind them; taken off */
	finsDropped: number;
	/** 1 where timestamps were left out of the SYN because the side played then sends none */
	timestampsWithheld: number;
	/** ACKs of what nobody sent; clipped to what the stack had sent */
	strayAcks: number;
	/** segments that waited until the stack had sent what they acknowledge, or had opened its window */
	held: number;
	/** ACKs made up: for what the stack had sent in other pieces, or what was never acknowledged in the capture */
	acksSynthesised: number;
	/** bytes of the stack's that the capture never acknowledged */
	unacknowledged: number;
	/** segments that were played although what they waited for did not come; their ACKs were clipped */
	clipped: number;
	/** segments sent again because the stack had not got them */
	resent: number;
	/** 1 where the replay ended before everything had crossed */
	givenUp: number;
}

/** None applied. */
export function noPolicies(): Policies {
	return {
		badChecksums: 0, oversize: 0, missingSyn: 0, oneSided: 0, cutFrames: 0, zeroFilled: 0, repeated: 0, overlapping: 0, resetsHeld: 0,
		synsSkipped: 0, finsDropped: 0, timestampsWithheld: 0, strayAcks: 0, held: 0, acksSynthesised: 0, unacknowledged: 0, clipped: 0, resent: 0, givenUp: 0,
	};
}

/** In a few words, for people. */
export const policyTexts: { readonly [K in keyof Policies]: string } = {
	badChecksums: 'wrong checksums repaired',
	oversize: 'segments longer than a packet split',
	missingSyn: 'handshake made up: the capture begins in mid-stream',
	oneSided: 'one side alone was captured, the other is made up',
	cutFrames: 'segments cut off by the capture',
	zeroFilled: 'bytes not captured, zeros in their place',
	repeated: 'segments sent again with nothing new',
	overlapping: 'segments overlapping earlier ones',
	resetsHeld: 'resets that did not end the stream held back',
	synsSkipped: 'SYN-ACKs of another connection left out',
	finsDropped: 'FINs with data behind them dropped',
	timestampsWithheld: 'timestamps left out of the SYN',
	strayAcks: 'ACKs of what nobody sent clipped',
	held: 'segments held until the stack had sent what they answer',
	acksSynthesised: 'ACKs made up',
	unacknowledged: 'bytes never acknowledged in the capture',
	clipped: 'segments played with a clipped ACK',
	resent: 'segments sent again to the stack',
	givenUp: 'given up before everything had crossed',
};
