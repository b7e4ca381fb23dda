import type { IcmpPacket } from './tree.ts';

/** An ICMP type and its codes by name. */
interface IcmpType {
	readonly type: number;
	readonly codes: Readonly<Record<string, number>>;
}

/** RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1. */
const V4: Readonly<Record<string, IcmpType>> = {
	echo_reply: { type: 0, codes: {} },
	unreachable: {
		type: 3,
		codes: {
			net_unreachable: 0, host_unreachable: 1, protocol_unreachable: 2, port_unreachable: 3, frag_needed: 4, source_route_failed: 5,
			net_unknown: 6, host_unknown: 7, source_host_isolated: 8, net_prohibited: 9, host_prohibited: 10,
			net_unreachable_for_tos: 11, host_unreachable_for_tos: 12, packet_filtered: 13, precedence_violation: 14, precedence_cutoff: 15,
		},
	},
	source_quench: { type: 4, codes: {} },
	redirect: { type: 5, codes: { net: 0, host: 1, net_for_tos: 2, host_for_tos: 3, net_redirect: 0, host_redirect: 1 } },
	echo_request: { type: 8, codes: {} },
	time_exceeded: { type: 11, codes: { ttl_exceeded_in_transit: 0, exceeded_ttl: 0, frag_reass_exceeded: 1, exceeded_frag_time: 1 } },
	parameter_problem: { type: 12, codes: {} },
	timestamp_request: { type: 13, codes: {} },
	timestamp_reply: { type: 14, codes: {} },
	information_request: { type: 15, codes: {} },
	information_reply: { type: 16, codes: {} },
	address_mask_request: { type: 17, codes: {} },
	address_mask_reply: { type: 18, codes: {} },
};

/** RFC 4443. */
const V6: Readonly<Record<string, IcmpType>> = {
	unreachable: { type: 1, codes: { no_route: 0, admin_prohibited: 1, not_neighbour: 2, address_unreachable: 3, port_unreachable: 4, policy_fail: 5, reject_route: 6 } },
	packet_too_big: { type: 2, codes: {} },
	time_exceeded: { type: 3, codes: { exceeded_hop_limit: 0, exceeded_frag_time: 1, frag_reass_exceeded: 1 } },
	parameter_problem: { type: 4, codes: { header_field: 0, unknown_next_header: 1, unknown_option: 2 } },
	echo_request: { type: 128, codes: {} },
	echo_reply: { type: 129, codes: {} },
};

export interface IcmpNumbers {
	readonly type: number;
	readonly code: number;
}

/**
 * The numbers of an ICMP message as a script names it, `type_N` and `code_N` included; a message without a code has
 * code 0. null where the version has no such name.
 */
export function icmpNumbers(packet: Pick<IcmpPacket, 'type' | 'code'>, version: 4 | 6): IcmpNumbers | null {
	const table = version === 4 ? V4 : V6;
	const named = Object.hasOwn(table, packet.type) ? table[packet.type] : undefined;
	const type = named?.type ?? numbered(packet.type, 'type_');
	if (type === null) return null;
	if (packet.code === null) return { type, code: 0 };
	const codes = named?.codes ?? {};
	const code = Object.hasOwn(codes, packet.code) ? codes[packet.code] : numbered(packet.code, 'code_');
	return code === null || code === undefined ? null : { type, code };
}

function numbered(name: string, prefix: string): number | null {
	if (!name.startsWith(prefix)) return null;
	const digits = name.slice(prefix.length);
	return /^\d{1,3}$/.test(digits) && Number(digits) <= 255 ? Number(digits) : null;
}
