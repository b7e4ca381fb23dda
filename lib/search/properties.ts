import { capturesOf } from './captures.ts';
import { frames } from './frames.ts';
import { lives } from './lives/lives.ts';
import { pair } from './pair.ts';
import { search } from './property.ts';
import type { AnyProperty, Effort, Outcome } from './property.ts';
import { restore } from './restore.ts';
import { scripts } from './scripts.ts';
import { segments } from './segments/segments.ts';
import { transfer } from './transfer.ts';

/** Every property there is, by name. */
export const properties: readonly AnyProperty[] = [frames, segments, transfer, restore, pair, lives, capturesOf(), scripts] as unknown as readonly AnyProperty[];

/**
 * Looks for a case that breaks the property of that name. Everything follows
 * from name, seed and runs: the same every time.
 *
 * @throws RangeError where there is none of that name
 */
export function run(name: string, effort: Effort = {}): Outcome {
	const property = properties.find((one) => one.name === name);
	if (property === undefined) throw new RangeError(`there is no property '${name}': there are ${properties.map((one) => one.name).join(', ')}`);
	return search(property, effort);
}
