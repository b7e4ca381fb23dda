import { PROTOCOL_ICMP, PROTOCOL_TCP } from '../../wire/ipv4.ts';
import { PROTOCOL_ICMPV6 } from '../../wire/ipv6.ts';
import { printSeconds } from '../print.ts';
import { printPacket } from '../print-packet.ts';
import type { IpInfo, Script } from '../tree.ts';
import type { ProfileName } from '../wanted-profile.ts';
import type { Sent } from './compare.ts';
import { Flow } from './flow.ts';
import { readSegment } from './frame.ts';
import type { SentPacket } from './frame.ts';
import type { Actor, Subject, Wire } from './subject.ts';
import { Mismatch } from './verdict.ts';

const PLAIN: IpInfo = { ecn: null, tos: null, flowLabel: null, ttl: null, other: [] };
/** Lines of what happened that a message shows. */
const SHOWN = 8;

/** One run of one script: the host under test, and what the host sent that no event has taken yet. */
export class Session {
	readonly lab: Wire;
	readonly process: Actor;
	readonly script: Script;
	readonly profile: ProfileName;
	/** segments that wait to be expected, in their order */
	readonly waiting: Sent[] = [];
	/** line of the event at hand */
	line = 0;
	readonly #history: string[] = [];
	/** set where the host sent what is no good segment */
	#broken: string | null = null;

	/** @param make  the host under test, told where its packets go */
	constructor(script: Script, profile: ProfileName, make: (take: (packet: SentPacket) => void) => Subject) {
		this.script = script;
		this.profile = profile;
		const { lab, process } = make((packet) => this.#take(packet));
		this.lab = lab;
		this.process = process;
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
