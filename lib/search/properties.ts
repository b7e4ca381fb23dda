import { frames } from './frames.ts';
import { pair } from './pair.ts';
import type { AnyProperty } from './property.ts';
import { restore } from './restore.ts';
import { segments } from './segments/segments.ts';
import { transfer } from './transfer.ts';

/** Every property there is, by name. */
export const properties: readonly AnyProperty[] = [frames, segments, transfer, restore, pair] as unknown as readonly AnyProperty[];
