import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { parseScript } from '../index.ts';
import { readFrame } from './frame.ts';
import { runScript } from './index.ts';
import type { RunSettings, TapedFrame, Verdict } from './index.ts';

const OPEN = `
0    socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0   bind(3, ..., ...) = 0
+0   listen(3, 1) = 0
+0   < S 0:0(0) win 65535 <mss 1000>
+0   > S. 0:0(0) ack 1 win 65535 <mss 1460>
+.1  < . 1:1(0) ack 1 win 65535
+0   accept(3, ..., ...) = 4
`;

function run(text: string, settings: RunSettings = {}): Verdict {
	return runScript(parseScript(text, 'x.pkt'), settings);
}

/** A connection that has been written to, and what is expected then. */
function after(expected: string): string {
	return `${OPEN}+0 < P. 1:11(10) ack 1 win 65535\n+0 read(4, ..., 10) = 10\n+0 write(4, ..., 10) = 10\n+0 ${expected}`;
}

/** A SYN of ours, and its options. */
function syn(options: string): string {
	return `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n+0 > S 0:0(0) win 65535 ${options}`;
}

/** All frames of a transfer, as text. */
function record(): string {
	let text = '';
	run(`${OPEN}+0 write(4, ..., 3000) = 3000\n* > P. 1:3001(3000) ack 1`, { tape: (taped) => { text = JSON.stringify(taped.map(({ bytes }) => [...bytes])); } });
	return text;
}

function assertFails(text: string, what: RegExp): void {
	const { status, message } = run(text);
	assert.is(status, 'fail', message);
	assert.match(message, what);
}

test('a script the stack does as it says passes, and says nothing', () => {
	assert.equal(run(`${OPEN}+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1`), { file: 'x.pkt', ok: true, status: 'pass', line: null, message: '' });
});

test('whatever is changed in an expected packet makes it fail, and the message names it', () => {
	assert.is(run(after('> P. 1:11(10) ack 11 win 65525')).status, 'pass');
	assertFails(after('> . 1:11(10) ack 11 win 65525'), /flags P\. instead of \./);
	assertFails(after('> P. 2:12(10) ack 11 win 65525'), /sequence number 1 instead of 2/);
	assertFails(after('> P. 1:10(9) ack 11 win 65525'), /length 10 instead of 9/);
	assertFails(after('> P. 1:11(10) ack 12 win 65525'), /ack 11 instead of 12/);
	assertFails(after('> P. 1:11(10) ack 11 win 65524'), /window 65525 instead of 65524/);
	assertFails(after('> P. 1:11(10) ack 11 win 65525 <nop,nop>'), /no options instead of <nop,nop>/);
	assertFails(after('> P. 1:11(10) ack 11 urg 5'), /urgent pointer 0 instead of 5/);
	assertFails(after('> [ect0] P. 1:11(10) ack 11'), /ECN bits 0 instead of ect0/);
	assertFails(after('> [ttl 63] P. 1:11(10) ack 11'), /time to live 64 instead of 63/);
});

test('a failure names its line, what was expected, what came, and the last frames', () => {
	const { line, message } = run(`${OPEN}+0 write(4, ..., 10) = 10\n+0 > P. 1:12(11) ack 1`);
	assert.is(line, 10);
	assert.match(message, /expected > P\. 1:12\(11\) ack 1, got > P\. 1:11\(10\) ack 1/);
	assert.match(message, /last frames:\n(.*\n)*.*0\.1 {2}> P\. 1:11\(10\)/);
});

test('a packet may come 4 ms or an eighth of the gap off its time, or as far as the script says', () => {
	const waiting = (by: string, head = ''): string => `${head}${OPEN}+0 < . 1:1001(1000) ack 1 win 65535\n+${by} > . 1:1(0) ack 1001`;
	assert.is(run(waiting('.2')).status, 'pass');
	assert.is(run(waiting('.22')).status, 'pass');
	assertFails(waiting('.25'), /sent at 0\.3 s instead of 0\.35 s/);
	assertFails(waiting('.15'), /got nothing until 0\.3 s/);
	assert.is(run(waiting('.15', '--tolerance_usecs=50000\n')).status, 'pass');
	assertFails(waiting('.22', '--tolerance_usecs=1000\n'), /sent at 0\.3 s/);
	assert.is(run(`${OPEN}+0 < . 1:1001(1000) ack 1 win 65535\n+.1~+.3 > . 1:1(0) ack 1001`).status, 'pass');
	assert.is(run(`${OPEN}+0 < . 1:1001(1000) ack 1 win 65535\n* > . 1:1(0) ack 1001`).status, 'pass');
});

test('a packet that nobody expected fails the script, also behind the last one that was; closing down may send what it wants', () => {
	assertFails(`${OPEN}+0 write(4, ..., 10) = 10`, /what no event expects:\n.*> P\. 1:11\(10\)/);
	assertFails(`${OPEN}+0 < R 5:5(0) win 0`, /what no event expects/);
	const closing = run(`${OPEN}+0 close(4) = 0`);
	assert.is(closing.status, 'pass');
	assert.match(closing.message, /while the script closed down.*\n.*> F\. 1:1\(0\)/);
});

test('successive segments are joined up to the length expected, unless that is forbidden', () => {
	const text = `${OPEN}+0 write(4, ..., 3000) = 3000\n+0 > P. 1:3001(3000) ack 1`;
	assert.is(run(text).status, 'pass');
	assertFails(`--strict_segments\n${text}`, /length 1000 instead of 3000/);
});

test('what is written is what has to come out', () => {
	assert.is(run(`${OPEN}+0 write(4, "abc", 3) = 3\n+0 > P. 1:4(3) ack 1`).status, 'pass');
	assert.is(run(`${OPEN}+0 < P. 1:4(3) ack 1 win 65535\n+0 read(4, "\\x00\\x00\\x00", 10) = 3`).status, 'pass');
	assertFails(`${OPEN}+0 < P. 1:4(3) ack 1 win 65535\n+0 read(4, "abc", 10) = 3`, /instead of "abc"/);
});

test('a call that blocks comes back when it is said to', () => {
	const reading = (at: string): string => `${OPEN}+0...${at} read(4, ..., 100) = 10\n+.2 < P. 1:11(10) ack 1 win 65535\n+.2 > . 1:1(0) ack 11`;
	assert.is(run(reading('.2')).status, 'pass');
	assertFails(reading('.1'), /read came back at 0\.3 s instead of 0\.2 s|still blocks/);
	assertFails(`${OPEN}+0...5 read(4, ..., 100) = 10`, /read still blocks/);
	assertFails(`${OPEN}+0 read(4, ..., 100) = 0`, /read still blocks/);
});

test('results and errors are compared', () => {
	assertFails(`${OPEN}+0 write(4, ..., 10) = 9`, /write returned 10 instead of 9/);
	assertFails('0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n+0 connect(3, ..., ...) = 0', /connect returned -1 EINPROGRESS instead of 0/);
	assertFails(`${OPEN}+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0`, /0 instead of \[ECONNRESET\]|0 instead of ECONNRESET/);
	assertFails(`${OPEN}+0 %{ assert tcpi_state == TCP_CLOSE_WAIT }%`, /tcpi_state is 1/);
});

test('what is used and not supported is said to be so, and never passes', () => {
	const cases: readonly (readonly [string, RegExp])[] = [
		['0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3', /not TCP/],
		['0 splice(1, 2) = 0', /the call splice/],
		[`${OPEN}+0 setsockopt(4, SOL_SOCKET, SO_ZEROCOPY, [1], 4) = 0`, /setsockopt SO_ZEROCOPY/],
		[`${OPEN}+0 < P. 1:11(10) ack 1 win 65535\n+0 recv(4, ..., 10, MSG_OOB) = 1`, /recv with MSG_OOB/],
		[`${OPEN}+0 < udp (100)`, /UDP packets/],
		['`rm -rf /`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3', /the program rm/],
		['`sysctl -w net.inet.tcp.nobody.knows=1`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3', /nobody\.knows/],
		[`--wire_client\n${OPEN}`, /--wire_client/],
		[`${OPEN}+0 %{ assert tcpi_nobody_knows == 1 }%`, /tcpi_nobody_knows/],
		[`${OPEN}+0 %{ del a }%`, /./],
	];
	for (const [text, what] of cases) {
		const { status, ok, message } = run(text);
		assert.is(status, 'unsupported', `${text}: ${message}`);
		assert.is(ok, false);
		assert.match(message, what);
	}
});

test('settings and profiles change what the stack does', () => {
	assert.is(run(syn('<mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 2>')).status, 'pass');
	assert.is(run(syn('<mss 1460,nop,wscale 6,sackOK,TS val 1 ecr 0>'), { profile: 'freebsd' }).status, 'pass');
	assert.is(run(`\`sysctl -w net.inet.tcp.rfc1323=0\`\n${syn('<mss 1460,sackOK,eol,eol>')}`).status, 'pass');
});

test('over IPv6 it is the same', () => {
	assert.is(run(`--ip_version=ipv6\n${OPEN.replace('mss 1460', 'mss 1440')}+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1`).status, 'pass');
});

test('the tape has every frame of the script, both ways and in order', () => {
	let frames: readonly TapedFrame[] = [];
	run(`${OPEN}+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1`, { tape: (taped) => { frames = taped; } });
	assert.equal(frames.map(({ outbound }) => outbound), [false, true, false, true]);
	assert.equal(frames.map(({ at }) => at), [0, 0, 100_000, 100_000]);
	assert.ok(frames.every(({ bytes }) => readFrame(bytes) !== null));
});

test('the same script gives the same frames, byte by byte', () => {
	assert.is(record(), record());
});

test('no packet a script can write makes the runner throw', () => {
	const number = fc.oneof(fc.nat(3000), fc.constantFrom(0, 1, 65_535, 65_536, 2_147_483_647, 2_147_483_648, 4_294_967_295));
	const packet = fc.record({ flags: fc.constantFrom('.', 'S', 'S.', 'F.', 'R', 'R.', 'P.', 'F', 'SF', 'SEW', 'U.', '-'), seq: number, length: fc.nat(1400), ack: number, win: fc.nat(65_535) });
	fc.assert(fc.property(fc.array(packet, { maxLength: 12 }), fc.boolean(), (packets, closes) => {
		const lines = packets.map(({ flags, seq, length, ack, win }) => `+.01 < ${flags} ${seq}:${(seq + length) % 2 ** 32}(${length}) ack ${ack} win ${win}`);
		const { status } = run(`${OPEN}${closes ? '+0 shutdown(4, SHUT_WR) = 0\n' : ''}${lines.join('\n')}\n+1 close(4) = 0`);
		assert.ok(status === 'pass' || status === 'fail');
	}), { numRuns: 60 });
});

test.run();
