import type { Mutant } from '../mutant.ts';

/** Numbers that wrap, compared as if they did not. */
export const sequence: readonly Mutant[] = [
	{
		name: 'lt-as-numbers', pitfall: 'sequence', text: 'compares sequence numbers as plain numbers: lt', file: 'tcp/seq.ts',
		from: 'return ((a - b) | 0) < 0; }', to: 'return a < b; }',
	},
	{
		name: 'gt-as-numbers', pitfall: 'sequence', text: 'compares sequence numbers as plain numbers: gt', file: 'tcp/seq.ts',
		from: 'return ((a - b) | 0) > 0; }', to: 'return a > b; }',
	},
	{
		name: 'geq-unsigned', pitfall: 'sequence', text: 'compares sequence numbers unsigned, which is wrong only across 2³²', file: 'tcp/seq.ts',
		from: 'return ((a - b) | 0) >= 0; }', to: 'return (a >>> 0) >= (b >>> 0); }',
	},
	{
		name: 'diff-not-wrapped', pitfall: 'sequence', text: 'takes differences that do not wrap', file: 'tcp/seq.ts',
		from: 'export function diff(a: number, b: number): number { return (a - b) | 0; }', to: 'export function diff(a: number, b: number): number { return a - b; }',
	},
	{
		name: 'latest-as-numbers', pitfall: 'sequence', text: 'takes the larger number for the later one', file: 'tcp/seq.ts',
		from: 'return ((a - b) | 0) > 0 ? a : b; }', to: 'return a > b ? a : b; }',
	},
	{
		name: 'earliest-as-numbers', pitfall: 'sequence', text: 'takes the smaller number for the earlier one', file: 'tcp/seq.ts',
		from: 'return ((a - b) | 0) < 0 ? a : b; }', to: 'return a < b ? a : b; }',
	},
	{
		name: 'sack-blocks-sorted-as-numbers', pitfall: 'sequence', text: 'sorts the blocks of a SACK as plain numbers', file: 'tcp/sacks-taken.ts',
		from: 'if (best >= 0 && !lt(left, lowest)) continue;', to: 'if (best >= 0 && left >= lowest) continue;',
	},
];
