import { PROTOCOL_ICMP, PROTOCOL_TCP } from '../../wire/ipv4.ts';
import { PROTOCOL_ICMPV6 } from '../../wire/ipv6.ts';
import { cookieOf } from '../../../tcp/index.ts';
import type { Profile } from '../../../tcp/index.ts';
import { printSeconds } from '../print.ts';
import { printPacket } from '../print-packet.ts';
import type { IpInfo, Script } from '../tree.ts';
import type { ProfileName } from '../wanted-profile.ts';
import { addressingOf } from './addressing.ts';
import type { Sent } from './compare.ts';
import { Flow } from './flow.ts';
import { readSegment } from './frame.ts';
import type { SentPacket } from './frame.ts';
import { Lab } from './lab.ts';
import { linuxCookie, parseKey } from './linux-cookie.ts';
import { hexOf } from './options.ts';
import { Process } from './process.ts';
import { Mismatch, Unsupported } from './verdict.ts';

const PLAIN: IpInfo = { ecn: null, tos: null, flowLabel: null, ttl: null, other: [] };
/** Lines of what happened that a message shows. */
const SHOWN = 8;

/** One run of one script: the host, the process with its sockets, and what the host sent that no event has taken yet. */
export class Session {
	readonly lab: Lab;
	readonly process: Process;
	readonly script: Script;
	readonly profile: ProfileName;
	/** segments that wait to be expected, in their order */
	readonly waiting: Sent[] = [];
	/** line of the event at hand */
	line = 0;
	readonly #history: string[] = [];
	/** set where the host sent what is no good segment */
	#broken: string | null = null;

	constructor(script: Script, profile: ProfileName, constants: Profile) {
		this.script = script;
		this.profile = profile;
		this.lab = new Lab(addressingOf(script.options), constants, (packet) => this.#take(packet));
		this.process = new Process(this.lab, profile);
	}

	/** Scripts have the cookies in them that Linux gives; ours are of another kind. From here on the one stands for the other. */
	setFastOpenKey(text: string): void {
		const key = parseKey(text);
		if (key === null) throw new Unsupported(`the key ${text}`);
		const { lab, process } = this;
		const { family, local, remote } = lab.addressing;
		lab.image.u8.set(remote, lab.image.scratch);
		process.cookie = { script: linuxCookie(key, family, remote, local), live: hexOf(cookieOf(process.tcp, lab.image.scratch)) };
	}

	#take(packet: SentPacket): void {
		if (packet.protocol === PROTOCOL_ICMP || packet.protocol === PROTOCOL_ICMPV6) {
			this.#broken ??= `the host sent an ICMP message of type ${packet.payload[0]}, which no event can expect`;
			return;
		}
		const segment = packet.protocol === PROTOCOL_TCP ? readSegment(packet) : `a packet of protocol ${packet.protocol}`;
		if (typeof segment === 'string') {
			this.#broken ??= `the host sent ${segment}`;
			return;
		}
		const { process } = this;
		const flow = process.flowOf(segment.sourcePort, segment.destinationPort) ?? process.addFlow(new Flow(segment.sourcePort, segment.destinationPort));
		const sent = { at: this.lab.elapsed, marks: packet.marks, segment, flow, line: this.line };
		flow.noteOutbound(segment, null);
		this.waiting.push(sent);
		this.tell('>', sent);
	}

	/** @throws Mismatch where the host sent what no host may send */
	check(): void {
		if (this.#broken !== null) throw new Mismatch(this.#broken);
	}

	/** How a segment reads in the script's numbers. */
	print(sent: Pick<Sent, 'flow' | 'segment'>, direction: '>' | '<' = '>'): string {
		return printPacket({ kind: 'packet', direction: direction === '>' ? 'out' : 'in', ip: PLAIN, outer: [], body: sent.flow.toScript(sent.segment, direction === '>') });
	}

	/** Writes a segment into what a message may show. */
	tell(direction: '>' | '<', sent: Pick<Sent, 'flow' | 'segment'>): void { this.note(this.print(sent, direction)); }

	note(text: string): void { this.#history.push(`${printSeconds(this.lab.elapsed).padStart(10)}  ${text}`); }

	/** The last things that happened on the wire. */
	recent(): string {
		return this.#history.length === 0 ? 'no frames so far' : `last frames:\n${this.#history.slice(-SHOWN).map((line) => `    ${line}`).join('\n')}`;
	}
}
