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
	'receive-buffer': (value, all, _, system) => (all.length === 3 ? { receiveBuffer: all[1]!, windowScale: shiftFor(all[2]!, system) } : { receiveBuffer: value }),
	'send-buffer': (value, all) => ({ sendBuffer: all.length === 3 ? all[1]! : value }),
	'socket-buffer-limit': (value, _, __, system) => ({ windowScale: shiftFor(value, system) }),
	'receive-buffer-limit': anything, 'send-buffer-limit': anything,
	'rto-initial': (value) => ({ rtoInitial: value }),
	'rto-min': (value) => ({ rtoMin: value }),
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
	tso: anything, autocorking: anything,
};

/** The profile after a setting was changed; a text says what about it is not supported. */
export function applySetting(before: Profile, { setting, value }: SettingChange, system: ProfileName): Profile | string {
	if (typeof value === 'string') return `the setting ${setting} = ${value}`;
	const meaning = MEANINGS[setting];
	const patch = meaning?.(value[0] ?? 0, value, before, system) ?? null;
	return patch === null ? `the setting ${setting} = ${value.join(' ')}` : { ...before, ...patch };
}
