import type { Knobs } from '../replica/index.ts';
import type { MachineOrder } from './machine-order.ts';

/** What a replica's process is started with. */
export interface ReplicaOrder {
	readonly id: number;
	/** the other member; of one who joins whom it joins; 0 for one who is alone */
	readonly peer: number;
	readonly role: 'primary' | 'backup' | 'alone' | 'joining';
	readonly machine: MachineOrder;
	/** its TAP device, and the bridge that is put under; '' where it is under one already */
	readonly tap: string;
	readonly bridge: string;
	/** whether frames may leave several at once, to be cut later: whoever records them then sees them uncut */
	readonly offload: boolean;
	/** the peer's, to be taken down once the peer has lost; '' where it is not in reach */
	readonly peerTap: string;
	/** the moment its clock counts from */
	readonly clockBase: string;
	/** where the log channel waits and looks for a peer: see `streamAddress`; '' for not at all */
	readonly listen: string;
	readonly connect: string;
	/** folder of the arbiter's ledger, or where an arbiter is asked: `tcp:10.0.0.1:7001` */
	readonly ledger: string;
	/** whether the ledger has to outlive the machine */
	readonly ledgerOutlivesMachine: boolean;
	/** path of the control socket */
	readonly control: string;
	/** where what it did is written; '' for nowhere */
	readonly journal: string;
	/** how it ended is written here */
	readonly epitaph: string;
	readonly knobs: Partial<Knobs>;
}

/** A moment at which a replica deals with itself as with `kill`, for demonstrations. */
export interface Trap {
	/** what a frame to the clients has to hold */
	readonly text: string;
	/** how many such frames to let pass */
	readonly after: number;
	readonly signal: 'SIGKILL' | 'SIGSTOP';
	/** before it leaves, or once it has left */
	readonly when: 'before' | 'after';
}

/** How a replica stands, by its own account. */
export interface ReplicaStatus {
	readonly id: number;
	readonly pid: number;
	readonly role: string;
	readonly epoch: number;
	/** why it halted; '' while it has not */
	readonly halted: string;
	/** index of the newest entry, and of the last executed and acknowledged */
	readonly logged: number;
	readonly executed: number;
	readonly acknowledged: number;
	/** outputs released, and outputs that wait */
	readonly watermark: number;
	readonly held: number;
	/** why the arbiter is silent; '' while it is not */
	readonly arbiter: string;
	/** turns of its loop, and how long the longest took, µs */
	readonly turns: number;
	readonly longestTurn: number;
	/** frames its device did not take */
	readonly refused: number;
	readonly channel: { readonly open: boolean; readonly waiting: number; readonly sent: number; readonly dropped: number };
	readonly counters: { readonly [name: string]: number };
	/** bytes of memory, open files */
	readonly rss: number;
	readonly files: number;
	/** records the journal had no room for */
	readonly missed: number;
}
