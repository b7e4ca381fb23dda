/** An option as a SYN writes it; 'nop' and 'end' are padding a stack is known by. */
export type OptionName = 'mss' | 'wscale' | 'sackOk' | 'ts' | 'nop' | 'end';

/** An ICMP or ICMPv6 message, and what the user is told of it: a number of `errors.ts`. */
export interface HardError {
	readonly family: 4 | 6;
	readonly type: number;
	readonly code: number;
	readonly error: number;
}

/**
 * The constants a stack is known by: data, one file a profile. The protocol
 * code reads them and never asks which profile it runs.
 */
export interface Profile {
	readonly name: string;
	/** largest segment announced on Ethernet over IPv4, bytes; IPv6 announces 20 less */
	readonly mss: number;
	/** segment size assumed where the peer announces none, bytes (RFC 9293 §3.7.1) */
	readonly mssDefault: number;
	/** order of the options of a SYN with timestamps and SACK, with timestamps alone, and without timestamps; what is not negotiated is left out */
	readonly synOptions: readonly OptionName[];
	readonly synOptionsNoSack: readonly OptionName[];
	readonly synOptionsPlain: readonly OptionName[];
	/** what is offered in a SYN, and agreed to in an answer */
	readonly timestamps: boolean;
	readonly sack: boolean;
	readonly windowScaling: boolean;
	/** shift offered for our windows (RFC 7323 §2.2); raised where the receive buffer needs more; whether it is lowered to what a buffer of fixed size needs */
	readonly windowScale: number;
	readonly scaleFitsBuffer: boolean;
	/** bytes a connection may queue for sending, and hold for its application */
	readonly sendBuffer: number;
	readonly receiveBuffer: number;
	/** to how many bytes these grow by themselves, where the path needs it and pages are left; no more than they begin with: they stay */
	readonly sendBufferMax: number;
	readonly receiveBufferMax: number;
	/** first window of congestion control, segments; 0: RFC 5681's formula */
	readonly initialWindow: number;
	/** time-outs of the handshake after which that is still the first window; else it is one segment (RFC 5681 §3.1) */
	readonly synLossesForgiven: number;
	/** retransmission time-outs, µs (RFC 6298; RFC 9293 §3.8.1) */
	readonly rtoInitial: number;
	readonly rtoMin: number;
	readonly rtoMax: number;
	/** smallest variance term, µs: the clock granularity G of RFC 6298 §2.2, or more where a stack is more patient */
	readonly rtoGranularity: number;
	/** where the timer ran for a probe or for what may have been overtaken, the time-out after it is counted from when the oldest that is out was sent; else from then on */
	readonly timesOutFromHead: boolean;
	/** which round trips are measured: one at a time, and the variance is smoothed (RFC 6298 §2.3, §3); or what each ACK and SACK tells, the variance being the largest of late, and a doubled time-out stays until there is a new sample */
	readonly roundTrips: 'one' | 'all';
	/** how often a SYN, the answer to one, and anything else is sent again before giving up */
	readonly synRetries: number;
	readonly synAckRetries: number;
	readonly retries: number;
	/** longest an ACK is withheld, µs, and after how many full segments one is sent anyway (RFC 9293 §3.8.6.3) */
	readonly delayedAck: number;
	readonly ackEvery: number;
	/** how many segments are acknowledged at once in the beginning, after a long silence, and after what came twice; not while our text answers the peer's so soon that it can bear the ACKs, and then a delay that was in vain makes the next one longer. 0: nothing of the kind */
	readonly quickAcks: number;
	/** whether an ACK is due as soon as more than one full segment is unacknowledged; else when there are as many full ones as `ackEvery` says */
	readonly acksBeyondOne: boolean;
	/** how long a peer that acknowledges up to something SACKed, and not that, may have forgotten to say so, µs, or half a round trip where that is longer: then it has thrown it away (RFC 2018 §8); 0: the time-out */
	readonly renegingDelay: number;
	/** duplicate ACKs that tell a loss (RFC 5681 §3.2), and how many it may become where segments are seen to overtake each other */
	readonly dupThresh: number;
	readonly dupThreshMost: number;
	/** losses told by time (RFC 8985 §6) instead of by counting */
	readonly rack: boolean;
	/** probes of the tail (RFC 8985 §7) */
	readonly tailProbe: boolean;
	/** proportional rate reduction (RFC 6937) */
	readonly rateReduction: boolean;
	/** spurious time-outs found out (RFC 5682), and what was done about losses taken back (RFC 3522, RFC 3708) */
	readonly undo: boolean;
	readonly congestion: 'newreno' | 'cubic';
	/** what the congestion window counts. Of segments there are whole ones: a threshold is rounded down, what a reduction allows is rounded up and measured against the window, and a window keeps its number of segments where they get shorter */
	readonly window: 'octets' | 'segments';
	/** what ends the first slow start besides a loss: 'hystart++' longer round trips (RFC 9406), 'hystart' those or a long train of ACKs, where the controller is CUBIC */
	readonly slowStartExit: 'loss' | 'hystart++' | 'hystart';
	/** segments by which one ACK opens the window in slow start; 0: as many as it says have arrived */
	readonly slowStartPerAck: number;
	/** text leaves spread over a round trip, where whoever drives the host keeps departure times */
	readonly pacing: boolean;
	/** segments that leave as one burst at least, the last of which is pushed where they are several; 0: there are none, and only the end of what was written is pushed */
	readonly burst: number;
	/** a short burst waits for the next ACK where that is near */
	readonly defersBursts: boolean;
	/** what holds back a segment that is not full (RFC 9293 §3.7.4): whatever is out, or only another such segment (Minshall's variant) */
	readonly nagleWaitsFor: 'all' | 'small';
	/** the end of a record ends a segment too, also where it is sent again; else records are nothing to TCP (RFC 9293 §3.9.1.2) */
	readonly keepsRecords: boolean;
	/** short segments that were sent one after the other become one where they are sent again */
	readonly joinsRepeats: boolean;
	/** the window is small again after an idle time (RFC 5681 §4.1) */
	readonly slowStartAfterIdle: boolean;
	/** 'accept' where the peer asks, 'request' of every peer (RFC 3168 §6.1.1); for how many SYNs */
	readonly ecn: 'off' | 'accept' | 'request';
	readonly ecnRetries: number;
	/** time-outs in a row after which a path is suspected to swallow large packets; 0: never */
	readonly blackHoleAfter: number;
	/** Fast Open without cookies, among hosts that trust each other: the text of any SYN is taken; a SYN takes text along to whom it may go (RFC 7413 has neither) */
	readonly fastOpenTakesAll: boolean;
	readonly fastOpenSendsAll: boolean;
	/** the size of segments is searched by probes (RFC 4821): from the first one on, or once the path is suspected to swallow large packets; octets of text that every path is trusted with */
	readonly pathProbes: 'never' | 'black hole' | 'always';
	readonly pathProbeBase: number;
	/** a full backlog answers with cookies (RFC 4987 §3.6) */
	readonly synCookies: boolean;
	/** a closed window is probed with no octet, by an ACK one below SND.UNA, which has to be answered too; the next probe is waited for from that answer on */
	readonly probesBelow: boolean;
	/** first and longest interval of window probes, µs; 0 for the first: the RTO */
	readonly persistMin: number;
	readonly persistMax: number;
	/** TIME-WAIT lasts twice this, µs (RFC 9293 §3.4.2) */
	readonly msl: number;
	/** how long FIN-WAIT-2 waits once the application is gone, µs */
	readonly finWait2: number;
	/** keep-alive where switched on: idle time, interval, µs, and probes (RFC 9293 §3.8.4) */
	readonly keepIdle: number;
	readonly keepInterval: number;
	readonly keepProbes: number;
	/** challenge ACKs a second, all connections together (RFC 5961 §7) */
	readonly challengeAcks: number;
	/** how many bare ACKs out of place are answered on one connection, and in how long, µs: two hosts that have lost each other would answer for ever */
	readonly answerMost: number;
	readonly answerEvery: number;
	/** a RST is also believed at the right edge of what was SACKed, and after the peer's FIN at that FIN's own number: where a peer stands that has not heard our last ACKs (RFC 5961 §3.2 has only RCV.NXT) */
	readonly takesNearResets: boolean;
	/** what came before a RST counts: a connection can still be accepted, what was received in order can still be read; and who may only write still is told what a pipe without a reader would tell */
	readonly keepsTextOnReset: boolean;
	/** text for a connection that nobody reads any more draws what one that does not exist would send, a RST with SEG.ACK as its number (RFC 9293 §3.10.7.1); else that of an abort, with SND.NXT */
	readonly forgetsUnread: boolean;
	/** whether TIME-WAIT ignores a RST (RFC 1337, fix F1) */
	readonly timeWaitIgnoresReset: boolean;
	/** what of a SYN opens a connection in TIME-WAIT anew: a later timestamp (RFC 6191 §2), or without timestamps a higher number too (RFC 9293 §3.10.7.4) */
	readonly timeWaitReopensBy: 'timestamp' | 'number';
	/** added to every time-out that was estimated or doubled, µs */
	readonly rtoSlop: number;
	/** how long a handshake is waited for, µs; 0: until the retries are used up */
	readonly openTimeout: number;
	/** the window announced is all there is room for, unless that is less than a segment and a quarter of the buffer; else its edge moves in steps (RFC 9293 §3.8.6.2.2) */
	readonly announcesAll: boolean;
	/** reading is told to the peer once the window has at least doubled, and was no more than half the buffer; else once it gained two segments, or half the buffer (RFC 9293 §3.8.6.2.2) */
	readonly tellsDoubled: boolean;
	/** an ACK bears no number beyond the peer's window, even where that was taken back below what is out; else SND.NXT (RFC 9293 §3.10.7.4) */
	readonly acksInWindow: boolean;
	/** a segment without SYN, RST and ACK is dropped wherever it stands; else one outside of the window is answered (RFC 9293 §3.10.7.4 looks at the numbers first) */
	readonly dropsMute: boolean;
	/** smallest path MTU that a router is believed to have, bytes, over IPv4 (RFC 791 has 68) */
	readonly leastPathMtu: number;
	/** segments are no longer than half the largest window the peer has announced, or all of one below 536 */
	readonly halvesWindow: boolean;
	/** what the peer has taken its window back from is not sent again, but for the oldest segment: as long as the peer answers that asks for the window; else all of it is, and the window is probed (RFC 9293 §3.8.6, MAY-7) */
	readonly repeatsInWindow: boolean;
	/** keep-alive gives up when the user's timeout is over, where one is set, and resets a peer that it finds gone; else after so many probes, and in silence */
	readonly keepAliveResets: boolean;
	/** what bears an MD5 signature is dropped: nobody has agreed on a key (RFC 2385 §2) */
	readonly dropsSigned: boolean;
	/** a FIN without text is taken although the window is closed: a peer that sends it then would send it for ever */
	readonly takesFinAtClosedWindow: boolean;
	/** text that begins in the window and ends beyond it is taken whole where nothing waits to be read, and else refused; or what lies beyond is cut off (RFC 9293 §3.10.7.4) */
	readonly takesAcrossEdge: boolean;
	/** text that there is room for is taken also beyond the right edge announced */
	readonly takesBeyondEdge: boolean;
	/** buffers become whole segments once their size is known: both are rounded 'up', or that for receiving 'down', so that a window is; else they stay 'as set' */
	readonly wholeSegments: 'as set' | 'up' | 'down';
	/** the ACK of an old segment counts although the segment is not acceptable */
	readonly takesOldAcks: boolean;
	/** every second segment is acknowledged, however short; else as many full segments as `ackEvery` says */
	readonly acksSegments: boolean;
	/** a FIN that came out of order is told of by SACK: it has a sequence number too */
	readonly sacksFin: boolean;
	/** every ACK sent while our FIN is out carries the FIN again */
	readonly repeatsFin: boolean;
	/** whether a <SYN,ACK> to a LISTEN is dropped, and not answered with a RST as RFC 9293 §3.10.7.2 would have it */
	readonly listenIgnoresSynAck: boolean;
	/** whether a SYN with a FIN is dropped where it would open a connection */
	readonly dropsSynFin: boolean;
	/** a SYN over IPv6 that is sent again announces what the path towards the peer carries; else what we can take (RFC 9293 §3.7.1) */
	readonly announcesPathMtu6: boolean;
	/** the ICMP errors that end a connection being opened (RFC 1122 §4.2.3.9, RFC 5461 §4.1) */
	readonly hardErrors: readonly HardError[];
}
