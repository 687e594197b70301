import type { ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { renderTable } from './table.ts';

/** Which device of the kernel stands for which interface: `GE1/0/1 <-> eth2`. */
export function showKernelMap(snapshot: ComwareSnapshot): string {
  return renderTable(
    [{}, {}, {}],
    snapshot.kernelMap.map((row) => [row.interface, '<->', row.device]),
  );
}

/** Where the kernel's packets get their source, and what was configured in it that the whitepaper does not state. */
export function showKernelAssumptions(snapshot: ComwareSnapshot): string {
  const lines = [`tpa ip source: ${snapshot.tpaSource}`, ...snapshot.assumptions.map((one) => `assumed: ${one}`)];
  return lines.map((line) => `${line}\n`).join('');
}
