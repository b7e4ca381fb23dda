// What tshark says of a frame in tcp.analysis.*, one bit each, in the order of `analysisFlags`.
export const RETRANSMISSION = 0x0001;
export const FAST_RETRANSMISSION = 0x0002;
export const SPURIOUS_RETRANSMISSION = 0x0004;
export const OUT_OF_ORDER = 0x0008;
export const LOST_SEGMENT = 0x0010;
export const ACK_LOST_SEGMENT = 0x0020;
export const DUPLICATE_ACK = 0x0040;
export const ZERO_WINDOW = 0x0080;
export const ZERO_WINDOW_PROBE = 0x0100;
export const ZERO_WINDOW_PROBE_ACK = 0x0200;
export const WINDOW_FULL = 0x0400;
export const WINDOW_UPDATE = 0x0800;
export const KEEP_ALIVE = 0x1000;
export const KEEP_ALIVE_ACK = 0x2000;
export const REUSED_PORTS = 0x4000;

/** tshark's names, without `tcp.analysis.`; the place of a name is its bit. */
export const analysisFlags = [
	'retransmission', 'fast_retransmission', 'spurious_retransmission', 'out_of_order', 'lost_segment', 'ack_lost_segment', 'duplicate_ack',
	'zero_window', 'zero_window_probe', 'zero_window_probe_ack', 'window_full', 'window_update', 'keep_alive', 'keep_alive_ack', 'reused_ports',
] as const;

export type AnalysisFlag = (typeof analysisFlags)[number];

/** The names of the bits that are set. */
export function flagNames(flags: number): AnalysisFlag[] {
	return analysisFlags.filter((_, bit) => (flags & (1 << bit)) !== 0);
}
