import type { ProfileName } from '../wanted-profile.ts';
import type { Value } from '../tree.ts';
import { Unsupported } from './verdict.ts';

/**
 * Numbers of the names in system calls. Where Linux and FreeBSD differ and a
 * script can see the number (flags of a file), both are given.
 */
const SHARED: Readonly<Record<string, number>> = {
	AF_UNSPEC: 0, AF_INET: 2, PF_INET: 2, AF_INET6: 10, PF_INET6: 10,
	SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_CLOEXEC: 0x8_0000, SOCK_NONBLOCK: 0x800,
	IPPROTO_IP: 0, IPPROTO_ICMP: 1, IPPROTO_TCP: 6, IPPROTO_UDP: 17, IPPROTO_IPV6: 41, IPPROTO_SCTP: 132, IPPROTO_MPTCP: 262,
	SOL_IP: 0, SOL_SOCKET: 1, SOL_TCP: 6, SOL_IPV6: 41,
	SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2,
	O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 0x40, O_EXCL: 0x80, O_TRUNC: 0x200, O_APPEND: 0x400, O_CLOEXEC: 0x8_0000, SOMAXCONN: 4096, NULL: 0,
	F_GETFL: 3, F_SETFL: 4, F_GETFD: 1, F_SETFD: 2, FD_CLOEXEC: 1,
	MSG_OOB: 1, MSG_PEEK: 2, MSG_DONTROUTE: 4, MSG_CTRUNC: 8, MSG_TRUNC: 0x20, MSG_DONTWAIT: 0x40, MSG_EOR: 0x80, MSG_WAITALL: 0x100,
	MSG_ERRQUEUE: 0x2000, MSG_NOSIGNAL: 0x4000, MSG_MORE: 0x8000, MSG_ZEROCOPY: 0x400_0000, MSG_FASTOPEN: 0x2000_0000,
	POLLIN: 1, POLLPRI: 2, POLLOUT: 4, POLLERR: 8, POLLHUP: 16, POLLNVAL: 32, POLLRDNORM: 0x40, POLLRDBAND: 0x80, POLLWRNORM: 0x100, POLLRDHUP: 0x2000,
	EPOLLIN: 1, EPOLLPRI: 2, EPOLLOUT: 4, EPOLLERR: 8, EPOLLHUP: 16, EPOLLRDHUP: 0x2000, EPOLLONESHOT: 0x4000_0000, EPOLLET: 0x8000_0000,
	EPOLL_CTL_ADD: 1, EPOLL_CTL_DEL: 2, EPOLL_CTL_MOD: 3,
	SIOCINQ: 0x541b, FIONREAD: 0x541b, SIOCOUTQ: 0x5411, FIONBIO: 0x5421,
	EPOLLRDNORM: 0x40, EPOLLWRNORM: 0x100, EPOLLEXCLUSIVE: 0x1000_0000, EPOLL_CLOEXEC: 0x8_0000, MSG_CMSG_CLOEXEC: 0x4000_0000, MSG_SPLICE_PAGES: 0x800_0000, MSG_CONFIRM: 0x800,
	SIOCOUTQNSD: 0x894b, SIOCATMARK: 0x8905,
	SO_DEBUG: 1, SO_REUSEADDR: 2, SO_TYPE: 3, SO_ERROR: 4, SO_DONTROUTE: 5, SO_BROADCAST: 6, SO_SNDBUF: 7, SO_RCVBUF: 8, SO_KEEPALIVE: 9, SO_OOBINLINE: 10, SO_PRIORITY: 12, SO_LINGER: 13, SO_REUSEPORT: 15,
	TCP_NODELAY: 1, TCP_MAXSEG: 2, TCP_CORK: 3, TCP_KEEPIDLE: 4, TCP_KEEPINTVL: 5, TCP_KEEPCNT: 6, TCP_SYNCNT: 7, TCP_LINGER2: 8, TCP_DEFER_ACCEPT: 9, TCP_WINDOW_CLAMP: 10, TCP_INFO: 11, TCP_QUICKACK: 12, TCP_CONGESTION: 13,
	SO_RCVLOWAT: 18, SO_TIMESTAMP: 29, SO_ACCEPTCONN: 30, SO_SNDBUFFORCE: 32, SO_RCVBUFFORCE: 33, SO_MARK: 36, SO_TIMESTAMPING: 37, SO_PROTOCOL: 38, SO_DOMAIN: 39, SO_RXQ_OVFL: 40, SO_BUSY_POLL: 46, SO_MAX_PACING_RATE: 47, SO_INCOMING_CPU: 49, SO_INCOMING_NAPI_ID: 56, SO_ZEROCOPY: 60, SO_TXREHASH: 74,
	TCP_MD5SIG: 14, TCP_THIN_LINEAR_TIMEOUTS: 16, TCP_THIN_DUPACK: 17, TCP_USER_TIMEOUT: 18, TCP_FASTOPEN: 23, TCP_TIMESTAMP: 24, TCP_NOTSENT_LOWAT: 25, TCP_SAVE_SYN: 27, TCP_SAVED_SYN: 28, TCP_FASTOPEN_CONNECT: 30, TCP_ULP: 31, TCP_FASTOPEN_KEY: 33, TCP_FASTOPEN_NO_COOKIE: 34, TCP_TX_DELAY: 37, TCP_RTO_MAX_MS: 44, TCP_RTO_MIN_US: 45, TCP_DELACK_MAX_US: 46,
	TCP_CM_INQ: 36, TCP_INQ: 36,
	IP_TOS: 1, IP_TTL: 2, IP_MTU_DISCOVER: 10, IP_RECVERR: 11, IP_MTU: 14, IPV6_MTU_DISCOVER: 23, IPV6_MTU: 24, IPV6_RECVERR: 25, IPV6_V6ONLY: 26, IPV6_TCLASS: 67,
	IP_PMTUDISC_DONT: 0, IP_PMTUDISC_WANT: 1, IP_PMTUDISC_DO: 2, IP_PMTUDISC_PROBE: 3, IP_PMTUDISC_INTERFACE: 4, IP_PMTUDISC_OMIT: 5,
	IPV6_PMTUDISC_DONT: 0, IPV6_PMTUDISC_WANT: 1, IPV6_PMTUDISC_DO: 2, IPV6_PMTUDISC_PROBE: 3,
	TCP_ESTABLISHED: 1, TCP_SYN_SENT: 2, TCP_SYN_RECV: 3, TCP_FIN_WAIT1: 4, TCP_FIN_WAIT2: 5, TCP_TIME_WAIT: 6, TCP_CLOSE: 7, TCP_CLOSE_WAIT: 8, TCP_LAST_ACK: 9, TCP_LISTEN: 10, TCP_CLOSING: 11,
	CMSG_LEVEL_IP: 0, CMSG_TYPE_RECVERR: 11, SCM_TIMESTAMPING: 37, SCM_TSTAMP_SND: 0, SCM_TSTAMP_SCHED: 1, SCM_TSTAMP_ACK: 2,
	SO_EE_ORIGIN_NONE: 0, SO_EE_ORIGIN_LOCAL: 1, SO_EE_ORIGIN_ICMP: 2, SO_EE_ORIGIN_ICMP6: 3, SO_EE_ORIGIN_TXSTATUS: 4, SO_EE_ORIGIN_TIMESTAMPING: 4, SO_EE_ORIGIN_ZEROCOPY: 5, SO_EE_CODE_ZEROCOPY_COPIED: 1,
	SOF_TIMESTAMPING_TX_HARDWARE: 1, SOF_TIMESTAMPING_TX_SOFTWARE: 2, SOF_TIMESTAMPING_RX_HARDWARE: 4, SOF_TIMESTAMPING_RX_SOFTWARE: 8, SOF_TIMESTAMPING_SOFTWARE: 0x10, SOF_TIMESTAMPING_SYS_HARDWARE: 0x20, SOF_TIMESTAMPING_RAW_HARDWARE: 0x40,
	SOF_TIMESTAMPING_OPT_ID: 0x80, SOF_TIMESTAMPING_TX_SCHED: 0x100, SOF_TIMESTAMPING_TX_ACK: 0x200, SOF_TIMESTAMPING_OPT_CMSG: 0x400, SOF_TIMESTAMPING_OPT_TSONLY: 0x800, SOF_TIMESTAMPING_OPT_ID_TCP: 0x1_0000,
	INADDR_ANY: 0, INADDR_LOOPBACK: 0x7f00_0001,
};

/** Sizes that `sizeof` is asked for, bytes. */
const SIZES: Readonly<Record<string, number>> = { int: 4, char: 1, 'struct linger': 8, 'struct tcp_info': 232 };

function named(name: string, profile: ProfileName): number | undefined {
	if (name === 'O_NONBLOCK') return profile === 'freebsd' ? 4 : 0x800;
	return Object.hasOwn(SHARED, name) ? SHARED[name] : undefined;
}

/** The number a value stands for; null where it is `...` or no number. @throws Unsupported for names we do not know */
export function numberIn(value: Value, profile: ProfileName): number | null {
	switch (value.kind) {
		case 'integer':
			return value.value;
		case 'symbol': {
			const number = named(value.name, profile);
			if (number === undefined) throw new Unsupported(`the name ${value.name}`);
			return number;
		}
		case 'or':
			return value.terms.reduce((bits, term) => bits + (numberIn(term, profile) ?? 0), 0);
		case 'apply':
			return applied(value.name, value.args, profile);
		default:
			return null;
	}
}

function applied(name: string, args: readonly Value[], profile: ProfileName): number {
	const [first] = args;
	if (name === 'sizeof' && first?.kind === 'symbol' && SIZES[first.name] !== undefined) return SIZES[first.name]!;
	const number = first === undefined || (name !== 'htons' && name !== 'htonl') ? null : numberIn(first, profile);
	if (number === null) throw new Unsupported(`the function ${name}`);
	return number;
}
