import type { Congestion, TcpInfo } from '../../../tcp/index.ts';
import { stateNumber } from '../code-constants.ts';
import type { StateName } from '../code-constants.ts';
import type { ProfileName } from '../wanted-profile.ts';

const OPT_TIMESTAMPS = 1, OPT_SACK = 2, OPT_WSCALE = 4, OPT_ECN = 8, OPT_ECN_SEEN = 16, OPT_SYN_DATA = 32;
/** What stands for a threshold that was never set. */
const LINUX_INFINITE = 0x7fff_ffff, FREEBSD_INFINITE = 0x3fff_ffff;
const CONGESTION: Readonly<Record<Congestion, number>> = { open: 0, disorder: 1, cwr: 2, recovery: 3, loss: 4 };

type Field = (info: TcpInfo, isLinux: boolean) => number;

const segments = (octets: number, { sndMss }: TcpInfo): number => Math.ceil(octets / Math.max(1, sndMss));
const ms = (us: number): number => Math.floor(us / 1000);

/** Fields of `struct tcp_info` by their names: Linux counts windows in segments, FreeBSD in octets; times are µs, those since something ms. */
const FIELDS: Readonly<Record<string, Field>> = {
	tcpi_ca_state: (info) => CONGESTION[info.congestion],
	tcpi_options: optionBits,
	tcpi_snd_wscale: (info) => info.sndScale,
	tcpi_rcv_wscale: (info) => info.rcvScale,
	tcpi_snd_mss: (info) => info.sndMss,
	tcpi_rcv_mss: (info) => info.rcvMss,
	tcpi_advmss: (info) => info.advMss,
	tcpi_pmtu: (info) => info.pathMtu,
	tcpi_rto: (info) => info.rto,
	tcpi_ato: (info) => info.ato,
	tcpi_rtt: (info) => info.rtt,
	tcpi_rttvar: (info) => info.rttVar,
	tcpi_min_rtt: (info) => info.minRtt,
	tcpi_retransmits: (info) => info.retransmits,
	tcpi_backoff: (info) => info.backoff,
	tcpi_probes: (info) => info.probes,
	tcpi_snd_cwnd: (info, isLinux) => (isLinux ? Math.floor(info.sndCwnd / Math.max(1, info.sndMss)) : info.sndCwnd),
	tcpi_snd_ssthresh: threshold,
	tcpi_reordering: (info) => info.reordering,
	tcpi_snd_wnd: (info) => info.sndWnd,
	tcpi_rcv_wnd: (info) => info.rcvWnd,
	tcpi_rcv_space: (info) => info.rcvSpace,
	tcpi_unacked: (info) => (info.state === 'CLOSED' ? 0 : info.segments.unacked),
	tcpi_sacked: (info) => info.segments.sacked,
	tcpi_lost: (info) => info.segments.lost,
	tcpi_retrans: (info) => info.segments.repeated,
	tcpi_fackets: () => 0,
	tcpi_notsent_bytes: (info) => info.unsent,
	tcpi_last_data_sent: (info) => ms(info.sinceSent),
	tcpi_last_ack_sent: () => 0,
	tcpi_last_data_recv: (info) => ms(info.sinceText),
	tcpi_last_ack_recv: (info) => ms(info.sinceHeard),
	tcpi_total_retrans: (info) => info.totalRetransmits,
	tcpi_bytes_sent: (info) => info.bytesSent,
	tcpi_bytes_retrans: (info) => info.bytesRepeated,
	tcpi_bytes_acked: (info) => info.bytesAcked,
	tcpi_bytes_received: (info) => info.bytesReceived,
	tcpi_segs_in: (info) => info.segmentsIn,
	tcpi_segs_out: (info) => info.segmentsOut,
	tcpi_data_segs_in: (info) => info.textIn,
	tcpi_data_segs_out: (info) => info.textOut,
	// The answer to a SYN counts as one that was delivered.
	tcpi_delivered: (info) => segments(info.bytesDelivered, info) + 1,
	tcpi_delivered_ce: (info) => segments(info.bytesMarked, info),
	tcpi_dsack_dups: (info) => info.dsacks,
	tcpi_reord_seen: (info) => info.reorderings,
	tcpi_rcv_ooopack: (info) => info.early,
	tcpi_total_rto: (info) => info.timeouts,
	tcpi_busy_time: (info) => info.busyTime,
	tcpi_rwnd_limited: (info) => info.windowLimited,
	tcpi_sndbuf_limited: (info) => info.bufferLimited,
};

/** `tcpi_…` of a connection; undefined for what we do not keep. */
export function tcpInfoField(info: TcpInfo, name: string, profile: ProfileName): number | undefined {
	// Linux forgets a connection in TIME-WAIT but for what answers its peer.
	if (name === 'tcpi_state') return stateNumber(profile === 'linux' && info.state === 'TIME-WAIT' ? 'CLOSED' : info.state as StateName, profile);
	return Object.hasOwn(FIELDS, name) ? FIELDS[name]!(info, profile !== 'freebsd') : undefined;
}

function optionBits(info: TcpInfo, isLinux: boolean): number {
	const own = isLinux ? (info.ecnSeen ? OPT_ECN_SEEN : 0) | (info.synData ? OPT_SYN_DATA : 0) : 0;
	return (info.timestamps ? OPT_TIMESTAMPS : 0) | (info.sack ? OPT_SACK : 0) | (info.scaling ? OPT_WSCALE : 0) | (info.ecn ? OPT_ECN : 0) | own;
}

function threshold(info: TcpInfo, isLinux: boolean): number {
	const { sndSsthresh, sndMss } = info;
	if (sndSsthresh === Infinity) return isLinux ? LINUX_INFINITE : FREEBSD_INFINITE;
	return isLinux ? Math.floor(sndSsthresh / Math.max(1, sndMss)) : sndSsthresh;
}
