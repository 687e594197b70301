import type { JsonRow } from '../record.ts';

/** A row of a table, flat: its key within the table, and its values as text. */
export interface Row {
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
}

export interface RowFault {
  readonly key: string;
  /** The first that differs; '' where the whole row is missing. */
  readonly field: string;
  readonly sentence: string;
  readonly rows: readonly [string, string];
}

/**
 * Rows with the same key against each other, in their order. `excused` may let a value pass by the name of a mask, or a
 * whole row that only one world has.
 */
export function compareRows(
  simulated: readonly Row[],
  kernel: readonly Row[],
  excused: (field: string, rows: readonly [Row | undefined, Row | undefined]) => boolean = () => false,
): RowFault[] {
  const faults: RowFault[] = [];
  const its = grouped(kernel);
  for (const [key, mine] of grouped(simulated)) {
    const others = its.get(key) ?? [];
    its.delete(key);
    for (let at = 0; at < Math.max(mine.length, others.length); at++) {
      const fault = compareRow([mine[at], others[at]], excused);
      if (fault !== undefined) faults.push(fault);
    }
  }
  for (const rows of its.values()) {
    for (const row of rows) {
      const fault = compareRow([undefined, row], excused);
      if (fault !== undefined) faults.push(fault);
    }
  }
  return faults;
}

function compareRow(
  rows: readonly [Row | undefined, Row | undefined],
  excused: (field: string, rows: readonly [Row | undefined, Row | undefined]) => boolean,
): RowFault | undefined {
  const [one, other] = rows;
  const key = one?.key ?? other?.key ?? '';
  const texts = [rowText(one), rowText(other)] as const;
  if (one === undefined || other === undefined) {
    if (excused('', rows)) return undefined;
    return { key, field: '', sentence: `only the ${one === undefined ? 'kernel' : 'simulator'} has it`, rows: texts };
  }
  const fields = [...new Set([...Object.keys(one.values), ...Object.keys(other.values)])];
  const field = fields.find((name) => one.values[name] !== other.values[name] && !excused(name, rows));
  if (field === undefined) return undefined;
  const text = (row: Row): string => row.values[field] ?? 'nothing';
  return { key, field, sentence: `${field} is ${text(one)}, in the kernel ${text(other)}`, rows: texts };
}

function rowText(row: Row | undefined): string {
  if (row === undefined) return '(nothing)';
  const words = Object.entries(row.values).map(([name, value]) => `${name} ${value}`);
  return [row.key, ...words].join('  ');
}

function grouped(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.key);
    if (group === undefined) groups.set(row.key, [row]);
    else group.push(row);
  }
  return groups;
}

/** A JSON row as flat text; lists as sets. `key` is built from the named values, which then are no values any more. */
export function rowOf(json: JsonRow, keys: readonly string[], ignored: readonly string[]): Row {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (!ignored.includes(name) && !keys.includes(name)) values[name] = valueText(value);
  }
  return {
    key: keys
      .map((name) => (json[name] === undefined ? '' : valueText(json[name])))
      .join(' ')
      .trim(),
    values,
  };
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).sort().join(' ')}]`;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
