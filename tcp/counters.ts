import { record } from '../lib/memory/index.ts';
import type { Cursor, RecordType } from '../lib/memory/index.ts';

const counters = {
	/** segments taken in, and sent */
	segmentsIn: 'i32', segmentsOut: 'i32',
	/** drops, each by its reason */
	badHeader: 'i32', badChecksum: 'i32', badOptions: 'i32', badSource: 'i32',
	synFin: 'i32', noListener: 'i32', strayReset: 'i32', listenReset: 'i32', listenNoSyn: 'i32', listenFull: 'i32', noConnectionRecord: 'i32',
	synSentBadAck: 'i32', synSentIgnored: 'i32', resetIgnored: 'i32', resetOutOfWindow: 'i32', resetChallenged: 'i32', synChallenged: 'i32',
	outOfWindow: 'i32', duplicate: 'i32', paws: 'i32', noAckFlag: 'i32', ackTooNew: 'i32', ackTooOld: 'i32', ackInSynReceived: 'i32', deferred: 'i32',
	textBeyondWindow: 'i32', textAfterFin: 'i32', textAfterClose: 'i32', noPage: 'i32', noRange: 'i32', timeWaitIgnored: 'i32',
	icmpUnrelated: 'i32', icmpOutOfWindow: 'i32', icmpSoft: 'i32', icmpHard: 'i32',
	/** events */
	opened: 'i32', closed: 'i32', resetsSent: 'i32', resetsTaken: 'i32', challengesSent: 'i32', challengesWithheld: 'i32',
	retransmits: 'i32', timeouts: 'i32', fastRetransmits: 'i32', duplicateAcks: 'i32', dsacksTaken: 'i32', dsacksSent: 'i32',
	ecnReductions: 'i32', pathShrunk: 'i32', cookiesSent: 'i32', cookiesTaken: 'i32', tailProbes: 'i32', undone: 'i32', probes: 'i32', keepAlives: 'i32', delayedAcks: 'i32', noRun: 'i32', noMark: 'i32',
	/** Fast Open: SYNs whose text was taken; with a wrong cookie; with a right one when too many were pending */
	fastOpened: 'i32', fastOpenBadCookie: 'i32', fastOpenFull: 'i32',
} as const;

/** Counts of one host's TCP: every drop has its name here. */
export type TcpCounters = Cursor<typeof counters>;
export const TcpCounters: RecordType<typeof counters> = record(counters);
