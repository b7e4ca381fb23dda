import { put16, put32 } from '../../wire/bytes.ts';
import { ICMP } from '../../wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP } from '../../wire/ipv4.ts';
import { PROTOCOL_ICMPV6 } from '../../wire/ipv6.ts';
import { icmpNumbers } from '../icmp-names.ts';
import { printPacket } from '../print-packet.ts';
import { FLAG } from '../tree.ts';
import type { IcmpPacket, IpInfo, PacketAction, TcpPacket } from '../tree.ts';
import { ecnBits } from './compare.ts';
import { Flow } from './flow.ts';
import { ipPacket, plainChecksum, pseudoChecksum, segmentBytes } from './frame.ts';
import type { IpMarks, Segment } from './frame.ts';
import { lastOf } from './last.ts';
import { encodeOptions } from './options.ts';
import type { Session } from './session.ts';
import { Unsupported } from './verdict.ts';

/** RFC 1191 §4 and RFC 1812 §4.3.2.3 ask for the header and more; the next 8 bytes hold ports and number. */
const QUOTED_BYTES = 8;
const DEFAULT_TTL = 255;
/** A window for packets that do not give one. */
const ANY_WINDOW = 0xffff;

/** Sends a packet of the script's to the host. */
export function sendInbound(session: Session, action: PacketAction): void {
	if (action.outer.length > 0) throw new Unsupported('packets inside of others');
	if (action.ip.other.length > 0) throw new Unsupported(`an IP header with ${action.ip.other.join(', ')}`);
	switch (action.body.protocol) {
		case 'tcp': return sendTcp(session, action.body, action.ip);
		case 'icmp': return sendIcmp(session, action.body, action.ip, action);
		case 'udp': throw new Unsupported('UDP packets');
		case 'unsupported': throw new Unsupported(`${action.body.name} packets`);
	}
}

function marksOf(ip: IpInfo): IpMarks {
	return { tos: (ip.tos ?? 0) | ecnBits(ip.ecn), ttl: ip.ttl ?? DEFAULT_TTL, flowLabel: ip.flowLabel ?? 0 };
}

/** The connection an inbound packet is for: a SYN for a fresh listener opens a new one. */
function flowFor(session: Session, packet: TcpPacket): Flow {
	const { process } = session;
	const { ports } = packet;
	if (ports !== null) {
		const known = lastOf(process.flows, ({ written }) => written !== null && written.local === ports.destination && written.remote === ports.source);
		return known ?? process.addFlow(new Flow(ports.destination, ports.source, { local: ports.destination, remote: ports.source }));
	}
	const { current, listener } = process;
	const isSyn = (packet.flags & (FLAG.SYN | FLAG.ACK)) === FLAG.SYN;
	if (current !== null && !(isSyn && listener !== null && isOver(session, current))) return current;
	const bound = listener ?? [...process.files.values()].find(({ port }) => port !== 0);
	return process.addFlow(new Flow(bound?.port ?? session.lab.addressing.bindPort, process.freeRemotePort()));
}

/** Nothing is left of a connection: its file is closed, or it never had one, and TCP has forgotten it. */
function isOver(session: Session, flow: Flow): boolean {
	const { process } = session;
	if (process.files.has(flow.fd) || flow.local === null || flow.fd < 0) return false;
	return !process.remembers(flow);
}

function sendTcp(session: Session, packet: TcpPacket, ip: IpInfo): void {
	const flow = flowFor(session, packet);
	const isSyn = (packet.flags & FLAG.SYN) !== 0;
	const { start, length } = packet.sequence;
	if (start === null) throw new Unsupported('an inbound packet without a sequence number');
	if (packet.ack === 'any') throw new Unsupported('an inbound packet that acknowledges anything');
	flow.noteInbound(packet.flags, start);
	const ack = (packet.flags & FLAG.ACK) !== 0 ? flow.localNumber(packet.ack ?? 0, isSyn) : packet.ack ?? 0;
	const segment: Segment = {
		sourcePort: flow.remotePort, destinationPort: flow.localPort,
		seq: flow.remoteNumber(start, isSyn), ack, flags: packet.flags,
		window: packet.window ?? ANY_WINDOW, urgent: packet.urgent ?? 0,
		options: encodeOptions(packet.options === 'any' ? [] : packet.options, flow.inboundNumbers()),
		payload: new Uint8Array(length),
	};
	session.tell('<', { flow, segment });
	const { local, remote, family } = session.lab.addressing;
	session.lab.inject(ipPacket(family, remote, local, PROTOCOL_TCP, segmentBytes(remote, local, segment), marksOf(ip)));
}

function sendIcmp(session: Session, packet: IcmpPacket, ip: IpInfo, action: PacketAction): void {
	const { local, remote, family } = session.lab.addressing;
	const numbers = icmpNumbers(packet, family);
	if (numbers === null) throw new Unsupported(`the ICMP message ${packet.type} ${packet.code ?? ''}`.trim());
	const message = new Uint8Array([numbers.type, numbers.code, 0, 0, 0, 0, 0, 0, ...quoted(session, packet)]);
	if (family === 4 && packet.mtu !== null) put16(message, ICMP.sequence, packet.mtu);
	if (family === 6 && packet.mtu !== null) put32(message, ICMP.id, packet.mtu);
	if (packet.echoId !== null) put16(message, ICMP.id, packet.echoId);
	const protocol = family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
	put16(message, ICMP.checksum, family === 4 ? plainChecksum(message) : pseudoChecksum(remote, local, protocol, message));
	session.note(printPacket(action));
	session.lab.inject(ipPacket(family, remote, local, protocol, message, marksOf(ip)));
}

/** The head of the packet of ours that the message is about. */
function quoted(session: Session, { quoted: about }: IcmpPacket): Uint8Array {
	if (about === null) return new Uint8Array(0);
	const flow = session.process.current;
	if (about.protocol !== 'tcp' || about.sequence.start === null || flow === null) throw new Unsupported('an ICMP message about a packet that is not TCP');
	const { local, remote, family } = session.lab.addressing;
	const head = new Uint8Array(20 + about.sequence.length);
	put16(head, 0, flow.localPort);
	put16(head, 2, flow.remotePort);
	put32(head, 4, flow.localNumber(about.sequence.start));
	head[12] = 5 << 4;
	head[13] = FLAG.ACK;
	const packet = ipPacket(family, local, remote, PROTOCOL_TCP, head, { tos: 0, ttl: 64, flowLabel: 0 });
	return packet.slice(0, packet.length - head.length + Math.max(QUOTED_BYTES, Math.min(head.length, 512)));
}
