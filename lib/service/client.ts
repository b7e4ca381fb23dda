import { splitReply, withSerial } from './serials.ts';
import type { Service, Sockets } from './service.ts';

/** What clients of a counter have in common: whom they ask, when, and what for. */
export interface ClientPlan {
	/** the server's address, as text; default 10.0.0.1 */
	readonly server?: string;
	/** its port; default 7000 */
	readonly port?: number;
	/**
	 * when each request is made at the earliest, µs of the client's clock; none
	 * is made before the one before it was answered
	 */
	readonly requests: readonly number[];
	/** what a request says; default `inc` */
	readonly request?: string;
	/** bears serials under this client id; default 0: none */
	readonly id?: number;
}

/** An application that asks a server for something. */
export type Client = Service;

/** The text of request `serial` of a plan. */
export function requestText(plan: ClientPlan, serial: number): string {
	const { request = 'inc', id = 0 } = plan;
	return id === 0 ? request : withSerial(request, { client: id, serial });
}

/**
 * Gives a reply to the application, or drops it: with serials, one that answers
 * no outstanding request is a repeat that the network or a takeover made.
 *
 * @param outstanding  serial of the request that waits for its reply; 0 for none
 * @param last         serial of the last request made
 * @returns            whether the outstanding request is answered
 */
export function takeReply(io: Sockets, plan: ClientPlan, connection: number, reply: string, bytes: Uint8Array, outstanding: number, last: number): boolean {
	const { serial } = splitReply(reply);
	if ((plan.id ?? 0) !== 0 && serial !== outstanding) {
		io.tell('discarded', connection, serial, bytes, 'no such request is outstanding');
		return false;
	}
	io.tell('delivered', connection, outstanding || last, bytes);
	return outstanding !== 0;
}
