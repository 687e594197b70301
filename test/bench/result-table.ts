import type { Result } from './job.ts';

/** The medians of the runs of each job, a line each. */
export function resultTable(jobs: readonly (readonly Result[])[]): string {
  const medians = jobs.flatMap((runs) => (runs.length === 0 ? [] : [medianOf(runs)]));
  const columns = Object.keys(COLUMNS);
  const rows = medians.map((result) => columns.map((column) => COLUMNS[column]?.(result) ?? ''));
  const more = medians.flatMap((result) => {
    const own = Object.entries(result).filter(([key]) => !SHARED.has(key));
    return own.length === 0
      ? []
      : [`${result.workload} ${result.size}: ${own.map(([key, value]) => `${key} ${figure(value)}`).join(', ')}`];
  });
  return [textTable(columns, rows, 1), ...more].join('\n');
}

/** Columns side by side; the first `left` of them hold words, the others figures. */
export function textTable(columns: readonly string[], rows: readonly (readonly string[])[], left: number): string {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const cell = (text: string, index: number): string =>
    index < left ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0);
  return [columns, ...rows].map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

const COLUMNS: Readonly<Record<string, (result: Result) => string>> = {
  workload: ({ workload }) => workload,
  size: ({ size }) => String(size),
  packets: ({ packets }) => String(packets),
  hops: ({ hops }) => String(hops),
  events: ({ events }) => String(events),
  'wall s': ({ wall_s }) => wall_s.toFixed(3),
  'hops/s': ({ hops_per_s }) => String(hops_per_s),
  'ns/packet': ({ wall_s, packets }) => (packets > 0 ? Math.round((wall_s * 1e9) / packets).toString() : '-'),
  'set-up s': ({ setup_s }) => setup_s.toFixed(3),
  'peak MB': ({ peak_rss_kb }) => Math.round(peak_rss_kb / 1024).toString(),
  'GC %': ({ gc_share }) => (gc_share === undefined ? '-' : (gc_share * 100).toFixed(1)),
};

const SHARED = new Set([
  ...['workload', 'size', 'packets', 'hops', 'events', 'wall_s'],
  ...['setup_s', 'peak_rss_kb', 'hops_per_s', 'gc_share', 'cpu_s'],
]);

/** Whole numbers whole, others to four digits. */
const figure = (value: string | number | undefined): string =>
  typeof value !== 'number' || Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

/** Each figure's median by itself; counts are the same in every run. */
function medianOf(runs: readonly Result[]): Result {
  const [first] = runs;
  const entries = Object.entries(first ?? {}).map(([key, value]) => {
    if (typeof value === 'string') return [key, value];
    return [key, median(runs.map((run) => Number(run[key])))];
  });
  return Object.fromEntries(entries) as Result;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
