import { CLIENT_PORT, counted, countOnce, ECHO, echo, echoed, openOurs, settle } from './plays.ts';
import type { Crossing, Scene } from './scene.ts';
import { ADDRESSES } from './stage.ts';
import type { Stage } from './stage.ts';

const BULK = 10_000;
const SMALL = { tcp_rmem: '4096 8192 8192' };
const OURS = 'a kernel\'s client, our stack as the server';
/** A port on which nothing of ours listens. */
const CLOSED = 9;

/** Sends more to our echo than fits, and reads nothing for some time. */
async function stall(stage: Stage, ms: number): Promise<readonly Crossing[]> {
	const { client } = stage;
	await openOurs(stage, ECHO, 'v4', true);
	await client.tell({ verb: 'write', connection: 1, bytes: 12_000 });
	await settle(ms);
	await client.tell({ verb: 'resume', connection: 1 });
	await client.tell({ verb: 'got', connection: 1, bytes: 12_000 });
	await client.tell({ verb: 'end', connection: 1 });
	await client.tell({ verb: 'closed', connection: 1 });
	await settle();
	return [await echoed(stage)];
}

/** What happens between a kernel's client and our own stack. */
export const ownScenes: readonly Scene[] = [
	{
		shows: 'our echo: handshake with all options, data both ways, close', made: OURS,
		stage: { service: 'echo' }, captures: [{ file: 'own-echo.pcap', at: 'client', must: [] }],
		play: (stage) => echo(stage, 3000),
	},
	{
		shows: 'our stack finds a loss by SACK and repairs it', made: `${OURS}; the wire drops our fourth segment of data`,
		stage: { service: 'echo', faults: [{ from: 'server', of: 'data', nth: 4, does: 'drop' }] }, captures: [{ file: 'own-loss.pcap', at: 'server', must: ['retransmission or out_of_order'] }],
		play: (stage) => echo(stage, BULK),
	},
	{
		shows: 'our stack\'s last segment is lost: its own timer repairs it', made: `${OURS}; the wire drops our first segment of data`,
		stage: { service: 'echo', faults: [{ from: 'server', of: 'data', nth: 1, does: 'drop' }] }, captures: [{ file: 'own-timeout.pcap', at: 'server', must: ['retransmission'] }],
		play: (stage) => echo(stage, 500),
	},
	{
		shows: 'our stack receives out of order: duplicate ACKs with SACK', made: `${OURS}; the wire holds the client's second segment of data back`,
		stage: { service: 'echo', faults: [{ from: 'client', of: 'data', nth: 2, does: 'hold', behind: 2 }] }, captures: [{ file: 'own-reordering.pcap', at: 'server', must: ['out_of_order', 'duplicate_ack'] }],
		play: (stage) => echo(stage, BULK),
	},
	{
		shows: 'our stack receives a segment twice, discards it, and says so with DSACK', made: `${OURS}; the wire repeats the client's first segment of data`,
		stage: { service: 'echo', faults: [{ from: 'client', of: 'data', nth: 1, does: 'repeat', later: 8000 }] }, captures: [{ file: 'own-duplicate.pcap', at: 'server', must: ['spurious_retransmission'] }],
		play: (stage) => echo(stage, 2000),
	},
	{
		shows: 'our stack against a client that does not read: full window, zero window, our probes', made: `${OURS}; the client's buffer 8 KiB, read after 1.5 s`,
		stage: { service: 'echo', clientSysctl: SMALL }, captures: [{ file: 'own-zero-window.pcap', at: 'server', must: ['zero_window', 'window_update'] }],
		play: (stage) => stall(stage, 1500),
	},
	{
		shows: 'our stack by the letter of RFC 9293 (§3.8.6.1): it probes the closed window with one new octet', made: `${OURS} with the profile \`rfc\`; the client's buffer 8 KiB, read after 4 s`,
		stage: { service: 'echo', profile: 'rfc', clientSysctl: SMALL }, captures: [{ file: 'own-zero-window-probe.pcap', at: 'server', must: ['zero_window', 'zero_window_probe', 'zero_window_probe_ack'] }],
		play: (stage) => stall(stage, 4000),
	},
	{
		shows: 'our stack closes first and remembers the connection in TIME-WAIT; a SYN from the same port is taken nevertheless', made: `${OURS}, which closes after one reply; the client connects twice from one port`,
		stage: { service: 'counter-once' }, captures: [{ file: 'own-time-wait.pcap', at: 'server', must: ['reused_ports'] }],
		async play(stage) {
			await countOnce(stage, 1);
			await countOnce(stage, 2);
			return [await counted(stage, 1), await counted(stage, 2)];
		},
	},
	{
		shows: 'an old FIN reaches our stack in TIME-WAIT: its ACK draws a RST from a client that knows nothing any more (RFC 1337)', made: `${OURS}, which closes after one reply; the wire repeats the client's FIN 50 ms later`,
		stage: { service: 'counter-once', faults: [{ from: 'client', of: 'fin', nth: 1, does: 'repeat', later: 50_000 }] }, captures: [{ file: 'own-time-wait-old-fin.pcap', at: 'server', must: ['retransmission', 'duplicate_ack'] }],
		async play(stage) {
			await countOnce(stage, 1);
			return [await counted(stage, 1)];
		},
	},
	{
		shows: 'our stack answers keep-alive probes', made: `${OURS}; \`SO_KEEPALIVE\` at the client after one second`,
		stage: { service: 'echo' }, captures: [{ file: 'own-keep-alive.pcap', at: 'client', must: ['keep_alive', 'keep_alive_ack'] }],
		async play(stage) {
			const { client } = stage;
			await openOurs(stage, ECHO);
			await client.tell({ verb: 'keep-alive', connection: 1, ms: 1000 });
			await client.tell({ verb: 'write', connection: 1, bytes: 100 });
			await settle(3500);
			await client.tell({ verb: 'end', connection: 1 });
			await client.tell({ verb: 'closed', connection: 1 });
			await settle();
			return [await echoed(stage)];
		},
	},
	{
		shows: 'our stack is sent a RST in the middle of a connection', made: `${OURS}; the client's socket reset by its application`,
		stage: { service: 'echo' }, captures: [{ file: 'own-abort.pcap', at: 'client', must: [] }],
		async play(stage) {
			const { client } = stage;
			await openOurs(stage, ECHO);
			await client.tell({ verb: 'write', connection: 1, bytes: 1000 });
			await client.tell({ verb: 'got', connection: 1, bytes: 1000 });
			await client.tell({ verb: 'reset', connection: 1 });
			await settle();
			return [];
		},
	},
	{
		shows: 'our stack refuses a connection: nobody listens', made: OURS,
		stage: { service: 'echo' }, captures: [{ file: 'own-refused.pcap', at: 'client', must: [] }],
		async play({ client }) {
			await client.attempt({ verb: 'connect', host: ADDRESSES.server.v4, port: CLOSED, localPort: CLIENT_PORT });
			await settle();
			return [];
		},
	},
	{
		shows: 'our stack over IPv6', made: OURS,
		stage: { service: 'echo', ipv6: true }, captures: [{ file: 'own-ipv6.pcap', at: 'client', must: [] }],
		play: (stage) => echo(stage, 3000, 'v6'),
	},
];
