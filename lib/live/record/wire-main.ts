import { Host } from '../../host/index.ts';
import { linux, rfc } from '../../../tcp/index.ts';
import { LIVE } from '../bridge.ts';
import { Clock } from '../clock.ts';
import { Driver } from '../driver.ts';
import { LiveError } from '../error.ts';
import { Poller } from '../poller.ts';
import { serviceOf } from '../services.ts';
import { Tap } from '../tap.ts';
import { TapLine } from '../tap-line.ts';
import { HostLine } from './host-line.ts';
import { CLIENT, CLIENT_MIRROR, SERVER, SERVER_MIRROR, Wire } from './wire.ts';
import type { WireOptions } from './wire.ts';

/** What is to be set up: a wire, and at its server's end a TAP device or a host of ours. */
export interface WireOrder extends WireOptions {
	/** names of TAP devices, in the order of the wire's ports; the server's is '' where a host of ours stands there */
	readonly taps: readonly [client: string, server: string, clientMirror: string, serverMirror: string];
	/** what the host of ours serves; '' where there is none */
	readonly service: string;
	/** the profile of that host's stack */
	readonly profile: 'linux' | 'rfc';
	readonly addresses: readonly string[];
}

// Carries frames until its standard input ends: `node wire-main.js ORDER`.
function main(order: WireOrder): void {
	const clock = new Clock();
	const driver = new Driver(new Wire(order), clock, new Poller());
	for (const port of [CLIENT, SERVER, CLIENT_MIRROR, SERVER_MIRROR]) {
		const name = order.taps[port]!;
		if (name !== '') driver.plug(port, new TapLine(new Tap(name), port, driver.input));
	}
	if (order.service !== '') {
		const host = new Host({ mac: LIVE.serverMac, addresses: order.addresses, profile: order.profile === 'rfc' ? rfc : linux, application: serviceOf(order.service).make(0), seed: new Uint8Array(16).fill(7) });
		const line = new HostLine(host, clock, SERVER, driver.input);
		driver.plug(SERVER, line);
		driver.task(line);
	}
	const stop = (): void => driver.stop();
	driver.poller.add({ fd: 0, blocked: false, readable: stop, writable: stop });
	process.stdout.write('up\n');
	driver.run();
	process.exit(0);
}

try {
	main(JSON.parse(process.argv[2] ?? '') as WireOrder);
} catch (error) {
	process.stderr.write(`${error instanceof LiveError ? error.message : String((error as Error).stack)}\n`);
	process.exit(3);
}
