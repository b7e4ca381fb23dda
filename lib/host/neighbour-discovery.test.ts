import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress, parseMac } from '../wire/address.ts';
import { unsolicitedNa } from '../wire/icmpv6.ts';
import { CLIENT6, CLIENT_MAC, Rig, SERVER6, advertisement, dual, hex, icmp6, solicitation } from './rig.test.helper.ts';

const SECOND = 1_000_000;
const server = hex(parseAddress(SERVER6)), peer = hex(parseAddress(CLIENT6));

/** Sends 8 bytes to the client's IPv6 address; what goes out. */
function send(rig: Rig, now: number = 0, to: string = CLIENT6): Uint8Array[] {
	return rig.drain(() => { rig.network.ip.output(17, rig.address(SERVER6, 1), rig.address(to), rig.payload(new Uint8Array(8)), 8, now, 0, 0); });
}

/** How a neighbour stands: MAC's last byte, state, and whether it is doubted at that time. */
function known(rig: Rig, now: number = 0): string {
	const at = rig.network.neighbours.find(rig.address(CLIENT6));
	if (at === 0) return 'unknown';
	const { mac, state, until } = rig.network.neighbours.look(at);
	return `${mac[5]} ${['', 'incomplete', now < until ? 'reachable' : 'stale', 'probe'][state]}`;
}

/** What one frame is counted as. */
function fate(frame: Uint8Array, rig: Rig = dual()): string {
	rig.take(frame);
	return Object.keys(rig.network.counters.counted()).filter((name) => !['framesIn', 'framesOut'].includes(name)).join(' ');
}

test('RFC 4861 §7.2.4: a solicitation is answered with our MAC, solicited and overriding', () => {
	const rig = dual();
	rig.take(solicitation());
	const [answer, ...others] = rig.drain();
	assert.equal(others, []);
	assert.is(hex(answer!.subarray(0, 22)), `${'020000000002020000000001'}86dd${'6000000000203aff'}`);
	assert.is(hex(answer!.subarray(22, 54)), server + peer);
	assert.is(hex(answer!.subarray(54, 56)), '8800');
	assert.is(hex(answer!.subarray(58)), `60000000${server}0201020000000001`);
	const other = dual({ mac: CLIENT_MAC, addresses: [`${CLIENT6}/64`] });
	other.take(answer!);
	assert.is(other.network.counters.value('icmpv6Checksum'), 0);
});

test('RFC 4861 §7.2.3: who asks is kept as stale, and polled at its MAC when it is used', () => {
	const rig = dual();
	rig.take(solicitation());
	rig.drain();
	assert.is(known(rig), '2 stale');
	const [packet, poll] = send(rig);
	assert.is(hex(packet!.subarray(0, 6)), '020000000002');
	assert.is(hex(poll!.subarray(0, 6)), '020000000002');
	assert.is(poll![54], 135);
	assert.is(hex(poll!.subarray(38, 54)), peer);
	rig.take(advertisement(0x60), 5);
	assert.is(known(rig, 5), '2 reachable');
	assert.is(rig.network.nextDeadline, Infinity);
});

test('RFC 4861 §7.2.2: the MAC is asked for at the solicited-node group, and the packet waits', () => {
	const rig = dual();
	const [question, ...others] = send(rig);
	assert.equal(others, []);
	assert.is(hex(question!.subarray(0, 14)), '3333ff00000202000000000186dd');
	assert.is(hex(question!.subarray(22, 54)), `${server}${hex(parseAddress('ff02::1:ff00:2'))}`);
	assert.is(hex(question!.subarray(62)), `${peer}0101020000000001`);
	rig.take(advertisement(0x60), 9);
	assert.equal(rig.drain().map((frame) => hex(frame.subarray(0, 14))), ['02000000000202000000000186dd']);
	assert.is(known(rig, 9), '2 reachable');
});

test('RFC 4861 §7.2.5: what an advertisement changes', () => {
	const other = [2, 1, 2, 0, 0, 0, 0, 9];
	const after = (frame: Uint8Array, reachable: boolean = true): string => {
		const rig = dual();
		send(rig);
		rig.take(advertisement(0x60), 1);
		rig.drain();
		const now = reachable ? 2 : 100 * SECOND;
		rig.take(frame, now);
		return known(rig, now);
	};
	assert.is(after(advertisement(0x40, { options: other })), '2 stale', 'no override: the old MAC stays, and is doubted');
	assert.is(after(advertisement(0x20, { options: other, to: 'ff02::1', toMac: '33:33:00:00:00:01' })), '9 stale', 'override unsolicited: taken, not trusted');
	assert.is(after(advertisement(0x60, { options: other })), '9 reachable');
	assert.is(after(advertisement(0x00)), '2 reachable', 'nothing new');
	assert.is(after(advertisement(0x40), false), '2 reachable');
	assert.is(after(advertisement(0x40, { options: [] }), false), '2 reachable');
	const rig = dual();
	assert.is(fate(advertisement(0x60), rig), 'ndNotForUs');
	assert.is(known(rig), 'unknown', 'an advertisement makes nothing known');
});

test('RFC 4861 §7.2.5: while the MAC is awaited, an advertisement without one is no answer', () => {
	const rig = dual();
	send(rig);
	rig.take(advertisement(0x60, { options: [] }), 5);
	assert.is(known(rig), '0 incomplete');
	assert.equal(rig.drain(), []);
});

test('RFC 4861 §7.2.4: who has no address yet is answered for all to hear, and not learnt', () => {
	const rig = dual();
	rig.take(solicitation({ from: '::', options: [] }));
	const [answer] = rig.drain();
	assert.is(hex(answer!.subarray(0, 6)), '333300000001');
	assert.is(hex(answer!.subarray(22, 54)), `${server}ff020000000000000000000000000001`);
	assert.is(answer![58], 0x20);
	assert.is(rig.network.neighbours.size, 0);
});

test('RFC 4861 §7.1: what a solicitation or advertisement may not be is dropped by name', () => {
	assert.is(fate(solicitation({ hopLimit: 254 })), 'ndHopLimit');
	assert.is(fate(icmp6(135, 1, [0, 0, 0, 0], new Uint8Array(16), { hopLimit: 255 })), 'ndCode');
	assert.is(fate(icmp6(135, 0, [0, 0, 0, 0], new Uint8Array(15), { hopLimit: 255 })), 'ndShort');
	assert.is(fate(solicitation({ target: 'ff02::1' })), 'ndTarget');
	assert.is(fate(solicitation({ options: [1, 0, 0, 0, 0, 0, 0, 0] })), 'ndOption', 'a length of 0');
	assert.is(fate(solicitation({ options: [1, 2, 0, 0, 0, 0, 0, 0] })), 'ndOption', 'longer than the message');
	assert.is(fate(solicitation({ from: '::' })), 'ndOption', 'RFC 4861 §7.1.1: no MAC of who has no address');
	assert.is(fate(solicitation({ from: '::', options: [], to: 'ff02::1', toMac: '33:33:00:00:00:01' })), 'ndOption');
	assert.is(fate(solicitation({ options: [1, 1, 3, 0, 0, 0, 0, 2] })), 'ndOption', 'a group is no neighbour');
	assert.is(fate(solicitation({ target: '2001:db8::9:0:1' })), 'ndNotForUs');
	assert.is(fate(advertisement(0x60, { to: 'ff02::1', toMac: '33:33:00:00:00:01' })), 'ndTarget', 'RFC 4861 §7.1.2');
	assert.is(fate(advertisement(0x20, { target: SERVER6 })), 'ndConflict');
	assert.is(fate(icmp6(134, 0, [0, 0, 0, 0], new Uint8Array(8), { hopLimit: 255, from: 'fe80::9', to: 'ff02::1', toMac: '33:33:00:00:00:01' })), 'ndIgnored');
	assert.is(fate(solicitation()), 'ndIn');
});

test('RFC 4861 §7.3.3: three questions, each later than the last, then the neighbour is given up', () => {
	const rig = dual();
	send(rig);
	const times: number[] = [];
	for (let now = rig.network.nextDeadline; now !== Infinity; now = rig.network.nextDeadline) { times.push(now); rig.network.runDue(now); }
	assert.equal(times, [1, 3, 7].map((s) => s * SECOND));
	assert.is(known(rig), 'unknown');
	assert.is(rig.network.counters.value('neighbourUnresolved'), 1);
});

test('RFC 4291 §2.8: an interface with an IPv6 address has a link-local one, from its MAC', () => {
	const rig = dual();
	assert.is(fate(solicitation({ from: 'fe80::2', target: 'fe80::ff:fe00:1' }), rig), 'ndIn');
	assert.is(hex(rig.drain()[0]!.subarray(22, 38)), 'fe80000000000000000000fffe000001');
	const [question] = send(rig, 0, 'fe80::99');
	assert.is(hex(question!.subarray(22, 38)), 'fe80000000000000000000fffe000001', 'and speaks from it to its like');
});

test('off the link there is the router, or no route', () => {
	const rig = dual({ gateway6: 'fe80::fe' });
	const [question] = send(rig, 0, '2001:db8:1::1');
	assert.is(hex(question!.subarray(62, 78)), 'fe8000000000000000000000000000fe');
	const bare = dual();
	assert.equal(send(bare, 0, '2001:db8:1::1'), []);
	assert.is(bare.network.counters.value('noRoute'), 1);
});

test('RFC 4861 §7.2.6: an unsolicited advertisement moves who is known', () => {
	const rig = dual();
	rig.take(solicitation());
	rig.drain();
	const frame = unsolicitedNa(parseMac('02:00:00:00:00:07'), parseAddress(CLIENT6));
	assert.is(hex(frame.subarray(0, 14)), '33330000000102000000000786dd');
	rig.take(frame, 3);
	assert.is(known(rig, 3), '7 stale');
	assert.is(rig.network.counters.value('icmpv6Checksum'), 0);
});

test.run();
