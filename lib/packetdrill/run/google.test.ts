import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScript } from '../index.ts';
import { linuxCookie, parseKey } from './linux-cookie.ts';
import { runScript } from './index.ts';
import type { RunSettings, Verdict } from './index.ts';

// The ways of writing and the calls that scripts for Linux use, each alone.

function run(text: string, settings: RunSettings = {}): Verdict {
	return runScript(parseScript(text, 'x.pkt'), settings);
}

const LISTEN = '`../common/defaults.sh`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n';
const OPEN = `${LISTEN}+0 < S 0:0(0) win 40000 <mss 1000,sackOK,nop,nop,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 8>
+.1 < . 1:1(0) ack 1 win 500
+0 accept(3, ..., ...) = 4
`;
const CLIENT = '`../common/defaults.sh\n sysctl -q net.ipv4.tcp_timestamps=0`\n0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3\n';
const CONNECT = `${CLIENT}+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0 > S 0:0(0) <mss 1460,nop,nop,sackOK,nop,wscale 8>
+.1 < S. 0:0(0) ack 1 win 40000 <mss 1000,nop,nop,sackOK,nop,wscale 7>
+0 > . 1:1(0) ack 1
`;

function assertPasses(text: string): void {
	const { status, message } = run(text, { strict: true });
	assert.is(status, 'pass', message);
}

function assertFails(text: string, why: RegExp): void {
	const { status, message } = run(text);
	assert.is(status, 'fail', message);
	assert.match(message, why);
}

function assertUnsupported(text: string, what: RegExp): void {
	const { status, message } = run(text);
	assert.is(status, 'unsupported', message);
	assert.match(message, what);
}

test('both times of a call that blocks count from the event before it', () => {
	const connecting = (times: string): string => `\`../common/defaults.sh\`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n${times} connect(3, ..., ...) = 0
+0 > S 0:0(0) <...>\n+.1 < S. 0:0(0) ack 1 win 40000 <mss 1000>\n+0 > . 1:1(0) ack 1`;
	assertPasses(connecting('+.1...0.2'));
	assertFails(connecting('+.1...0.3'), /came back at 0\.2 s instead of 0\.3 s/);
	assertPasses(connecting('0.3...0.4'));
});

test('a file may be called by any number that is free', () => {
	assertPasses(OPEN.replace('accept(3, ..., ...) = 4', 'accept(3, ..., ...) = 17') + '+0 write(17, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+0 %{ assert tcpi_unacked == 1 }%\n+0 close(17) = 0\n+0 > F. 11:11(0) ack 1');
	assertFails(OPEN.replace('accept(3, ..., ...) = 4', 'accept(3, ..., ...) = 3'), /accept returned 4 instead of 3/);
});

test('what a Linux script leaves unexpected is told, and fails it only where that is asked for', () => {
	const { status, message } = run(`${OPEN}+0 write(4, ..., 10) = 10`);
	assert.is(status, 'pass');
	assert.match(message, /what no event expects:\n.*> P\. 1:11\(10\)/);
	assert.is(run(`${OPEN}+0 write(4, ..., 10) = 10`, { strict: true }).status, 'fail');
});

test('shell: sums, what was set before, counters, and lists of sockets', () => {
	const head = (command: string): string => OPEN.replace('`../common/defaults.sh`', `\`../common/defaults.sh\n${command}\``);
	assertPasses(head('sysctl -q net.ipv4.tcp_rmem="4096 131072 $((32*1024*1024))"').replace('wscale 8', 'wscale 10'));
	assertPasses(`${OPEN}\`/tmp/sysctl_restore_\${PPID}.sh\``);
	assertPasses(`${OPEN}+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+.3~+1 > P. 1:11(10) ack 1\n+0 \`nstat | grep TcpRetransSegs | grep -q " 1 "\``);
	assertFails(`${OPEN}+0 \`nstat | grep TcpRetransSegs | grep -q " 1 "\``, /TcpRetransSegs is 0, not 1/);
	assertUnsupported(`${OPEN}+0 \`nstat | grep TcpExtNobodyKnows | grep -q " 1 "\``, /the counter TcpExtNobodyKnows/);
	assertPasses(`${OPEN}+0 \`grep " 0A " /proc/net/tcp /proc/net/tcp6 | grep ":1F90"\``);
	assertFails(`${OPEN}+0 \`grep " 0A " /proc/net/tcp | grep ":1F91"\``, /sockstat does not find/);
	assertUnsupported(head('sysctl -q net.ipv4.tcp_rmem="$(cat x)"'), /shell/);
});

test('addresses in calls, and whose they are', () => {
	assertPasses(`\`../common/defaults.sh\`\n0 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, {sa_family = AF_INET, sin_port = htons(8080), sin_addr = inet_addr("192.168.0.1")}, ...) = 0
+0 listen(3, SOMAXCONN) = 0
+0 < 1024 > 8080 S 0:0(0) win 40000 <mss 1000>
+0 > 8080 > 1024 S. 0:0(0) ack 1 <mss 1460>
+.1 < 1024 > 8080 . 1:1(0) ack 1 win 500
+0 accept(3, {sa_family = AF_INET, sin_port = htons(1024), sin_addr = inet_addr("192.0.2.1")}, [16]) = 4
+0 getsockname(4, {sa_family = AF_INET, sin_port = htons(8080), sin_addr = inet_addr("192.168.0.1")}, [16]) = 0`);
	assertFails(`${OPEN}+0 getpeername(4, {sa_family = AF_INET, sin_port = htons(9), sin_addr = inet_addr("192.0.2.1")}, [16]) = 0`, /sin_port/);
	assertPasses(`--ip_version=ipv4-mapped-ipv6\n${OPEN}`);
	assertPasses(`${CONNECT}+0 connect(3, {sa_family = AF_UNSPEC}, 16) = 0\n+0 > R. 1:1(0) ack 1\n+0 connect(3, ..., ...) = -1 EINPROGRESS (again)\n+0 > S 0:0(0) <...>`);
});

test('settings that change nothing here, and such as are known in one position alone', () => {
	const set = (setting: string): string => OPEN.replace('defaults.sh`', `defaults.sh\nsysctl -q net.ipv4.tcp_${setting}\``);
	for (const setting of ['fack=1', 'shrink_window=0', 'syn_linear_timeouts=0', 'plb_enabled=0', 'notsent_lowat=4294967295']) assertPasses(set(setting));
	for (const setting of ['shrink_window=1', 'syn_linear_timeouts=4', 'nobody_knows=1']) assertUnsupported(set(setting), /setting/);
	assertPasses(`--init_scripts=../common/defaults.sh\n${OPEN.replace('`../common/defaults.sh`\n', '')}`);
});

test('addresses nothing is at', () => {
	assertPasses(`${OPEN}+0 write(4, NULL, 10) = -1 EFAULT (Bad address)\n+0 sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{NULL, 10}], msg_flags=0}, 0) = -1 EFAULT (Bad address)\n+0 sendmsg(4, {msg_name(...)=..., msg_iov(0)=..., msg_flags=0}, 0) = 0`);
});

test('messages: parts, what is left to read, and more to come', () => {
	const left = (octets: number): string => `msg_control=[{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=${octets}}]`;
	const reading = (length: number, octets: number): string => `+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., ${length}}], msg_flags=0, ${left(octets)}}, 0) = ${length}\n`;
	const come = `${OPEN}+0 setsockopt(4, SOL_TCP, TCP_INQ, [1], 4) = 0\n+0 setsockopt(4, SOL_TCP, TCP_INQ, [2], 4) = -1 EINVAL (no)\n+0 < F. 1:1001(1000) ack 1 win 500\n+0 > . 1:1(0) ack 1002\n`;
	assertPasses(`${come}${reading(400, 601)}${reading(600, 1)}`);
	assertFails(`${come}${reading(400, 600)}`, /cmsg_data/);
	assertPasses(`${OPEN}+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{"ab", 2}, {"cd", 2}], msg_flags=0}, MSG_MORE) = 4\n+.01 send(4, "ef", 2, 0) = 2\n+0 > P. 1:7(6) ack 1`);
	assertPasses(`${OPEN}+0 < P. 1:11(10) ack 1 win 500\n+0 > . 1:1(0) ack 11\n+0 readv(4, [{..., 4}, {..., 10}], 2) = 10`);
});

test('edges are told once', () => {
	const waiting = (events: string): string => `${OPEN}+0 epoll_create(1) = 5\n+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=${events}, ptr=9}) = 0\n+0 epoll_wait(5, {events=0, ptr=9}, 1, 0) = 0\n`;
	const come = '+0 < P. 1:101(100) ack 1 win 500\n+0 > . 1:1(0) ack 101\n', some = '+0 epoll_wait(5, {events=EPOLLIN, ptr=9}, 1, 0) = 1\n', none = '+0 epoll_wait(5, {events=0, ptr=9}, 1, 0) = 0\n';
	assertPasses(`${waiting('EPOLLIN')}${come}${some}${some}+0 read(4, ..., 100) = 100\n${none}`);
	assertPasses(`${waiting('EPOLLIN|EPOLLET')}${come}${some}${none}+0 read(4, ..., 10) = 10\n${none}+0 < P. 101:201(100) ack 1 win 500\n+0 > . 1:1(0) ack 201\n${some}${none}`);
	assertPasses(`${waiting('EPOLLIN|EPOLLONESHOT')}${come}${some}${none}+0 epoll_ctl(5, EPOLL_CTL_MOD, 4, {events=EPOLLIN, ptr=9}) = 0\n${some}`);
	assertPasses(`${waiting('EPOLLIN')}+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}) = -1 EEXIST (there)\n+0 epoll_ctl(5, EPOLL_CTL_DEL, 4, NULL) = 0\n+0 epoll_ctl(5, EPOLL_CTL_MOD, 4, {events=EPOLLIN, fd=4}) = -1 ENOENT (gone)`);
});

test('room to write is an edge too, and counts what is not sent yet', () => {
	assertPasses(`${OPEN}+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 setsockopt(4, SOL_TCP, TCP_NOTSENT_LOWAT, [1000], 4) = 0
+0 getsockopt(4, SOL_TCP, TCP_NOTSENT_LOWAT, [1000], [4]) = 0
+0 epoll_create(1) = 5
+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLOUT|EPOLLET, fd=4}) = 0
+0 epoll_wait(5, {events=EPOLLOUT, fd=4}, 1, 0) = 1
+0 epoll_wait(5, {events=0, fd=4}, 1, 0) = 0
+0 write(4, ..., 11500) = 11500
+0 > P. 1:10001(10000) ack 1
+0 poll([{fd=4, events=POLLOUT, revents=0}], 1, 0) = 0
+0 epoll_wait(5, {events=0, fd=4}, 1, 0) = 0
+.1 < . 1:1(0) ack 10001 win 500
+0 > P. 10001:11501(1500) ack 1
+0 epoll_wait(5, {events=EPOLLOUT, fd=4}, 1, 0) = 1`);
});

test('files of plain octets can be sent', () => {
	assertPasses(`${OPEN}+0 open("/dev/shm/x", O_RDWR|O_CREAT, 0644) = 5\n+0 unlink("/dev/shm/x") = 0\n+0 write(5, "hello", 5) = 5\n+0 sendfile(4, 5, [1], 100) = 4\n+0 > P. 1:5(4) ack 1`);
});

test('options of the socket', () => {
	assertPasses(`${CLIENT}+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, "reno", 4) = 0\n+0 getsockopt(3, SOL_TCP, TCP_CONGESTION, "reno", [4]) = 0
+0 setsockopt(3, SOL_TCP, TCP_MAXSEG, [87], 4) = -1 EINVAL (Invalid argument)
+0 setsockopt(3, SOL_TCP, TCP_MAXSEG, [700], 4) = 0
+0 setsockopt(3, SOL_SOCKET, SO_RCVLOWAT, [100], 4) = 0
+0 setsockopt(3, IPPROTO_IP, IP_MTU_DISCOVER, [IP_PMTUDISC_DONT], 1) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (now)
+0 > S 0:0(0) <mss 700,nop,nop,sackOK,nop,wscale 8>`);
	assertPasses(`${OPEN}+0 setsockopt(4, SOL_SOCKET, SO_RCVLOWAT, [15], 4) = 0\n+0 < P. 1:11(10) ack 1 win 500\n+0 > . 1:1(0) ack 11\n+0 poll([{fd=4, events=POLLIN, revents=0}], 1, 0) = 0
+0...0.1 read(4, ..., 100) = 20\n+.1 < P. 11:21(10) ack 1 win 500\n+0 > . 1:1(0) ack 21`);
	assertPasses(`${OPEN}+0 write(4, ..., 15000) = 15000\n+0 > P. 1:10001(10000) ack 1\n+0 ioctl(4, SIOCOUTQ, [15000]) = 0\n+0 ioctl(4, SIOCOUTQNSD, [5000]) = 0`);
	for (const [name, value] of [['SO_MAX_PACING_RATE', '[9]'], ['TCP_CONGESTION', '"bbr"'], ['TCP_REPAIR', '[1]']]) {
		assertUnsupported(`${OPEN}+0 setsockopt(4, SOL_SOCKET, ${name}, ${value}, 4) = 0`, new RegExp(name === 'TCP_CONGESTION' ? 'bbr' : name!));
	}
});

test('what goes on the wire that this stack has not', () => {
	assertUnsupported(`${OPEN}+0 write(4, ..., 10) = 10\n+0 > [flowlabel 0x2] P. 1:11(10) ack 1`, /flow labels/);
	assertUnsupported(`${OPEN}+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1 <md5 000102030405060708090a0b0c0d0e0f,nop,nop>`, /md5/);
	assertUnsupported(`${OPEN}+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1 <ECN e1b 1 ceb 0 e0b 1,nop>`, /ECN/);
	assertUnsupported(`${OPEN}+0 < ipv4 192.0.2.1 > 192.168.0.1: . 1:1(0) ack 1 win 500`, /inside of others/);
	assertUnsupported(`${OPEN}+0 recv(4, ..., 10, MSG_OOB) = 1`, /MSG_OOB/);
});

test('the cookies of Fast Open are those that Linux gives', () => {
	const key = parseKey('a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4')!;
	const mapped = (...bytes: number[]): Uint8Array => Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...bytes]);
	assert.is(linuxCookie(key, 4, mapped(192, 0, 2, 1), mapped(192, 168, 0, 1)), '3021b9d889017eeb');
	assert.is(parseKey('a1-b2'), null);
	const server = LISTEN.replace('`../common/defaults.sh`', '`../common/defaults.sh\n sysctl -q net.ipv4.tcp_timestamps=0`');
	assertPasses(`${server}+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN, [1], 4) = 0
+0 < S 0:10(10) win 40000 <mss 1000,sackOK,nop,nop,FO TFO_COOKIE,nop,nop>
+0 > S. 0:0(0) ack 11 <mss 1460,nop,nop,sackOK>
+0 accept(3, ..., ...) = 4
+0 read(4, ..., 100) = 10
+0 write(4, ..., 100) = 100
+0 > P. 1:101(100) ack 11`);
	assertPasses(`${server}+0 < S 0:0(0) win 40000 <mss 1000,sackOK,nop,nop,FO,nop,nop>\n+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,FO TFO_COOKIE,nop,nop>`);
});

test('Fast Open of a client: by a flag, and by an option', () => {
	const first = `+0 > S 0:0(0) <mss 1460,nop,nop,sackOK,nop,wscale 8,FO,nop,nop>
+.01 < S. 0:0(0) ack 1 win 40000 <mss 1000,nop,nop,sackOK,nop,wscale 7,FO 0102030405060708,nop,nop>
+0 > . 1:1(0) ack 1\n+0 close(3) = 0\n+0 > F. 1:1(0) ack 1\n+.01 < F. 1:1(0) ack 2 win 92\n+0 > . 2:2(0) ack 2
+0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3\n`;
	const second = '+0 > S 0:500(500) <mss 1460,nop,nop,sackOK,nop,wscale 8,FO 0102030405060708,nop,nop>\n+.01 < S. 9:9(0) ack 501 win 40000 <mss 1000>\n+0 > . 501:501(0) ack 1';
	assertPasses(`${CLIENT}+0 sendto(3, ..., 0, MSG_FASTOPEN, ..., ...) = -1 EINPROGRESS (now)\n${first}+0 sendto(3, ..., 500, MSG_FASTOPEN, ..., ...) = 500\n${second}`);
	const option = '+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN_CONNECT, [1], 4) = 0\n';
	assertPasses(`${CLIENT}${option}+0 connect(3, ..., ...) = -1 EINPROGRESS (now)\n${first}${option}+0 connect(3, ..., ...) = 0\n+.01 write(3, ..., 500) = 500\n${second}`);
});

test.run();
