import type { PoolSpec } from '../memory/index.ts';
import type { Sockets } from './sockets.ts';

/**
 * What runs on a host. Everything it remembers lies in records of the host's
 * image, so that a replica's application is where the first one is. The host
 * calls it from within `drain`, and it acts through the sockets it is handed.
 */
export interface Application {
	readonly name: string;
	/** the records it keeps in the image */
	readonly pools: readonly PoolSpec[];
	/** Once in a machine's life: opens what it listens on. */
	start(io: Sockets): void;
	/** Finds its records again, on a new machine and after each restore. */
	attach(io: Sockets): void;
	/**
	 * There is news of a TCP connection.
	 *
	 * @param socket  the connection; on `EVENT_END` it is gone after this call
	 * @param events  bits of `tcp/events.ts`
	 */
	ready(io: Sockets, socket: number, events: number): void;
	/** Datagrams wait at a UDP socket. */
	datagrams?(io: Sockets, socket: number): void;
	/** The alarm it set has come. */
	alarm?(io: Sockets): void;
}
