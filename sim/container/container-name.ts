import type { Chance } from '../core/chance.ts';
import { COMWARE_NAME } from './container.ts';

const QUALITIES = ['amber', 'brisk', 'calm', 'deft', 'eager', 'frank', 'gentle', 'hardy'] as const;
const THINGS = ['anvil', 'birch', 'comet', 'delta', 'ember', 'fjord', 'grove', 'heron'] as const;

/** A name for a container that was given none: two words, and a number where they are taken. */
export function inventName(chance: Chance, isTaken: (name: string) => boolean): string {
  const name = `${QUALITIES[chance.below(QUALITIES.length)]}_${THINGS[chance.below(THINGS.length)]}`;
  for (let number = 0; ; number++) {
    const candidate = number === 0 ? name : `${name}${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** Why a container cannot be called so. */
export function nameFault(name: string): string | undefined {
  if (name === COMWARE_NAME) return COMWARE_REFUSAL;
  if (name === 'host') return 'The container name "host" is reserved for the namespace of the host.';
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]+$/.test(name) || /^[A-Za-z0-9]$/.test(name)) return undefined;
  return `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`;
}

/** Our own words: nobody has published what the device says. */
export const COMWARE_REFUSAL = 'The Comware container cannot be managed by docker commands.';
