import type { Mutant } from '../mutant.ts';

/** The moment of the failure. */
export const failover: readonly Mutant[] = [
	{
		name: 'drain-skipped', pitfall: 'failover', text: 'takes over before its log is executed', file: 'lib/replica/listener.ts',
		from: '(!this.#core.knobs.drain || this.#core.executed === this.#core.log.last)', to: 'this.#core.executed <= this.#core.log.last',
	},
	{
		name: 'closing-connections-forgotten', pitfall: 'failover', text: 'does not take over connections that are being closed', file: 'tcp/takeover.ts',
		from: 'tcb.state === LISTEN || tcb.state === TIME_WAIT', to: 'tcb.state === LISTEN || tcb.state > 4',
	},
	{
		name: 'fault-lets-outputs-out', pitfall: 'failover', text: 'lets outputs out of a step that failed', file: 'lib/replica/core.ts',
		from: 'gate.abandon();', to: 'gate.commit();',
	},
	{
		name: 'announced-once', pitfall: 'failover', text: 'announces the moved address only once', file: 'lib/replica/announcer.ts',
		from: 'this.at = this.made < this.#times ? core.now + this.#every : Infinity;', to: 'this.at = Infinity;',
	},
	{
		name: 'nothing-repeated', pitfall: 'failover', text: 'repeats no output after a takeover', file: 'lib/replica/takeover.ts',
		from: "if (knobs.policy === 'nothing') gate", to: "if (knobs.policy !== 'lecture') gate",
	},
	{
		name: 'farewell-too-early', pitfall: 'failover', text: 'goes on at a farewell without the entries that were logged before it', file: 'lib/replica/listener.ts',
		from: ' && letter.index === core.log.last) this.peerDied();', to: ') this.peerDied();',
	},
	{
		name: 'stall-is-silence', pitfall: 'failover', text: 'takes its own standstill for the silence of the other', file: 'lib/replica/silence.ts',
		from: 'if (late > this.#stall) this.due', to: 'if (late < 0) this.due',
	},
];
