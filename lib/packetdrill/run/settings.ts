import { freebsd } from '../../../tcp/index.ts';
import type { Profile } from '../../../tcp/index.ts';
import type { Setting, SettingChange } from '../sysctl.ts';
import type { ProfileName } from '../wanted-profile.ts';

type Patch = { -readonly [K in keyof Profile]?: Profile[K] };
/** What a value changes; null where we have nothing that it could change. */
type Meaning = (value: number, all: readonly number[], before: Profile, system: ProfileName) => Patch | null;

const on = (value: number): boolean => value !== 0;
/** For switches that have one position here. */
const only = (...positions: readonly number[]): Meaning => (value) => (positions.includes(value) ? {} : null);
const anything: Meaning = () => ({});

/** The smallest shift that lets a window reach `bytes` (RFC 7323 §2.3), as BSD chooses it; Linux takes what makes 16 bits of it. */
function shiftFor(bytes: number, system: ProfileName): number {
	let shift = 0;
	while (shift < 14 && (system === 'linux' ? bytes >> shift > 0xffff : 0xffff * 2 ** shift < bytes)) shift++;
	return shift;
}

const MEANINGS: { readonly [K in Setting]?: Meaning } = {
	'window-scaling': (value) => ({ windowScaling: on(value) }),
	timestamps: (value) => ({ timestamps: on(value) }),
	sack: (value) => ({ sack: on(value) }),
	'receive-buffer': (value, all, _, system) => (all.length === 3 ? { receiveBuffer: all[1]! >> 1, receiveBufferMax: all[2]! >> 1, windowScale: shiftFor(all[2]!, system) } : { receiveBuffer: value }),
	'send-buffer': (value, all) => (all.length === 3 ? { sendBuffer: all[1]!, sendBufferMax: all[2]! } : { sendBuffer: value }),
	'socket-buffer-limit': (value, _, __, system) => ({ windowScale: shiftFor(value, system), receiveBufferMax: Math.min(value, freebsd.receiveBufferMax), sendBufferMax: Math.min(value, freebsd.sendBufferMax) }),
	'receive-buffer-limit': (value, _, __, system) => (system === 'freebsd' ? { receiveBufferMax: value } : {}),
	'send-buffer-limit': (value, _, __, system) => (system === 'freebsd' ? { sendBufferMax: value } : {}),
	'receive-buffer-grows': (value) => (on(value) ? {} : { receiveBufferMax: 0 }),
	'send-buffer-grows': (value) => (on(value) ? {} : { sendBufferMax: 0 }),
	'rto-initial': (value) => ({ rtoInitial: value }),
	'rto-min': (value, _, __, system) => (system === 'linux' ? { rtoMin: value, rtoGranularity: value } : { rtoMin: value }),
	'rto-max': (value) => ({ rtoMax: value }),
	'delayed-ack-time': (value) => ({ delayedAck: value }),
	'rto-slop': (value) => ({ rtoSlop: value }),
	'connect-time': (value) => ({ openTimeout: value }),
	'drop-syn-fin': (value) => ({ dropsSynFin: on(value) }),
	'icmp-may-rst': (value) => ({ hardErrors: on(value) ? freebsd.hardErrors : [] }),
	ecn: (value) => (value <= 2 ? { ecn: value === 0 ? 'off' : value === 1 ? 'request' : 'accept' } : null),
	'ecn-syn-retries': (value) => ({ ecnRetries: value + 1 }),
	'ecn-fallback': only(1),
	msl: (value) => ({ msl: value }),
	'fin-wait-2-time': (value) => ({ finWait2: value }),
	'persist-min': (value) => ({ persistMin: value }),
	'persist-max': (value) => ({ persistMax: value }),
	'keepalive-idle': (value) => ({ keepIdle: value }),
	'keepalive-interval': (value) => ({ keepInterval: value }),
	'keepalive-count': (value) => ({ keepProbes: value }),
	'keepalive-always': only(0),
	'syn-retries': (value) => ({ synRetries: value }),
	retries: (value) => ({ retries: value }),
	blackhole: only(0),
	'syn-cookies': (value) => (value <= 1 ? { synCookies: on(value) } : null),
	'syn-cookies-only': only(0),
	'insecure-rst': only(0), 'insecure-syn': only(0), 'insecure-ack': only(0),
	'initial-window-segments': (value) => ({ initialWindow: value }),
	'challenge-ack-limit': (value) => ({ challengeAcks: value }),
	'limited-transmit': only(1),
	'syn-rto-drops-options': only(0),
	'missing-timestamps-tolerated': only(0),
	'mtu-discovery': anything,
	'least-tso-segments': (value) => ({ burst: Math.max(1, value) }), 'tso-window-divisor': anything, 'unsent-low-water': anything, 'unsent-limit': anything,
	tso: anything, autocorking: anything,
	dsack: only(1),
	'f-rto': (value) => (value === 2 ? {} : null), reordering: (value) => ({ dupThresh: value }), 'reordering-limit': anything,
	'slow-start-after-idle': (value) => ({ slowStartAfterIdle: on(value) }),
	'tail-loss-probe': (value) => ({ tailProbe: value >= 3 }), rack: (value) => ({ rack: (value & 1) !== 0 }),
	prr: (value) => ({ rateReduction: on(value) }), 'rfc-6675': only(1), 'appropriate-byte-counting': anything,
	'pacing-slow-start-ratio': anything, 'pacing-ratio': anything, 'min-rtt-window': anything,
	'syn-ack-retries': (value) => ({ synAckRetries: value }), 'retries-before-probing-the-route': anything, 'orphan-retries': anything,
	'fast-open': (value) => ({ fastOpenTakesAll: (value & 0x200) !== 0, fastOpenSendsAll: (value & 4) !== 0 }), 'syn-backlog': anything, 'accept-backlog': anything,
	'ack-compression-time': anything, 'ack-compression-slack': anything, 'ack-compression-count': anything,
	'time-wait-reuse': anything, 'time-wait-limit': anything, 'rfc-1337': (value) => ({ timeWaitIgnoresReset: on(value) }),
	'invalid-ack-interval': anything, 'mtu-probing': (value) => ({ pathProbes: value === 0 ? 'never' : value === 1 ? 'black hole' : 'always', blackHoleAfter: value === 1 ? 4 : 0 }), 'mss-base': (value) => ({ pathProbeBase: value }), 'thin-linear-timeouts': only(0), 'urgent-points-at-data': only(0),
	'window-shrinks': only(0), 'syn-linear-retries': only(0),
	'signed-windows-workaround': only(0), 'window-share': anything,
};

/** Controllers there are, by the names systems give them. */
function congestionControl(before: Profile, name: string | readonly number[]): Profile | string {
	if (name === 'cubic') return { ...before, congestion: 'cubic' };
	if (name === 'reno' || name === 'newreno') return { ...before, congestion: 'newreno' };
	return `the congestion control ${String(name)}`;
}

/** The profile after a setting was changed; a text says what about it is not supported. */
export function applySetting(before: Profile, { setting, value }: SettingChange, system: ProfileName): Profile | string {
	if (setting === 'congestion-control') return congestionControl(before, value);
	if (typeof value === 'string') return `the setting ${setting} = ${value}`;
	const meaning = MEANINGS[setting];
	const patch = meaning?.(value[0] ?? 0, value, before, system) ?? null;
	return patch === null ? `the setting ${setting} = ${value.join(' ')}` : { ...before, ...patch };
}
