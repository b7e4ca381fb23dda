import { createConnection } from 'node:net';
import { LiveError } from './error.ts';
import type { ControlRequest } from './control-server.ts';

const PATIENCE_MS = 5_000;

/**
 * Asks a process something by its control socket.
 *
 * @throws LiveError  `NO_ANSWER` where it cannot be reached or does not answer; `REFUSED` where it says no
 */
export async function ask<T>(path: string, request: ControlRequest, patienceMs: number = PATIENCE_MS): Promise<T> {
	const text = await new Promise<string>((resolve, reject) => {
		const socket = createConnection(path);
		let got = '';
		const fail = (why: string): void => {
			socket.destroy();
			reject(new LiveError('NO_ANSWER', `No answer to '${request.verb}' at ${path}: ${why}.`));
		};
		socket.setTimeout(patienceMs, () => fail(`none within ${patienceMs} ms`));
		socket.once('error', (error) => fail(error.message));
		socket.once('close', () => fail('it hung up'));
		socket.on('data', (piece) => {
			got += String(piece);
			if (!got.includes('\n')) return;
			socket.removeAllListeners('close');
			socket.destroy();
			resolve(got);
		});
		socket.write(`${JSON.stringify(request)}\n`);
	});
	const answer = JSON.parse(text) as { ok: boolean; error?: string } & T;
	if (!answer.ok) throw new LiveError('REFUSED', answer.error ?? 'refused');
	return answer;
}
