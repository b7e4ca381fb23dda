/** What a replica counts; every drop has its name here. */
export class ReplicaCounters {
	/** client frames taken into the log */
	inputs: number = 0;
	/** client frames dropped: the log was full, the primary had stopped */
	logFull: number = 0;
	/** client frames dropped: longer than an entry can hold */
	frameTooLong: number = 0;
	/** client frames dropped: this replica does not speak */
	notSpeaking: number = 0;
	/** frames at a port that does not exist */
	portUnknown: number = 0;
	channelMalformed: number = 0;
	channelChecksum: number = 0;
	/** of an epoch that is over, or not yet begun here */
	channelEpoch: number = 0;
	/** from a machine that is not the peer */
	channelStranger: number = 0;
	/** of a kind this role does not take */
	channelKind: number = 0;
	/** entries heard again */
	channelDuplicate: number = 0;
	/** entries heard before one that is missing */
	channelGap: number = 0;
	/** entries that found the log full */
	channelFull: number = 0;
	/** heard after the arbiter was asked: not taken in any more */
	channelLate: number = 0;
	arbiterMalformed: number = 0;
	/** answers to a question not asked */
	arbiterStale: number = 0;
	/** times the primary sent again from the last acknowledged entry on */
	resent: number = 0;
	/** messages written */
	messages: number = 0;
	/** bytes of messages written */
	messageBytes: number = 0;
	entropyFull: number = 0;
}
