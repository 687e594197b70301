import type { Chance } from '../core/chance.ts';

/** An identity as Docker makes them: 64 hexadecimal digits. */
export function hexId(chance: Chance): string {
  return Array.from({ length: 8 }, () => chance.u32().toString(16).padStart(8, '0')).join('');
}
