import { compareWorlds } from './compare/compare.ts';
import type { Named } from './compare/pairing.ts';
import { FrameReader, writeFrames } from './golden-frame.ts';
import type { DroppingRule, FrameRecord, JsonRow, NodeRecord, PointRecord, StepRecord, WorldRecord } from './record.ts';

/*
 * A record as text, whole: what a machine without the right to make namespaces compares the simulator with. One line a
 * frame and a row, so that a difference between two versions reads as one.
 */

const HEAD = '# What a scenario left behind, as the judge recorded it. Times in nanoseconds.';

/** Times are rounded to this, in ns: finer than any tolerance of the comparison, coarser than the machine's noise. */
const GRAIN = 10_000_000;

/**
 * The record with its times rounded. What happened in one moment keeps its order, over all points and the steps: each is
 * a nanosecond later than the one before.
 */
export function roundTimes(record: WorldRecord): WorldRecord {
  const round = (time: number): number => Math.round(time / GRAIN) * GRAIN;
  const starts = new Map<StepRecord, number>();
  const times = new Map<FrameRecord, number>();
  const moments = [
    ...record.steps.map((step) => ({ time: step.started, note: (time: number) => starts.set(step, time) })),
    ...record.points.flatMap(({ frames }) =>
      frames.map((frame) => ({ time: frame.time, note: (time: number) => times.set(frame, time) })),
    ),
  ];
  let last = Number.NEGATIVE_INFINITY;
  // Stable: a step stands before what it sends in the same moment.
  for (const { time, note } of moments.sort((a, b) => a.time - b.time)) {
    last = Math.max(round(time), last + 1);
    note(last);
  }
  return {
    ...record,
    until: round(record.until),
    steps: record.steps.map((step) => {
      const started = starts.get(step) ?? step.started;
      return { ...step, started, ended: Math.max(started, round(step.ended)) };
    }),
    points: record.points.map((point) => ({
      ...point,
      frames: point.frames.map((frame) => ({ ...frame, time: times.get(frame) ?? frame.time })),
    })),
  };
}

/**
 * What a golden file should hold after a run of the kernel: the text it holds as long as the two agree, since numbers
 * that are random differ from run to run; else the record of this run.
 */
export function refreshedGolden(text: string | undefined, kernel: WorldRecord, named?: Named): string {
  const parsed = text === undefined ? undefined : parseRecord(text);
  if (text !== undefined && parsed !== undefined && 'record' in parsed) {
    const options = named === undefined ? {} : { named };
    if (compareWorlds(parsed.record, kernel, options).differences.length === 0) return text;
  }
  return writeRecord(roundTimes(kernel));
}

export function writeRecord(record: WorldRecord): string {
  const lines = [HEAD, `world ${record.world}`, `until ${record.until}`];
  for (const step of record.steps) lines.push(`step ${JSON.stringify(step)}`);
  for (const { node, device, frames } of record.points) {
    lines.push('', `point ${JSON.stringify([node, device])}`, ...writeFrames(frames).map((frame) => `  ${frame}`));
  }
  for (const node of record.nodes) lines.push('', ...nodeLines(node));
  if (record.drops !== undefined) lines.push('', `drops ${JSON.stringify(record.drops)}`);
  return `${lines.join('\n')}\n`;
}

const LISTS = ['addresses', 'routes', 'rules', 'neighbours', 'fdb', 'conntrack', 'droppingRules'] as const;

function nodeLines(node: NodeRecord): string[] {
  return [
    `node ${JSON.stringify(node.node)}`,
    ...LISTS.flatMap((name) => node[name].map((row) => `  ${name} ${JSON.stringify(row)}`)),
    ...Object.entries(node.counters).map(([name, value]) => `  counter ${JSON.stringify([name, value])}`),
    // Each line with what ends it, so that the text comes back byte for byte.
    ...node.iptables.split(/(?<=\n)/).map((line) => `  iptables ${JSON.stringify(line)}`),
  ];
}

/** What is being read: lists grow line by line. */
interface Draft {
  world: WorldRecord['world'] | undefined;
  until: number;
  readonly steps: StepRecord[];
  readonly points: (PointRecord & { readonly frames: FrameRecord[] })[];
  readonly nodes: DraftNode[];
  /** Of the point that is being read. */
  reader: FrameReader;
  drops: Record<string, number> | undefined;
}

interface DraftNode {
  readonly node: string;
  readonly addresses: JsonRow[];
  readonly routes: JsonRow[];
  readonly rules: JsonRow[];
  readonly neighbours: JsonRow[];
  readonly fdb: JsonRow[];
  readonly conntrack: string[];
  iptables: string;
  readonly counters: Record<string, number>;
  readonly droppingRules: DroppingRule[];
}

/** Reads what writeRecord() wrote; a problem names the line. */
export function parseRecord(text: string): { readonly record: WorldRecord } | { readonly problem: string } {
  const draft: Draft = {
    world: undefined,
    until: Number.NaN,
    steps: [],
    points: [],
    nodes: [],
    reader: new FrameReader(),
    drops: undefined,
  };
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    try {
      if (!parseLine(line, draft)) return { problem: `line ${index + 1} is none of a record: ${line.slice(0, 60)}` };
    } catch (error) {
      return { problem: `line ${index + 1}: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
  const { world, drops, until, steps, points, nodes } = draft;
  if (world === undefined || Number.isNaN(until)) return { problem: 'it does not say whose record it is' };
  return { record: { world, until, steps, points, nodes, ...(drops === undefined ? {} : { drops }) } };
}

function parseLine(line: string, draft: Draft): boolean {
  const word = line.trimStart().split(' ', 1)[0] ?? '';
  const rest = line.trimStart().slice(word.length + 1);
  if (!line.startsWith(' ')) return parseHeadLine(word, rest, draft);
  const node = draft.nodes.at(-1);
  if (node !== undefined) return parseNodeLine(word, rest, node);
  const frame = draft.reader.read(line.trim());
  draft.points.at(-1)?.frames.push(...(frame === undefined ? [] : [frame]));
  return frame !== undefined && draft.points.length > 0;
}

function parseHeadLine(word: string, rest: string, draft: Draft): boolean {
  if (word === 'world' && (rest === 'kernel' || rest === 'simulator')) draft.world = rest;
  else if (word === 'until') draft.until = Number(rest);
  else if (word === 'step') draft.steps.push(JSON.parse(rest));
  else if (word === 'drops') draft.drops = JSON.parse(rest);
  else if (word === 'point') {
    const [node, device] = JSON.parse(rest);
    draft.points.push({ node, device, frames: [] });
    draft.reader = new FrameReader();
  } else if (word === 'node') {
    const lists = { addresses: [], routes: [], rules: [], neighbours: [], fdb: [], conntrack: [], droppingRules: [] };
    draft.nodes.push({ node: JSON.parse(rest), ...lists, iptables: '', counters: {} });
  } else return false;
  return true;
}

function parseNodeLine(word: string, rest: string, node: DraftNode): boolean {
  const value = JSON.parse(rest);
  const list = LISTS.find((name) => name === word);
  if (list !== undefined) (node[list] as unknown[]).push(value);
  else if (word === 'counter') node.counters[value[0]] = value[1];
  else if (word === 'iptables') node.iptables += value;
  else return false;
  return true;
}
