/** Which outputs of before the takeover a new primary sends again (DESIGN.md §4). */
export type Policy = 'unreleased' | 'lecture' | 'nothing';
/** How a new primary tells the network where its MAC address is now. */
export type Announce = 'gratuitous-arp' | 'rarp' | 'any' | 'none';
/** Which of the two sends the machine's outputs; input is always the primary's. */
export type OutputFrom = 'primary' | 'backup';
/** What a backup takes from itself and not from the log, to show that replicas then part. */
export type Divergence = 'none' | 'time' | 'random' | 'timers' | 'packets';

/** Everything about a pair that can be turned. Times are µs of the replica's own clock. */
export interface Knobs {
	/** no output leaves before the backup has acknowledged its entry */
	readonly outputRule: boolean;
	/** a backup executes its whole log before it goes live */
	readonly drain: boolean;
	/** nobody goes on alone before the arbiter said so */
	readonly arbiter: boolean;
	readonly policy: Policy;
	/** `backup`: it sends each output once it has executed the entry; its switch port must not learn, or the input would follow */
	readonly outputFrom: OutputFrom;
	readonly announce: Announce;
	/** announcements of one takeover */
	readonly announceTimes: number;
	/** between two announcements */
	readonly announceEvery: number;
	/** L: how long after an echo's t the primary may release outputs; 0 switches the lease off */
	readonly lease: number;
	/** bound on how much faster one clock runs than another, a fraction */
	readonly drift: number;
	/** how much longer the two of a new pair wait for each other's first word: processes take their time to start */
	readonly meeting: number;
	/** silence of the primary after which a backup asks the arbiter */
	readonly silence: number;
	/** how long a primary whose lease has run out waits for a fresh echo before it asks the arbiter */
	readonly patience: number;
	/** being woken later than this is a stall of one's own; also what is listened for after one */
	readonly stall: number;
	/** longest pause between two messages of a primary; also between two greetings */
	readonly heartbeat: number;
	/** without an acknowledgement for this long the primary sends again */
	readonly resend: number;
	/** how soon after a release the watermark is told, where nothing else tells it; also how long an acknowledgement may wait that no output waits for */
	readonly watermarkDelay: number;
	/** between two tries at the arbiter */
	readonly askEvery: number;
	/** bytes of entries a log holds */
	readonly logBytes: number;
	/** entries a log holds, a power of two */
	readonly logEntries: number;
	/** bytes of outputs a gate holds */
	readonly gateBytes: number;
	/** outputs a gate holds, a power of two */
	readonly gateOutputs: number;
	/** bytes of the longest frame of the client network */
	readonly frameBytes: number;
	/** bytes of the longest message on the log channel, Ethernet header included */
	readonly messageBytes: number;
	/** frames in one entry */
	readonly batch: number;
	/** whether messages carry a checksum; a stream between two processes needs none */
	readonly checksum: boolean;
	/** time a backup takes for an entry; 0: as fast as it can */
	readonly executeEvery: number;
	/** entries a backup leaves unexecuted while it follows */
	readonly executeBehind: number;
	/** entries a backup executes before it looks at its input again */
	readonly burst: number;
	/** entries a backup may lag behind before the primary takes its input in more slowly; 0: it never does */
	readonly throttleLag: number;
	/** how often that is looked at */
	readonly throttleEvery: number;
	/** the longest pause between two entries that comes of it */
	readonly throttlePause: number;
	/** a digest entry follows after this many others; 0: never */
	readonly digestEvery: number;
	readonly divergence: Divergence;
	/** every `entryExecuted` of the trace carries the digest of the image behind it, 8 bytes */
	readonly witness: boolean;
}

/** All protections on; the lease of a pair in one room. */
export const defaultKnobs: Knobs = {
	outputRule: true,
	drain: true,
	arbiter: true,
	policy: 'unreleased',
	outputFrom: 'primary',
	announce: 'gratuitous-arp',
	announceTimes: 5,
	announceEvery: 100_000,
	lease: 50_000,
	drift: 0.001,
	meeting: 0,
	silence: 50_000,
	patience: 20_000,
	stall: 5_000,
	heartbeat: 10_000,
	resend: 5_000,
	watermarkDelay: 1_000,
	askEvery: 20_000,
	logBytes: 0x4_0000,
	logEntries: 4096,
	gateBytes: 0x4_0000,
	gateOutputs: 1024,
	frameBytes: 1600,
	messageBytes: 9014,
	batch: 64,
	checksum: true,
	executeEvery: 0,
	executeBehind: 0,
	burst: 256,
	throttleLag: 0,
	throttleEvery: 10_000,
	throttlePause: 20_000,
	digestEvery: 0,
	divergence: 'none',
	witness: false,
};

/** A knob has a value that cannot be. */
export class KnobError extends Error {
	readonly code: string = 'KNOB_INVALID';
	override readonly name: string = 'KnobError';
}

const positive: readonly (keyof Knobs)[] = ['heartbeat', 'resend', 'askEvery', 'logBytes', 'gateBytes', 'frameBytes', 'messageBytes', 'batch', 'burst', 'silence'];
const powers: readonly (keyof Knobs)[] = ['logEntries', 'gateOutputs'];

function isPower(value: number): boolean {
	return Number.isInteger(value) && value > 0 && value <= 0x4000_0000 && (value & (value - 1)) === 0;
}

/**
 * The default knobs with some turned.
 *
 * @throws KnobError
 */
export function turned(knobs: Partial<Knobs>): Knobs {
	const all: Knobs = { ...defaultKnobs, ...knobs };
	for (const [name, value] of Object.entries(all)) if (typeof value === 'number' && !(value >= 0)) throw new KnobError(`${name} is ${value}: give a number from 0 on`);
	for (const name of positive) if (all[name] === 0) throw new KnobError(`${name} is 0: give a positive number`);
	for (const name of powers) if (!isPower(all[name] as number)) throw new KnobError(`${name} is ${all[name]}: give a power of two`);
	if (all.messageBytes < all.frameBytes + 512) throw new KnobError(`messageBytes is ${all.messageBytes}: a frame of ${all.frameBytes} bytes needs 512 more`);
	if (all.logBytes < all.messageBytes) throw new KnobError(`logBytes is ${all.logBytes}: it has to hold a message of ${all.messageBytes}`);
	return all;
}
