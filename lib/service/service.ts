import type { Sockets } from '../host/index.ts';

export type { Application as Service, Sockets } from '../host/index.ts';
export { EVENT_ACCEPT, EVENT_DATA, EVENT_END, EVENT_FIN, EVENT_OPEN, EVENT_ROOM } from '../../tcp/index.ts';

/** Takes every connection that waits at a listener, if `socket` is one. */
export function acceptAll(io: Sockets, socket: number, listener: number): boolean {
	if (socket !== listener) return false;
	while (io.accept(listener) !== 0) { /* news of each follows by itself */ }
	return true;
}
