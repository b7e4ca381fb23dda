import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { interpretCommand } from './command.ts';
import { parseScript } from './parse.ts';
import { printScript } from './print.ts';
import { surveyScript } from './survey.ts';
import { meaningOfSysctl } from './sysctl.ts';
import { commandsOf, wantedProfile } from './wanted-profile.ts';

/** Scripts in the manner of those written for Linux: each uses what the ones for FreeBSD do not. */
const SCRIPTS: Readonly<Record<string, string>> = {
	'fast retransmit': `// SPDX-License-Identifier: GPL-2.0
		\`../../common/defaults.sh
		../../common/set_sysctls.py /proc/sys/net/ipv4/tcp_min_tso_segs=4\`
		0     socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
		+0    setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
		+0    bind(3, ..., ...) = 0
		+0    listen(3, 1) = 0
		+0    < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
		+0    > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 8>
		+.1   < . 1:1(0) ack 1 win 257
		+0    accept(3, ..., ...) = 4
		+0    write(4, ..., 10000) = 10000
		+0    > P. 1:10001(10000) ack 1
		+.1   < . 1:1(0) ack 1 win 257 <sack 2001:4001 6001:7001,nop,nop>
		+0~+.002 > . 1:1001(1000) ack 1
		+0    %{ assert tcpi_snd_cwnd == 7, tcpi_snd_cwnd
		         assert tcpi_ca_state == TCP_CA_Recovery }%
		*     > F. 10001:10001(0) ack 1 <...>
		\`/bin/true; nstat > /dev/null\``,
	'messages': `\`./defaults.sh\`
		+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 1000}, {"abc"..., 3}], msg_flags=0, msg_control=[]}, MSG_ZEROCOPY|MSG_DONTWAIT) = 1003
		+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE, msg_control=[
			{cmsg_level=CMSG_LEVEL_IP, cmsg_type=CMSG_TYPE_RECVERR, cmsg_data={ee_errno=ENOMSG, ee_origin=SO_EE_ORIGIN_TIMESTAMPING, ee_type=0, ee_code=0, ee_info=SCM_TSTAMP_ACK, ee_data=0}}
		]}, MSG_ERRQUEUE) = 0
		+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLOUT}], 1, 100) = 1
		+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLOUT|EPOLLET, fd=4}) = 0
		+0...0.3 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, -1) = 1
		+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0
		+0 setsockopt(4, SOL_TCP, TCP_CONGESTION, "reno", 4) = 0
		+0 getsockopt(4, IPPROTO_TCP, TCP_INFO, {...}, [104]) = 0
		+0 ioctl(4, SIOCINQ, [1000]) = 0
		+0 sendto(3, ..., 500, MSG_FASTOPEN, ..., ...) = -1 EINPROGRESS (Operation now in progress)
		+0 read(4, ..., 100) = -1 EAGAIN (Resource temporarily unavailable)
		+0 shutdown(4, SHUT_RDWR) = 0`,
	'fast open and path MTU': `\`../common/defaults.sh\`
		+0 < S 0:1000(1000) win 32792 <mss 1460,sackOK,FO TFO_COOKIE,nop,nop>
		+0 > S. 0:0(0) ack 1001 <mss 1460,nop,nop,sackOK,FO TFO_COOKIE,nop,nop>
		+0 < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]
		+0 > [ect0] P. 1:1(0) ack 1 <nop,nop,TS val 130 ecr 700>
		+.05 < [ce] . 1:1001(1000) ack 1 win 257
		+0 > E. 1:1(0) ack 1001
		+0 < udp (1000)
		+0 > 8080 > 40001 R 1:1(0)`,
};

for (const [name, text] of Object.entries(SCRIPTS)) {
	test(`reads: ${name}`, () => {
		const tree = parseScript(text, 'x.pkt');
		assert.is(wantedProfile(tree), 'linux');
		assert.is(printScript(parseScript(printScript(tree), 'x.pkt')), printScript(tree));
		assert.equal([...surveyScript(tree).keys()].filter((feature) => feature.includes('unsupported')), []);
	});
}

test('every setting that defaults.sh makes is known', () => {
	const defaults = 'tcp_rmem="4096 540000 15728640" tcp_wmem="4096 262144 4194304" tcp_timestamps=1 tcp_sack=1 tcp_dsack=1 tcp_frto=2 tcp_reordering=3 tcp_congestion_control=cubic tcp_slow_start_after_idle=0 tcp_early_retrans=4 tcp_recovery=1 tcp_ecn=0 tcp_syncookies=1 tcp_fastopen=0x70403 tcp_pacing_ss_ratio=200 tcp_pacing_ca_ratio=120 tcp_syn_retries=5 tcp_synack_retries=5 tcp_max_syn_backlog=1000 tcp_notsent_lowat=4294967295 tcp_min_tso_segs=1 tcp_no_metrics_save=1 tcp_keepalive_time=7200 tcp_keepalive_intvl=75 tcp_keepalive_probes=9 tcp_retries1=3 tcp_retries2=15 tcp_orphan_retries=0';
	const tree = parseScript(`\`set_sysctls.py ${defaults.replaceAll('tcp_', '/proc/sys/net/ipv4/tcp_')}\``, 'x.pkt');
	const settings = commandsOf(tree).flatMap(interpretCommand);
	assert.is(settings.length, defaults.split('tcp_').length - 1);
	for (const setting of settings) {
		assert.ok(setting.kind === 'sysctl' && meaningOfSysctl(setting.name, setting.value) !== null, JSON.stringify(setting));
	}
});

test.run();
