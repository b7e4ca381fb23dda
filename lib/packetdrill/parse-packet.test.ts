import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { icmpNumbers } from './icmp-names.ts';
import { parseScript } from './parse.ts';
import { printPacket } from './print-packet.ts';
import { FLAG } from './tree.ts';
import type { IcmpPacket, PacketAction, TcpPacket } from './tree.ts';

function packet(text: string): PacketAction {
	const { events } = parseScript(`+0 ${text}\n+0 close(3) = 0`, 'x.pkt');
	const action = events[0]?.action;
	if (action?.kind !== 'packet' || events.length !== 2) throw new Error('not one packet');
	return action;
}

function tcp(text: string): TcpPacket {
	const { body } = packet(text);
	if (body.protocol !== 'tcp') throw new Error('no TCP');
	return body;
}

function wrong(text: string): string {
	try {
		packet(text);
	} catch (error) {
		return (error as Error).message;
	}
	throw new Error(`${text} was read`);
}

test('a segment with everything', () => {
	assert.equal(packet('> [ect0] 8080 > 40000 P. 1:1001(1000) ack 1 win 256 urg 7 <nop,nop,TS val 100 ecr 200>'), {
		kind: 'packet', direction: 'out', outer: [],
		ip: { ecn: 'ect0', tos: null, flowLabel: null, ttl: null, other: [] },
		body: {
			protocol: 'tcp', ports: { source: 8080, destination: 40000 }, flags: FLAG.PSH | FLAG.ACK, accurateEcn: false,
			sequence: { start: 1, end: 1001, length: 1000 }, ack: 1, window: 256, urgent: 7,
			options: [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'TS', val: 100, ecr: 200 }],
		},
	});
});

test('a segment with nothing', () => {
	const body = tcp('< - 0:0(0)');
	assert.equal([body.flags, body.ack, body.window, body.urgent, body.options, body.ports], [0, null, null, null, [], null]);
	assert.is(tcp('> . 1:1(0) ack 1 <...>').options, 'any');
	assert.equal(tcp('> S. ...(0) ack 65538 win 65535').sequence, { start: null, end: null, length: 0 });
	assert.equal([tcp('> . 1:1(0) ack *').ack, tcp('> . 1:1(0) ack 1 win *').window], ['any', null]);
});

test('flags in any order, and marks against the direction', () => {
	assert.is(tcp('<SEW 0:0(0) win 1').flags, FLAG.SYN | FLAG.ECE | FLAG.CWR);
	assert.is(tcp('>[ect0] P. 1:2(1) ack 1').flags, FLAG.PSH | FLAG.ACK);
	assert.is(tcp('< FRU. 1:1(0) ack 1').flags, FLAG.FIN | FLAG.RST | FLAG.URG | FLAG.ACK);
	assert.is(tcp('< .F 1:1(0) ack 1').flags, FLAG.FIN | FLAG.ACK);
});

test('flags of accurate ECN are read and marked', () => {
	for (const [text, flags] of [['SWA', FLAG.SYN | FLAG.CWR | FLAG.AE], ['.5', FLAG.ACK | FLAG.AE | FLAG.ECE], ['P.2', FLAG.PSH | FLAG.ACK | FLAG.CWR], ['.0', FLAG.ACK]] as const) {
		const body = tcp(`< ${text} 1:1(0) ack 1 win 9 <ECN e1b 1 ceb 0 e0b 1,nop>`);
		assert.equal([body.flags, body.accurateEcn], [flags, true]);
		assert.equal(body.options, [{ kind: 'other', name: 'ECN', data: 'e1b 1 ceb 0 e0b 1' }, { kind: 'nop' }]);
	}
	assert.is(tcp('< SEW 0:0(0) win 1').accurateEcn, false);
});

test('what a packet asks of its IP header', () => {
	assert.equal(packet('< [ce, tos 0x2, flowlabel 0x12345, ttl 64] . 1:1(0) ack 1').ip, { ecn: 'ce', tos: 2, flowLabel: 0x12345, ttl: 64, other: [] });
	assert.equal(packet('< [ect1] (ttl 9) . 1:1(0) ack 1').ip, { ecn: 'ect1', tos: null, flowLabel: null, ttl: 9, other: [] });
	assert.equal(packet('< [df, id 5] . 1:1(0) ack 1').ip.other, ['df', 'id 5']);
});

test('encapsulation is read', () => {
	const { outer, body } = packet('> ipv4 192.0.2.1 > 192.0.2.2: gre flags 0x0: [ce] ipv6 2001:db8::1 > fd00::2: . 1:1(0) ack 1');
	assert.is(body.protocol, 'tcp');
	assert.equal(outer.map((header) => ('text' in header ? [header.kind, header.text] : [header.kind, header.source, header.destination, header.ip.ecn])), [
		['ipv4', '192.0.2.1', '192.0.2.2', null], ['gre', 'flags 0x0'], ['ipv6', '2001:db8::1', 'fd00::2', 'ce'],
	]);
});

test('every TCP option', () => {
	assert.equal(tcp('< S 0:0(0) win 1 <mss 1460,nop,wscale 8,sackOK,eol>').options, [{ kind: 'mss', value: 1460 }, { kind: 'nop' }, { kind: 'wscale', value: 8 }, { kind: 'sackOK' }, { kind: 'eol' }]);
	assert.equal(tcp('> . 1:1(0) ack 1 <sack 1:2 3001:4001>').options, [{ kind: 'sack', blocks: [{ left: 1, right: 2 }, { left: 3001, right: 4001 }] }]);
	assert.equal(tcp('< . 1:1(0) ack 1 <TS val T ecr U+10, TS val 1 ecr V-2>').options, [
		{ kind: 'TS', val: { name: 'T', plus: 0 }, ecr: { name: 'U', plus: 10 } },
		{ kind: 'TS', val: 1, ecr: { name: 'V', plus: -2 } },
	]);
	assert.equal(tcp('< S 0:0(0) <FO, FO 3021b9d889017eeb, FOEXP 0xABCD, md5, md5 00ff>').options, [
		{ kind: 'FO', cookie: '' }, { kind: 'FO', cookie: '3021b9d889017eeb' }, { kind: 'FOEXP', cookie: 'abcd' }, { kind: 'md5', digest: '' }, { kind: 'md5', digest: '00ff' },
	]);
	assert.equal(tcp('< S 0:0(0) <253 0x1234, mystery>').options, [{ kind: 'other', name: '253', data: '0x1234' }, { kind: 'other', name: 'mystery', data: '' }]);
});

test('UDP, ICMP and what we do not speak', () => {
	assert.equal(packet('> udp 1 > 2 (1000)').body, { protocol: 'udp', ports: { source: 1, destination: 2 }, length: 1000 });
	assert.equal(packet('<icmp unreachable frag_needed mtu 1234 [1:1001(1000)]').body, {
		protocol: 'icmp', type: 'unreachable', code: 'frag_needed', mtu: 1234, echoId: null, quoted: { protocol: 'tcp', sequence: { start: 1, end: 1001, length: 1000 } },
	});
	assert.equal((packet('< icmp source_quench [udp (8)]').body as IcmpPacket).quoted, { protocol: 'udp', length: 8 });
	assert.equal((packet('< icmp echo_request id 7').body as IcmpPacket).echoId, 7);
	assert.equal(packet('< sctp: INIT[flgs=0, tag=1, a_rwnd=1500,\n             is=1, os=1]').body, { protocol: 'unsupported', name: 'sctp', text: ': INIT[flgs=0, tag=1, a_rwnd=1500,\n             is=1, os=1]' });
	assert.is(packet('> udplite (10, 8)').body.protocol, 'unsupported');
});

test('ICMP names have their numbers, by version', () => {
	assert.equal(icmpNumbers({ type: 'unreachable', code: 'port_unreachable' }, 4), { type: 3, code: 3 });
	assert.equal(icmpNumbers({ type: 'unreachable', code: 'port_unreachable' }, 6), { type: 1, code: 4 });
	assert.equal(icmpNumbers({ type: 'packet_too_big', code: null }, 6), { type: 2, code: 0 });
	assert.equal(icmpNumbers({ type: 'parameter_problem', code: 'code_2' }, 4), { type: 12, code: 2 });
	assert.equal(icmpNumbers({ type: 'type_40', code: 'code_255' }, 4), { type: 40, code: 255 });
	assert.equal([icmpNumbers({ type: 'packet_too_big', code: null }, 4), icmpNumbers({ type: 'unreachable', code: 'code_256' }, 4), icmpNumbers({ type: 'toString', code: null }, 4)], [null, null, null]);
});

test('mistakes are named where they stand', () => {
	assert.is(wrong('< . 1:2(0) ack 1'), 'x.pkt:1:10: expected 1 + 0 here, found \'2\'');
	assert.is(wrong('< X 1:1(0)'), 'x.pkt:1:6: expected TCP flags (of F S R P . U E W A, or - for none), udp or icmp, found \'X\'');
	assert.is(wrong('< 1:1(0)'), 'x.pkt:1:6: expected a packet: TCP flags, udp or icmp, found \'1\'');
	assert.is(wrong('> . 1:1(0) ack 4294967296'), 'x.pkt:1:19: expected an acknowledgement number of at most 4294967295, found 4294967296');
	assert.is(wrong('> . 1:1(0) ack 1 <mss>'), 'x.pkt:1:25: expected a segment size, found \'>\'');
	assert.is(wrong('> . 1:1(0) ack 1 <nop nop>'), 'x.pkt:1:26: expected \',\' or \'>\' after a TCP option, found \'nop\'');
	assert.is(wrong('> . 1:1(0) ack 1 <FO abc>'), 'x.pkt:1:25: expected a cookie in hex digits, an even number of them, found \'abc\'');
	assert.is(wrong('> icmp'), 'x.pkt:2:1: expected the type of the ICMP message, found \'+\'');
});

test('sequence numbers wrap at 2^32', () => {
	assert.equal(tcp('< . 4294967295:9(10) ack 1').sequence, { start: 4294967295, end: 9, length: 10 });
});

test('flags print so that they read the same', () => {
	for (const text of ['> SF. 0:0(0) ack 1', '> .5 1:1(0) ack 1', '> -3 1:1(0)', '> .0 1:1(0) ack 1', '> - 1:1(0)', '> SEWA 0:0(0)']) {
		const once = packet(text);
		assert.equal(packet(printPacket(once)), once);
	}
});

test.run();
