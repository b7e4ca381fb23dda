/**
 * The syntax tree of a packetdrill script. Times are integer microseconds. Everything is plain data: a tree can be
 * compared, printed (print.ts) and generated.
 */

/** A whole script. `init` and `cleanup` are the untimed commands before the first and after the last event. */
export interface Script {
	readonly file: string;
	readonly options: readonly ScriptOption[];
	readonly init: readonly string[];
	readonly events: readonly ScriptEvent[];
	readonly cleanup: readonly string[];
}

/** `--name=value`; `value` is null where there is no `=`. */
export interface ScriptOption {
	readonly line: number;
	readonly name: string;
	readonly value: string | null;
}

export interface ScriptEvent {
	readonly line: number;
	readonly column: number;
	readonly time: EventTime;
	readonly action: Action;
}

/**
 * When an event is due, µs: `absolute` since the start of the script, `after` the event before it, a range of
 * either, or at `any` time. Ranges and `any` are for outbound packets only.
 */
export type EventTime =
	| { readonly kind: 'absolute'; readonly at: number }
	| { readonly kind: 'after'; readonly by: number }
	| { readonly kind: 'absolute-range'; readonly from: number; readonly to: number }
	| { readonly kind: 'after-range'; readonly from: number; readonly to: number }
	| { readonly kind: 'any' };

export type Action = PacketAction | CallAction | CommandAction | CodeAction;

/** Text between backticks, for a shell: one line or several. */
export interface CommandAction {
	readonly kind: 'command';
	readonly text: string;
}

/** Python between `%{` and `}%`. `line` is where its first character stands. */
export interface CodeAction {
	readonly kind: 'code';
	readonly text: string;
	readonly line: number;
}

/**
 * A system call. `returns` is when one that is expected to block comes back (µs), counted from where the time of
 * its event is counted from; null for a call that returns at once.
 */
export interface CallAction {
	readonly kind: 'call';
	readonly name: string;
	readonly args: readonly Value[];
	readonly returns: number | null;
	readonly result: Value;
	readonly errno: string | null;
	/** The text in parentheses after a result; it says nothing that is checked. */
	readonly note: string | null;
}

/** A value in a system call. */
export type Value =
	| { readonly kind: 'ellipsis' }
	| { readonly kind: 'integer'; readonly value: number; readonly hex: boolean }
	/** A literal that a double cannot hold exactly. */
	| { readonly kind: 'huge'; readonly text: string }
	/** `partial` where `...` follows: only a prefix is given. Characters are bytes. */
	| { readonly kind: 'string'; readonly value: string; readonly partial: boolean }
	/** A name, or `&name`. */
	| { readonly kind: 'symbol'; readonly name: string }
	| { readonly kind: 'or'; readonly terms: readonly Value[] }
	| { readonly kind: 'array'; readonly items: readonly Value[] }
	| { readonly kind: 'struct'; readonly members: readonly Member[] }
	/** `sizeof(…)`, `htons(…)`, `inet_addr(…)` and the like. */
	| { readonly kind: 'apply'; readonly name: string; readonly args: readonly Value[] };

/** `name=value`, `name(extent)=value` (as in `msg_iov(1)=[…]`), or a bare value. */
export interface Member {
	readonly name: string | null;
	readonly extent: Value | null;
	readonly value: Value;
}

/** A packet the script injects (`in`, `<`) or expects (`out`, `>`). */
export interface PacketAction {
	readonly kind: 'packet';
	readonly direction: 'in' | 'out';
	readonly ip: IpInfo;
	/** Encapsulating headers, outermost first. */
	readonly outer: readonly OuterHeader[];
	readonly body: TcpPacket | UdpPacket | IcmpPacket | UnsupportedPacket;
}

export type EcnMark = 'noecn' | 'ect0' | 'ect1' | 'ect01' | 'ce';

/** What `[…]` after the direction asks of the IP header; null is unchecked (out) or the default (in). */
export interface IpInfo {
	readonly ecn: EcnMark | null;
	readonly tos: number | null;
	readonly flowLabel: number | null;
	readonly ttl: number | null;
	/** Anything else that was written there, which no runner understands. */
	readonly other: readonly string[];
}

export type OuterHeader =
	| { readonly kind: 'ipv4' | 'ipv6'; readonly source: string; readonly destination: string; readonly ip: IpInfo }
	| { readonly kind: 'gre' | 'mpls'; readonly text: string };

export interface Ports {
	readonly source: number;
	readonly destination: number;
}

/** Sequence space as written: absolute in SYN packets, else relative. `start` is null for `...(length)`. */
export interface SequenceRange {
	readonly start: number | null;
	readonly end: number | null;
	readonly length: number;
}

/** Bits of the flags field (RFC 9293 §3.1, ECE and CWR RFC 3168, AE RFC 9768). */
export const FLAG = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128, AE: 256 } as const;

export interface TcpPacket {
	readonly protocol: 'tcp';
	readonly ports: Ports | null;
	/** Bits of {@link FLAG}. */
	readonly flags: number;
	/** Written with the flag `A` or a count 0–7 (accurate ECN, RFC 9768). */
	readonly accurateEcn: boolean;
	readonly sequence: SequenceRange;
	/** `any` is `ack *`. */
	readonly ack: number | 'any' | null;
	/** The raw 16 bits; null is unchecked (out) or a default (in). */
	readonly window: number | null;
	readonly urgent: number | null;
	/** `any` is `<...>`; the empty list means: no options at all. */
	readonly options: readonly TcpOption[] | 'any';
}

/** A timestamp as written: a number, or a name with a distance from it. */
export type OptionNumber = number | { readonly name: string; readonly plus: number };

export interface SackRange {
	readonly left: number;
	readonly right: number;
}

export type TcpOption =
	| { readonly kind: 'nop' | 'eol' | 'sackOK' }
	| { readonly kind: 'mss'; readonly value: number }
	| { readonly kind: 'wscale'; readonly value: number }
	| { readonly kind: 'sack'; readonly blocks: readonly SackRange[] }
	| { readonly kind: 'TS'; readonly val: OptionNumber; readonly ecr: OptionNumber }
	/** RFC 7413 option 34 and its experimental form; `cookie` is hex digits, empty for a request. */
	| { readonly kind: 'FO' | 'FOEXP'; readonly cookie: string }
	/** RFC 2385; `digest` is hex digits, empty where none is given. */
	| { readonly kind: 'md5'; readonly digest: string }
	/** Anything else: a kind number or a name, and the text after it. */
	| { readonly kind: 'other'; readonly name: string; readonly data: string };

export interface UdpPacket {
	readonly protocol: 'udp';
	readonly ports: Ports | null;
	/** Payload, bytes. */
	readonly length: number;
}

export interface IcmpPacket {
	readonly protocol: 'icmp';
	readonly type: string;
	readonly code: string | null;
	readonly mtu: number | null;
	readonly echoId: number | null;
	/** The packet whose head the message quotes. */
	readonly quoted: QuotedPacket | null;
}

export type QuotedPacket =
	| { readonly protocol: 'tcp'; readonly sequence: SequenceRange }
	| { readonly protocol: 'udp'; readonly length: number }
	| { readonly protocol: 'other'; readonly text: string };

/** A packet of a protocol this project does not speak; `text` is the rest of the event as written. */
export interface UnsupportedPacket {
	readonly protocol: 'unsupported';
	readonly name: string;
	readonly text: string;
}
