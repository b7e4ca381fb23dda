import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

// A relay between two ends of a log channel, for tests, told how to treat what
// comes by words on stdin: `node relay.test.helper.js PORT TO`. It says on
// stdout when it has cut a connection.
const [, , port = '0', to = '0'] = process.argv;

/** `whole`: as it comes. `slow`: a little at a time. `full`: nothing. `cut`: half of the next piece, and then the end. `gone`: nobody is there. */
type Treatment = 'whole' | 'slow' | 'full' | 'cut' | 'gone';

const SLOWLY = 2048, EVERY_MS = 4;
let treatment: Treatment = 'whole';
const pairs = new Set<readonly [Socket, Socket]>();

function end(pair: readonly [Socket, Socket]): void {
	for (const socket of pair) socket.destroy();
	pairs.delete(pair);
}

/** Hands on what there is, as it is to be treated. @param isLog  whether this is the way the log goes */
function carry(pair: readonly [Socket, Socket], from: Socket, onto: Socket, isLog: boolean): void {
	if (from.destroyed || onto.destroyed || treatment === 'full' || (treatment === 'slow' && isLog)) return;
	const piece = from.read() as Buffer | null;
	if (piece === null) return;
	if (treatment !== 'cut' || !isLog) return void onto.write(piece);
	treatment = 'whole';
	onto.write(piece.subarray(0, piece.length >> 1), () => {
		end(pair);
		process.stdout.write('cut\n');
	});
}

setInterval(() => {
	if (treatment !== 'slow') return;
	for (const [backup, primary] of pairs) {
		const piece = primary.read(Math.min(SLOWLY, primary.readableLength)) as Buffer | null;
		if (piece !== null && !backup.destroyed) backup.write(piece);
	}
}, EVERY_MS);

function carryAll(): void {
	for (const pair of pairs) {
		carry(pair, pair[0], pair[1], false);
		carry(pair, pair[1], pair[0], true);
	}
}

createServer((backup) => {
	if (treatment === 'gone') return void backup.destroy();
	const primary = connect({ host: '127.0.0.1', port: Number(to), noDelay: true });
	backup.setNoDelay(true);
	const pair = [backup, primary] as const;
	pairs.add(pair);
	for (const socket of pair) {
		socket.on('readable', carryAll);
		socket.on('error', () => {});
		socket.on('close', () => end(pair));
	}
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));

createInterface({ input: process.stdin }).on('line', (word) => {
	treatment = word as Treatment;
	if (treatment === 'gone') for (const pair of pairs) end(pair);
	else carryAll();
}).on('close', () => process.exit(0));
