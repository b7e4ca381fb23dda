/** Fields of Linux's `struct tcp_info` that have a whole number of bytes: name, where it begins, how many bytes. */
const FIELDS: ReadonlyMap<string, readonly [at: number, bytes: number]> = layout();

/** Bytes of the struct, of a kernel that has all of it. */
export const TCP_INFO_SIZE = 248;

function layout(): Map<string, readonly [number, number]> {
	const fields = new Map<string, readonly [number, number]>();
	let at = 0;
	const add = (bytes: number, names: string): void => {
		for (const name of names.split(' ')) {
			if (name !== '-') fields.set(`tcpi_${name}`, [at, bytes]);
			at += bytes;
		}
	};
	add(1, 'state ca_state retransmits probes backoff options - -');
	add(4, 'rto ato snd_mss rcv_mss unacked sacked lost retrans fackets last_data_sent last_ack_sent last_data_recv last_ack_recv pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans');
	add(8, 'pacing_rate max_pacing_rate bytes_acked bytes_received');
	add(4, 'segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out');
	add(8, 'delivery_rate busy_time rwnd_limited sndbuf_limited');
	add(4, 'delivered delivered_ce');
	add(8, 'bytes_sent bytes_retrans');
	add(4, 'dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash');
	add(2, 'total_rto total_rto_recoveries');
	add(4, 'total_rto_time');
	return fields;
}

/** A field by its name; undefined where there is none, or the kernel gave less than that. */
export function tcpInfoField(name: string, bytes: Uint8Array): number | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	// Two scales share a byte; the lower half is the first of them.
	if (name === 'tcpi_snd_wscale') return view.getUint8(6) & 15;
	if (name === 'tcpi_rcv_wscale') return view.getUint8(6) >> 4;
	if (name === 'tcpi_delivery_rate_app_limited') return view.getUint8(7) & 1;
	if (name === 'tcpi_fastopen_client_fail') return (view.getUint8(7) >> 1) & 3;
	const [at, size] = FIELDS.get(name) ?? [0, 0];
	if (size === 0 || at + size > bytes.length) return undefined;
	switch (size) {
		case 1: return view.getUint8(at);
		case 2: return view.getUint16(at, true);
		case 4: return view.getUint32(at, true);
		default: return Number(view.getBigUint64(at, true));
	}
}
