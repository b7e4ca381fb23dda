import { gratuitousArp, rarpAnnouncement } from '../wire/arp.ts';
import { put16 } from '../wire/bytes.ts';
import { ETHERNET, ETHERTYPE_CHANNEL } from '../wire/ethernet.ts';
import { Kind } from '../trace/index.ts';
import type { Sink } from '../wire/node.ts';
import { PORT_CLIENTS } from './core.ts';
import type { Core, Identity } from './core.ts';
import type { Announce } from './knobs.ts';
import type { Luggage } from './luggage.ts';

/** Bytes of a frame without payload, padded to what Ethernet carries at least (IEEE 802.3 §3.2.8). */
const SHORTEST = 60;

/**
 * The frame that announces where a MAC address is now; null where nothing is
 * announced. Any broadcast frame from that address teaches a switch, a
 * gratuitous ARP the neighbours besides.
 */
export function announcement(announce: Announce, identity: Identity): Uint8Array | null {
	switch (announce) {
		case 'none': return null;
		case 'gratuitous-arp': return gratuitousArp(identity.mac, identity.address);
		case 'rarp': return rarpAnnouncement(identity.mac);
		case 'any': {
			const frame = new Uint8Array(SHORTEST);
			frame.fill(0xff, 0, 6);
			frame.set(identity.mac, ETHERNET.source);
			put16(frame, ETHERNET.type, ETHERTYPE_CHANNEL);
			return frame;
		}
	}
}

/** Announces several times: one announcement can be lost. */
export class Announcer {
	/** when the next one is due, own clock in µs */
	at: number = Infinity;
	/** announcements made */
	made: number = 0;
	readonly #times: number;
	readonly #every: number;

	constructor(times: number, every: number) {
		this.#times = times;
		this.#every = every;
	}

	begin(now: number): void {
		this.made = 0;
		this.at = this.#times > 0 ? now : Infinity;
	}

	/** Announces, where it is time to. */
	drain(core: Core, sink: Sink): void {
		if (core.now < this.at) return;
		this.made++;
		this.at = this.made < this.#times ? core.now + this.#every : Infinity;
		const frame = announcement(core.knobs.announce, core.identity);
		if (frame === null) return;
		if (core.trace !== null) core.trace.putBytes(Kind.announced, core.place, this.made, core.epoch, 0, 0, frame, 0, frame.length);
		sink.take(frame, 0, frame.length, PORT_CLIENTS);
	}

	carry(luggage: Luggage): void {
		this.at = luggage.number(this.at);
		this.made = luggage.number(this.made);
	}
}
