import { LISTEN, abortConnection, stateNames } from '../../../tcp/index.ts';
import type { Tcp } from '../../../tcp/index.ts';
import type { StateName } from '../code-constants.ts';
import { interpretCommand, sockstatHolds } from '../command.ts';
import type { Command, SocketRow } from '../command.ts';
import { meaningOfSysctl } from '../sysctl.ts';
import { LINUX_DEFAULTS } from './defaults.ts';
import type { Process } from './process.ts';
import { applySetting } from './settings.ts';
import { Mismatch, Unsupported } from './verdict.ts';

/** Does what stands between backticks. */
export function runCommand(p: Process, text: string): void {
	for (const command of interpretCommand(text)) runOne(p, command);
}

function runOne(p: Process, command: Command): void {
	switch (command.kind) {
		case 'sysctl':
			return set(p, command.name, command.value);
		case 'sockstat': {
			const rows = sockets(p);
			if (sockstatHolds(command.query, rows)) return;
			throw new Mismatch(`sockstat does not find what the script expects; there is ${rows.map(({ localPort, remotePort, state }) => `${localPort} > ${remotePort} ${state}`).join(', ') || 'no socket'}`);
		}
		case 'counter': {
			const count = counted(p, command.name);
			if (` ${count} `.includes(command.value ?? '') && (command.value !== null || count > 0)) return;
			throw new Mismatch(`${command.name} is ${count}${command.value === null ? '' : `, not ${command.value.trim()}`}`);
		}
		case 'tcpdrop':
			return drop(p, command.state, command.connection);
		case 'sleep':
			p.lab.advance(p.lab.now + command.us);
			return;
		case 'defaults':
			for (const [name, value] of LINUX_DEFAULTS) set(p, `net.ipv4.tcp_${name}`, value);
			return;
		case 'nothing':
			return;
		case 'unsupported':
			throw new Unsupported(command.why);
	}
}

function set(p: Process, name: string, value: string): void {
	const changes = meaningOfSysctl(name, value);
	if (changes === null) throw new Unsupported(`the setting ${name} = ${value}`);
	const { tcp } = p;
	for (const change of changes) {
		if (change.setting === 'fast-open' && typeof change.value !== 'string') p.fastOpen = change.value[0] ?? 0;
		if (change.setting === 'unsent-low-water' && typeof change.value !== 'string') p.unsentLowWater = change.value[0] ?? Infinity;
		if (change.setting === 'fast-open-key') {
			p.setFastOpenKey(String(change.value));
			continue;
		}
		const profile = applySetting(tcp.profile, change, p.profile);
		if (typeof profile === 'string') throw new Unsupported(`${profile} (${name})`);
		tcp.profile = profile;
	}
}

/** Linux's names of what we count, too. */
const COUNTERS: Readonly<Record<string, (counters: Tcp['counters']) => number>> = {
	TcpExtBeyondWindow: (c) => c.textBeyondWindow, TcpExtTCPRcvQDrop: (c) => c.noPage, TcpExtTCPTimeouts: (c) => c.timeouts, TcpExtTCPLossProbes: (c) => c.tailProbes,
	TcpExtTCPFastRetrans: (c) => c.fastRetransmits, TcpRetransSegs: (c) => c.retransmits, TcpExtPAWSEstab: (c) => c.paws, TcpExtSyncookiesSent: (c) => c.cookiesSent,
	TcpExtSyncookiesRecv: (c) => c.cookiesTaken, TcpExtTCPKeepAlive: (c) => c.keepAlives, TcpExtTCPChallengeACK: (c) => c.challengesSent, TcpOutRsts: (c) => c.resetsSent, TcpExtDelayedACKs: (c) => c.delayedAcks,
};

function counted(p: Process, name: string): number {
	const count = COUNTERS[name];
	if (count === undefined) throw new Unsupported(`the counter ${name}`);
	return count(p.tcp.counters);
}

/** Addresses of the records of all connections and listeners. */
function records(p: Process): number[] {
	const { tcp } = p;
	const all: number[] = [];
	for (let at = tcp.image.first(tcp.tcbs); at !== 0; at = tcp.image.next(tcp.tcbs, at)) all.push(at);
	return all;
}

function sockets(p: Process): SocketRow[] {
	const { tcp } = p;
	return records(p).flatMap((at): SocketRow[] => {
		tcp.tcb.go(at);
		const { state, local, remote } = tcp.tcb;
		if (state === 0) return [];
		return [{ family: p.lab.addressing.family, localPort: local.port, remotePort: remote.port, state: stateNames[state] as StateName }];
	});
}

function drop(p: Process, state: StateName | null, connection: readonly string[] | null): void {
	if (connection !== null && !connection.some((part) => part !== '')) throw new Unsupported('tcpdrop of nothing');
	const { tcp } = p;
	for (const at of records(p)) {
		tcp.tcb.go(at);
		if (tcp.tcb.state <= LISTEN) continue;
		if (state !== null && stateNames[tcp.tcb.state] !== state) continue;
		if (connection !== null && (connection[1] !== String(tcp.tcb.local.port) || connection[3] !== String(tcp.tcb.remote.port))) continue;
		abortConnection(tcp, at);
	}
	p.lab.settle();
}
