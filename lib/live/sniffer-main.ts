import { Clock } from './clock.ts';
import { ControlServer } from './control-server.ts';
import { LiveError } from './error.ts';
import { setOffload } from './interface-flags.ts';
import { Journal } from './journal.ts';
import { Poller } from './poller.ts';
import { Sniffer } from './sniffer.ts';

// Writes what passes an interface to a journal, until its control socket is
// told to stop: `node sniffer-main.js INTERFACE JOURNAL CLOCK-BASE CONTROL`.
const [, , name = '', path = '', base = '', control = ''] = process.argv;
try {
	// Frames are to be seen as they are on the wire: whole, with their checksums.
	setOffload(name, false);
	const clock = new Clock(base);
	const poller = new Poller();
	const journal = new Journal(path, 0x4000_0000);
	const sniffer = new Sniffer(name, journal, clock);
	poller.add(sniffer);
	const state = { stopped: false };
	const server = new ControlServer(poller, control, ({ verb }) => {
		if (verb === 'stop') state.stopped = true;
		sniffer.finish();
		return { seen: sniffer.seen, missed: journal.missed };
	});
	while (!state.stopped) if (poller.wait(Infinity)) poller.serve();
	server.close();
	process.exit(0);
} catch (error) {
	process.stderr.write(`${error instanceof LiveError ? error.message : (error as Error).stack}\n`);
	process.exit(3);
}
