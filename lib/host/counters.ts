import type { Image, Placement } from '../memory/index.ts';
import { numbered, wireDrops } from '../wire/drop.ts';
import type { WireDrop } from '../wire/drop.ts';

/** Why a frame that was understood is dropped; what is not understood is in `wireDrops`. */
export const hostDrops = [
	'ethernetNotForUs', 'ethernetSource', 'vlanOther', 'etherTypeUnknown',
	'arpOperation', 'arpSender', 'arpConflict', 'arpNotForUs',
	'ipv4Source', 'ipv4NotForUs', 'ipv4LinkBroadcast', 'ipv4SourceRoute',
	'ipv6Source', 'ipv6NotForUs', 'ipv6LinkGroup',
	'fragmentTooLong', 'fragmentOverlap', 'fragmentSpoilt', 'fragmentNoRoom', 'fragmentDuplicate',
	'protocolUnknown',
	'icmpUnknown', 'icmpBroadcast', 'icmpErrorShort', 'icmpErrorUnrelated',
	'udpNoPort', 'udpQueueFull',
	'icmpv6Unknown', 'ndIgnored', 'ndNotForUs', 'ndConflict',
] as const;

/** What became of a frame that was not dropped. */
export const deliveries = ['arpIn', 'ndIn', 'echoIn', 'icmpErrorIn', 'udpIn', 'tcpIn', 'fragmentIn'] as const;

/** Why something that was to be sent was not. */
export const outputDrops = [
	'outboxFull', 'noRoute', 'toOurselves', 'tooLarge',
	'neighbourFull', 'neighbourNoPage', 'neighbourReplaced', 'neighbourUnresolved', 'neighbourEvictedFrame',
	'icmpNotDue', 'icmpLimited',
] as const;

/** What happened besides. */
export const events = ['framesIn', 'framesOut', 'solicitations', 'neighbourEvicted', 'reassembled', 'reassemblyTimedOut', 'reassemblyEvicted', 'fragmentsOut'] as const;

/** The name of a counter below TCP. */
export type CounterName = WireDrop | (typeof hostDrops)[number] | (typeof deliveries)[number] | (typeof outputDrops)[number] | (typeof events)[number];

const names: readonly CounterName[] = [...wireDrops, ...hostDrops, ...deliveries, ...outputDrops, ...events];

/** The number of each counter; those of `wireDrops` are the numbers that parsers return. */
export const COUNT: { readonly [K in CounterName]: number } = numbered(names, 1);

/** The counters as fields of a record. */
export type CounterShape = { readonly [K in CounterName]: 'i32' };
export const counterShape: CounterShape = Object.fromEntries(names.map((name) => [name, 'i32'])) as unknown as CounterShape;

/** The counters below TCP. They are state: a replica's are the same. */
export class Counters {
	readonly #image: Image;
	readonly #wordOf: Int32Array;
	#word: number = 0;

	/** @param placement  of the record whose group `counters` holds them */
	constructor(image: Image, placement: Placement) {
		this.#image = image;
		this.#wordOf = new Int32Array(names.length + 1);
		for (const { group, name, offset } of placement.fields) if (group === 'counters') this.#wordOf[COUNT[name as CounterName]] = offset >> 2;
	}

	/** Says where the record is. */
	attach(at: number): void {
		this.#word = at >> 2;
	}

	/** Counts one more of what `COUNT` numbers so. */
	count(code: number): void {
		this.#image.i32[this.#word + this.#wordOf[code]!]!++;
	}

	/** How often it happened; wraps at 2³¹. */
	value(name: CounterName): number {
		return this.#image.i32[this.#word + this.#wordOf[COUNT[name]]!]!;
	}

	/** Everything that was counted at all, by name. */
	counted(): { [name: string]: number } {
		return Object.fromEntries(names.filter((name) => this.value(name) !== 0).map((name) => [name, this.value(name)]));
	}
}

/** What a counter's number stands for: the name for traces and messages. */
export function counterName(code: number): CounterName {
	const name = names[code - 1];
	if (name === undefined) throw new RangeError(`no counter has the number ${code}`);
	return name;
}
