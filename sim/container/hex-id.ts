import type { Chance } from '../core/chance.ts';

/** An identity as Docker makes them: 64 hexadecimal digits. */
export function hexId(chance: Chance): string {
  let id = '';
  while (id.length < 64) id += chance.u32().toString(16).padStart(8, '0');
  return id;
}
