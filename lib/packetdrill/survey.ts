import { interpretCommand } from './command.ts';
import { parseCode } from './code-parse.ts';
import { CodeUnsupported } from './code-tree.ts';
import { printValue } from './print.ts';
import { printFlags } from './print-packet.ts';
import type { CallAction, Action, PacketAction, Script } from './tree.ts';
import { commandsOf, wantedProfile } from './wanted-profile.ts';

/**
 * Counts what a script uses, by names such as `call socket`, `getsockopt SOL_SOCKET SO_ERROR`, `flags out S.` or
 * `sysctl net.inet.tcp.sack.enable`: what a runner has to know before it can judge the script.
 */
export function surveyScript(script: Script, counts: Map<string, number> = new Map()): Map<string, number> {
	const count = (feature: string): void => void counts.set(feature, (counts.get(feature) ?? 0) + 1);
	count(`profile ${wantedProfile(script)}`);
	for (const { name, value } of script.options) count(`option ${name} ${name === 'ip_version' ? value : ''}`.trim());
	for (const { time, action } of script.events) {
		count(`time ${time.kind}`);
		surveyAction(action, count);
	}
	for (const text of commandsOf(script)) {
		for (const command of interpretCommand(text)) {
			if (command.kind === 'sysctl') count(`sysctl ${command.name}`);
			else if (command.kind === 'unsupported') count(`command unsupported: ${command.why}`);
			else count(`command ${command.kind}`);
		}
	}
	return counts;
}

function surveyAction(action: Action, count: (feature: string) => void): void {
	count(`action ${action.kind}`);
	switch (action.kind) {
		case 'packet':
			return surveyPacket(action, count);
		case 'call':
			return surveyCall(action, count);
		case 'code':
			return surveyCode(action.text, count);
		case 'command':
			return;
	}
}

const OPTION_CALLS: ReadonlySet<string> = new Set(['getsockopt', 'setsockopt', 'fcntl', 'ioctl', 'shutdown', 'socket', 'epoll_ctl']);

function surveyCall(call: CallAction, count: (feature: string) => void): void {
	count(`call ${call.name}`);
	if (call.returns !== null) count(`blocking ${call.name}`);
	if (call.errno !== null) count(`errno ${call.name} ${call.errno}`);
	if (OPTION_CALLS.has(call.name)) {
		const names = call.args.filter(({ kind }) => kind === 'symbol' || kind === 'or').map(printValue);
		count(`${call.name} ${names.join(' ')}`.trim());
	} else if (/^(?:recv|send)/.test(call.name)) {
		const flags = call.args.at(-1);
		if (flags !== undefined && (flags.kind === 'symbol' || flags.kind === 'or')) count(`${call.name} ${printValue(flags)}`);
	}
}

function surveyPacket({ direction, ip, outer, body }: PacketAction, count: (feature: string) => void): void {
	if (ip.ecn !== null) count(`ip ${direction} ${ip.ecn}`);
	if (ip.tos !== null) count(`ip ${direction} tos`);
	if (ip.ttl !== null) count(`ip ${direction} ttl`);
	if (ip.flowLabel !== null) count(`ip ${direction} flowlabel`);
	for (const word of ip.other) count(`ip ${direction} ${word}`);
	for (const { kind } of outer) count(`encapsulation ${kind}`);
	switch (body.protocol) {
		case 'tcp':
			count(`flags ${direction} ${printFlags(body)}`);
			if (body.ports !== null) count(`ports ${direction}`);
			if (body.urgent !== null) count(`urgent ${direction}`);
			if (body.window === null) count(`window ${direction} unchecked`);
			if (body.sequence.start === null) count(`sequence ${direction} unchecked`);
			if (body.options === 'any') count(`tcp options ${direction} unchecked`);
			else for (const option of body.options) count(`tcp option ${direction} ${option.kind === 'other' ? option.name : option.kind}`);
			return;
		case 'icmp':
			return count(`icmp ${direction} ${body.type} ${body.code ?? ''}${body.mtu === null ? '' : ' mtu'}`.trim());
		case 'udp':
			return count(`udp ${direction}`);
		case 'unsupported':
			return count(`packet unsupported: ${body.name}`);
	}
}

function surveyCode(text: string, count: (feature: string) => void): void {
	try {
		for (const statement of parseCode(text)) {
			count(`code ${statement.kind}`);
			const names = statement.kind === 'assert' ? statement.text.match(/\btcpi_\w+/g) ?? [] : [];
			for (const name of names) count(`assert ${name}`);
		}
	} catch (error) {
		if (!(error instanceof CodeUnsupported)) throw error;
		count(`code unsupported: ${error.message}`);
	}
}
