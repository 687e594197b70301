import type { NodeRecord, WorldRecord } from '../record.ts';
import type { ComparedFrames } from './compare-frames.ts';
import { conntrackRows } from './conntrack-rows.ts';
import { compareCounters } from './counters.ts';
import type { Difference, MaskUse } from './difference.ts';
import { addressRows, fdbRows, iptablesRows, neighbourRows, routeRows, ruleRows } from './node-rows.ts';
import { compareRows, type Row, type RowFault } from './rows.ts';
import {
  type Excuse,
  excuseAttempts,
  excuseConntrack,
  excuseCounts,
  excuseNeighbour,
  excuseRepetitions,
} from './table-masks.ts';

const NOTHING_EXCUSED: Excuse = () => undefined;

/** Compares the tables, counters and drops of all nodes; answers with the number of rows held against each other. */
export function compareTables(
  simulated: WorldRecord,
  kernel: WorldRecord,
  frames: ComparedFrames,
  used: MaskUse,
  differences: Difference[],
): number {
  const report = new TableReport(Math.max(simulated.until, kernel.until), used, differences);
  const its = new Map(kernel.nodes.map((node) => [node.node, node]));
  for (const mine of simulated.nodes) {
    const other = its.get(mine.node);
    its.delete(mine.node);
    if (other === undefined)
      report.note(`${mine.node}`, { key: '', field: '', sentence: 'only the simulator has this node', rows: ['', ''] });
    else compareNode(mine, other, frames, [simulated.until, kernel.until], report);
  }
  for (const { node } of its.values()) {
    report.note(node, { key: '', field: '', sentence: 'only the kernel has this node', rows: ['', ''] });
  }
  if (simulated.drops !== undefined && kernel.drops !== undefined) {
    const repeated = [...frames.slack.values()].reduce((sum, slack) => sum + slack.repeated, 0);
    const excuse = excuseRepetitions(repeated);
    report.table('drops', 'drop', countRows(simulated.drops), countRows(kernel.drops), excuse);
  }
  return report.rows;
}

function compareNode(
  mine: NodeRecord,
  its: NodeRecord,
  frames: ComparedFrames,
  untils: readonly [number, number],
  report: TableReport,
): void {
  const { node } = mine;
  const table = (name: string, rows: (of: NodeRecord) => Row[], excuse = NOTHING_EXCUSED): void =>
    report.table(`${node} ${name}`, 'table', rows(mine), rows(its), excuse);
  table('addr', (of) => addressRows(of.addresses));
  table('route', (of) => routeRows(of.routes));
  table('rule', (of) => ruleRows(of.rules));
  table('neigh', (of) => neighbourRows(of.neighbours), excuseNeighbour(lastHeard(node, untils, frames)));
  table('fdb', (of) => fdbRows(of.fdb));
  const { relations } = frames;
  const lines = conntrackRows(mine.conntrack, { world: 'simulator', relations });
  const kernelLines = conntrackRows(its.conntrack, { world: 'kernel', relations });
  report.table(`${node} conntrack`, 'table', lines, kernelLines, excuseConntrack);
  const counts = excuseCounts(frames.slack.get(node) ?? { frames: 0, merged: 0, repeated: 0 });
  table('iptables', (of) => iptablesRows(of.iptables), counts);
  report.table(`${node} dropping rules`, 'drop', droppingRows(mine), droppingRows(its), NOTHING_EXCUSED);
  report.table(`${node} nstat`, 'counter', ...compareCounters(mine.counters, its.counters), (field, rows) => {
    return counts(field, rows) ?? excuseAttempts(its.counters.TcpExtLockDroppedIcmps ?? 0)(field, rows);
  });
}

/** How many seconds before the end a neighbour's last ARP came in, in the world where that is longer ago. */
function lastHeard(node: string, untils: readonly [number, number], frames: ComparedFrames): (row: Row) => number {
  return ({ key }) => {
    const [address = '', device = ''] = key.split(' ');
    const ages = [frames.simulated, frames.kernel].map((world, side) => {
      const came = (world.points.get(`${node}:${device}`) ?? []).filter(
        ({ frame, record }) => record.direction === 'in' && frame.arp?.sender === address,
      );
      return ((untils[side] ?? 0) - (came.at(-1)?.record.time ?? 0)) / 1e9;
    });
    return Math.max(...ages);
  };
}

function droppingRows({ droppingRules }: NodeRecord): Row[] {
  return droppingRules.map(({ table, chain, rule, packets }) => ({
    key: `${table} ${chain} ${rule === 0 ? 'policy' : `rule ${rule}`}`,
    values: { packets: String(packets) },
  }));
}

function countRows(counts: Readonly<Record<string, number>>): Row[] {
  return Object.entries(counts).map(([key, count]) => ({ key, values: { packets: String(count) } }));
}

class TableReport {
  rows = 0;
  readonly #time: number;
  readonly #used: MaskUse;
  readonly #differences: Difference[];

  constructor(time: number, used: MaskUse, differences: Difference[]) {
    this.#time = time;
    this.#used = used;
    this.#differences = differences;
  }

  table(where: string, kind: Difference['kind'], mine: readonly Row[], its: readonly Row[], excuse: Excuse): void {
    this.rows += Math.max(mine.length, its.length);
    const excused = (field: string, rows: readonly [Row | undefined, Row | undefined]): boolean => {
      const mask = excuse(field, rows);
      if (mask !== undefined) this.#used.count(mask);
      return mask !== undefined;
    };
    const faults = compareRows(mine, its, excused);
    const [first] = faults;
    // Counters move together: they are told as one.
    if (kind === 'counter' && first !== undefined) this.note(where, asOne(faults, first), kind);
    else for (const fault of faults) this.note(where, fault, kind);
  }

  note(where: string, { key, field, sentence, rows }: RowFault, kind: Difference['kind'] = 'table'): void {
    const text = key === '' ? sentence : `${key}: ${sentence}`;
    this.#differences.push({ kind, where, time: this.#time, field, sentence: text, rows, more: 0 });
  }
}

function asOne(faults: readonly RowFault[], { field }: RowFault): RowFault {
  const sentence = faults.map((fault) => `${fault.key} ${fault.sentence.replace('count is ', '')}`).join('; ');
  return { key: '', field, sentence, rows: ['', ''] };
}
