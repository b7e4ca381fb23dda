import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LIVE } from './bridge.ts';
import { besides, canLive } from './live.test.helper.ts';
import { Namespace } from './namespace.ts';
import { LivePair, until } from './pair.ts';
import { holds, PATIENCE, statusOf } from './pair.test.helper.ts';
import type { Program } from './program.ts';
import { RunFolder } from './run-folder.ts';
import { script } from './siege.test.helper.ts';

const RELAY = 16_000, PRIMARY = 17_001;
/** What is slow or full for a while shall not look dead; what is cut for good is found out by its silence. */
const LEASE = 1_500_000;

/** A relay on the way of the log. */
class Relay {
	readonly #child: ChildProcess;
	readonly #said: string[] = [];

	constructor(namespace: Namespace) {
		const [program, ...rest] = [...namespace.prefix, process.execPath, ...process.execArgv, besides('./relay.test.helper').pathname, String(RELAY), String(PRIMARY)];
		this.#child = spawn(program!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
		createInterface({ input: this.#child.stdout! }).on('line', (line) => { this.#said.push(line); });
	}

	treat(how: 'whole' | 'slow' | 'full' | 'cut' | 'gone'): void { this.#child.stdin!.write(`${how}\n`); }

	async cut(times: number): Promise<void> {
		await until(PATIENCE, () => this.#said.filter((line) => line === 'cut').length >= times, () => 'nothing came that could be cut');
	}

	end(): void { this.#child.kill('SIGKILL'); }
}

/** A pair whose log goes through a relay, for as long as the work takes. */
async function withRelay(work: (pair: LivePair, relay: Relay) => Promise<void>): Promise<void> {
	const name = `dkrelay-${process.pid}`, folder = new RunFolder(name);
	const coming = LivePair.up({ name, service: 'echo', journals: true, sniff: true, relay: RELAY, knobs: { lease: LEASE, silence: LEASE, logBytes: 0x1_0000, messageBytes: 0x8000 } });
	let relay: Relay | null = null;
	try {
		// The replicas look for each other as soon as there is a namespace; the relay is to be inside it.
		await Promise.race([coming, until(PATIENCE, () => folder.exists && folder.read().namespace !== null, () => 'no namespace was made')]);
		relay = new Relay(new Namespace(folder.read().namespace!));
		await work(await coming, relay);
	} finally {
		relay?.end();
		for (const program of programs) program.kill();
		await coming.then((pair) => pair.down(), () => {});
	}
}

const programs: Program[] = [];

function started(program: Program): Program {
	programs.push(program);
	return program;
}

/** Frames that no window holds back, more of them than the log has room for. */
async function flood(pair: LivePair): Promise<void> {
	const sender = started(script(pair, `import { createSocket } from 'node:dgram';
		const socket = createSocket('udp4');
		socket.on('error', () => {});
		let left = 100;
		const next = () => (left-- > 0 ? socket.send(Buffer.alloc(1200), 9, '${LIVE.server}', next) : socket.close());
		next();`));
	assert.is(await sender.ended, 0);
}

/** A client that sends bytes of a pattern and holds every one that comes back against it; its last line is `whole` where all did. */
function echoed(pair: LivePair, bytes: number): Program {
	return started(script(pair, `import { connect } from 'node:net';
		const at = (i) => (i * 7 + (i >> 8) * 13) & 255;
		const socket = connect({ host: '${LIVE.server}', port: 7 });
		let sent = 0, got = 0, wrong = 0;
		const pour = () => {
			while (sent < ${bytes}) {
				const start = sent;
				sent += 10_000;
				if (!socket.write(Uint8Array.from({ length: 10_000 }, (_, i) => at(start + i)))) return void socket.once('drain', pour);
			}
			socket.end();
		};
		socket.on('connect', () => { console.log('begun'); pour(); });
		socket.on('data', (piece) => { for (const byte of piece) if (byte !== at(got++)) wrong++; });
		socket.on('error', (error) => console.log(error.code));
		socket.on('close', () => console.log(got === sent && wrong === 0 ? 'whole' : got + ' of ' + sent + ' bytes, ' + wrong + ' wrong'));`));
}

async function comesBack(program: Program): Promise<void> {
	assert.is(await program.ended, 0);
	assert.is(program.lines.at(-1), 'whole');
}

if (canLive()) {
	test('the log channel is slow, full, cut in the middle of an entry, and cut for good: the client\'s bytes are whole, and one goes on', async () => {
		await withRelay(async (pair, relay) => {
			const roles = async (): Promise<string[]> => (await pair.status()).map(({ status, ended }) => status?.role ?? ended);
			relay.treat('slow');
			await comesBack(echoed(pair, 200_000));

			relay.treat('full');
			const kept = echoed(pair, 300_000);
			await flood(pair);
			await until(PATIENCE, async () => ((await statusOf(pair, 1)).status?.counters['logFull'] ?? 0) > 0, () => 'the log did not fill');
			relay.treat('whole');
			await comesBack(kept);

			for (let times = 1; times <= 3; times++) {
				relay.treat('cut');
				const torn = echoed(pair, 300_000);
				await relay.cut(times);
				await comesBack(torn);
			}
			assert.equal(await roles(), ['primary', 'backup'], 'for all that nobody took over');

			const parted = echoed(pair, 300_000);
			await until(PATIENCE, () => parted.lines.length > 0, () => 'the client was not answered');
			relay.treat('gone');
			await comesBack(parted);
			await until(PATIENCE, async () => (await pair.status()).some(({ process: how }) => how === 'ended'), () => 'both live on');
			assert.equal((await roles()).sort(), ['alone', 'lost'], 'one of them goes on');
			await holds(pair);
		});
	});
}

test.run();
