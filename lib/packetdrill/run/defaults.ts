/**
 * What `defaults.sh` of Google's scripts sets: names below `net.ipv4.tcp_` and
 * values. Such scripts are written for a Linux with these.
 */
export const LINUX_DEFAULTS: readonly (readonly [name: string, value: string])[] = [
	['rmem', '4096 540000 15728640'], ['wmem', '4096 262144 4194304'],
	['timestamps', '1'], ['sack', '1'], ['dsack', '1'], ['frto', '2'], ['reordering', '3'], ['congestion_control', 'cubic'],
	['slow_start_after_idle', '0'], ['early_retrans', '4'], ['recovery', '1'], ['ecn', '0'], ['syncookies', '1'],
	['fastopen', '0x70403'], ['fastopen_key', 'a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4'], ['pacing_ss_ratio', '200'], ['pacing_ca_ratio', '120'], ['syn_retries', '5'], ['synack_retries', '5'],
];
