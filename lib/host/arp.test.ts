import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PROTOCOL_UDP } from '../wire/ipv4.ts';
import { gratuitousArp, rarpAnnouncement } from '../wire/arp.ts';
import { parseAddress, parseMac } from '../wire/address.ts';
import { CLIENT, CLIENT_MAC, Rig, SERVER_MAC, acquaint, arp, client, hex } from './rig.test.helper.ts';

const SECOND = 1_000_000;

function sendTo(rig: Rig, address: string, now: number, byte: number = 1): Uint8Array[] {
	return rig.drain(() => { rig.network.ip.output(PROTOCOL_UDP, rig.address('10.0.0.1', 1), rig.address(address), rig.payload(Uint8Array.of(byte, 0, 0, 0, 0, 0, 0, 0)), 8, now, 0, 0); });
}

test('RFC 826: a request for us is answered with sender and target exchanged', () => {
	const rig = new Rig();
	rig.take(arp());
	assert.equal(rig.drain().map(hex), [`020000000002${'020000000001'}0806${'0001080006040002'}${'020000000001'}0a000001${'020000000002'}0a000002`]);
	assert.is(rig.network.counters.value('arpIn'), 1);
});

test('RFC 826: who asks for us is learnt; who asks for another is not, but a known one is updated', () => {
	const rig = new Rig();
	rig.take(arp({ target: '10.0.0.9' }));
	assert.is(rig.network.neighbours.size, 0);
	assert.is(rig.network.counters.value('arpNotForUs'), 1);
	rig.take(arp());
	assert.is(rig.network.neighbours.size, 1);
	rig.take(arp({ target: '10.0.0.9', senderMac: '02:00:00:00:00:77' }));
	const at = rig.network.neighbours.find(rig.address(CLIENT));
	assert.equal(rig.network.neighbours.look(at).mac, parseMac('02:00:00:00:00:77'));
});

test('a gratuitous announcement moves a known neighbour, and makes no new one', () => {
	const rig = new Rig();
	const moved = gratuitousArp(parseMac('02:00:00:00:00:55'), parseAddress(CLIENT));
	rig.take(moved);
	assert.is(rig.network.neighbours.size, 0);
	acquaint(rig);
	rig.take(moved);
	assert.equal(sendTo(rig, CLIENT, 0).map((frame) => hex(frame.subarray(0, 6))), ['020000000055']);
});

test('RFC 5227 §2.1.1: a probe without a sender address is answered and teaches nothing', () => {
	const rig = new Rig();
	rig.take(arp({ sender: '0.0.0.0' }));
	assert.is(rig.drain().length, 1);
	assert.is(rig.network.neighbours.size, 0);
});

test('RFC 5227 §2.4: our address used by another is counted as a conflict', () => {
	const rig = new Rig();
	rig.take(arp({ sender: '10.0.0.1' }));
	rig.take(gratuitousArp(parseMac(SERVER_MAC), parseAddress('10.0.0.1')));
	assert.is(rig.network.counters.value('arpConflict'), 2);
	assert.equal(rig.drain(), []);
});

test('senders that cannot be one host are refused', () => {
	const rig = new Rig();
	for (const sender of ['224.0.0.1', '255.255.255.255', '10.0.0.255', '127.0.0.1']) rig.take(arp({ sender }));
	const group = arp();
	group[22] = 1;
	rig.take(group);
	assert.equal(rig.network.counters.counted(), { framesIn: 5, arpSender: 5 });
});

test('what is no ARP of Ethernet and IPv4 is dropped by name', () => {
	const rig = new Rig();
	const damage: readonly (readonly [number, number])[] = [[15, 9], [18, 5], [17, 9], [19, 16], [21, 9]];
	for (const [at, value] of damage) {
		const frame = arp();
		frame[at] = value;
		rig.take(frame);
	}
	rig.take(arp().subarray(0, 41));
	rig.take(arp().subarray(0, 20));
	assert.equal(rig.network.counters.counted(), { framesIn: 7, arpShort: 2, arpHardware: 2, arpProtocol: 2, arpOperation: 1 });
});

test('RFC 1122 §2.3.2.2: while the answer is awaited packets are kept, and sent on it in their order', () => {
	const rig = new Rig();
	const asked = sendTo(rig, CLIENT, 0, 1);
	assert.equal(asked.map(hex), ['ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000002']);
	assert.equal(sendTo(rig, CLIENT, 10, 2), []);
	rig.take(arp({ operation: 2, toMac: SERVER_MAC }), 20);
	const frames = rig.drain();
	assert.equal(frames.map((frame) => frame[34]), [1, 2]);
	assert.ok(frames.every((frame) => hex(frame.subarray(0, 12)) === '020000000002020000000001'));
	assert.is(rig.image.livePages, 0);
});

test('RFC 4861 §7.2.2: where too many wait the oldest make room, and each is counted', () => {
	const rig = new Rig();
	for (let nth = 0; nth < 400; nth++) sendTo(rig, CLIENT, nth, nth & 0xff);
	const dropped = rig.network.counters.value('neighbourReplaced');
	assert.ok(dropped > 0 && dropped < 300);
	rig.take(arp({ operation: 2, toMac: SERVER_MAC }), 500);
	const frames = rig.drain();
	assert.is(frames.length + dropped, 400);
	assert.is(frames.at(-1)![34], 399 & 0xff);
	assert.is(frames[0]![34], dropped & 0xff);
	assert.is(rig.image.livePages, 0);
});

test('packets that wait in vain are counted one by one', () => {
	const rig = new Rig();
	for (let nth = 0; nth < 5; nth++) sendTo(rig, CLIENT, nth, nth);
	for (const at of [20, 40, 60]) rig.network.runDue(at * SECOND);
	rig.drain();
	assert.equal([rig.network.counters.value('neighbourUnresolved'), rig.network.neighbours.size, rig.image.livePages], [5, 0, 0]);
});

test('RFC 1122 §2.3.2.1: requests are at least a second apart, fewer and fewer, and end', () => {
	const rig = new Rig();
	sendTo(rig, CLIENT, 5);
	const times: number[] = [];
	for (let now = rig.network.nextDeadline; now !== Infinity; now = rig.network.nextDeadline) {
		times.push(now);
		rig.network.runDue(now - 1);
		assert.is(rig.network.nextDeadline, now, 'nothing runs before it is due');
		rig.network.runDue(now);
	}
	assert.equal(times, [5 + SECOND, 5 + 3 * SECOND, 5 + 7 * SECOND]);
	assert.is(rig.drain().length, 2);
	assert.equal([rig.network.counters.value('solicitations'), rig.network.counters.value('neighbourUnresolved'), rig.network.neighbours.size, rig.image.livePages], [3, 1, 0, 0]);
});

test('a neighbour unconfirmed for a minute is polled at its MAC while packets go on', () => {
	const rig = new Rig();
	acquaint(rig);
	assert.is(sendTo(rig, CLIENT, 59 * SECOND).length, 1);
	const [packet, poll, ...others] = sendTo(rig, CLIENT, 61 * SECOND);
	assert.equal(others, []);
	assert.is(hex(packet!.subarray(12, 14)), '0800');
	assert.is(hex(poll!.subarray(0, 22)), `020000000002${'020000000001'}0806${'0001080006040001'}`);
	assert.is(sendTo(rig, CLIENT, 61 * SECOND + 5).length, 1, 'one poll at a time');
	rig.take(arp({ operation: 2, toMac: SERVER_MAC }), 61 * SECOND + 9);
	assert.is(rig.network.nextDeadline, Infinity);
	assert.is(sendTo(rig, CLIENT, 100 * SECOND).length, 1);
});

test('a neighbour that answers no poll is forgotten, and asked for anew', () => {
	const rig = new Rig();
	acquaint(rig);
	sendTo(rig, CLIENT, 61 * SECOND);
	rig.network.runDue(62 * SECOND);
	rig.network.runDue(64 * SECOND);
	rig.network.runDue(68 * SECOND);
	assert.is(rig.network.neighbours.size, 0);
	rig.drain();
	assert.is(hex(sendTo(rig, CLIENT, 70 * SECOND)[0]!.subarray(0, 6)), 'ffffffffffff');
});

test('RFC 4861 §7.3.1: forward progress seen above saves the poll', () => {
	const rig = new Rig();
	acquaint(rig);
	rig.network.neighbours.confirm(rig.network.neighbours.find(rig.address(CLIENT)), 50 * SECOND);
	assert.is(sendTo(rig, CLIENT, 100 * SECOND).length, 1);
	assert.is(sendTo(rig, CLIENT, 111 * SECOND).length, 2);
});

test('a full cache gives up the longest unused entry', () => {
	const rig = new Rig({ quotas: { neighbours: 3 } });
	for (const [i, host] of ['10.0.0.11', '10.0.0.12', '10.0.0.13'].entries()) rig.take(arp({ sender: host }), i + 1);
	sendTo(rig, '10.0.0.11', 9);
	rig.take(arp({ sender: '10.0.0.14' }), 10);
	assert.ok(rig.network.neighbours.find(rig.address('10.0.0.11')));
	assert.is(rig.network.neighbours.find(rig.address('10.0.0.12')), 0);
	assert.ok(rig.network.neighbours.find(rig.address('10.0.0.14')));
	assert.is(rig.network.counters.value('neighbourEvicted'), 1);
});

test('deadlines run in the order of time, equal ones in that of records', () => {
	const rig = new Rig();
	sendTo(rig, '10.0.0.20', 7);
	sendTo(rig, '10.0.0.21', 3);
	sendTo(rig, '10.0.0.22', 3);
	rig.network.runDue(SECOND + 10);
	assert.equal(rig.drain().map((frame) => frame[41]), [21, 22, 20]);
});

test('behind a gateway only the gateway is asked for; without one there is no route', () => {
	const rig = new Rig({ gateway: '10.0.0.254' });
	assert.is(sendTo(rig, '192.0.2.1', 0)[0]![41], 254);
	const bare = new Rig();
	assert.equal(sendTo(bare, '192.0.2.1', 0), []);
	assert.is(bare.network.counters.value('noRoute'), 1);
});

test('two hosts find each other', () => {
	const a = new Rig(), b = client();
	for (const frame of sendTo(a, CLIENT, 0)) b.take(frame);
	for (const frame of b.drain()) a.take(frame);
	assert.equal(a.drain().map((frame) => hex(frame.subarray(0, 14))), ['0200000000020200000000010800']);
	assert.equal(b.network.neighbours.size, 1);
});

test('announcements have the form that switches and hosts know', () => {
	assert.is(hex(gratuitousArp(parseMac(CLIENT_MAC), parseAddress(CLIENT))), 'ffffffffffff020000000002080600010800060400010200000000020a0000020000000000000a000002');
	assert.is(hex(gratuitousArp(parseMac(CLIENT_MAC), Uint8Array.of(10, 0, 0, 2), 2)), 'ffffffffffff020000000002080600010800060400020200000000020a0000020200000000020a000002');
	assert.is(hex(rarpAnnouncement(parseMac(CLIENT_MAC))), 'ffffffffffff020000000002803500010800060400030200000000020000000002000000000200000000');
});

test.run();
