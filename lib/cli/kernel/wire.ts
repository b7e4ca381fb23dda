import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Clock } from '../../live/clock.ts';
import { LiveError } from '../../live/error.ts';
import { Poller } from '../../live/poller.ts';
import type { Watch } from '../../live/poller.ts';
import { Tap } from '../../live/tap.ts';
import type { Addressing } from '../../packetdrill/run/addressing.ts';
import { frameOf, readFrame } from '../../packetdrill/run/frame.ts';
import type { SentPacket } from '../../packetdrill/run/frame.ts';
import { START } from '../../packetdrill/run/subject.ts';
import type { TapedFrame, Wire } from '../../packetdrill/run/subject.ts';
import { PROTOCOL_TCP } from '../../wire/ipv4.ts';

/** The device's name, as scripts with commands for it know it. */
export const DEVICE = 'tun0';
/** Times of a kernel beside other programs, µs: its timers go by ticks, and threads have to be woken before they act. */
const SLACK = 20_000;
const PATIENCE = 3_000_000;
const LARGEST_FRAME = 0x1_0000;

/** A TUN device in the namespace of this process, with the script behind it: in real time. */
export class KernelWire implements Wire, Watch {
	readonly addressing: Addressing;
	readonly tape: TapedFrame[] = [];
	readonly slack: number = SLACK;
	readonly patience: number = PATIENCE;
	readonly fd: number;
	readonly blocked: boolean = false;
	readonly poller: Poller = new Poller();
	readonly #tap: Tap;
	readonly #take: (packet: SentPacket) => void;
	readonly #clock: Clock = new Clock();
	readonly #frame = new Uint8Array(LARGEST_FRAME);
	#began = 0;

	/** @throws LiveError where the namespace cannot be furnished */
	constructor(addressing: Addressing, take: (packet: SentPacket) => void) {
		this.addressing = addressing;
		this.#take = take;
		this.#tap = new Tap(DEVICE, { packets: true });
		this.fd = this.#tap.fd;
		furnish(addressing);
		this.poller.add(this);
		this.#began = this.#clock.now();
	}

	get elapsed(): number { return this.#clock.now() - this.#began; }
	get now(): number { return START + this.elapsed; }

	begin(): void {
		this.#drop();
		this.#began = this.#clock.now();
	}

	/** What the kernel says of itself before a script begins is not the script's. */
	#drop(): void { while (this.#tap.read(this.#frame) > 0) { /* nobody waits for it */ } }

	advance(to: number, until: () => boolean = () => false): boolean {
		for (;;) {
			if (until()) return true;
			const left = to - this.now;
			if (left <= 0) break;
			if (this.poller.wait(left)) this.poller.serve();
		}
		this.settle();
		return until();
	}

	inject(packet: Uint8Array): void {
		this.tape.push({ at: this.elapsed, outbound: false, bytes: frameOf(this.addressing, packet) });
		if (!this.#tap.write(packet, packet.length)) throw new LiveError('TAP_FAILED', `The kernel did not take a packet of ${packet.length} bytes.`);
		this.settle();
	}

	touch(): void { /* the kernel has a clock of its own */ }

	settle(): void { this.readable(); }

	readable(): void {
		for (;;) {
			const length = this.#tap.read(this.#frame);
			if (length <= 0) return;
			// Whoever looks at the frames is used to an Ethernet around them.
			const bytes = frameOf(this.addressing, this.#frame.subarray(0, length));
			bytes.set(this.addressing.localMac, 6);
			bytes.set(this.addressing.gatewayMac, 0);
			const packet = readFrame(bytes);
			// Scripts are about TCP; what a kernel says of itself by the way is not looked at.
			if (packet === null || packet.protocol !== PROTOCOL_TCP) continue;
			this.tape.push({ at: this.elapsed, outbound: true, bytes });
			this.#take(packet);
		}
	}

	writable(): void { /* a full queue is a lost frame */ }
}

/** Writes a setting of the kernel's; false where there is none of that name or it does not take the value. */
export function writeSetting(name: string, value: string): boolean {
	try {
		writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, value);
		return true;
	} catch {
		return false;
	}
}

/** A namespace has what the machine has; scripts begin with what a kernel has when nobody changed it. */
const PLAIN: readonly (readonly [string, string])[] = [
	['net.ipv4.tcp_rmem', '4096 131072 6291456'], ['net.ipv4.tcp_wmem', '4096 16384 4194304'],
];

function furnish(addressing: Addressing): void {
	const { family, localText, prefix, gateway, mtu } = addressing;
	for (const [name, value] of PLAIN) writeSetting(name, value);
	// Nothing but what the script asks for is to be heard on the wire.
	if (family === 4) writeSetting(`net.ipv6.conf.${DEVICE}.disable_ipv6`, '1');
	else for (const [name, value] of [['accept_ra', '0'], ['router_solicitations', '0'], ['addr_gen_mode', '1']] as const) writeSetting(`net.ipv6.conf.${DEVICE}.${name}`, value);
	const isSix = family === 6;
	const lines = [
		'link set lo up', `link set ${DEVICE} mtu ${mtu}`, `link set ${DEVICE} up`,
		`addr add ${localText}/${prefix} dev ${DEVICE}${isSix ? ' nodad' : ''}`,
		`route add default via ${gateway} dev ${DEVICE}`,
	];
	const { status, stderr } = spawnSync('ip', [isSix ? '-6' : '-4', '-batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
	if (status !== 0) throw new LiveError('NAMESPACE_FAILED', `The namespace cannot be furnished: ${stderr.trim()}.`);
}
