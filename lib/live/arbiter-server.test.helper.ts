import { ArbiterServer } from './arbiter-server.ts';
import { Poller } from './poller.ts';

// An arbiter in a process of its own, for tests: `node arbiter-server.test.helper.js ADDRESS FOLDER`.
const [, , address = '', folder = ''] = process.argv;
const poller = new Poller();
const server = new ArbiterServer(poller, address, folder);
process.stdout.write('ready\n');
while (server.callers >= 0) if (poller.wait(Infinity)) poller.serve();
