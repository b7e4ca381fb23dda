import { ACK, SYN, TCP_FLAGS } from '../lib/wire/tcp.ts';
import { Bare } from './rig.test.helper.ts';
import { read32, rfc, write16, write32 } from './index.ts';
import type { Profile } from './index.ts';

/** What a test sends; numbers are relative to each side's ISN. */
export interface Sent {
	readonly flags: number;
	readonly seq: number;
	readonly ack?: number;
	readonly wnd?: number;
	readonly text?: number;
	/** option bytes, whole words */
	readonly options?: readonly number[];
	/** first octet of the text, the others counting on from it; the number of each where that is left out */
	readonly fill?: number;
	/** its checksum is wrong */
	readonly damaged?: true;
}

/** What our TCP answered. */
export interface Got {
	readonly flags: number;
	readonly seq: number;
	readonly ack: number;
	readonly wnd: number;
	readonly text: number;
	readonly sacks: readonly (readonly [number, number])[];
}

/** A TCP under test and a peer whose segments are written by hand. */
export class Peer {
	readonly bare: Bare;
	/** our connection */
	at = 0;
	now = 1_000_000;
	#iss = 0;
	readonly #irs: number;
	readonly #port = 5000;

	/** @param irs  the peer's initial sequence number */
	constructor(profile: Profile = rfc, irs: number = 0x7fff_fff0) {
		this.bare = new Bare(1, profile);
		this.#irs = irs;
	}

	/** Sends a segment; returns what is answered at once. */
	send(sent: Sent): Got[] {
		this.put(sent);
		return this.answers();
	}

	/** Sends a segment that others follow before anything is answered. */
	put({ flags, seq, ack = 0, wnd = 60_000, text = 0, options = [], fill, damaged }: Sent): void {
		const header = 20 + options.length;
		const packet = new Uint8Array(32 + header + text);
		packet.set([255, 255, 10, 0, 0, 2], 10);
		packet.set([255, 255, 10, 0, 0, 1], 26);
		write16(packet, 32, this.#port);
		write16(packet, 34, 80);
		write32(packet, 36, this.#irs + seq);
		write32(packet, 40, (flags & ACK) === 0 ? 0 : this.#iss + ack);
		packet[44] = header << 2;
		packet[32 + TCP_FLAGS] = flags;
		write16(packet, 46, wnd);
		packet.set(options, 52);
		for (let i = 0; i < text; i++) packet[32 + header + i] = (fill ?? seq) + i;
		write16(packet, 48, checksum(packet) ^ (damaged === undefined ? 0 : 1));
		this.bare.receive(packet, this.now);
	}

	/** Acknowledges up to `ack`, and reports [left, right) of ours. */
	sack(ack: number, left: number, right: number): Got[] {
		const option = new Uint8Array(12);
		option.set([1, 1, 5, 10]);
		write32(option, 4, this.#iss + left);
		write32(option, 8, this.#iss + right);
		return this.send({ flags: ACK, seq: 1, ack, options: [...option] });
	}

	/** What our TCP has to send now. */
	answers(): Got[] { return this.bare.drain().map((packet) => this.#read(packet)); }

	/** Lets time pass. */
	wait(us: number): Got[] {
		this.now += us;
		this.bare.advance(this.now);
		return this.answers();
	}

	#read(packet: Uint8Array): Got {
		const header = packet[44]! >> 2;
		const flags = packet[32 + TCP_FLAGS]!;
		if ((flags & SYN) !== 0) this.#iss = read32(packet, 36);
		const sacks: (readonly [number, number])[] = [];
		for (let at = 52; at < 32 + header;) {
			const kind = packet[at]!;
			if (kind === 0) break;
			if (kind === 5) for (let i = at + 2; i < at + packet[at + 1]!; i += 8) sacks.push([(read32(packet, i) - this.#irs) | 0, (read32(packet, i + 4) - this.#irs) | 0]);
			at += kind === 1 ? 1 : packet[at + 1]!;
		}
		return {
			flags, seq: (read32(packet, 36) - this.#iss) | 0, ack: (flags & ACK) === 0 ? 0 : (read32(packet, 40) - this.#irs) | 0,
			wnd: (packet[46]! << 8) | packet[47]!, text: packet.length - 32 - header, sacks,
		};
	}

	/** Opens a connection from the peer's side, with SACK, in a round trip of so many µs. */
	open(options: readonly number[] = [2, 4, 5, 180, 4, 2, 1, 1], rtt: number = 0): void {
		const listener = this.bare.listen(80);
		this.send({ flags: SYN, seq: 0, options });
		if (rtt > 0) this.wait(rtt);
		this.send({ flags: ACK, seq: 1, ack: 1 });
		this.at = this.bare.accept(listener);
	}

	/** our initial sequence number, as the last SYN of ours had it */
	get iss(): number { return this.#iss; }

	state(): number { return this.bare.state(this.at); }
	error(): number { this.bare.state(this.at); return this.bare.tcp.tcb.error; }
}

function checksum(packet: Uint8Array): number {
	let total = 6 + packet.length - 32;
	for (let i = 0; i < packet.length; i += 2) total += (packet[i]! << 8) | (packet[i + 1] ?? 0);
	while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
	return ~total & 0xffff;
}
