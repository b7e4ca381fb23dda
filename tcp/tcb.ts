import { record } from '../lib/memory/index.ts';
import type { Cursor, RecordType } from '../lib/memory/index.ts';

// What is marked `aside` lies in a second record, which a connection has from when
// something happens to it after its handshake: one that is only open does without.
const tcb = {
	/** RFC 9293 §3.3.2; numbers of `states.ts` */
	state: 'u8',
	/** why the connection ended: numbers of `errors.ts`; 0 while nothing went wrong */
	error: 'u8',
	/** what the user has not been told yet: bits of `events.ts` */
	events: 'u8',
	/** what is to be sent at the next drain: bits of `output.ts` */
	want: 'u8',
	/** options of the user: bits of `calls.ts` */
	options: 'u8',
	/** 1 while the user holds this connection; freed on its end otherwise */
	held: 'u8',
	/** 1 where the connection came from a LISTEN (RFC 9293 §3.10.7.4) */
	passive: 'u8',
	local: { addr: 'bytes 16', port: 'u16' },
	remote: { addr: 'bytes 16', port: 'u16' },
	/** Fast Open (RFC 7413): numbers of `fast-phases.ts` */
	fast: 'u8',
	/** a word of the user's, for instance the record of its own that goes with this connection */
	user: 'i32',
	/** next hop kept by the layer below, an address and the tag of its life */
	hop: { at: 'i32', tag: 'i32' },
	/** singly linked lists through the records; 0 ends them */
	link: { output: 'i32', ready: 'i32', accept: 'i32', listener: 'i32' },
	/** of a LISTEN: how many wait for their handshake, and to be accepted */
	listen: { backlog: 'i32 aside', pending: 'i32 aside', waiting: 'i32 aside', first: 'i32 aside', last: 'i32 aside' },
	snd: {
		/** oldest unacknowledged; next to be sent, and never moved back (RFC 9293 §3.3.1) */
		una: 'i32', nxt: 'i32',
		/** window as the peer last gave it, scaled, bytes; SEQ and ACK of the segment that gave it; the largest ever */
		wnd: 'i32', wl1: 'i32', wl2: 'i32', max: 'i32',
		up: 'i32', iss: 'i32',
		/** largest text of a segment, options already taken off, bytes */
		mss: 'i32',
		/** what that would be if the peer's window were not so small, 0 where it is not */
		whole: 'u16 aside',
		/** shift of the windows the peer sends */
		scale: 'u8',
		/** where the last segment ended that was not full */
		small: 'i32',
		/** 1 once the user closed; the FIN stands behind the last queued octet */
		fin: 'u8',
	},
	/** what the user has written from SND.UNA on: a chain of pages, where in the first it begins, bytes; what it may grow to by itself; the page at SND.NXT or 0 */
	sendq: { head: 'i32 aside', tail: 'i32 aside', from: 'i32 aside', length: 'i32 aside', quota: 'i32', most: 'i32', page: 'i32 aside' },
	/** where the stream is cut into records: marks by their numbers, and the first of them that was behind SND.NXT */
	marks: { first: 'i32 aside', last: 'i32 aside', ahead: 'i32 aside' },
	rcv: {
		nxt: 'i32', irs: 'i32', up: 'i32',
		/** right edge of the window last announced; it never moves left */
		edge: 'i32',
		/** ACK last sent: what TS.Recent may be updated against (RFC 7323 §4.3) */
		acked: 'i32',
		/** full-sized octets taken since the last ACK */
		owed: 'i32 aside',
		/** MSS announced to the peer; most text it has sent in one segment */
		mss: 'u16', largest: 'u16 aside',
		/** shift of the windows we send; whether both sides agreed to scale */
		scale: 'u8', scaling: 'u8',
		/** 1 once the peer's FIN was taken in order; its place where it came early */
		fin: 'u8', finEarly: 'u8 aside',
		/** segments still to be acknowledged at once (a profile's quick ACKs); 1 while our text answers the peer's; 1 where a pushed segment waits for its ACK, 2 for several */
		quick: 'u8 aside', answers: 'u8 aside', pushed: 'u8 aside',
		/** how long an ACK is withheld now, µs; 0 before the first text */
		delay: 'i32 aside',
	},
	/** what the peer has sent: pages, where in the first it begins, bytes in order and unread; what it may grow to by itself */
	recvq: { head: 'i32 aside', from: 'i32 aside', length: 'i32 aside', quota: 'i32', most: 'i32', page: 'i32 aside', finAt: 'i32 aside' },
	/** sizing the receive buffer: number of the first octet not read when this round trip began, what was read in the best of them, octets; when it began, µs and as a timestamp */
	drs: { seq: 'i32 aside', space: 'i32 aside', stamp: 'i32 aside', on: 'u8 aside', at: 'f64 aside' },
	/** ranges held out of order; stamp of the latest, by which SACK orders them */
	early: { first: 'i32 aside', stamp: 'i32 aside', count: 'i32 aside' },
	/** outstanding sequence space: a list of runs sent at one time; octets of it selectively acknowledged, and taken for lost; the highest SACKed */
	runs: { first: 'i32', last: 'i32', sacked: 'i32 aside', lost: 'i32 aside', high: 'i32 aside' },
	cc: {
		/** bytes (RFC 5681) */
		cwnd: 'i32', ssthresh: 'i32',
		/** SND.NXT when loss recovery began (RFC 6582) */
		recover: 'i32',
		/** octets acknowledged that have not yet opened the window */
		credit: 'i32 aside',
		/** duplicate ACKs in a row, and what they stand for where there is no SACK */
		dupacks: 'i32 aside',
		/** most that was out in this round trip, octets, where that ends, and whether the window held something back */
		used: 'i32 aside', usedUntil: 'i32 aside', held: 'u8 aside',
		/** numbers of `phases.ts`; of `controller.ts` */
		phase: 'u8', control: 'u8',
		/** DupThresh of this connection, segments */
		reordering: 'u16',
	},
	/** CUBIC (RFC 9438): W_max and where the function is centred, the estimate of a Reno flow, octets; K, s; when the epoch began, µs */
	cubic: {
		plateau: 'i32 aside', origin: 'i32 aside', estimate: 'i32 aside', k: 'f64 aside', epochAt: 'f64 aside',
		/** where segments are counted: how many acknowledged ones are worth one more, how many were since the estimate grew; window and ms when that was reckoned */
		price: 'i32 aside', acks: 'i32 aside', lastCwnd: 'i32 aside', lastAt: 'f64 aside',
	},
	/** pacing: when what was sent last leaves, and when the next may, µs */
	paced: { at: 'f64 aside', next: 'f64 aside' },
	/** HyStart++ (RFC 9406): SND.NXT when this round of slow start began; shortest round trips of this round, of the last and of all, µs, and what CSS was entered at; samples of this round; rounds of CSS still to come; 1 once it has begun; when the round began, and the last ACK of its train came, µs */
	hystart: { until: 'i32 aside', current: 'i32 aside', last: 'i32 aside', shortest: 'i32 aside', baseline: 'i32 aside', samples: 'u8 aside', rounds: 'u8 aside', on: 'u8 aside', beganAt: 'f64 aside', ackAt: 'f64 aside' },
	/** proportional rate reduction (RFC 6937): octets delivered and sent in this recovery, and what was out when it began */
	prr: { delivered: 'i32 aside', sent: 'i32 aside', from: 'i32 aside' },
	/** RACK (RFC 8985 §5.2): when the latest delivered was sent, µs, where it ends, its round trip, the shortest one and when that was, µs; whether anything came out of order; reordering window in quarters of the shortest round trip, for how many recoveries yet, and the round a DSACK was last counted in */
	rack: { at: 'f64', minAt: 'f64', end: 'i32', rtt: 'i32', minRtt: 'i32', dsackRound: 'i32', reordered: 'u8 aside', quarters: 'u8', persist: 'u8 aside' },
	/** tail loss probe (RFC 8985 §7): 0, 1 with new text, 2 with old; SND.NXT when it went out */
	tlp: { end: 'i32 aside', on: 'u8 aside' },
	/** what was given up for a loss that may not have been one: window and threshold, repeats not told to be needless, timestamp of the first */
	undo: { cwnd: 'i32 aside', ssthresh: 'i32 aside', repeats: 'i32 aside', stamp: 'i32 aside', on: 'u8 aside', stamped: 'u8 aside' },
	/** F-RTO (RFC 5682): 0 off, 1 the first ACK after a time-out is awaited, 2 the second */
	frto: 'u8',
	rtt: {
		/** µs; smoothed time × 8 and variance × 4, so that the fractions of RFC 6298 are kept */
		srtt: 'i32', var: 'i32', rto: 'i32',
		/** no sample from sequence numbers below this one */
		from: 'i32',
		/** how often the time-out has doubled, and how often it has struck since something was acknowledged */
		backoff: 'u8', strikes: 'u8', has: 'u8',
		/** where the variance is the largest of late: its smoothed value × 4, the largest in this round trip, and where that ends */
		mean: 'i32', peak: 'i32', round: 'i32',
	},
	ts: { recent: 'i32', offset: 'i32', recentAt: 'f64', on: 'u8' },
	/** DSACK block owed (RFC 2883) */
	sack: { left: 'i32 aside', right: 'i32 aside', on: 'u8', dsack: 'u8 aside' },
	/** deadlines, µs; 0 where off. `rexmt` is set for what `kind` says (numbers of `timer-kinds.ts`); `rto` is when the time-out would strike */
	timer: { rexmt: 'f64', rto: 'f64', delack: 'f64 aside', keep: 'f64 aside', wait: 'f64 aside', kind: 'u8' },
	/** probes of a closed window and of silence sent in a row */
	probe: { count: 'u8 aside', keep: 'u8 aside' },
	/** time of the peer's last segment, µs; of its last text; since when answers to bare ACKs out of place are counted, and how many there were */
	heard: 'f64', heardText: 'f64 aside', answered: 'f64 aside', answers: 'u8 aside',
	/** when our last segment was sent, µs */
	sentAt: 'f64',
	/** since when what is outstanding has gone unanswered, µs */
	silent: 'f64',
	/** ECN (RFC 3168): agreed on; asked for; congestion is echoed; the window was lowered and the peer is still to hear; nothing lowers it again up to there */
	ecn: { until: 'i32', on: 'u8', asked: 'u8', echo: 'u8', reduced: 'u8' },
	/** packetization layer path MTU discovery (RFC 4821): bytes of packets known to arrive, and not known to be lost; of the probe that is out, 0: none, and the number of its first octet; when the search began, µs */
	plp: { low: 'u16 aside', high: 'u16 aside', size: 'u16 aside', on: 'u8 aside', start: 'i32 aside', at: 'f64 aside' },
	/** after a takeover: ACKs up to this number were drawn by repeated frames */
	live: { nxt: 'i32 aside', on: 'u8 aside' },
	/** what the user set instead of the profile's, µs, 0: nothing: patience with the handshake, with what stays unacknowledged (RFC 5482 §2), keep-alive's idle time and interval, FIN-WAIT-2 that nobody holds (below 0: it is reset); keep-alive's probes; how often a SYN or the answer to one is sent again; the largest segment in both directions, bytes */
	limit: { open: 'f64 aside', silence: 'f64 aside', idle: 'f64 aside', interval: 'f64 aside', finWait2: 'f64 aside', probes: 'u8 aside', syns: 'u8 aside', mss: 'u16 aside' },
	/** the handshake is done only once text comes: for how many time-outs of the answer to a SYN, and 1 where an ACK without any has come */
	defer: { timeouts: 'u8 aside', acked: 'u8 aside' },
	/** RFC 5482 §2: ADV_UTO, what we tell the peer, µs, 0: nothing; 1 while it is still to be told; 1 where the user set its own time-out, so that the peer's word does not change it (not CHANGEABLE) */
	uto: { advertised: 'f64 aside', owed: 'u8 aside', fixed: 'u8 aside' },
	/** what `info.ts` tells of. Segments: sent again, come and gone, those with text among them, those that came early; segments seen to overtake others, DSACKs, time-outs */
	info: {
		retransmits: 'i32 aside', segmentsIn: 'i32', segmentsOut: 'i32', textIn: 'i32 aside', textOut: 'i32 aside', early: 'i32 aside', reorderings: 'i32 aside', dsacks: 'i32 aside', timeouts: 'i32 aside',
		/** octets of text sent for the first time, sent at all, come in order; known to have arrived, and of those the ones that met congestion (RFC 3168) */
		sent: 'f64 aside', octetsOut: 'f64 aside', received: 'f64 aside', delivered: 'f64 aside', marked: 'f64 aside',
		/** when the handshake was done, and text was sent last, µs */
		openedAt: 'f64', textAt: 'f64 aside',
		/** 1 where text went with a SYN and was taken (RFC 7413); where a packet came marked or able to be (RFC 3168) */
		synData: 'u8 aside', ecnSeen: 'u8',
	},
	/** what sending waits for: numbers of `waits.ts`, since when, µs; 1 where the user's last octets found no room; how long it waited for anything, for the peer's window and for the user, µs */
	waits: { kind: 'u8 aside', full: 'u8 aside', since: 'f64 aside', busy: 'f64 aside', window: 'f64 aside', buffer: 'f64 aside' },
} as const;

/** Transmission control block of one connection or listener. */
export type Tcb = Cursor<typeof tcb>;
export const Tcb: RecordType<typeof tcb> = record(tcb);

const run = {
	/** sequence space [left, right) */
	left: 'i32', right: 'i32',
	/** the run behind it, 0 at the end */
	next: 'i32',
	/** bits of `run-flags.ts` */
	flags: 'u8',
	/** where the bursts began that it was sent in first, and their octets; 0 where it was none */
	base: 'i32', burst: 'i32',
	/** when it was last sent, µs */
	sentAt: 'f64',
} as const;

/** Outstanding sequence space that was last sent at one time. */
export type Run = Cursor<typeof run>;
export const Run: RecordType<typeof run> = record(run);

const mark = {
	/** number of the octet it stands in front of */
	seq: 'i32',
	/** the mark behind it, 0 at the end */
	next: 'i32',
	/** bits of `marks.ts` */
	flags: 'u8',
} as const;

/** A place of the stream that no segment crosses. */
export type Mark = Cursor<typeof mark>;
export const Mark: RecordType<typeof mark> = record(mark);

const range = { left: 'i32', right: 'i32', next: 'i32', stamp: 'i32' } as const;

/** Sequence space held out of order by a receiver. */
export type Range = Cursor<typeof range>;
export const Range: RecordType<typeof range> = record(range);

const root = {
	/** list of connections with something to send, and of those with news for their user */
	output: { first: 'i32', last: 'i32' },
	ready: { first: 'i32', last: 'i32' },
	/** challenge ACKs left in this second, and when it began, µs */
	challenge: { left: 'i32', since: 'f64' },
	/** until when an ACK may bring a cookie back, µs */
	cookiesUntil: 'f64',
	/** ephemeral port to try next */
	port: 'i32',
	/** connections given to their users before their handshake was done */
	fast: 'i32',
	/** 0 until the secret was drawn; key of RFC 6528's function */
	keyed: 'i32',
	key: 'bytes 16',
} as const;

/** What all connections of one host share. */
export type TcpRoot = Cursor<typeof root>;
export const TcpRoot: RecordType<typeof root> = record(root);
