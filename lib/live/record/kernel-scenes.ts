import { close, crossed, exchange, open, PORT, CLIENT_PORT, send, serverFirst, settle } from './plays.ts';
import type { Scene } from './scene.ts';
import { ADDRESSES } from './stage.ts';

/** A transfer that fits into a small capture and still fills a window of ten segments. */
const BULK = 20_000;
/** Receive buffers so small that 20,000 bytes fill them. */
const SMALL = { tcp_rmem: '4096 8192 8192' };

/** What happens between two kernels of Linux. */
export const kernelScenes: readonly Scene[] = [
	{
		shows: 'handshake with window scale, SACK and timestamps; a request and its reply; an orderly close',
		made: 'two kernels', stage: {}, captures: [{ file: 'handshake.pcap', at: 'client', must: [] }],
		play: (stage) => exchange(stage, ['client', 100], ['server', 1000]),
	},
	{
		shows: 'a handshake without options but the MSS', made: 'two kernels, `tcp_timestamps`, `tcp_sack` and `tcp_window_scaling` off',
		stage: { sysctl: { tcp_timestamps: '0', tcp_sack: '0', tcp_window_scaling: '0' } }, captures: [{ file: 'handshake-plain.pcap', at: 'client', must: [] }],
		play: (stage) => exchange(stage, ['client', 100], ['server', 3000]),
	},
	{
		shows: 'one lost segment of a bulk: duplicate ACKs with SACK, a fast retransmission; the same run seen from both ends', made: 'two kernels, the wire drops the client\'s fourth segment of data',
		stage: { faults: [{ from: 'client', of: 'data', nth: 4, does: 'drop' }] },
		captures: [
			{ file: 'loss-sender.pcap', at: 'client', must: ['duplicate_ack', 'fast_retransmission'] },
			{ file: 'loss-receiver.pcap', at: 'server', must: ['lost_segment', 'duplicate_ack'] },
		],
		play: (stage) => exchange(stage, ['client', BULK]),
	},
	{
		shows: 'the last segment and its tail loss probe are lost: nothing but the retransmission timer helps', made: 'two kernels, the wire drops the client\'s third and fourth segment of data',
		stage: { faults: [{ from: 'client', of: 'data', nth: 3, does: 'drop' }, { from: 'client', of: 'data', nth: 4, does: 'drop' }] },
		captures: [{ file: 'loss-timeout.pcap', at: 'client', must: ['retransmission'] }],
		play: (stage) => exchange(stage, ['client', 3000]),
	},
	{
		shows: 'the first SYN is lost, and sent again after a second', made: 'two kernels, the wire drops the SYN',
		stage: { faults: [{ from: 'client', of: 'syn', nth: 1, does: 'drop' }] }, captures: [{ file: 'loss-syn.pcap', at: 'client', must: ['retransmission'] }],
		play: (stage) => exchange(stage, ['client', 100]),
	},
	{
		shows: 'a segment overtaken by two others', made: 'two kernels, the wire holds the server\'s fifth segment of data back',
		stage: { faults: [{ from: 'server', of: 'data', nth: 5, does: 'hold', behind: 2 }] }, captures: [{ file: 'reordering.pcap', at: 'client', must: ['out_of_order'] }],
		play: (stage) => exchange(stage, ['server', BULK]),
	},
	{
		shows: 'a segment that arrives twice: the receiver discards it and says so with DSACK', made: 'two kernels, the wire repeats the server\'s third segment of data 8 ms later',
		stage: { faults: [{ from: 'server', of: 'data', nth: 3, does: 'repeat', later: 8000 }] }, captures: [{ file: 'duplicate.pcap', at: 'client', must: ['spurious_retransmission'] }],
		async play(stage) {
			await open(stage);
			await send(stage, 'server', 5000);
			await settle();
			await close(stage);
			return [await crossed(stage)];
		},
	},
	{
		shows: 'a receiver that does not read: the window fills, its probes are answered, it opens again', made: 'two kernels, the server\'s buffer 8 KiB; its application reads after 1.5 s',
		stage: { serverSysctl: SMALL }, captures: [{ file: 'zero-window.pcap', at: 'client', must: ['window_full', 'zero_window', 'window_update'] }],
		async play(stage) {
			await open(stage, 'v4', true);
			await stage.client.tell({ verb: 'write', connection: 1, bytes: 12_000 });
			await settle(1500);
			await stage.server.tell({ verb: 'resume', connection: 1 });
			await stage.server.tell({ verb: 'got', connection: 1, bytes: 12_000 });
			await close(stage);
			return [await crossed(stage)];
		},
	},
	{
		shows: 'the client has closed its socket; what the server still sends is answered with RST', made: 'two kernels, the client\'s application ends before the reply',
		stage: {}, captures: [{ file: 'rst-after-close.pcap', at: 'client', must: [] }],
		async play(stage) {
			const { client, server } = stage;
			await open(stage);
			await send(stage, 'client', 100);
			await client.tell({ verb: 'destroy', connection: 1 });
			await server.tell({ verb: 'ended', connection: 1 });
			await settle();
			await server.tell({ verb: 'write', connection: 1, bytes: 1000 });
			await settle();
			return [];
		},
	},
	{
		shows: 'the client aborts: RST instead of FIN', made: 'two kernels, the client\'s socket reset by its application',
		stage: {}, captures: [{ file: 'abort.pcap', at: 'client', must: [] }],
		async play(stage) {
			const { client, server } = stage;
			await open(stage);
			await send(stage, 'client', 100);
			await send(stage, 'server', 1000);
			await client.tell({ verb: 'reset', connection: 1 });
			await server.tell({ verb: 'closed', connection: 1 });
			await settle();
			return [];
		},
	},
	{
		shows: 'the server closes first and remembers the connection in TIME-WAIT; a SYN from the same port is taken nevertheless', made: 'two kernels, the server closes first, the client connects twice from one port',
		stage: {}, captures: [{ file: 'time-wait.pcap', at: 'server', must: ['reused_ports'] }],
		async play(stage) {
			const { client, server } = stage;
			await open(stage);
			await serverFirst(stage, 1, 500);
			await client.tell({ verb: 'connect', host: ADDRESSES.server.v4, port: PORT, localPort: CLIENT_PORT });
			await server.tell({ verb: 'accepted', connection: 2 });
			await serverFirst(stage, 2, 700);
			return [await crossed(stage), await crossed(stage, 2)];
		},
	},
	{
		shows: 'an old FIN reaches the server in TIME-WAIT: its ACK draws a RST from a client that knows nothing any more (RFC 1337)', made: 'two kernels, the server closes first; the wire repeats the client\'s FIN 50 ms later',
		stage: { faults: [{ from: 'client', of: 'fin', nth: 1, does: 'repeat', later: 50_000 }] }, captures: [{ file: 'time-wait-old-fin.pcap', at: 'server', must: ['retransmission', 'duplicate_ack'] }],
		async play(stage) {
			await open(stage);
			await serverFirst(stage, 1, 500);
			return [await crossed(stage)];
		},
	},
	{
		shows: 'keep-alive probes and their answers on an idle connection', made: 'two kernels, `SO_KEEPALIVE` at the client after one second',
		stage: {}, captures: [{ file: 'keep-alive.pcap', at: 'client', must: ['keep_alive', 'keep_alive_ack'] }],
		async play(stage) {
			await open(stage);
			await stage.client.tell({ verb: 'keep-alive', connection: 1, ms: 1000 });
			await send(stage, 'client', 100);
			await settle(3500);
			await send(stage, 'server', 200);
			await close(stage);
			return [await crossed(stage)];
		},
	},
	{
		shows: 'TCP over IPv6, with neighbour discovery; a segment lost', made: 'two kernels, the wire drops the server\'s second segment of data',
		stage: { ipv6: true, faults: [{ from: 'server', of: 'data', nth: 2, does: 'drop' }] }, captures: [{ file: 'ipv6.pcap', at: 'server', must: ['retransmission or out_of_order'] }],
		async play(stage) {
			await open(stage, 'v6');
			await send(stage, 'client', 100);
			await send(stage, 'server', 9000);
			await close(stage);
			return [await crossed(stage)];
		},
	},
	{
		shows: 'frames with an 802.1Q tag, VLAN 42; a segment that arrives twice', made: 'two kernels, the wire tags what it carries and repeats the client\'s first segment of data',
		stage: { vlan: 42, faults: [{ from: 'client', of: 'data', nth: 1, does: 'repeat', later: 10_000 }] }, captures: [{ file: 'vlan.pcap', at: 'server', must: ['spurious_retransmission'] }],
		async play(stage) {
			await open(stage);
			await send(stage, 'client', 100);
			await settle();
			await send(stage, 'server', 2000);
			await close(stage);
			return [await crossed(stage)];
		},
	},
	{
		shows: 'a half close: the client has sent all, the server goes on and closes later', made: 'two kernels',
		stage: {}, captures: [{ file: 'half-close.pcap', at: 'client', must: [] }],
		async play(stage) {
			const { client, server } = stage;
			await open(stage);
			await client.tell({ verb: 'write', connection: 1, bytes: 500 });
			await client.tell({ verb: 'end', connection: 1 });
			await server.tell({ verb: 'ended', connection: 1 });
			for (const sum of [1000, 2000, 3000]) {
				await send(stage, 'server', 1000, sum);
				await settle(60);
			}
			await server.tell({ verb: 'end', connection: 1 });
			await client.tell({ verb: 'closed', connection: 1 });
			await settle();
			return [await crossed(stage)];
		},
	},
	{
		shows: 'a connection refused: nobody listens', made: 'two kernels',
		stage: {}, captures: [{ file: 'refused.pcap', at: 'client', must: [] }],
		async play({ client }) {
			await client.attempt({ verb: 'connect', host: ADDRESSES.server.v4, port: PORT, localPort: CLIENT_PORT });
			await settle();
			return [];
		},
	},
	{
		shows: 'Linux\'s cooked frames, in a pcap of nanoseconds', made: 'two kernels; `tcpdump -i any` beside the client',
		stage: {}, captures: [{ file: 'cooked-nano.pcap', at: 'cooked', options: ['--time-stamp-precision=nano'], must: [] }],
		play: (stage) => exchange(stage, ['client', 100], ['server', 1000]),
	},
];
