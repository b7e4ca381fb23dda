import { FLAG } from './tree.ts';
import type { IcmpPacket, IpInfo, OptionNumber, OuterHeader, PacketAction, QuotedPacket, SequenceRange, TcpOption, TcpPacket } from './tree.ts';

/** Writes a packet from its direction on. */
export function printPacket(packet: PacketAction): string {
	const parts = [packet.direction === 'in' ? '<' : '>'];
	for (const header of packet.outer) parts.push(...printOuter(header));
	parts.push(printIp(packet.ip), printBody(packet.body));
	return parts.filter((part) => part !== '').join(' ');
}

function printOuter(header: OuterHeader): string[] {
	if ('text' in header) return [`${header.kind} ${header.text}:`];
	return [printIp(header.ip), `${header.kind} ${header.source} > ${header.destination}:`];
}

function printIp(ip: IpInfo): string {
	const parts: string[] = [];
	if (ip.ecn !== null) parts.push(ip.ecn);
	if (ip.tos !== null) parts.push(`tos 0x${ip.tos.toString(16)}`);
	if (ip.flowLabel !== null) parts.push(`flowlabel 0x${ip.flowLabel.toString(16)}`);
	if (ip.ttl !== null) parts.push(`ttl ${ip.ttl}`);
	parts.push(...ip.other);
	return parts.length === 0 ? '' : `[${parts.join(', ')}]`;
}

function printBody(body: PacketAction['body']): string {
	switch (body.protocol) {
		case 'tcp':
			return printTcp(body);
		case 'udp':
			return `udp ${printPorts(body)}(${body.length})`;
		case 'icmp':
			return printIcmp(body);
		case 'unsupported':
			return `${body.name}${/^\w/.test(body.text) ? ' ' : ''}${body.text}`;
	}
}

function printPorts({ ports }: { readonly ports: TcpPacket['ports'] }): string {
	return ports === null ? '' : `${ports.source} > ${ports.destination} `;
}

function printTcp(packet: TcpPacket): string {
	let text = `${printPorts(packet)}${printFlags(packet)} ${printSequence(packet.sequence)}`;
	if (packet.ack !== null) text += ` ack ${packet.ack === 'any' ? '*' : packet.ack}`;
	if (packet.window !== null) text += ` win ${packet.window}`;
	if (packet.urgent !== null) text += ` urg ${packet.urgent}`;
	if (packet.options === 'any') return `${text} <...>`;
	return packet.options.length === 0 ? text : `${text} <${packet.options.map(printOption).join(',')}>`;
}

const LETTERS: readonly (readonly [string, number])[] = [
	['S', FLAG.SYN], ['F', FLAG.FIN], ['R', FLAG.RST], ['P', FLAG.PSH], ['U', FLAG.URG], ['E', FLAG.ECE], ['W', FLAG.CWR], ['A', FLAG.AE], ['.', FLAG.ACK],
];

/** Flags as letters; a count of accurate ECN (RFC 9768) comes out as a digit where the letter A would not say so. */
export function printFlags({ flags, accurateEcn }: { readonly flags: number; readonly accurateEcn: boolean }): string {
	if (!accurateEcn || (flags & FLAG.AE) !== 0) {
		const letters = LETTERS.filter(([, bit]) => (flags & bit) !== 0).map(([letter]) => letter).join('');
		return letters === '' ? '-' : letters;
	}
	const count = (flags & FLAG.CWR ? 2 : 0) | (flags & FLAG.ECE ? 1 : 0);
	const rest = printFlags({ flags: flags & ~(FLAG.CWR | FLAG.ECE), accurateEcn: false });
	// A digit cannot come first: it would be read as a port or a sequence number.
	return rest === '-' ? `-${count}` : `${rest}${count}`;
}

function printSequence({ start, end, length }: SequenceRange): string {
	return start === null ? `...(${length})` : `${start}:${end}(${length})`;
}

function printOption(option: TcpOption): string {
	switch (option.kind) {
		case 'nop':
		case 'eol':
		case 'sackOK':
			return option.kind;
		case 'mss':
		case 'wscale':
			return `${option.kind} ${option.value}`;
		case 'sack':
			return `sack ${option.blocks.map(({ left, right }) => `${left}:${right}`).join(' ')}`;
		case 'TS':
			return `TS val ${printNumber(option.val)} ecr ${printNumber(option.ecr)}`;
		case 'FO':
		case 'FOEXP':
			return `${option.kind} ${option.cookie}`.trim();
		case 'md5':
			return `md5 ${option.digest}`.trim();
		case 'other':
			return `${option.name} ${option.data}`.trim();
	}
}

function printNumber(value: OptionNumber): string {
	if (typeof value === 'number') return String(value);
	if (value.plus === 0) return value.name;
	return value.plus < 0 ? `${value.name}-${-value.plus}` : `${value.name}+${value.plus}`;
}

function printIcmp(packet: IcmpPacket): string {
	let text = `icmp ${packet.type}`;
	if (packet.code !== null) text += ` ${packet.code}`;
	if (packet.mtu !== null) text += ` mtu ${packet.mtu}`;
	if (packet.echoId !== null) text += ` id ${packet.echoId}`;
	return packet.quoted === null ? text : `${text} [${printQuoted(packet.quoted)}]`;
}

function printQuoted(quoted: QuotedPacket): string {
	switch (quoted.protocol) {
		case 'tcp':
			return printSequence(quoted.sequence);
		case 'udp':
			return `udp (${quoted.length})`;
		case 'other':
			return quoted.text;
	}
}
