import type { Tcp } from '../../../tcp/index.ts';
import { stateNames } from '../../../tcp/index.ts';
import { AFTER_TIMEOUT, FAST_RECOVERY } from '../../../tcp/phases.ts';
import { LOST, RESENT, SACKED } from '../../../tcp/run-flags.ts';
import { stateNumber } from '../code-constants.ts';
import type { StateName } from '../code-constants.ts';
import type { ProfileName } from '../wanted-profile.ts';

const OPT_TIMESTAMPS = 1, OPT_SACK = 2, OPT_WSCALE = 4;
/** What stands for a threshold that was never set. */
const LINUX_INFINITE = 0x7fff_ffff;
const NEVER_SET = 0x3fff_ffff;

const segments = (octets: number, mss: number): number => Math.ceil(octets / Math.max(1, mss));

/** `tcpi_…` of the connection the cursor stands on; undefined for what we do not keep. Times are µs. */
export function tcpInfo(tcp: Tcp, name: string, profile: ProfileName): number | undefined {
	const { tcb } = tcp;
	const { snd, rcv, cc, rtt, runs } = tcb;
	const isLinux = profile !== 'freebsd';
	switch (name) {
		case 'tcpi_state': return stateNumber((stateNames[tcb.state] ?? 'CLOSED') as StateName, profile);
		case 'tcpi_options': return (tcb.ts.on !== 0 ? OPT_TIMESTAMPS : 0) | (tcb.sack.on !== 0 ? OPT_SACK : 0) | (rcv.scaling !== 0 ? OPT_WSCALE : 0);
		case 'tcpi_snd_wscale': return rcv.scaling !== 0 ? snd.scale : 0;
		case 'tcpi_rcv_wscale': return rcv.scaling !== 0 ? rcv.scale : 0;
		case 'tcpi_snd_mss': return snd.mss;
		case 'tcpi_rcv_mss': return rcv.mss;
		case 'tcpi_advmss': return rcv.mss;
		case 'tcpi_rto': return rtt.rto;
		case 'tcpi_rtt': return rtt.srtt >> 3;
		case 'tcpi_rttvar': return rtt.var >> 2;
		case 'tcpi_snd_cwnd': return isLinux ? Math.floor(cc.cwnd / Math.max(1, snd.mss)) : cc.cwnd;
		case 'tcpi_snd_ssthresh': return threshold(cc.ssthresh, snd.mss, isLinux);
		case 'tcpi_unacked': return segments((snd.nxt - snd.una) | 0, snd.mss);
		case 'tcpi_sacked': return segments(runs.sacked, snd.mss);
		case 'tcpi_lost': return segments(runs.lost, snd.mss);
		case 'tcpi_backoff': return rtt.backoff;
		case 'tcpi_retransmits': return rtt.backoff;
		case 'tcpi_probes': return tcb.probe.count;
		case 'tcpi_total_retrans': return tcb.info.retransmits;
		case 'tcpi_notsent_bytes': return Math.max(0, tcb.sendq.length - ((snd.nxt - snd.una) | 0));
		case 'tcpi_bytes_received': return tcb.info.received;
		case 'tcpi_snd_wnd': return snd.wnd;
		case 'tcpi_ca_state': return caState(tcb);
		case 'tcpi_reordering': return tcp.profile.dupThresh;
		case 'tcpi_retrans': return segments(repeated(tcp), snd.mss);
		case 'tcpi_min_rtt': return tcb.rack.minRtt;
		default: return undefined;
	}
}

/** Linux's states of congestion control: Open, Disorder, CWR, Recovery, Loss. */
function caState({ cc, runs, ecn, snd }: Tcp['tcb']): number {
	if (cc.phase === FAST_RECOVERY) return 3;
	if (cc.phase === AFTER_TIMEOUT) return 4;
	if (ecn.on !== 0 && ((ecn.until - snd.una) | 0) > 0) return 2;
	return runs.sacked > 0 || cc.dupacks > 0 ? 1 : 0;
}

/** Octets sent again and neither acknowledged nor given up since. */
function repeated({ tcb, run }: Tcp): number {
	let octets = 0;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if ((run.flags & (RESENT | LOST | SACKED)) === RESENT) octets += (run.right - run.left) | 0;
	}
	return octets;
}

function threshold(octets: number, mss: number, isLinux: boolean): number {
	if (octets >= NEVER_SET) return isLinux ? LINUX_INFINITE : octets;
	return isLinux ? Math.floor(octets / Math.max(1, mss)) : octets;
}
