import type { Mutant } from '../mutant.ts';

/** A host taken down to its bytes and put together again. */
export const restore: readonly Mutant[] = [
	{
		name: 'timers-not-rebuilt', pitfall: 'restore', text: 'forgets armed timers', file: 'tcp/engine.ts',
		from: 'this.timers.rebuild();', to: '',
	},
	{
		name: 'half-open-not-found', pitfall: 'restore', text: 'does not find connections whose handshake was under way', file: 'tcp/engine.ts',
		from: '(tcb) => tcb.state > LISTEN', to: '(tcb) => tcb.state > LISTEN + 2',
	},
	{
		name: 'listeners-doubled', pitfall: 'restore', text: 'keeps the listeners of the state before', file: 'tcp/engine.ts',
		from: 'this.listeners = [];\n\t\tfor', to: 'for',
	},
	{
		name: 'timer-ties-by-chance', pitfall: 'restore', text: 'fires timers of one instant in the order they were armed in', file: 'tcp/timers.ts',
		from: 'return dueA < due || (dueA === due && atA < this.#at[i]!);', to: 'return dueA < due || (dueA === due && atA < 0);',
	},
	{
		name: 'longer-state-shines-through', pitfall: 'restore', text: 'leaves behind a restored state what a longer one had there', file: 'lib/memory/image.ts',
		from: 'if (before > bytes.length) this.u8.fill(0, bytes.length, before);', to: '',
	},
	{
		name: 'clock-not-restored', pitfall: 'restore', text: 'goes on with the clock of the state before', file: 'lib/host/host.ts',
		from: 'this.network.attach();\n\t\tthis.tcp.attach();\n\t\tthis.tcp.now = this.#record.now;', to: 'this.network.attach();\n\t\tthis.tcp.attach();',
	},
	{
		name: 'page-not-cleared', pitfall: 'restore', text: 'gives pages back uncleared: equal states are no equal bytes', file: 'lib/memory/image.ts',
		from: 'if (used > 0) this.zero(at, used);', to: '',
	},
	{
		name: 'sender-not-restored', pitfall: 'restore', text: 'forgets how far a log was ever sent', file: 'lib/replica/sender.ts',
		from: 'this.#highest = luggage.number(this.#highest);', to: 'luggage.number(this.#highest);',
	},
	{
		name: 'gate-numbers-not-restored', pitfall: 'restore', text: 'forgets the numbers of the outputs it holds', file: 'lib/replica/gate.ts',
		from: 'this.#numbers[slot] = luggage.number(this.#numbers[slot]!);', to: 'luggage.number(this.#numbers[slot]!);',
	},
];
