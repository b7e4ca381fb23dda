import { freebsd, linux, rfc } from '../../../tcp/index.ts';
import type { Profile } from '../../../tcp/index.ts';

/** What of RFC 8985 and RFC 6937 goes together. */
const byTime: Partial<Profile> = { rack: true, tailProbe: true, rateReduction: true };

/** The stacks that are compared: controllers with losses told by counting and by time, and two kernels' constants. */
export const senders: { readonly [name: string]: Profile } = {
	newreno: rfc,
	'newreno+rack': { ...rfc, ...byTime },
	cubic: { ...rfc, congestion: 'cubic' },
	'cubic+rack': { ...rfc, congestion: 'cubic', ...byTime },
	linux,
	'linux+paced': { ...linux, pacing: true },
	freebsd,
};
