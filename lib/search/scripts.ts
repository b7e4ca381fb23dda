import fc from 'fast-check';
import { ScriptError, parseScript, printScript } from '../packetdrill/index.ts';
import { runScript } from '../packetdrill/run/index.ts';
import { cover } from './coverage.ts';
import type { Property } from './property.ts';

/** Lines of scripts: what opens a connection, and what may follow. */
const opening = [
	'0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3', '+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0', '+0 bind(3, ..., ...) = 0', '+0 listen(3, 1) = 0',
	'+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop>', '+0 > S. 0:0(0) ack 1 <...>', '+.1 < . 1:1(0) ack 1 win 257', '+0 accept(3, ..., ...) = 4',
] as const;
const lines = [
	...opening, '+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0', '+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)', '+0 write(4, ..., 1000) = 1000', '+0 > P. 1:1001(1000) ack 1',
	'+.01 < . 1:1(0) ack 1001 win 257', '+0 < P. 1:101(100) ack 1 win 257', '+0 read(4, ..., 100) = 100', '+0...0.5 read(4, ..., 100) = 0', '+0 > . 1001:1001(0) ack 101', '+0 close(4) = 0', '+0 shutdown(4, SHUT_WR) = 0',
	'+0 > F. 1001:1001(0) ack 101', '+0 < F. 101:101(0) ack 1002 win 257', '* > . 1002:1002(0) ack 102', '+0 < R. 1:1(0) ack 1 win 0', '+0 < . 1:1(0) ack 1 win 257 <sack 501:1001,nop,nop>', '+1~+2 > . 1:1(0) ack 1',
	'+0 %{ assert tcpi_state == TCP_ESTABLISHED, tcpi_state }%', '+0 %{ print(tcpi_snd_cwnd) }%', '+0 `sysctl -q net.ipv4.tcp_sack=0`', '+0 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 100) = 1',
	'+0 sendto(3, ..., 500, MSG_FASTOPEN, ..., ...) = -1 EINPROGRESS (Operation now in progress)', '+0 < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]', '+0 < [ce] . 1:1(0) ack 1 win 257', '+0 epoll_create(1) = 5',
	'+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}) = 0', '+0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1', '+0 getsockopt(4, IPPROTO_TCP, TCP_INFO, {...}, [104]) = 0', '+0 ioctl(4, SIOCINQ, [1000]) = 0',
	'--tolerance_usecs=100000', '--ip_version=ipv6', '#ifdef A', '#endif', '// said', '/* said', '*/', '+99999999999 close(3) = 0', '-5 close(3) = 0', '+0 < SF 4294967295:4294967290(99999) win 99999999 <mss 1,wscale 99,TS val 1 ecr 2>',
] as const;

/** A script in the making: lines, and what is then done to its text. */
export interface Scribble {
	readonly opened: boolean;
	readonly lines: readonly string[];
	/** pieces of the text taken out, doubled or overwritten: where from (a fraction of 2¹⁶), how long, what comes there */
	readonly edits: readonly (readonly [from: number, length: number, text: string | null])[];
}

/** Scripts that may be ones. */
export const scribbles: fc.Arbitrary<Scribble> = fc.record({
	opened: fc.boolean(),
	lines: fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom<string>(...lines) }, { weight: 1, arbitrary: fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 40 }) }), { maxLength: 14, size: 'max' }),
	edits: fc.array(fc.tuple(fc.nat(0xffff), fc.nat(12), fc.option(fc.oneof(fc.constantFrom('0', '-1', '4294967296', '99999999999999999999', '...', '(', '{', '[', '"', '%{', '<', '=', ','), fc.string({ maxLength: 4 })), { nil: null })), { maxLength: 3 }),
});

/** The text of a script. */
export function scriptText({ opened, lines: said, edits }: Scribble): string {
	let text = [...(opened ? opening : []), ...said, ''].join('\n');
	for (const [from, length, instead] of edits) {
		const at = Math.floor((from * text.length) / 0x1_0000);
		text = text.slice(0, at) + (instead ?? text.slice(at, at + length).repeat(2)) + text.slice(at + length);
	}
	return text;
}

/** The language of packetdrill: parser, printer and runner. */
export const scripts: Property<Scribble> = {
	name: 'scripts',
	text: 'any text is a packetdrill script or a typed error with its place, and any script passes, fails or is not supported: nothing throws, nothing runs for ever',
	runs: 400,
	arbitrary: scribbles,
	check(scribble) {
		const text = scriptText(scribble);
		let script;
		try {
			script = parseScript(text, 'x.pkt');
		} catch (error) {
			if (!(error instanceof ScriptError)) throw error;
			cover(`expected ${error.expected}`);
			if (!(error.line >= 1 && error.line <= text.split('\n').length)) throw new Error(`the place of the error is line ${error.line} of ${text.split('\n').length}`, { cause: error });
			return;
		}
		const printed = printScript(script);
		if (printScript(parseScript(printed, 'x.pkt')) !== printed) throw new Error('printed and read again it is another script');
		for (const profile of ['rfc', 'linux', 'freebsd'] as const) {
			const { status, message, line } = runScript(script, { profile });
			cover(`${profile}: ${status}`);
			if (status !== 'pass' && (message === '' || (line !== null && !(line >= 1)))) throw new Error(`it is '${status}' without a reason or a place`);
		}
	},
	exhibit: (scribble) => ({ run: null, capture: null, script: scriptText(scribble) }),
};
