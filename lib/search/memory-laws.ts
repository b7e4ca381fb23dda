import type { Host } from '../host/index.ts';
import { CLOSE_WAIT, ESTABLISHED, LISTEN, stateNames } from '../../tcp/index.ts';

/**
 * What may be left when nothing happens any more: listeners, and who waits for
 * a peer that gave up without being heard. Free pages are all zero.
 *
 * @throws Error with what is left behind
 */
export function checkRest({ image, tcp, network }: Host): void {
	const { tcb } = tcp;
	for (let at = image.first(tcp.tcbs); at !== 0; at = image.next(tcp.tcbs, at)) {
		tcb.go(at);
		const waits = (tcb.state === ESTABLISHED || tcb.state === CLOSE_WAIT) && tcb.held !== 0 && tcb.snd.una === tcb.snd.nxt;
		if (tcb.state !== LISTEN && !waits) throw new Error(`a connection in ${stateNames[tcb.state]} is left behind`);
	}
	for (let at = image.base; at < image.brk; at += image.chunk) {
		if (image.owner(at) === 0 && image.u8.subarray(at, at + image.chunk).some((byte) => byte !== 0)) throw new Error(`the free page at ${at} is not all zero`);
	}
	const tooLarge = network.counters.value('tooLarge');
	if (tooLarge > 0) throw new Error(`${tooLarge} segments did not fit a packet`);
}
