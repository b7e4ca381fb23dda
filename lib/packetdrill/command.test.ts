import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { interpretCommand, sockstatHolds } from './command.ts';
import type { Command, SockstatQuery, SocketRow } from './command.ts';
import { parseScript } from './parse.ts';
import { wantedProfile } from './wanted-profile.ts';

function profileOf(text: string): string {
	return wantedProfile(parseScript(text, 'x.pkt'));
}

const set = (name: string, value: string): Command => ({ kind: 'sysctl', name, value });

test('settings, however they are set', () => {
	assert.equal(interpretCommand('sysctl -w net.inet.tcp.rfc1323=1'), [set('net.inet.tcp.rfc1323', '1')]);
	assert.equal(interpretCommand('sysctl net.inet.tcp.rfc1323=1 kern.ipc.maxsockbuf=2097152'), [set('net.inet.tcp.rfc1323', '1'), set('kern.ipc.maxsockbuf', '2097152')]);
	assert.equal(interpretCommand('sysctl -qw net.ipv4.tcp_rmem="4096 87380 6291456" >/dev/null 2>&1'), [set('net.ipv4.tcp_rmem', '4096 87380 6291456')]);
	assert.equal(interpretCommand('sysctl -q net/ipv4/tcp_sack=0'), [set('net.ipv4.tcp_sack', '0')]);
	assert.equal(interpretCommand('echo -n 3 > /proc/sys/net/ipv4/tcp_ecn'), [set('net.ipv4.tcp_ecn', '3')]);
	assert.equal(interpretCommand('sysctl net.ipv4.tcp_sack'), [{ kind: 'nothing', text: 'sysctl net.ipv4.tcp_sack' }]);
});

test('defaults at any depth, and what changes them', () => {
	for (const path of ['./defaults.sh', '../common/defaults.sh', '../../../common/defaults.sh']) {
		assert.equal(interpretCommand(path), [{ kind: 'defaults' }]);
	}
	const several = '../../common/defaults.sh # Linux\n../../common/set_sysctls.py /proc/sys/net/ipv4/tcp_timestamps=0 \\\n  /proc/sys/net/ipv4/tcp_wmem="1 2 3"; sysctl -q net.ipv4.tcp_dsack=0 && true';
	assert.equal(interpretCommand(several), [
		{ kind: 'defaults' }, set('net.ipv4.tcp_timestamps', '0'), set('net.ipv4.tcp_wmem', '1 2 3'), set('net.ipv4.tcp_dsack', '0'), { kind: 'nothing', text: 'true' },
	]);
});

test('sockstat counts sockets in a state', () => {
	assert.equal(interpretCommand('sockstat -4 -P tcp -s | grep packetdril | grep -c TIME_WAIT | grep 1'), [
		{ kind: 'sockstat', query: { family: 4, port: null, states: ['TIME-WAIT'], count: '1' } },
	]);
	assert.equal(interpretCommand('sockstat -6 -P tcp -p 8080 -s | grep -c SYN_RCVD | grep 0'), [
		{ kind: 'sockstat', query: { family: 6, port: 8080, states: ['SYN-RECEIVED'], count: '0' } },
	]);
	assert.is(interpretCommand('sockstat -4 | grep -c elsewhere | grep 0')[0]?.kind, 'unsupported');
	assert.is(interpretCommand('sockstat -4 | awk 1')[0]?.kind, 'unsupported');
});

test('what sockstat finds decides', () => {
	const query: SockstatQuery = { family: 4, port: 8080, states: ['TIME-WAIT'], count: '1' };
	const row: SocketRow = { family: 4, localPort: 8080, remotePort: 40000, state: 'TIME-WAIT' };
	assert.is(sockstatHolds(query, [row]), true);
	assert.is(sockstatHolds(query, [row, { ...row, family: 6 }, { ...row, state: 'LISTEN' }, { ...row, localPort: 1 }]), true);
	assert.is(sockstatHolds(query, [row, row]), false);
	assert.is(sockstatHolds(query, []), false);
	assert.is(sockstatHolds({ ...query, count: '0' }, []), true);
	assert.is(sockstatHolds({ ...query, count: null }, []), false);
	assert.is(sockstatHolds({ family: null, port: null, states: [], count: null }, [row]), true);
});

test('connections dropped, time passed', () => {
	assert.equal(interpretCommand('tcpdrop -s TIME_WAIT'), [{ kind: 'tcpdrop', state: 'TIME-WAIT', connection: null }]);
	assert.equal(interpretCommand('tcpdrop -a'), [{ kind: 'tcpdrop', state: null, connection: null }]);
	assert.equal(interpretCommand('tcpdrop 1.1.1.1 80 2.2.2.2 90'), [{ kind: 'tcpdrop', state: null, connection: ['1.1.1.1', '80', '2.2.2.2', '90'] }]);
	assert.equal(interpretCommand('sleep 0.25'), [{ kind: 'sleep', us: 250_000 }]);
});

test('what shows something changes nothing', () => {
	for (const text of ['ip route show', 'ip -6 addr show dev tun0', 'tc qdisc show', 'ip tcp_metrics flush all', 'nstat -n', 'tc qdisc del dev tun0 root 2>/dev/null', 'tc qdisc replace dev tun0 root pfifo', 'cat /proc/net/netstat', 'ss -tni > /dev/null', 'sync || true']) {
		assert.equal(interpretCommand(text).map(({ kind }) => kind), ['nothing']);
	}
});

for (const [text, why] of [
	['ip route replace default via 1.1.1.1 mtu 1200', 'ip route replace default via 1.1.1.1 mtu 1200'],
	['tc qdisc replace dev tun0 root fq', 'tc qdisc replace dev tun0 root fq'],
	['nstat | grep TCPLoss', 'counters that match TCPLoss'],
	['cat x > y', 'output into y'],
	['python3 x.py', 'the program python3'],
	['sysctl -w a=$(b)', 'the shell\'s a=$(b)'],
	['a & b', 'the shell\'s &'],
	['sysctl -p file', 'sysctl -p'],
	['tcpdrop -s NOWHERE', 'the state NOWHERE'],
	['sysctl -w =1', 'the setting =1'],
	['| grep', 'the shell\'s an empty command'],
] as const) {
	test(`is not claimed to be understood: ${text}`, () => {
		const [first] = interpretCommand(text);
		assert.is(first?.kind === 'unsupported' && first.why, why);
	});
}

test('the profile a script wants', () => {
	assert.is(profileOf('+0 `sysctl -w net.inet.tcp.sack.enable=1`'), 'freebsd');
	assert.is(profileOf('`../../common/defaults.sh`\n+0 close(3) = 0'), 'linux');
	assert.is(profileOf('+0 close(3) = 0\n`set_sysctls.py /proc/sys/net/ipv4/tcp_ecn=0`'), 'linux');
	assert.is(profileOf('`sysctl -q net.ipv4.tcp_sack=0`'), 'linux');
	assert.is(profileOf('// net.inet.tcp, defaults.sh\n+0 close(3) = 0'), 'rfc');
});

test('no text makes it throw', () => {
	const pieces = fc.constantFrom('sysctl ', '-w ', 'a=b', 'sockstat ', '| ', 'grep ', '-c ', '"', '\'', '\\', '\n', ';', '&', '&&', '||', '>', '2>&1', ' ', '$x', '1', 'tcpdrop ', '-s ', 'echo ', '/proc/sys/', 'TIME_WAIT');
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''))), (text) => {
			for (const command of interpretCommand(text)) assert.type(command.kind, 'string');
		}),
		{ numRuns: 2000 },
	);
});

test.run();
