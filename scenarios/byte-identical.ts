import { Counter, TcpClient, carries, claim, compareFrames, differingFields, frame, isBareAck, number, scenario, sent, sha256Of, tookOver } from '../lib/study/scenario.ts';
import type { Claim, Exhibit, Packet, Repeat, Run, Scenario } from '../lib/study/scenario.ts';

/** What a later retransmission may say otherwise: it is another output, made at another time. */
const MAY_DIFFER = ['ip id', 'ip checksum', 'tcp TSval', 'tcp TSecr', 'tcp checksum'];

const byteIdentical: Scenario = scenario({
	name: 'byte-identical',
	title: 'Same port, same address, same MAC: every bit of the repeat is the same',
	lecture:
		'Can the backup go on sending from the same source port? From the same IP address, being another computer? It is the same machine: its memory is the same, so that every bit it sends is the same. ' +
		'The computers below have no address of their own on that network.',
	knobs: {
		behind: number(1, 'log entries the backup leaves unexecuted while it follows', 0, 1000),
	},
	service: () => new Counter(),
	until: 2_000_000,
	play(stage) {
		const client = stage.client(new TcpClient({ connectAt: 10_000, requests: [20_000] }));
		stage.crash(sent('primary', carries('11')));
		// The duplicate ACK is lost, so that the new primary's own timer sends the reply once more.
		stage.when(tookOver, () => client.link.script('client', { act: 'lose', when: frame(isBareAck) }));
	},
	claims(run) {
		const repeat = run.repeatOf('11');
		return [
			...sameClaims(repeat),
			claim('whole', 'So is the whole frame, every byte of it.', repeat?.identical ?? false, [repeat?.first, repeat?.again], repeat === undefined ? '' : `SHA-256 ${repeat.sha256} and ${repeat.sha256Again}`),
			laterClaim(run, repeat),
		];
	},
	exhibits: (run) => exhibitsOf(run),
});

export default byteIdentical;

const groups: readonly { readonly id: string; readonly text: string; readonly fields: readonly string[] }[] = [
	{ id: 'mac', text: 'The Ethernet addresses are the same, although it is another computer.', fields: ['ethernet source', 'ethernet destination'] },
	{ id: 'ip', text: 'The IP addresses are the same, and so are the identification and the TTL of the packet.', fields: ['ip source', 'ip destination', 'ip id', 'ip ttl'] },
	{ id: 'port', text: 'The ports are the same.', fields: ['tcp source port', 'tcp destination port'] },
	{ id: 'tcp', text: 'SEQ, ACK, window, timestamps and checksum are the same.', fields: ['tcp seq', 'tcp ack', 'tcp window', 'tcp TSval', 'tcp TSecr', 'tcp checksum'] },
];

function sameClaims(repeat: Repeat | undefined): Claim[] {
	const differ = repeat === undefined ? [] : differingFields(repeat.first, repeat.again);
	return groups.map(({ id, text, fields }) => {
		const different = fields.filter((field) => differ.includes(field));
		return claim(id, text, repeat !== undefined && different.length === 0, [repeat?.first, repeat?.again], repeat === undefined ? 'the reply was not seen twice' : different.length === 0 ? '' : `different: ${different.join(', ')}`);
	});
}

/** The reply as the new primary's timer sent it. */
function laterOf(run: Run, repeat: Repeat | undefined): Packet | undefined {
	return run.on('client').find((packet) => packet.byServer && packet.text === '11' && packet.number > (repeat?.again.number ?? Infinity));
}

function laterClaim(run: Run, repeat: Repeat | undefined): Claim {
	const later = laterOf(run, repeat);
	const differ = later === undefined || repeat === undefined ? [] : differingFields(repeat.again, later);
	const text = 'A retransmission by its timer, later, is another output: the same bytes of the stream, in a packet that differs in what counts packets and time.';
	return claim('later', text, later !== undefined && differ.length > 0 && differ.every((field) => MAY_DIFFER.includes(field)), [repeat?.again, later], later === undefined ? 'there was none' : `different: ${differ.join(', ')}`);
}

function exhibitsOf(run: Run): Exhibit[] {
	const repeat = run.repeatOf('11');
	if (repeat === undefined) return [];
	const later = laterOf(run, repeat);
	const packets = [repeat.first, repeat.again, ...(later === undefined ? [] : [later])];
	const lines = compareFrames(packets, [`#${repeat.first.number} first`, `#${repeat.again.number} repeated`, ...(later === undefined ? [] : [`#${later.number} by the timer`])]);
	const digests = packets.map((packet) => [{ text: `  #${packet.number}  SHA-256 ${sha256Of(packet.bytes)}`, tone: 'faint' as const }]);
	return [{ title: 'The frames, field by field', lines: [...lines, ...digests] }];
}
