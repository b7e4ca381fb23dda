import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sum } from './puppet-main.ts';
import type { Crossing } from './scene.ts';
import { ADDRESSES } from './stage.ts';
import type { Stage } from './stage.ts';

/** Port of the kernel's server, and the client's own. */
export const PORT = 8000, CLIENT_PORT = 40_001;
/** Ports of services of ours. */
export const ECHO = 7;
const COUNTER = 7000, REQUEST = 'inc\n';

/** The sum of a text. */
export function sumOf(text: string): Sum {
	return { bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}

/** Opens a connection between two kernels; both sides count it as their first. */
export async function open({ client, server }: Stage, family: 'v4' | 'v6' = 'v4', paused: boolean = false): Promise<void> {
	const host = ADDRESSES.server[family];
	await server.tell({ verb: 'listen', host, port: PORT, paused });
	await client.tell({ verb: 'connect', host, port: PORT, localPort: CLIENT_PORT });
	await server.tell({ verb: 'accepted', connection: 1 });
}

/** Opens the client's next connection to a service of ours. */
export async function openOurs({ client }: Stage, port: number, family: 'v4' | 'v6' = 'v4', paused: boolean = false): Promise<void> {
	await client.tell({ verb: 'connect', host: ADDRESSES.server[family], port, localPort: CLIENT_PORT, paused });
}

/** Some bytes one way, read to the last. */
export async function send({ client, server }: Stage, from: 'client' | 'server', bytes: number, sum: number = bytes): Promise<void> {
	const [sender, receiver] = from === 'client' ? [client, server] : [server, client];
	await sender.tell({ verb: 'write', connection: 1, bytes });
	await receiver.tell({ verb: 'got', connection: 1, bytes: sum });
}

/** The client ends, then the server, and both have heard of it. */
export async function close({ client, server }: Stage): Promise<void> {
	await client.tell({ verb: 'end', connection: 1 });
	await server.tell({ verb: 'ended', connection: 1 });
	await server.tell({ verb: 'end', connection: 1 });
	await client.tell({ verb: 'closed', connection: 1 });
	await server.tell({ verb: 'closed', connection: 1 });
	await settle();
}

/** Until what is under way has arrived. */
export async function settle(ms: number = 100): Promise<void> {
	await sleep(ms);
}

/** What the applications of a connection between kernels have read. */
export async function crossed({ client, server }: Stage, connection: number = 1): Promise<Crossing> {
	return { toServer: await server.sums(connection), toClient: await client.sums(connection) };
}

/** A whole connection: opened, what each says in turn, closed. */
export async function exchange(stage: Stage, ...turns: readonly (readonly [from: 'client' | 'server', bytes: number])[]): Promise<Crossing[]> {
	await open(stage);
	for (const [from, bytes] of turns) await send(stage, from, bytes);
	await close(stage);
	return [await crossed(stage)];
}

/** A connection whose server closes first, and so remembers it. */
export async function serverFirst({ client, server }: Stage, connection: number, bytes: number): Promise<void> {
	await server.tell({ verb: 'write', connection, bytes });
	await server.tell({ verb: 'end', connection });
	await client.tell({ verb: 'ended', connection });
	await client.tell({ verb: 'end', connection });
	await client.tell({ verb: 'closed', connection });
	await settle(300);
}

/** A request to our counter, which closes first. */
export async function countOnce(stage: Stage, connection: number): Promise<void> {
	const { client } = stage;
	await openOurs(stage, COUNTER);
	await client.tell({ verb: 'write', connection, text: REQUEST });
	await client.tell({ verb: 'ended', connection });
	await client.tell({ verb: 'end', connection });
	await client.tell({ verb: 'closed', connection });
	await settle(300);
}

/** What crossed on a connection to our counter. */
export async function counted({ client }: Stage, connection: number): Promise<Crossing> {
	return { toServer: sumOf(REQUEST), toClient: await client.sums(connection) };
}

/** What crossed on a connection to our echo: both ways what the client has read. */
export async function echoed({ client }: Stage, connection: number = 1): Promise<Crossing> {
	const sum = await client.sums(connection);
	return { toServer: sum, toClient: sum };
}

/** Sends to our echo, has it all back, and closes. */
export async function echo(stage: Stage, bytes: number, family: 'v4' | 'v6' = 'v4'): Promise<readonly Crossing[]> {
	const { client } = stage;
	await openOurs(stage, ECHO, family);
	await client.tell({ verb: 'write', connection: 1, bytes });
	await client.tell({ verb: 'got', connection: 1, bytes });
	await client.tell({ verb: 'end', connection: 1 });
	await client.tell({ verb: 'closed', connection: 1 });
	await settle();
	return [await echoed(stage)];
}
