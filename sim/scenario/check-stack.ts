import { nearest } from '../core/nearest.ts';
import type { Finding } from '../world/finding.ts';
import { missingStack, stackNames } from '../world/stack-names.ts';
import type { World } from '../world/world.ts';

/** A container that is stopped is there too: a step may start it. */
export function checkStack(name: string, path: readonly (string | number)[], world: World): Finding[] {
  if (stackNames(world).includes(name)) return [];
  return [{ code: 'UNKNOWN_NODE', ...missingStack(world, name), path }];
}

export function hintFor(word: string, names: readonly string[]): string {
  const close = nearest(word, names);
  return close === undefined ? `there are ${names.join(', ')}` : `did you mean "${close}"?`;
}
