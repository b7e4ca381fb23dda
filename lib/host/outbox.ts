import type { Image } from '../memory/index.ts';
import type { Sink } from '../wire/node.ts';
import { COUNT } from './counters.ts';
import type { Counters } from './counters.ts';
import type { NetworkState } from './network-record.ts';
import type { PageQueues } from './page-queue.ts';

/**
 * Where finished frames go: to the sink while there is one, and else, from
 * within `receive` and `wake`, into a bounded queue in the image, which the
 * next drain empties first. Frames leave in the order in which they were sent.
 */
export class Outbox {
	readonly #image: Image;
	readonly #queues: PageQueues;
	readonly #counters: Counters;
	readonly #frameAt: number;
	readonly #limit: number;
	readonly #state: NetworkState;
	#sink: Sink | null = null;
	/** when the frames sent next are to leave, µs; 0: at once */
	departure = 0;

	/**
	 * @param frameAt  scratch for one frame of up to `limit` bytes
	 */
	constructor(image: Image, state: NetworkState, queues: PageQueues, counters: Counters, frameAt: number, limit: number) {
		this.#image = image;
		this.#state = state;
		this.#queues = queues;
		this.#counters = counters;
		this.#frameAt = frameAt;
		this.#limit = limit;
	}

	/** Frames that wait for a drain. */
	get waiting(): number {
		return this.#queues.count(this.#state.outbox.queue);
	}

	/** Hands over what waits; until `end`, frames go straight to the sink. */
	begin(sink: Sink): void {
		for (;;) {
			const length = this.#queues.pop(this.#state.outbox.queue, 0, 0, this.#frameAt, this.#limit);
			if (length < 0) break;
			sink.take(this.#image.u8, this.#frameAt, length, 0);
		}
		this.#sink = sink;
	}

	end(): void {
		this.#sink = null;
	}

	/** Sends a finished frame, which is borrowed for the call; a full outbox drops it and counts. */
	send(at: number, length: number): void {
		if (this.#sink !== null) {
			this.#counters.count(COUNT.framesOut);
			if (this.departure === 0) this.#sink.take(this.#image.u8, at, length, 0);
			else this.#sink.takeAt!(this.#image.u8, at, length, 0, this.departure);
		} else if (this.#queues.push(this.#state.outbox.queue, 0, 0, at, length)) {
			this.#counters.count(COUNT.framesOut);
		} else {
			this.#counters.count(COUNT.outboxFull);
		}
	}
}
