/**
 * One version of the protocol, as the comparison needs it: its methods, and its types as shapes.
 */
import type { FlatFileInput } from '../flat-file.js';
import { flatten } from '../flatten.js';
import { type MethodMap, readMethodMap } from '../method-map.js';
import { readTypes, type Types } from './type-model.js';

/** One version of the protocol. */
export interface Protocol {
  readonly version: string;
  readonly methods: MethodMap;
  readonly types: Types;
}

/**
 * Takes apart what a codex wrote.
 *
 * @throws Error when the types do not fit what the generator knows about their format
 */
export function protocolOf({ version, all, stable }: Omit<FlatFileInput, 'schemas'>): Protocol {
  const declarations = flatten(all);
  return { version, methods: readMethodMap(declarations, flatten(stable)), types: readTypes(declarations) };
}
