import { Host } from '../host/index.ts';
import { World } from '../sim/index.ts';
import { Trace } from '../trace/index.ts';
import type { KindName } from '../trace/index.ts';
import type { LinkOptions } from '../sim/index.ts';
import { linux } from '../../tcp/index.ts';
import type { Service } from './service.ts';
import { textOf } from './text.ts';

/** One client and one server, no replicas, on one cable. */
export class ServiceRig {
	readonly trace: Trace = new Trace(1);
	readonly world: World = new World({ seed: 1, trace: this.trace });
	readonly server: Host;

	constructor(service: Service, client: Service, link: LinkOptions = {}) {
		const common = { profile: linux, pages: 64, chunk: 2048 } as const;
		this.server = new Host({ ...common, mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], application: service });
		const host = new Host({ ...common, mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application: client });
		host.observe(this.trace, this.trace.place('client'));
		this.world.add('client', host);
		this.world.add('server', this.server);
		this.world.link(['client', 0], ['server', 0], link);
	}

	run(until: number = 2_000_000): this {
		this.world.run({ until });
		return this;
	}

	/** What the client's application said of one kind, as text. */
	told(kind: Extract<KindName, 'delivered' | 'wrote' | 'discarded' | 'failed' | 'closed'>): string[] {
		return [...this.trace.of(kind)].map((event) => (event.kind === 'failed' ? event.error : event.kind === 'closed' ? event.by : textOf(event.bytes)));
	}
}
