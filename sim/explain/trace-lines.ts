import { formatSeconds } from '../core/time.ts';
import type { Recorder } from '../packet/recorder.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { stepText } from '../show/step-text.ts';
import { type Column, pad, renderTable, textWidth } from '../show/table.ts';
import { wrapText } from '../show/wrap.ts';
import { changesText, layersLine } from './header-text.ts';
import { type Hop, hopsOf } from './hops.ts';
import type { Sightings } from './sightings.ts';

/** A line of a trace: a step, or what a hop made of the headers. */
export interface TraceLine {
  /** Of the step, or just behind the last step of the hop. */
  readonly order: number;
  readonly time: string;
  readonly packet: string;
  readonly place: string;
  readonly component: string;
  readonly device: string;
  readonly function: string;
  readonly text: string;
}

/** A way that goes round for ever is told by its beginning. */
const MOST_HOPS = 200;

/** The steps of hops, each hop followed by what it changed; the first by the headers as they were sent. */
export function linesOfHops(hops: readonly Hop[]): TraceLine[] {
  const lines = hops.slice(0, MOST_HOPS).flatMap((hop) => [...hop.steps.map(lineOf), ...headerLine(hop)]);
  const rest = hops.length - MOST_HOPS;
  const last = lines.at(-1);
  if (rest <= 0 || last === undefined) return lines;
  return [...lines, { ...BLANK, order: last.order + 0.5, packet: last.packet, text: `... and ${rest} more hops` }];
}

/** Stations as one line; of a way that goes round for ever the beginning. */
export function pathLine(path: readonly string[]): string {
  const rest = path.length - MOST_HOPS;
  return `${path.slice(0, MOST_HOPS).join(' > ')}${rest > 0 ? ` > ... (${rest} more)` : ''}`;
}

const BLANK = { time: '', place: '', component: '', device: '', function: '' } as const;

/** The steps of some packets, in the order in which they happened. */
export function linesOfPackets(recorder: Recorder, sightings: Sightings, packets: readonly number[]): TraceLine[] {
  return packets
    .flatMap((packet) => linesOfHops(hopsOf(recorder.stepsOf(packet), sightings)))
    .sort((a, b) => a.order - b.order);
}

function lineOf(step: RecordedStep): TraceLine {
  return {
    order: step.order,
    time: formatSeconds(step.time),
    packet: `#${step.packet}`,
    place: step.place.title,
    component: step.kind === 'bridge' ? step.bridge : step.component,
    device: step.kind === 'receive' || step.kind === 'transmit' || step.kind === 'punt' ? step.device : '',
    function: step.function,
    text: stepText(step),
  };
}

function headerLine({ steps, changes, headersIn, headersOut }: Hop): TraceLine[] {
  const end = steps.at(-1);
  const isFirst = steps[0]?.kind === 'originate' && headersIn === undefined;
  if (end === undefined) return [];
  const text = isFirst && headersOut !== undefined ? `= ${layersLine(headersOut)}` : `~ ${changesText(changes)}`;
  if (!isFirst && changes.length === 0) return [];
  if (isFirst && headersOut === undefined) return [];
  return [{ ...BLANK, order: end.order + 0.5, packet: `#${end.packet}`, text }];
}

export interface TableOptions {
  /** Columns of the terminal; undefined: no limit. */
  readonly width: number | undefined;
  /** Name the kernel function that decided. */
  readonly functions: boolean;
}

/** Narrower than this no text is set. */
const LEAST_WIDTH = 40;

/**
 * Lines as a table: time, packet, place, component, device, what was decided. A packet, place or component that the line above
 * has too is left out where it helps to see where a new one begins.
 */
export function traceTable(lines: readonly TraceLine[], { width, functions }: TableOptions): string {
  const headers = ['TIME', 'PACKET', 'PLACE', 'COMPONENT', 'DEVICE', ...(functions ? ['FUNCTION'] : [])];
  const rows = lines.map((line) => {
    const { time, packet, place, component, device } = line;
    return [time, time === '' ? '' : packet, place, component, device, ...(functions ? [line.function] : [])];
  });
  const widths = headers.map((header, column) =>
    rows.reduce((most, cells) => Math.max(most, textWidth(cells[column] ?? '')), textWidth(header)),
  );
  const left = widths.reduce((sum, one) => sum + one + 2, 0);
  const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(LEAST_WIDTH, width - left);
  const columns: Column[] = [...headers, 'DECISION'].map((header) => ({ header, gap: '  ' }));
  const all = lines.flatMap((line, index) =>
    wrapped(line.text, room).map((text, part) => [...(part === 0 ? (rows[index] ?? []) : headers.map(() => '')), text]),
  );
  return renderTable(columns, all);
}

function wrapped(text: string, room: number): string[] {
  if (textWidth(text) <= room) return [text];
  return wrapText(text, room - 2).map((part, index) => (index === 0 ? part : `  ${pad(part, 0)}`));
}
