import { isIpv4, parseAddress, parseMac } from '../../wire/address.ts';
import type { ScriptOption } from '../tree.ts';
import { lastOf } from './last.ts';
import { Unsupported } from './verdict.ts';

/** Where the host under test and the script's remote are. Addresses are 16 bytes, IPv4 mapped. */
export interface Addressing {
	readonly family: 4 | 6;
	/** AF_INET or AF_INET6: what sockets are asked for. */
	readonly domain: number;
	readonly local: Uint8Array;
	readonly remote: Uint8Array;
	readonly prefix: number;
	readonly gateway: string;
	readonly localText: string;
	readonly remoteText: string;
	/** Ports that `...` stands for in `bind` and in `connect`. */
	readonly bindPort: number;
	readonly connectPort: number;
	readonly localMac: Uint8Array;
	readonly gatewayMac: Uint8Array;
	readonly mtu: number;
}

/** Ethernet addresses of the host and of the router behind which the remote is. */
export const LOCAL_MAC = '02:00:00:00:00:01';
export const GATEWAY_MAC = '02:00:00:00:00:02';

const DEFAULTS = {
	4: { local: '192.168.0.1', remote: '192.0.2.1', gateway: '192.168.0.2', prefix: 16 },
	6: { local: 'fd3d:fa7b:d17d::1', remote: '2001:db8::1', gateway: 'fd3d:fa7b:d17d::2', prefix: 48 },
} as const;

/** @throws Unsupported where the options name addresses of another kind */
export function addressingOf(options: readonly ScriptOption[]): Addressing {
	const last = (name: string): string | null => lastOf(options, (option) => option.name === name)?.value ?? null;
	const version = last('ip_version') ?? 'ipv4';
	if (version !== 'ipv4' && version !== 'ipv6' && version !== 'ipv4-mapped-ipv6') throw new Unsupported(`--ip_version=${version}`);
	// Sockets are of IPv6 where addresses are mapped, packets of IPv4.
	const family = version === 'ipv6' ? 6 : 4;
	const domain = version === 'ipv4' ? 2 : 10;
	const defaults = DEFAULTS[family];
	const localText = last('local_ip') ?? defaults.local;
	const local = addressOf(localText);
	const remoteText = last('remote_ip') ?? defaults.remote;
	const remote = addressOf(remoteText);
	if (isIpv4(local) !== (family === 4) || isIpv4(remote) !== (family === 4)) throw new Unsupported(`addresses that are not ${version}`);
	return {
		family, domain, local, remote, localText, remoteText,
		prefix: defaults.prefix,
		gateway: last('gateway_ip') ?? defaults.gateway,
		bindPort: numberOf(last('bind_port'), 8080),
		connectPort: numberOf(last('connect_port'), 8080),
		localMac: parseMac(LOCAL_MAC),
		gatewayMac: parseMac(GATEWAY_MAC),
		mtu: numberOf(last('mtu'), 1500),
	};
}

function addressOf(text: string): Uint8Array {
	try {
		return parseAddress(text);
	} catch {
		throw new Unsupported(`the address ${text}`);
	}
}

/** A whole number of an option; `otherwise` where it is not given. @throws Unsupported where it is none */
export function numberOf(text: string | null, otherwise: number): number {
	if (text === null) return otherwise;
	if (!/^\d{1,9}$/.test(text)) throw new Unsupported(`the number ${text}`);
	return Number(text);
}
