import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';
import { counterShape } from './counters.ts';
import type { CounterShape } from './counters.ts';

interface NetworkShape {
	readonly ip: {
		/** identification of the next IPv4 packet, and of the next fragmented IPv6 one */
		readonly id: 'i32';
	};
	readonly icmp: {
		/** when the next error would be sent at the steady rate, µs */
		readonly expected: 'f64';
	};
	readonly outbox: {
		/** record of the queue of frames that wait for a drain */
		readonly queue: 'i32';
	};
	readonly counters: CounterShape;
}
const shape: NetworkShape = { ip: { id: 'i32' }, icmp: { expected: 'f64' }, outbox: { queue: 'i32' }, counters: counterShape };

/** What the network below TCP keeps besides neighbours, sockets and queues: one record. */
export type NetworkState = Cursor<NetworkShape>;
export const NetworkState: RecordType<NetworkShape> = record(shape as never) as never;

export const networkPool: PoolSpec = pool('network', NetworkState as never, 1);
