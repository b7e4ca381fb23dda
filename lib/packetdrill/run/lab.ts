import { Host } from '../../host/index.ts';
import { Image } from '../../memory/index.ts';
import { get16, put16 } from '../../wire/bytes.ts';
import { ARP, ARP_REPLY, ARP_REQUEST, parseArp, putArp } from '../../wire/arp.ts';
import { ETHERNET, ETHERTYPE_ARP } from '../../wire/ethernet.ts';
import { NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION, ND, NA_OVERRIDE, NA_ROUTER, NA_SOLICITED, OPTION_TARGET_MAC } from '../../wire/icmpv6.ts';
import { ICMP } from '../../wire/icmp.ts';
import { PROTOCOL_ICMPV6 } from '../../wire/ipv6.ts';
import { nextReady } from '../../../tcp/index.ts';
import type { Profile } from '../../../tcp/index.ts';
import { LOCAL_MAC } from './addressing.ts';
import type { Addressing } from './addressing.ts';
import { frameOf, ipPacket, pseudoChecksum, readFrame } from './frame.ts';
import type { SentPacket } from './frame.ts';
import { START } from './subject.ts';
import type { TapedFrame, Wire } from './subject.ts';
import { Mismatch } from './verdict.ts';

/** No script is this long: a host that is still busy then goes round in circles. */
const MOST_STEPS = 200_000;
/** Between frames of one moment the host must fall silent. */
const MOST_ANSWERS = 64;

/**
 * The host under test in virtual time, on a wire of its own whose other end
 * answers address resolution and hands everything else to the script.
 */
export class Lab implements Wire {
	readonly host: Host;
	readonly addressing: Addressing;
	readonly tape: TapedFrame[] = [];
	readonly slack: number = 0;
	readonly patience: number = 600_000_000;
	now: number = START;
	/** when a call in flight gives up waiting, µs of the host's clock; Infinity: none does */
	alarm: number = Infinity;
	/** told each time the host has sent what it had to send */
	settled: () => void = () => { /* nobody has asked */ };
	readonly #take: (packet: SentPacket) => void;
	readonly #inner: Uint8Array[] = [];
	#steps = 0;

	/** @param take  gets every IP packet the host sends that is not about addresses */
	constructor(addressing: Addressing, profile: Profile, take: (packet: SentPacket) => void) {
		this.addressing = addressing;
		this.#take = take;
		const gateways = addressing.family === 4 ? { gateway: addressing.gateway } : { gateway6: addressing.gateway };
		this.host = new Host({
			mac: LOCAL_MAC, addresses: [`${addressing.localText}/${addressing.prefix}`], ...gateways, mtu: addressing.mtu,
			profile, tcp: { connections: 64, runs: 2048, ranges: 1024, marks: 1024 }, pages: 1024,
			quotas: { outbox: 1 << 18, neighbours: 4, udpSockets: 1, udpQueue: 4096 },
		});
		this.host.wake(START);
		this.settle();
	}

	get elapsed(): number { return this.now - START; }

	/** There is no time before the script. */
	begin(): void { /* the clock stands at the start */ }

	/** Lets the host send what it has to send, and answers what it asks about addresses. */
	settle(): void {
		for (let round = 0; ; round++) {
			if (round > MOST_ANSWERS) throw new Mismatch('the host and its wire answer each other for ever');
			this.host.drain({ take: (bytes, at, length) => this.#sent(bytes.slice(at, at + length)) });
			// Events are for an application; the script's calls look for themselves.
			while (nextReady(this.host.tcp) !== 0) { /* taken off the list */ }
			const answers = this.#inner.splice(0);
			if (answers.length === 0) break;
			for (const frame of answers) this.host.receive(0, frame, 0, frame.length, this.now);
		}
		this.settled();
	}

	#sent(frame: Uint8Array): void {
		if (get16(frame, ETHERNET.type) === ETHERTYPE_ARP) {
			this.#answerArp(frame);
			return;
		}
		const packet = readFrame(frame);
		if (packet === null) return;
		if (packet.protocol === PROTOCOL_ICMPV6 && packet.payload[ICMP.type]! >= 133 && packet.payload[ICMP.type]! <= 137) {
			this.#answerSolicitation(packet);
			return;
		}
		this.tape.push({ at: this.elapsed, outbound: true, bytes: frame });
		this.#take(packet);
	}

	/** Whoever is asked for on this wire is the router (RFC 826). */
	#answerArp(frame: Uint8Array): void {
		const at = ETHERNET.end;
		const { addressing } = this;
		if (parseArp(frame, at, frame.length - at) !== 0 || get16(frame, at + ARP.operation) !== ARP_REQUEST) return;
		const target = frame.slice(at + ARP.target, at + ARP.target + 4);
		if (target.every((byte, i) => byte === addressing.local[12 + i])) return;
		const answer = new Uint8Array(ETHERNET.end + ARP.end);
		answer.set(addressing.localMac, ETHERNET.destination);
		answer.set(addressing.gatewayMac, ETHERNET.source);
		put16(answer, ETHERNET.type, ETHERTYPE_ARP);
		putArp(answer, at, ARP_REPLY);
		answer.set(addressing.gatewayMac, at + ARP.senderMac);
		answer.set(target, at + ARP.sender);
		answer.set(addressing.localMac, at + ARP.targetMac);
		answer.set(frame.subarray(at + ARP.sender, at + ARP.sender + 4), at + ARP.target);
		this.#inner.push(answer);
	}

	/** The same for IPv6 (RFC 4861 §7.2.4); nobody else has our address (RFC 4862 §5.4). */
	#answerSolicitation(packet: SentPacket): void {
		const { payload } = packet;
		const { addressing } = this;
		if (payload[ICMP.type] !== NEIGHBOUR_SOLICITATION || packet.from.every((byte) => byte === 0)) return;
		const target = payload.slice(ND.target, ND.target + 16);
		if (target.every((byte, i) => byte === addressing.local[i])) return;
		const message = new Uint8Array(ND.end + 8);
		message[ND.type] = NEIGHBOUR_ADVERTISEMENT;
		message[ND.flags] = NA_ROUTER | NA_SOLICITED | NA_OVERRIDE;
		message.set(target, ND.target);
		message[ND.end] = OPTION_TARGET_MAC;
		message[ND.end + 1] = 1;
		message.set(addressing.gatewayMac, ND.end + 2);
		put16(message, ND.checksum, pseudoChecksum(target, packet.from, PROTOCOL_ICMPV6, message));
		this.#inner.push(frameOf(addressing, ipPacket(6, target, packet.from, PROTOCOL_ICMPV6, message, { tos: 0, ttl: 255, flowLabel: 0 })));
	}

	inject(packet: Uint8Array): void {
		const frame = frameOf(this.addressing, packet);
		this.tape.push({ at: this.elapsed, outbound: false, bytes: frame });
		this.host.receive(0, frame, 0, frame.length, this.now);
		this.#countStep();
		this.settle();
	}

	#countStep(): void {
		if (++this.#steps > MOST_STEPS) throw new Mismatch(`the host is still busy after ${MOST_STEPS} steps`);
	}

	/** Time passes timer by timer. */
	advance(to: number, until: () => boolean = () => false): boolean {
		for (;;) {
			if (until()) return true;
			const due = Math.max(Math.min(this.host.wakeAt, this.alarm), this.now);
			if (due > to || due === Infinity) break;
			this.now = due;
			if (this.alarm <= due) this.alarm = Infinity;
			this.host.wake(due);
			this.#countStep();
			this.settle();
		}
		if (to !== Infinity && to > this.now) {
			this.now = to;
			this.host.wake(to);
		}
		return until();
	}

	touch(): void { this.host.wake(this.now); }

	/** Memory for octets on their way to and from the host's queues: an address in its scratch, and bytes there. */
	get image(): Image { return this.host.image; }
}
