import type { ProfileName } from './wanted-profile.ts';

/** The states of RFC 9293 §3.3.2, spelled as there. */
export type StateName =
	| 'CLOSED' | 'LISTEN' | 'SYN-SENT' | 'SYN-RECEIVED' | 'ESTABLISHED' | 'FIN-WAIT-1' | 'FIN-WAIT-2' | 'CLOSE-WAIT' | 'CLOSING' | 'LAST-ACK' | 'TIME-WAIT';

interface StateNumbers {
	/** Linux's name without its prefix `TCP_`, and its number in `tcpi_state`. */
	readonly linux: readonly [string, number];
	/** FreeBSD's name without its prefix `TCPI_`, and its number in `tcpi_state`. */
	readonly freebsd: readonly [string, number];
}

const STATES: Readonly<Record<StateName, StateNumbers>> = {
	CLOSED: { linux: ['CLOSE', 7], freebsd: ['CLOSED', 0] },
	LISTEN: { linux: ['LISTEN', 10], freebsd: ['LISTEN', 1] },
	'SYN-SENT': { linux: ['SYN_SENT', 2], freebsd: ['SYN_SENT', 2] },
	'SYN-RECEIVED': { linux: ['SYN_RECV', 3], freebsd: ['SYN_RECEIVED', 3] },
	ESTABLISHED: { linux: ['ESTABLISHED', 1], freebsd: ['ESTABLISHED', 4] },
	'FIN-WAIT-1': { linux: ['FIN_WAIT1', 4], freebsd: ['FIN_WAIT_1', 6] },
	'FIN-WAIT-2': { linux: ['FIN_WAIT2', 5], freebsd: ['FIN_WAIT_2', 9] },
	'CLOSE-WAIT': { linux: ['CLOSE_WAIT', 8], freebsd: ['CLOSE_WAIT', 5] },
	CLOSING: { linux: ['CLOSING', 11], freebsd: ['CLOSING', 7] },
	'LAST-ACK': { linux: ['LAST_ACK', 9], freebsd: ['LAST_ACK', 8] },
	'TIME-WAIT': { linux: ['TIME_WAIT', 6], freebsd: ['TIME_WAIT', 10] },
};

/** What `tcpi_state` holds for a state: Linux's numbers, or FreeBSD's under its profile. */
export function stateNumber(state: StateName, profile: ProfileName): number {
	return STATES[state][profile === 'freebsd' ? 'freebsd' : 'linux'][1];
}

/** The state that Linux gives a number; undefined where it is none. */
export function stateOfNumber(number: number): StateName | undefined {
	return (Object.keys(STATES) as StateName[]).find((state) => STATES[state].linux[1] === number);
}

/** A state as FreeBSD's and Linux's tools spell it (`SYN_RCVD`, `FIN_WAIT_2`, `ESTAB`…); undefined where it is none. */
export function stateNamed(spelled: string): StateName | undefined {
	const plain = spelled.toUpperCase().replace(/^TCPI?S?_/, '').replace(/[-_]/g, '');
	const alias: Readonly<Record<string, StateName>> = { SYNRCVD: 'SYN-RECEIVED', SYNRECV: 'SYN-RECEIVED', ESTAB: 'ESTABLISHED', CLOSE: 'CLOSED' };
	if (alias[plain] !== undefined) return alias[plain];
	return (Object.keys(STATES) as StateName[]).find((state) => state.replaceAll('-', '') === plain);
}

const SHARED: readonly (readonly [string, number])[] = [
	['TCPI_OPT_TIMESTAMPS', 1], ['TCPI_OPT_SACK', 2], ['TCPI_OPT_WSCALE', 4], ['TCPI_OPT_ECN', 8],
	['TCP_CA_Open', 0], ['TCP_CA_Disorder', 1], ['TCP_CA_CWR', 2], ['TCP_CA_Recovery', 3], ['TCP_CA_Loss', 4],
	['TCP_INFINITE_SSTHRESH', 0x7fff_ffff],
];
const LINUX_OPTIONS: readonly (readonly [string, number])[] = [
	['TCPI_OPT_ECN_SEEN', 16], ['TCPI_OPT_SYN_DATA', 32], ['TCPI_OPT_USEC_TS', 64], ['TCPI_OPT_TFO_CHILD', 128],
];
const FREEBSD_OPTIONS: readonly (readonly [string, number])[] = [['TCPI_OPT_TOE', 16], ['TCPI_OPT_TFO', 32], ['TCPI_OPT_ACE', 64]];

/**
 * The constants a `%{ … }%` block may name. Both systems' names of a state stand for its number under the profile,
 * so that `tcpi_state` (see {@link stateNumber}) can be compared with either.
 */
export function codeConstants(profile: ProfileName): ReadonlyMap<string, number> {
	const constants = new Map<string, number>([...SHARED, ...(profile === 'freebsd' ? FREEBSD_OPTIONS : LINUX_OPTIONS)]);
	for (const state of Object.keys(STATES) as StateName[]) {
		const number = stateNumber(state, profile);
		for (const [name] of [STATES[state].linux, STATES[state].freebsd]) {
			constants.set(`TCP_${name}`, number);
			constants.set(`TCPI_${name}`, number);
		}
	}
	return constants;
}
