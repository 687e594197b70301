import type { ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { renderTable } from './table.ts';

/** Counters of Comware's forwarding and stack; those of 0 too with `zeros`. */
export function showComwareCounters(snapshot: ComwareSnapshot, zeros = false): string {
  const shown = Object.entries(snapshot.counters).filter(([, value]) => zeros || value !== 0);
  return renderTable(
    [{ width: 32 }, { align: 'right' }],
    shown.map(([name, value]) => [name, String(value)]),
  );
}
