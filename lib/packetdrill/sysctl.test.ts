import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { meaningOfSysctl } from './sysctl.ts';

test('numbers come in our units', () => {
	assert.equal(meaningOfSysctl('net.inet.tcp.rexmit_initial', '1000'), [{ setting: 'rto-initial', value: [1_000_000] }]);
	assert.equal(meaningOfSysctl('net.ipv4.tcp_fin_timeout', '60'), [{ setting: 'fin-wait-2-time', value: [60_000_000] }]);
	assert.equal(meaningOfSysctl('net.ipv4.tcp_comp_sack_delay_ns', '1000000'), [{ setting: 'ack-compression-time', value: [1000] }]);
	assert.equal(meaningOfSysctl('net.ipv4.tcp_fastopen', '0x70403'), [{ setting: 'fast-open', value: [0x70403] }]);
	assert.equal(meaningOfSysctl('net.ipv4.tcp_rmem', '4096 540000\t15728640'), [{ setting: 'receive-buffer', value: [4096, 540000, 15728640] }]);
	assert.equal(meaningOfSysctl('net.ipv4.tcp_congestion_control', 'cubic'), [{ setting: 'congestion-control', value: 'cubic' }]);
});

test('both systems speak one vocabulary', () => {
	assert.equal(meaningOfSysctl('net.inet.tcp.sack.enable', '0'), meaningOfSysctl('net.ipv4.tcp_sack', '0'));
	assert.equal(meaningOfSysctl('net.inet.tcp.ecn.enable', '2'), meaningOfSysctl('net.ipv4.tcp_ecn', '2'));
});

test('rfc1323 is two switches', () => {
	const switches = ['0', '1', '2', '3'].map((value) => meaningOfSysctl('net.inet.tcp.rfc1323', value)?.map((change) => change.value[0]));
	assert.equal(switches, [[0, 0], [1, 1], [1, 0], [0, 1]]);
	assert.is(meaningOfSysctl('net.inet.tcp.rfc1323', '4'), null);
});

test('what nobody can see changes nothing, what we do not know is refused', () => {
	assert.equal(meaningOfSysctl('net.inet.tcp.hostcache.purgenow', '1'), []);
	assert.equal(meaningOfSysctl('net.ipv4.tcp_no_metrics_save', '1'), []);
	for (const [name, value] of [['net.ipv4.tcp_made_up', '1'], ['net.inet.tcp.toString', '1'], ['net.ipv4.tcp_sack', 'yes'], ['net.ipv4.tcp_sack', ''], ['net.ipv4.tcp_congestion_control', ''], ['', '1']] as const) {
		assert.is(meaningOfSysctl(name, value), null);
	}
});

test('no name or value makes it throw', () => {
	fc.assert(fc.property(fc.oneof(fc.string(), fc.constantFrom('net.ipv4.tcp_rmem', 'net.inet.tcp.rfc1323')), fc.string(), (name, value) => {
		const changes = meaningOfSysctl(name, value);
		assert.ok(changes === null || Array.isArray(changes));
	}));
});

test.run();
