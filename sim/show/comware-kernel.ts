import type { ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { renderTable } from './table.ts';

/** Which device of the kernel stands for which interface: `GE1/0/1 <-> eth2`. */
export function showKernelMap(snapshot: ComwareSnapshot): string {
  return renderTable(
    [{}, {}, {}],
    snapshot.kernelMap.map((row) => [row.interface, '<->', row.device]),
  );
}
