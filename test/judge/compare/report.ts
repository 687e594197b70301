import { formatSeconds, type SimTime } from '../../../sim/core/time.ts';
import type { RecordedStep } from '../../../sim/packet/trace.ts';
import { stepText } from '../../../sim/show/step-text.ts';
import type { Comparison } from './compare.ts';
import type { Difference } from './difference.ts';
import type { Field } from './fields.ts';
import { MASKS, masksOf } from './masks.ts';
import { TABLE_MASKS } from './table-masks.ts';
import type { Seen } from './world-frames.ts';

export interface ReportOptions {
  /** The trace of a packet of the simulator, by its number. */
  readonly stepsOf?: (packet: number) => readonly RecordedStep[];
  /** Simulated time at which the record began, in ns: the trace counts from the birth of the world. */
  readonly began?: number;
  /** How many differences are told in full; the rest in a line each. */
  readonly full?: number;
}

/** How many steps of the trace are shown: the decisions that made the frame. */
const LAST_STEPS = 6;

/** Width of a column of values. */
const COLUMN = 44;

/** What two worlds disagree about, with both decodes side by side and the steps of the trace that led there. */
export function reportText({ differences, compared }: Comparison, options: ReportOptions = {}): string {
  const { frames, flows, rows } = compared;
  const held = `${frames} frames of ${flows} flows and ${rows} rows of tables`;
  if (differences.length === 0) return `agrees: ${held}\n`;
  const full = options.full ?? 5;
  const texts = differences.map((one, index) => (index < full ? fullText(one, options) : `${headline(one)}\n`));
  return `${texts.join('\n')}\n${count(differences.length, 'difference')} in ${held}\n`;
}

/** Which masks let something pass, how often, and why they may. */
export function maskText({ masks }: Comparison): string {
  return masks
    .map(({ name, used }) => {
      const mask = [...MASKS, ...TABLE_MASKS].find((one) => one.name === name);
      return `${name} (${used}): ${mask?.reason ?? ''}; instead: ${mask?.instead ?? ''}\n`;
    })
    .join('');
}

function headline({ kind, where, time, sentence, more, simulated, kernel }: Difference): string {
  const isFrame = simulated !== undefined || kernel !== undefined;
  const rest = more === 0 ? '' : `; and ${more} more ${isFrame ? 'in this flow' : 'here'}`;
  return `${kind} ${where} at ${formatSeconds(time as SimTime)}: ${sentence}${rest}`;
}

function fullText(difference: Difference, options: ReportOptions): string {
  const { simulated, kernel, rows } = difference;
  const lines = [headline(difference)];
  if (rows?.some((row) => row !== '')) {
    lines.push(`    simulator  ${rows[0]}`, `    kernel     ${rows[1]}`);
  }
  if (simulated !== undefined || kernel !== undefined) lines.push(...columns(difference));
  if (simulated !== undefined) lines.push(...traceLines(simulated, options));
  return `${lines.join('\n')}\n`;
}

/** Both frames field by field: `>` at the first that differs, `~` where a mask lets it pass. */
function columns({ simulated, kernel, field }: Difference): string[] {
  const names = merged(simulated?.frame.fields ?? [], kernel?.frame.fields ?? []);
  const width = Math.max(...names.map(({ name }) => name.length));
  const line = (mark: string, name: string, one: string, other: string): string =>
    `  ${mark} ${name.padEnd(width)}  ${one.padEnd(COLUMN)}  ${other}`.trimEnd();
  let isMarked = false;
  const body = names.map(({ name, one, other }) => {
    const differs = one !== other;
    const mask = simulated !== undefined && kernel !== undefined && masksOf(name, simulated).length > 0;
    const isFirst = !isMarked && name === field && simulated !== undefined && kernel !== undefined;
    isMarked ||= isFirst;
    return line(isFirst ? '>' : differs && mask ? '~' : ' ', name, one ?? '', other ?? '');
  });
  const head = (seen: Seen | undefined): string =>
    seen === undefined ? '(no frame)' : `frame ${seen.number}, ${formatSeconds(seen.record.time as SimTime)}`;
  return [line(' ', '', 'simulator', 'kernel'), line(' ', '', head(simulated), head(kernel)), ...body];
}

interface Merged {
  readonly name: string;
  readonly one: string | undefined;
  readonly other: string | undefined;
}

/** Fields of the same name side by side, in their order; a field that only one frame has stands alone. */
function merged(mine: readonly Field[], its: readonly Field[]): Merged[] {
  const lines: Merged[] = [];
  let at = 0;
  for (const field of mine) {
    const found = its.findIndex((other, index) => index >= at && other.name === field.name);
    if (found >= 0) {
      for (const { name, text } of its.slice(at, found)) lines.push({ name, one: undefined, other: text });
      at = found + 1;
    }
    lines.push({ name: field.name, one: field.text, other: found < 0 ? undefined : its[found]?.text });
  }
  for (const { name, text } of its.slice(at)) lines.push({ name, one: undefined, other: text });
  return lines;
}

/** What the trace says of the packet at this node, up to the moment at which the frame passed. */
function traceLines({ record, point }: Seen, { stepsOf, began = 0 }: ReportOptions): string[] {
  if (record.packet === undefined || stepsOf === undefined) return [];
  const node = point.slice(0, point.lastIndexOf(':'));
  const steps = stepsOf(record.packet).filter(
    ({ place, time }) => (place.node === node || place.title === node) && time <= record.time + began,
  );
  const lines = steps
    .slice(-LAST_STEPS)
    .map((step) => `    ${formatSeconds((step.time - began) as SimTime)}  ${step.function}  ${stepText(step)}`);
  return [`  packet ${record.packet} at ${node}${lines.length === 0 ? ': no step' : ', last steps'}`, ...lines];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
