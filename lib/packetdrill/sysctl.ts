/**
 * What the settings of FreeBSD and Linux mean, in one vocabulary. Times are µs, sizes bytes, switches 0 and 1; other
 * numbers are the system's own where a comment says so.
 */
export type Setting =
	| 'window-scaling' | 'timestamps' | 'sack' | 'dsack'
	/** 0 never, 1 ask and accept, 2 accept only; higher values are accurate ECN. */
	| 'ecn'
	/** SYNs that ask for ECN before one that does not. */
	| 'ecn-syn-retries' | 'ecn-fallback'
	/** Linux gives minimum, default and maximum. */
	| 'receive-buffer' | 'send-buffer'
	| 'receive-buffer-limit' | 'send-buffer-limit' | 'socket-buffer-limit' | 'receive-buffer-grows' | 'send-buffer-grows'
	| 'rto-initial' | 'rto-min' | 'rto-max' | 'rto-slop' | 'delayed-ack' | 'delayed-ack-time' | 'msl' | 'fin-wait-2-time' | 'connect-time'
	| 'persist-min' | 'persist-max' | 'keepalive-idle' | 'keepalive-interval' | 'keepalive-count' | 'keepalive-always'
	| 'syn-retries' | 'syn-ack-retries' | 'retries-before-probing-the-route' | 'retries' | 'orphan-retries'
	/** 1: later SYNs carry no options. */
	| 'syn-rto-drops-options'
	/** 1: no RST to a SYN for a closed port, 2: to no segment. */
	| 'blackhole'
	| 'drop-syn-fin' | 'insecure-rst' | 'insecure-syn' | 'insecure-ack' | 'icmp-may-rst' | 'rfc-1337' | 'missing-timestamps-tolerated'
	| 'syn-cookies' | 'syn-cookies-only' | 'syn-backlog' | 'accept-backlog' | 'abort-on-overflow' | 'challenge-ack-limit' | 'invalid-ack-interval'
	/** The system's own bits. */
	| 'fast-open' | 'fast-open-server' | 'fast-open-client' | 'fast-open-key' | 'fast-open-blackhole-time'
	| 'congestion-control' | 'initial-window-segments' | 'slow-start-after-idle' | 'limited-transmit' | 'appropriate-byte-counting' | 'abc-limit' | 'rfc-6675' | 'prr'
	/** Linux's own bits for RACK and for tail loss probes. */
	| 'rack' | 'tail-loss-probe'
	| 'f-rto' | 'reordering' | 'reordering-limit' | 'pacing-slow-start-ratio' | 'pacing-ratio' | 'least-tso-segments' | 'tso' | 'tso-window-divisor'
	| 'autocorking' | 'unsent-low-water' | 'unsent-limit' | 'thin-linear-timeouts' | 'min-rtt-window'
	| 'ack-compression-time' | 'ack-compression-slack' | 'ack-compression-count'
	| 'mtu-discovery' | 'mtu-black-hole-detection' | 'mtu-probing' | 'mss-base' | 'mss-floor' | 'mss-default-ipv4' | 'mss-default-ipv6'
	/** Linux: 1 lets windows shrink; SYNs sent again before they back off. */
	| 'window-shrinks' | 'syn-linear-retries'
	| 'window-share' | 'signed-windows-workaround' | 'urgent-points-at-data' | 'time-wait-reuse' | 'time-wait-limit' | 'time-wait-local' | 'reassembly-limit';

/** One setting changed; more than one number only where the system gives several. */
export interface SettingChange {
	readonly setting: Setting;
	readonly value: string | readonly number[];
}

/** A name's settings and what its numbers are multiplied with to reach our unit. */
type Meaning = readonly [Setting, number?];

const MS = 1e3;
const S = 1e6;

const FREEBSD_TCP: Readonly<Record<string, Meaning>> = {
	'sack.enable': ['sack'], 'ecn.enable': ['ecn'], 'ecn.maxretries': ['ecn-syn-retries'],
	recvspace: ['receive-buffer'], sendspace: ['send-buffer'], recvbuf_max: ['receive-buffer-limit'], sendbuf_max: ['send-buffer-limit'],
	recvbuf_auto: ['receive-buffer-grows'], sendbuf_auto: ['send-buffer-grows'],
	rexmit_initial: ['rto-initial', MS], rexmit_min: ['rto-min', MS], rexmit_slop: ['rto-slop', MS], rexmit_drop_options: ['syn-rto-drops-options'],
	rexmit_max: ['rto-max', MS], delayed_ack: ['delayed-ack'], delacktime: ['delayed-ack-time', MS], msl: ['msl', MS], finwait2_timeout: ['fin-wait-2-time', MS], keepinit: ['connect-time', MS],
	keepidle: ['keepalive-idle', MS], keepintvl: ['keepalive-interval', MS], keepcnt: ['keepalive-count'], always_keepalive: ['keepalive-always'],
	persmin: ['persist-min', MS], persmax: ['persist-max', MS], retries: ['retries'],
	blackhole: ['blackhole'], drop_synfin: ['drop-syn-fin'], insecure_rst: ['insecure-rst'], insecure_syn: ['insecure-syn'], insecure_ack: ['insecure-ack'], icmp_may_rst: ['icmp-may-rst'],
	tolerate_missing_ts: ['missing-timestamps-tolerated'], syncookies: ['syn-cookies'], syncookies_only: ['syn-cookies-only'], 'syncache.rexmtlimit': ['syn-ack-retries'],
	'fastopen.server_enable': ['fast-open-server'], 'fastopen.client_enable': ['fast-open-client'],
	'cc.algorithm': ['congestion-control'], initcwnd_segments: ['initial-window-segments'], rfc3042: ['limited-transmit'], rfc3465: ['appropriate-byte-counting'],
	abc_l_var: ['abc-limit'], 'sack.rfc6675_pipe': ['rfc-6675'], rfc6675_pipe: ['rfc-6675'], do_prr: ['prr'], 'sack.revised': ['rfc-6675'],
	tso: ['tso'], path_mtu_discovery: ['mtu-discovery'], pmtud_blackhole_detection: ['mtu-black-hole-detection'], mssdflt: ['mss-default-ipv4'], v6mssdflt: ['mss-default-ipv6'], minmss: ['mss-floor'],
	nolocaltimewait: ['time-wait-local'], maxtcptw: ['time-wait-limit'], 'reass.maxqueuelen': ['reassembly-limit'], 'reass.maxsegments': ['reassembly-limit'],
};

const LINUX_TCP: Readonly<Record<string, Meaning>> = {
	window_scaling: ['window-scaling'], timestamps: ['timestamps'], sack: ['sack'], dsack: ['dsack'], ecn: ['ecn'], ecn_fallback: ['ecn-fallback'],
	rmem: ['receive-buffer'], wmem: ['send-buffer'], moderate_rcvbuf: ['receive-buffer-grows'],
	rto_min_us: ['rto-min'], rto_max_ms: ['rto-max', MS], fin_timeout: ['fin-wait-2-time', S], keepalive_time: ['keepalive-idle', S], keepalive_intvl: ['keepalive-interval', S], keepalive_probes: ['keepalive-count'],
	syn_retries: ['syn-retries'], synack_retries: ['syn-ack-retries'], retries1: ['retries-before-probing-the-route'], retries2: ['retries'], orphan_retries: ['orphan-retries'],
	rfc1337: ['rfc-1337'], syncookies: ['syn-cookies'], max_syn_backlog: ['syn-backlog'], abort_on_overflow: ['abort-on-overflow'],
	challenge_ack_limit: ['challenge-ack-limit'], invalid_ratelimit: ['invalid-ack-interval', MS],
	fastopen: ['fast-open'], fastopen_key: ['fast-open-key'], fastopen_blackhole_timeout_sec: ['fast-open-blackhole-time', S], fastopen_blackhole_timeout: ['fast-open-blackhole-time', S],
	congestion_control: ['congestion-control'], slow_start_after_idle: ['slow-start-after-idle'], abc: ['appropriate-byte-counting'],
	early_retrans: ['tail-loss-probe'], recovery: ['rack'], frto: ['f-rto'], reordering: ['reordering'], max_reordering: ['reordering-limit'],
	pacing_ss_ratio: ['pacing-slow-start-ratio'], pacing_ca_ratio: ['pacing-ratio'], min_tso_segs: ['least-tso-segments'], tso_win_divisor: ['tso-window-divisor'],
	autocorking: ['autocorking'], notsent_lowat: ['unsent-low-water'], limit_output_bytes: ['unsent-limit'], thin_linear_timeouts: ['thin-linear-timeouts'], min_rtt_wlen: ['min-rtt-window', S],
	comp_sack_delay_ns: ['ack-compression-time', 1e-3], comp_sack_slack_ns: ['ack-compression-slack', 1e-3], comp_sack_nr: ['ack-compression-count'],
	mtu_probing: ['mtu-probing'], base_mss: ['mss-base'], min_snd_mss: ['mss-floor'], adv_win_scale: ['window-share'], shrink_window: ['window-shrinks'], syn_linear_timeouts: ['syn-linear-retries'], thin_dupack: ['thin-linear-timeouts'], workaround_signed_windows: ['signed-windows-workaround'],
	stdurg: ['urgent-points-at-data'], tw_reuse: ['time-wait-reuse'], max_tw_buckets: ['time-wait-limit'],
};

const OTHERS: Readonly<Record<string, Meaning>> = {
	'kern.ipc.maxsockbuf': ['socket-buffer-limit'], 'kern.ipc.somaxconn': ['accept-backlog'], 'kern.ipc.soacceptqueue': ['accept-backlog'],
	'net.core.rmem_max': ['receive-buffer-limit'], 'net.core.wmem_max': ['send-buffer-limit'], 'net.core.somaxconn': ['accept-backlog'],
};

/** Settings that change nothing a script can see here: memories of earlier connections, memory limits, logs. */
const HARMLESS =
	/^net\.inet\.tcp\.(?:hostcache\.\w+|log_\w+|syncache\.see_other|isn_reseed_interval|functions_default|per_cpu_timers|icmplim\w*)$|^net\.ipv4\.(?:tcp_no_metrics_save|tcp_no_ssthresh_metrics_save|tcp_mem|tcp_available_\w+|tcp_allowed_congestion_control|tcp_max_orphans|tcp_probe_\w+|tcp_fack|tcp_low_latency|tcp_retrans_collapse|tcp_tso_rtt_log|tcp_plb_\w+|tcp_backlog_ack_defer|tcp_comp_sack_rtt_percent|tcp_migrate_req|tcp_child_ehash_entries|tcp_ehash_entries|tcp_tw_reuse_delay|tcp_l3mdev_accept|tcp_fwmark_accept|route\.flush|icmp_ratelimit|ip_local_port_range)$|^net\.core\.(?:default_qdisc|netdev_\w+|optmem_max)$/;

/**
 * What setting a sysctl means.
 *
 * @returns the changes, none where nothing visible changes, or null where the name or value is not known: a script
 *          that sets it is unsupported
 */
export function meaningOfSysctl(name: string, value: string): readonly SettingChange[] | null {
	if (HARMLESS.test(name)) return [];
	if (name === 'net.inet.tcp.rfc1323') return extensions(value);
	const meaning = lookUp(name);
	if (meaning === undefined) return null;
	const [setting, scale = 1] = meaning;
	if (setting === 'congestion-control' || setting === 'fast-open-key') return value === '' ? null : [{ setting, value }];
	const words = value.split(/\s+/);
	if (!words.every((word) => /^-?(?:0x[0-9a-fA-F]{1,12}|\d{1,15})$/.test(word))) return null;
	return [{ setting, value: words.map((word) => Math.round(toNumber(word) * scale)) }];
}

function lookUp(name: string): Meaning | undefined {
	for (const [prefix, table] of [['net.inet.tcp.', FREEBSD_TCP], ['net.ipv4.tcp_', LINUX_TCP], ['', OTHERS]] as const) {
		const rest = name.slice(prefix.length);
		if (name.startsWith(prefix) && Object.hasOwn(table, rest)) return table[rest];
	}
	return undefined;
}

/** FreeBSD's `rfc1323`: 1 both extensions, 2 window scaling alone, 3 timestamps alone. */
function extensions(value: string): readonly SettingChange[] | null {
	if (!/^[0-3]$/.test(value)) return null;
	return [
		{ setting: 'window-scaling', value: [value === '1' || value === '2' ? 1 : 0] },
		{ setting: 'timestamps', value: [value === '1' || value === '3' ? 1 : 0] },
	];
}

function toNumber(word: string): number {
	return word.startsWith('-') ? 0 - Number(word.slice(1)) : Number(word);
}
