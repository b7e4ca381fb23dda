import { FLAG } from '../tree.ts';
import type { OptionNumber, Ports, SackRange, TcpOption, TcpPacket } from '../tree.ts';
import type { Segment } from './frame.ts';
import { decodeOptions } from './options.ts';
import type { NumberMap } from './options.ts';
import { Mismatch, Unsupported } from './verdict.ts';

const u32 = (value: number): number => value >>> 0;

/**
 * One connection as the script numbers it and as it is on the wire. The
 * remote's numbers are the script's own; ours are learnt from what the host
 * sends. A SYN is written in absolute numbers, all else relative to the ISNs.
 */
export class Flow {
	/** the file descriptor it belongs to; −1 before it is accepted */
	fd = -1;
	/** our initial sequence number: as the script writes it, and on the wire */
	local: { script: number; live: number } | null = null;
	remoteIsn: number | null = null;
	readonly localPort: number;
	readonly remotePort: number;
	/** ports as the script writes them, ours and the remote's */
	readonly written: { readonly local: number; readonly remote: number } | null;
	/** octets the application wrote, up to the last that is no zero */
	readonly stream: number[] = [];
	/** a Fast Open cookie as scripts have it, and the one it stands for; null: they are the same */
	cookie: { readonly script: string; readonly live: string } | null = null;
	#written = 0;
	#lastSyn: number | null = null;
	/** nothing but SYNs and resets was exchanged */
	#opening = true;
	/** our last SYN acknowledged the remote's */
	#isAnswered = false;
	readonly #names = new Map<string, number>();
	readonly #liveOf = new Map<number, number>();
	readonly #scriptOf = new Map<number, number>();

	constructor(localPort: number, remotePort: number, written: { readonly local: number; readonly remote: number } | null = null) {
		this.localPort = localPort;
		this.remotePort = remotePort;
		this.written = written;
	}

	/** Takes note of a segment the script sends: the number of a SYN is the remote's ISN, unless the connection is open. */
	noteInbound(flags: number, seq: number): void {
		if ((flags & FLAG.SYN) === 0) {
			if (this.#isAnswered && (flags & FLAG.RST) === 0) this.#opening = false;
			return;
		}
		this.#lastSyn = seq;
		if (this.#opening || this.remoteIsn === null) this.remoteIsn = seq;
	}

	/** Takes note of a segment of ours: a SYN tells our ISN, and with an ACK whose SYN it answers. */
	noteOutbound(segment: Segment, written: TcpPacket | null): void {
		if ((segment.flags & FLAG.SYN) !== 0) {
			const script = written?.sequence.start ?? this.local?.script ?? 0;
			if (this.local === null || this.local.live !== segment.seq) this.local = { script, live: segment.seq };
			if ((segment.flags & FLAG.ACK) !== 0 && this.#lastSyn !== null) this.remoteIsn = this.#lastSyn;
			this.#opening = true;
			this.#isAnswered = (segment.flags & FLAG.ACK) !== 0;
		} else if ((segment.flags & FLAG.RST) === 0) this.#opening = false;
	}

	/** Takes note of what the application wrote: text, or as many zeros. */
	noteWritten(text: Uint8Array | null, length: number): void {
		if (text !== null) {
			while (this.stream.length < this.#written) this.stream.push(0);
			for (let i = 0; i < length; i++) this.stream.push(text[i]!);
		}
		this.#written += length;
	}

	/** Takes note of how much of the end of what was noted was not taken. */
	noteRefused(count: number): void {
		this.#written -= count;
		this.stream.length = Math.min(this.stream.length, this.#written);
	}

	#localOffset(isSyn: boolean): number {
		const { live, script } = this.local ?? { live: 0, script: 0 };
		return isSyn ? live - script : live;
	}

	#remoteOffset(isSyn: boolean): number {
		return isSyn ? 0 : this.remoteIsn ?? 0;
	}

	/** Where our octet with a number of the script's is on the wire. */
	localNumber(script: number, isSyn = false): number { return u32(script + this.#localOffset(isSyn)); }

	/** Where the remote's octet with a number of the script's is on the wire. */
	remoteNumber(script: number, isSyn = false): number { return u32(script + this.#remoteOffset(isSyn)); }

	/** How an inbound packet's options are numbered. */
	inboundNumbers(): NumberMap {
		return {
			sack: (number) => this.localNumber(number),
			tsVal: (value) => (typeof value === 'number' ? value : this.#named(value)),
			tsEcr: (value) => this.#echo(value),
			cookie: (digits) => (digits === this.cookie?.script ? this.cookie.live : digits),
		};
	}

	#named(value: { readonly name: string; readonly plus: number }): number {
		const bound = this.#names.get(value.name);
		if (bound === undefined) throw new Unsupported(`the timestamp ${value.name}, which nothing has set`);
		return u32(bound + value.plus);
	}

	#echo(value: OptionNumber): number {
		if (typeof value !== 'number') return this.#named(value);
		const live = this.#liveOf.get(value);
		if (live !== undefined) return live;
		if (value === 0) return 0;
		throw new Mismatch(`the packet to send echoes the timestamp ${value}, but none of the packets before it had that TS val`);
	}

	/** Holds a TS val of ours against the script's; the first time it is only learnt. Returns what is wrong, or null. `ticks`: see `compare`. */
	matchTsVal(written: OptionNumber, live: number, ticks: number | null): string | null {
		if (typeof written !== 'number') {
			const bound = this.#names.get(written.name);
			if (bound === undefined) this.#names.set(written.name, u32(live - written.plus));
			else if (u32(bound + written.plus) !== live) return `TS val ${live}, not ${written.name}${written.plus === 0 ? '' : `+${written.plus}`} = ${u32(bound + written.plus)}`;
			return null;
		}
		const first = this.firstTimestamp();
		if (ticks !== null && first !== null && Math.abs(((live - first.live) | 0) - ((written - first.script) | 0)) > ticks) return `TS val ${this.#scriptTs(live)} instead of ${written}`;
		this.#liveOf.set(written, live);
		this.#scriptOf.set(live, written);
		return null;
	}

	/** First TS val that was learnt, for checks of the clock's speed. */
	firstTimestamp(): { readonly script: number; readonly live: number } | null {
		for (const [script, live] of this.#liveOf) return { script, live };
		return null;
	}

	#scriptTs(live: number): number {
		const known = this.#scriptOf.get(live);
		if (known !== undefined) return known;
		const first = this.firstTimestamp();
		return first === null ? live : u32(first.script + ((live - first.live) | 0));
	}

	/** A segment as the script would write it. `outbound`: the host sent it. */
	toScript(segment: Segment, outbound: boolean): TcpPacket {
		const isSyn = (segment.flags & FLAG.SYN) !== 0;
		const own = outbound ? this.#localOffset(isSyn) : this.#remoteOffset(isSyn);
		const other = outbound ? this.#remoteOffset(isSyn) : this.#localOffset(isSyn);
		const start = u32(segment.seq - own);
		const length = segment.payload.length;
		const hasAck = (segment.flags & FLAG.ACK) !== 0;
		return {
			protocol: 'tcp',
			ports: this.#portsOf(outbound),
			flags: segment.flags,
			accurateEcn: (segment.flags & FLAG.AE) !== 0,
			sequence: { start, end: u32(start + length), length },
			ack: hasAck ? u32(segment.ack - other) : segment.ack === 0 ? null : segment.ack,
			window: segment.window,
			urgent: (segment.flags & FLAG.URG) !== 0 ? segment.urgent : null,
			options: decodeOptions(segment.options).map((option) => this.#optionToScript(option, outbound)),
		};
	}

	#portsOf(outbound: boolean): Ports | null {
		if (this.written === null) return null;
		const { local, remote } = this.written;
		return outbound ? { source: local, destination: remote } : { source: remote, destination: local };
	}

	#optionToScript(option: TcpOption, outbound: boolean): TcpOption {
		if (option.kind === 'sack') {
			const offset = outbound ? this.#remoteOffset(false) : this.#localOffset(false);
			const shift = ({ left, right }: SackRange): SackRange => ({ left: u32(left - offset), right: u32(right - offset) });
			return { kind: 'sack', blocks: option.blocks.map(shift) };
		}
		if (option.kind === 'FO' || option.kind === 'FOEXP') return option.cookie === this.cookie?.live ? { ...option, cookie: this.cookie.script } : option;
		if (option.kind !== 'TS' || typeof option.val !== 'number' || typeof option.ecr !== 'number') return option;
		return outbound ? { ...option, val: this.#scriptTs(option.val) } : { ...option, ecr: option.ecr === 0 ? 0 : this.#scriptTs(option.ecr) };
	}
}
