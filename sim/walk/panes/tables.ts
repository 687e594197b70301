import type { RecordedStep } from '../../packet/trace.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import { comwareTables } from './comware-tables.ts';
import { isComwares, keysOfStep, kindOf } from './entries.ts';
import { linuxTables } from './linux-tables.ts';
import { type NamedTable, PrintedTable } from './table.ts';

/** The tables of a stack as of one moment, always in the same order: Comware's own for Comware, the kernel's for others. */
export function tablesOf({ namespace, comware }: StackSnapshot): readonly NamedTable[] {
  const tables = comware === undefined ? linuxTables(namespace) : comwareTables(comware);
  return tables.map((table, index) => new PrintedTable(index + 1, table));
}

/** Where a row stands: the number of its table, and the first of its lines. */
export interface RowPlace {
  readonly table: number;
  readonly line: number;
}

/**
 * Lines of a table that decided what these steps say, of an entry of several lines the first. A step of another stack, one
 * that no table decided, and one whose entry is not there at this moment have none.
 */
export function litRows(table: NamedTable, snapshot: StackSnapshot, steps: readonly RecordedStep[]): number[] {
  const lines = steps.flatMap((step) => rowsOfStep([table], snapshot, step)).map(({ line }) => line);
  return [...new Set(lines)].sort((a, b) => a - b);
}

/**
 * The table that holds the row of the last step that has one, and the row's first line; of several rows that of what
 * decided most: the rule of a filter, and not the connection that it was asked about.
 */
export function decidingTable(snapshot: StackSnapshot, steps: readonly RecordedStep[]): RowPlace | undefined {
  const tables = tablesOf(snapshot);
  for (const step of [...steps].reverse()) {
    const [place] = rowsOfStep(tables, snapshot, step);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** The rows of a step, what decided most first. */
export function rowsOfStep(tables: readonly NamedTable[], snapshot: StackSnapshot, step: RecordedStep): RowPlace[] {
  if (!isOf(step, snapshot)) return [];
  return keysOfStep(step).flatMap((key) => {
    const holding = tables.filter(({ holds }) => holds.includes(kindOf(key)));
    return holding.flatMap(({ number, lines }) => {
      const line = lines.findIndex(({ entry }) => entry?.key === key);
      return line < 0 ? [] : [{ table: number, line }];
    });
  });
}

/** Whether a step was made by this stack. What devices say may be of either: their names tell whose they are. */
function isOf(step: RecordedStep, { title, namespace, comware }: StackSnapshot): boolean {
  const { place } = step;
  if (comware === undefined) return place.title === namespace.title && !isComwares(step);
  return place.node === title && place.title === namespace.title && (isComwares(step) || step.kind === 'because');
}
