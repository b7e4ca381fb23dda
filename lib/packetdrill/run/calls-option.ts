import { CLOSED, CORK, ESTABLISHED, FAST_OPEN, KEEP_ALIVE, LISTEN, NO_DELAY, NO_OPTIONS, setKeepIdle, setOptions, setQuickAck, setReceiveBuffer, setSendBuffer } from '../../../tcp/index.ts';
import { CUBIC, NEWRENO } from '../../../tcp/controller.ts';
import type { Profile } from '../../../tcp/index.ts';
import type { Args } from './args.ts';
import { onSocket } from './calls-connection.ts';
import { queued, unsent } from './readiness.ts';
import { done, fail } from './subject.ts';
import type { File, Process } from './process.ts';
import type { Attempt, Plain } from './subject.ts';
import { Unsupported } from './verdict.ts';

const SECOND = 1_000_000;

export function callFcntl(p: Process, args: Args): Attempt {
	const file = p.files.get(args.number(0));
	if (file === undefined) return () => fail('EBADF');
	const nonBlocking = p.profile === 'freebsd' ? 4 : 0x800;
	switch (args.name(1)) {
		case 'F_GETFL':
			return () => done(2 | (file.nonBlocking ? nonBlocking : 0));
		case 'F_SETFL':
			file.nonBlocking = (args.number(2) & nonBlocking) !== 0;
			return () => done(0);
		case 'F_GETFD':
		case 'F_SETFD':
			return () => done(0);
		default:
			throw new Unsupported(`fcntl ${args.name(1)}`);
	}
}

export function callIoctl(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		switch (args.name(1)) {
			case 'SIOCINQ':
			case 'FIONREAD':
				return done(0, new Map<number, Plain>([[2, p.readable(file)]]));
			case 'SIOCOUTQ':
				return done(0, new Map<number, Plain>([[2, queued(p, file)]]));
			case 'SIOCOUTQNSD':
				return done(0, new Map<number, Plain>([[2, unsent(p, file)]]));
			case 'FIONBIO':
				file.nonBlocking = args.boxed(2) !== 0;
				return done(0);
			default:
				throw new Unsupported(`ioctl ${args.name(1)}`);
		}
	});
}

/** Options that change nothing a script could see here; they are read back as they were set. */
const KEPT: ReadonlySet<string> = new Set(['SO_REUSEADDR', 'SO_REUSEPORT', 'SO_PRIORITY', 'SO_NOSIGPIPE', 'SO_DEBUG', 'SO_BROADCAST', 'SO_INCOMING_CPU', 'SO_MARK', 'SO_DONTROUTE', 'SO_OOBINLINE', 'SO_BUSY_POLL', 'SO_TIMESTAMP', 'IP_RECVERR', 'IPV6_RECVERR', 'IPV6_V6ONLY', 'IP_MTU_DISCOVER', 'IPV6_MTU_DISCOVER', 'IP_TOS', 'IPV6_TCLASS', 'SO_INCOMING_NAPI_ID', 'SO_TXREHASH', 'SO_RXQ_OVFL']);

/** Bits of the connection's options. */
const BITS: Readonly<Record<string, number>> = { TCP_NODELAY: NO_DELAY, TCP_CORK: CORK, TCP_NOPUSH: CORK, SO_KEEPALIVE: KEEP_ALIVE, TCP_NOOPT: NO_OPTIONS };

/** Times and counts kept with the connection, and the unit a script gives them in, µs. */
const LIMITS: Readonly<Record<string, readonly ['open' | 'silence' | 'idle' | 'interval' | 'probes', number]>> = {
	TCP_KEEPINIT: ['open', SECOND], TCP_USER_TIMEOUT: ['silence', 1000], TCP_MAXUNACKTIME: ['silence', SECOND], TCP_KEEPIDLE: ['idle', SECOND], TCP_KEEPALIVE: ['idle', SECOND],
	TCP_KEEPINTVL: ['interval', SECOND], TCP_KEEPCNT: ['probes', 1],
};

export function callSetsockopt(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const name = args.name(2);
		if (name === 'SO_LINGER') return setLinger(args, file);
		if (!p.isAlive(file)) return fail('EINVAL');
		if (name === 'TCP_CONGESTION') return setController(p, args, file);
		const value = args.boxed(3);
		const wrong = refusal(p, file, name, value);
		if (wrong !== null) return fail(wrong);
		const { tcp } = p;
		tcp.tcb.go(file.tcb);
		const bit = BITS[name];
		const limit = LIMITS[name];
		if (bit !== undefined) setOptions(tcp, file.tcb, value !== 0 ? tcp.tcb.options | bit : tcp.tcb.options & ~bit);
		else if (limit?.[0] === 'idle') setKeepIdle(tcp, file.tcb, value * limit[1]);
		else if (limit !== undefined) tcp.tcb.limit[limit[0]] = value * limit[1];
		// Linux counts its own bookkeeping and gives twice what is asked for; half of what is for receiving is left to text.
		else if (name === 'SO_RCVBUF') {
			setReceiveBuffer(tcp, file.tcb, p.profile === 'linux' ? Math.max(1152, value) : value);
			if (p.profile === 'linux') file.kept.set(name, 2 * tcp.tcb.recvq.quota);
		}
		else if (name === 'SO_SNDBUF') setSendBuffer(tcp, file.tcb, p.profile === 'linux' ? Math.max(4608, value * 2) : value);
		else if (name === 'TCP_MAXSEG') tcp.tcb.limit.mss = value;
		else if (name === 'TCP_SYNCNT') tcp.tcb.limit.syns = value;
		else if (name === 'TCP_LINGER2') tcp.tcb.limit.finWait2 = value < 0 ? -1 : Math.min(value, 120) * SECOND;
		else if (name === 'TCP_DEFER_ACCEPT') tcp.tcb.defer.timeouts = timeoutsIn(tcp.profile, value);
		else if (name === 'TCP_QUICKACK') setQuickAck(tcp, file.tcb, value !== 0);
		else if (name === 'SO_ZEROCOPY' && p.profile === 'linux') file.copiesNothing = value !== 0;
		else if (name === 'SO_TIMESTAMPING' && p.profile === 'linux') file.errors.stamp(value, p.progress(file));
		else if (name === 'TCP_INQ') file.tellsLeft = value !== 0;
		else if (name === 'TCP_NOTSENT_LOWAT') file.unsentLowWater = value === 0 ? p.unsentLowWater : value >>> 0;
		else if (name === 'SO_RCVLOWAT') file.lowWater = Math.max(1, value);
		else if (name === 'TCP_FASTOPEN' || name === 'TCP_FASTOPEN_CONNECT') setOptions(tcp, file.tcb, value !== 0 ? tcp.tcb.options | FAST_OPEN : tcp.tcb.options & ~FAST_OPEN);
		else if (KEPT.has(name)) {
			if (value === 0) file.kept.delete(name);
			else file.kept.set(name, value);
		} else throw new Unsupported(`setsockopt ${name}`);
		return done(0);
	});
}

/** How many time-outs of a SYN fit into a time; as with Linux, one that has begun counts. */
function timeoutsIn({ rtoMax }: Profile, seconds: number): number {
	let count = 0;
	for (let period = 0, each = SECOND; period < seconds * SECOND && count < 255; each = Math.min(rtoMax, 2 * each)) {
		period += each;
		count++;
	}
	return count;
}

/** How long so many time-outs are, s. */
function secondsOf({ rtoMax }: Profile, timeouts: number): number {
	let period = 0;
	for (let i = 0, each = SECOND; i < timeouts; i++, each = Math.min(rtoMax, 2 * each)) period += each;
	return period / SECOND;
}

/** Why an option is not taken; null where it is. */
function refusal(p: Process, file: File, name: string, value: number): string | null {
	if (p.profile !== 'linux') return null;
	switch (name) {
		// The smallest segment Linux lets be asked for, and the largest window.
		case 'TCP_MAXSEG': return value !== 0 && (value < 88 || value > 32_767) ? 'EINVAL' : null;
		case 'TCP_SYNCNT': return value < 1 || value > 127 ? 'EINVAL' : null;
		case 'SO_ZEROCOPY': case 'TCP_INQ': return value < 0 || value > 1 ? 'EINVAL' : null;
		case 'TCP_FASTOPEN': return p.state(file) === CLOSED || p.state(file) === LISTEN ? null : 'EINVAL';
		case 'TCP_FASTOPEN_CONNECT': return value < 0 || value > 1 || file.isConnecting ? 'EINVAL' : (p.fastOpen & 1) === 0 ? 'EOPNOTSUPP' : null;
		case 'TCP_USER_TIMEOUT': return value < 0 ? 'EINVAL' : null;
		default: return null;
	}
}

/** Controllers there are, by the names systems give them. */
const CONTROLLERS: Readonly<Record<string, 'cubic' | 'newreno'>> = { cubic: 'cubic', reno: 'newreno', newreno: 'newreno' };

function setController(p: Process, args: Args, file: File): ReturnType<typeof done> {
	const name = args.text(3);
	const congestion = name === null ? undefined : CONTROLLERS[name];
	if (congestion === undefined) throw new Unsupported(`the congestion control ${name ?? '...'}`);
	const { tcp } = p;
	// It is for this connection, and those that come of it; a script has no others.
	tcp.profile = { ...tcp.profile, congestion };
	tcp.tcb.go(file.tcb);
	tcp.tcb.cc.control = congestion === 'cubic' ? CUBIC : NEWRENO;
	return done(0);
}

function setLinger(args: Args, file: File): ReturnType<typeof done> {
	const members = args.members(3);
	if (members === null) throw new Unsupported('SO_LINGER without a struct');
	const on = args.memberNumber(members, 'onoff') ?? args.memberNumber(members, 'l_onoff');
	const seconds = args.memberNumber(members, 'linger') ?? args.memberNumber(members, 'l_linger');
	file.linger = on === 0 || on === null ? null : seconds ?? 0;
	return done(0);
}

/** What an option holds; undefined where we do not know it. */
function optionOf(p: Process, file: File, name: string): Plain | undefined {
	const { tcb } = p.tcp;
	if (p.isAlive(file)) tcb.go(file.tcb);
	const bit = BITS[name];
	if (bit !== undefined) return (tcb.options & bit) !== 0 ? 1 : 0;
	const limit = LIMITS[name];
	if (limit !== undefined) return limitOf(p, limit);
	if (KEPT.has(name)) return file.kept.get(name) ?? 0;
	switch (name) {
		case 'SO_ERROR': return p.takeError(file) ?? 0;
		case 'SO_RCVBUF': return file.kept.get(name) ?? (p.profile === 'linux' ? 2 * Math.max(tcb.recvq.quota, p.tcp.profile.receiveBuffer) : tcb.recvq.quota);
		case 'SO_SNDBUF': return tcb.sendq.quota;
		case 'SO_TYPE': return 1;
		case 'SO_PROTOCOL': return 6;
		case 'SO_ACCEPTCONN': return p.isListening(file) ? 1 : 0;
		case 'SO_LINGER': return { onoff: file.linger === null ? 0 : 1, linger: file.linger ?? 0 };
		case 'SO_RCVLOWAT': return file.lowWater;
		case 'SO_DOMAIN': return p.addressing.domain;
		case 'TCP_SYNCNT': return tcb.limit.syns || p.tcp.profile.synRetries;
		case 'TCP_LINGER2': return tcb.limit.finWait2 < 0 ? -1 : Math.floor((tcb.limit.finWait2 || p.tcp.profile.finWait2) / SECOND);
		case 'TCP_DEFER_ACCEPT': return secondsOf(p.tcp.profile, tcb.defer.timeouts);
		case 'TCP_QUICKACK': return tcb.rcv.answers === 0 ? 1 : 0;
		case 'SO_ZEROCOPY': return file.copiesNothing ? 1 : 0;
		case 'SO_TIMESTAMPING': return file.errors.stamping;
		case 'TCP_INQ': return file.tellsLeft ? 1 : 0;
		case 'TCP_NOTSENT_LOWAT': return file.unsentLowWater === Infinity ? 0 : file.unsentLowWater;
		case 'TCP_FASTOPEN_CONNECT': return (tcb.options & FAST_OPEN) !== 0 ? 1 : 0;
		case 'TCP_CONGESTION': return p.tcp.profile.congestion === 'cubic' ? 'cubic' : p.profile === 'freebsd' ? 'newreno' : 'reno';
		case 'TCP_MAXSEG': return tcb.state >= ESTABLISHED ? tcb.snd.mss : tcb.limit.mss === 0 ? p.tcp.profile.mssDefault : tcb.limit.mss;
		default: return undefined;
	}
}

function limitOf(p: Process, [field, unit]: readonly ['open' | 'silence' | 'idle' | 'interval' | 'probes', number]): number {
	const { profile, tcb } = p.tcp;
	const otherwise = { open: 0, silence: 0, idle: profile.keepIdle, interval: profile.keepInterval, probes: profile.keepProbes };
	return Math.floor((tcb.limit[field] === 0 ? otherwise[field] : tcb.limit[field]) / unit);
}

export function callGetsockopt(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const name = args.name(2);
		if (name === 'TCP_INFO' && args.value(3).kind === 'ellipsis') return done(0);
		// FreeBSD has no options left below the socket once the connection is gone.
		if (p.profile === 'freebsd' && args.name(1) === 'IPPROTO_TCP' && file.isConnecting && p.state(file) === CLOSED) return fail('ECONNRESET');
		const value = optionOf(p, file, name);
		if (value === undefined) throw new Unsupported(`getsockopt ${name}`);
		return done(0, new Map<number, Plain>([[3, value]]));
	});
}
