import { Host } from '../host/index.ts';
import { Counter, Echo } from '../service/index.ts';
import { linux } from '../../tcp/index.ts';
import { LIVE, tapName } from './bridge.ts';
import { Clock } from './clock.ts';
import { Driver } from './driver.ts';
import { Poller } from './poller.ts';
import { Tap } from './tap.ts';
import { TapLine } from './tap-line.ts';

// An unreplicated host on the first TAP device, for tests: counter or echo.
const application = process.argv[2] === 'echo' ? new Echo() : new Counter();
const host = new Host({ mac: LIVE.serverMac, addresses: [`${LIVE.server}/${LIVE.prefix}`], profile: linux, application, seed: new Uint8Array(16).fill(7), tcp: { connections: 512 } });
const driver = new Driver(host, new Clock(), new Poller());
driver.plug(0, new TapLine(new Tap(tapName(1)), 0, driver.input));
console.log('up');
driver.run();
