import fc from 'fast-check';
import type { Action, CallAction, EventTime, IcmpPacket, IpInfo, Member, OptionNumber, OuterHeader, PacketAction, Script, ScriptEvent, SequenceRange, TcpOption, TcpPacket, UdpPacket, Value } from './tree.ts';

/** Generators of syntax trees that can be written as a script: for properties of the language and of its runner. */

const word: fc.Arbitrary<string> = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,7}$/).filter((text) => !/^(?:TFO_|CMSG_)/.test(text));
const small: fc.Arbitrary<string> = fc.stringMatching(/^[a-z][a-z0-9_]{0,7}$/);
const u16: fc.Arbitrary<number> = fc.nat(0xffff);
const u32: fc.Arbitrary<number> = fc.oneof(fc.nat(3000), fc.nat(0xffff_ffff), fc.constant(0xffff_ffff));
const duration: fc.Arbitrary<number> = fc.oneof(fc.nat(5).map((s) => s * 1e6), fc.nat(3e6), fc.nat({ max: 1e12 }));
const nullable = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const hexDigits: fc.Arbitrary<string> = fc.array(fc.nat(255), { maxLength: 8 }).map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(''));
const bytes: fc.Arbitrary<string> = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 12 });

const term: fc.Arbitrary<Value> = fc.oneof(
	fc.constant<Value>({ kind: 'ellipsis' }),
	fc.record({ kind: fc.constant('integer' as const), value: fc.integer({ min: -0xffff_ffff, max: 0xffff_ffff }), hex: fc.boolean() }),
	fc.constant<Value>({ kind: 'huge', text: '18446744073709551615' }),
	fc.record({ kind: fc.constant('string' as const), value: bytes, partial: fc.boolean() }),
	fc.record({ kind: fc.constant('symbol' as const), name: fc.oneof(word, word.map((name) => `&${name}`)) }),
);

export const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value; member: Member; inner: Value }>((tie) => ({
	value: fc.oneof({ maxDepth: 3 }, term, tie('inner')),
	member: fc.oneof(
		fc.record({ name: small, extent: nullable(tie('value')), value: tie('value') }),
		tie('value').map((inner) => ({ name: null, extent: null, value: inner })),
	),
	inner: fc.oneof(
		fc.record({ kind: fc.constant('or' as const), terms: fc.array(term, { minLength: 2, maxLength: 3 }) }),
		fc.record({ kind: fc.constant('array' as const), items: fc.array(tie('value'), { maxLength: 3 }) }),
		fc.record({ kind: fc.constant('struct' as const), members: fc.array(tie('member'), { maxLength: 3 }) }),
		fc.record({ kind: fc.constant('apply' as const), name: small, args: fc.array(tie('value'), { maxLength: 2 }) }),
	),
})).value;

const callAction: fc.Arbitrary<CallAction> = fc.record({
	kind: fc.constant('call' as const),
	name: small,
	args: fc.array(value, { maxLength: 4 }),
	returns: fc.constant(null),
	result: fc.oneof(term, fc.array(term, { minLength: 2, maxLength: 3 }).map<Value>((terms) => ({ kind: 'or', terms }))),
	errno: nullable(word),
	note: nullable(fc.constantFrom('', 'flags O_RDWR|O_NONBLOCK', 'isn\'t (there) "at all" // # `')),
});

export const sequence: fc.Arbitrary<SequenceRange> = fc.oneof(
	fc.record({ start: u32, length: u32 }).map(({ start, length }) => ({ start, end: (start + length) % 2 ** 32, length })),
	u32.map((length) => ({ start: null, end: null, length })),
);

const optionNumber: fc.Arbitrary<OptionNumber> = fc.oneof(u32, fc.record({ name: word, plus: fc.integer({ min: -999, max: 999 }) }));
export const tcpOption: fc.Arbitrary<TcpOption> = fc.oneof(
	fc.constantFrom<TcpOption>({ kind: 'nop' }, { kind: 'eol' }, { kind: 'sackOK' }),
	fc.record({ kind: fc.constant('mss' as const), value: u16 }),
	fc.record({ kind: fc.constant('wscale' as const), value: fc.nat(255) }),
	fc.record({ kind: fc.constant('sack' as const), blocks: fc.array(fc.record({ left: u32, right: u32 }), { minLength: 1, maxLength: 4 }) }),
	fc.record({ kind: fc.constant('TS' as const), val: optionNumber, ecr: optionNumber }),
	fc.record({ kind: fc.constantFrom('FO' as const, 'FOEXP' as const), cookie: hexDigits }),
	fc.record({ kind: fc.constant('md5' as const), digest: hexDigits }),
	fc.record({ kind: fc.constant('other' as const), name: fc.constantFrom('ECN', '253', 'mystery'), data: fc.constantFrom('', 'e1b 1 ceb 0 e0b 1', '0x1234') }),
);

const accurate = fc.nat(0x1ff).map((flags) => ({ flags, accurateEcn: true }));
const classic = fc.nat(0xff).map((flags) => ({ flags, accurateEcn: false }));
export const tcpPacket: fc.Arbitrary<TcpPacket> = fc
	.record({
		ports: nullable(fc.record({ source: u16, destination: u16 })), marks: fc.oneof(classic, accurate), sequence,
		ack: nullable(fc.oneof(u32, fc.constant('any' as const))), window: nullable(u16), urgent: nullable(u16),
		options: fc.oneof(fc.constant('any' as const), fc.array(tcpOption, { maxLength: 5 })),
	})
	.map(({ marks, ...rest }) => ({ protocol: 'tcp', ...marks, ...rest }));

const udpPacket: fc.Arbitrary<UdpPacket> = fc.record({ protocol: fc.constant('udp' as const), ports: nullable(fc.record({ source: u16, destination: u16 })), length: u32 });
const icmpPacket: fc.Arbitrary<IcmpPacket> = fc.record({
	protocol: fc.constant('icmp' as const),
	type: fc.constantFrom('unreachable', 'packet_too_big', 'source_quench'),
	code: nullable(fc.constantFrom('port_unreachable', 'code_7')),
	mtu: nullable(u16), echoId: nullable(u16),
	quoted: nullable(fc.oneof(sequence.map((range) => ({ protocol: 'tcp' as const, sequence: range })), u32.map((length) => ({ protocol: 'udp' as const, length })))),
});

const ip: fc.Arbitrary<IpInfo> = fc.record({
	ecn: nullable(fc.constantFrom('noecn' as const, 'ect0' as const, 'ect1' as const, 'ect01' as const, 'ce' as const)),
	tos: nullable(fc.nat(255)), flowLabel: nullable(fc.nat(0xf_ffff)), ttl: nullable(fc.nat(255)), other: fc.array(fc.constantFrom('df', 'id 5'), { maxLength: 2 }),
});
const outer: fc.Arbitrary<OuterHeader> = fc.oneof(
	fc.record({ kind: fc.constant('ipv4' as const), source: fc.ipV4(), destination: fc.ipV4(), ip }),
	fc.record({ kind: fc.constant('ipv6' as const), source: fc.constantFrom('::1', 'fd3d:a0b:17d6::1'), destination: fc.constantFrom('2001:db8::', 'fe80::2'), ip }),
);

export const packetAction: fc.Arbitrary<PacketAction> = fc.record({
	kind: fc.constant('packet' as const),
	direction: fc.constantFrom('in' as const, 'out' as const),
	ip, outer: fc.array(outer, { maxLength: 2 }),
	body: fc.oneof({ weight: 5, arbitrary: tcpPacket }, { weight: 1, arbitrary: udpPacket }, { weight: 1, arbitrary: icmpPacket }),
});

const exactTime: fc.Arbitrary<EventTime> = fc.oneof(duration.map((by) => ({ kind: 'after' as const, by })), duration.map((at) => ({ kind: 'absolute' as const, at })));
const looseTime: fc.Arbitrary<EventTime> = fc.oneof(
	fc.constant<EventTime>({ kind: 'any' }),
	fc.record({ kind: fc.constantFrom('absolute-range' as const, 'after-range' as const), from: duration, width: fc.nat(1e6) }).map(({ kind, from, width }) => ({ kind, from, to: from + width })),
);

const blocking: fc.Arbitrary<{ time: EventTime; action: Action }> = fc
	.record({ by: duration, wait: duration, call: callAction })
	.map(({ by, wait, call }) => ({ time: { kind: 'after', by }, action: { ...call, returns: by + wait } }));

const timed: fc.Arbitrary<{ time: EventTime; action: Action }> = fc.oneof(
	fc.record({ time: fc.oneof(exactTime, looseTime), action: packetAction.map((packet): PacketAction => ({ ...packet, direction: 'out' })) }),
	fc.record({ time: exactTime, action: packetAction }),
	fc.record({ time: exactTime, action: callAction }),
	blocking,
	fc.record({ time: exactTime, action: fc.constantFrom<Action>({ kind: 'command', text: 'sysctl -w a=1\n# b' }, { kind: 'code', text: ' assert tcpi_snd_cwnd == 10, "}" ', line: 0 }) }),
);

const event: fc.Arbitrary<ScriptEvent> = timed.map((both) => ({ line: 0, column: 0, ...both }));

/** Whole scripts; lines and columns are all 0. */
export const script: fc.Arbitrary<Script> = fc.record({
	file: fc.constant('generated.pkt'),
	options: fc.array(fc.record({ line: fc.constant(0), name: fc.constantFrom('tolerance_usecs', 'mtu', 'x-y'), value: nullable(fc.constantFrom('10000', '192.168.0.1', '', '"a b"')) }), { maxLength: 3 }),
	init: fc.array(fc.constantFrom('../../common/defaults.sh', 'a\nb'), { maxLength: 2 }),
	events: fc.array(event, { minLength: 1, maxLength: 8 }),
	cleanup: fc.array(fc.constantFrom('sysctl -w a=0'), { maxLength: 1 }),
});

