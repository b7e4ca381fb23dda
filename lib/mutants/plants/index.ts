import type { Mutant } from '../mutant.ts';
import { ack } from './ack.ts';
import { api } from './api.ts';
import { delay } from './delay.ts';
import { failover } from './failover.ts';
import { fin } from './fin.ts';
import { headers } from './headers.ts';
import { loops } from './loops.ts';
import { options } from './options.ts';
import { reassembly } from './reassembly.ts';
import { replica } from './replica.ts';
import { restore } from './restore.ts';
import { retransmission } from './retransmission.ts';
import { rst } from './rst.ts';
import { sequence } from './sequence.ts';
import { syn } from './syn.ts';
import { takeover } from './takeover.ts';
import { window } from './window.ts';

/** Every mutant there is. */
export const mutants: readonly Mutant[] = [
	...sequence, ...window, ...loops, ...fin, ...rst, ...syn, ...ack, ...retransmission, ...options, ...headers, ...reassembly, ...api, ...delay, ...restore, ...takeover, ...failover, ...replica,
];
