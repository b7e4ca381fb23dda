import { parseAddress, parseMac } from '../../wire/address.ts';

/** One station of the network a replay runs on. */
export interface Station {
	/** 6 bytes */
	readonly mac: Uint8Array;
	/** 4 and 16 bytes */
	readonly ipv4: Uint8Array;
	readonly ipv6: Uint8Array;
	/** as text */
	readonly address4: string;
	readonly address6: string;
}

/** Most bytes of an IP packet on that network. */
export const MTU = 1500;

/** @throws AddressError where a text is no address */
export function station(mac: string, address4: string, address6: string): Station {
	return { mac: parseMac(mac), ipv4: parseAddress(address4).slice(12), ipv6: parseAddress(address6), address4, address6 };
}
