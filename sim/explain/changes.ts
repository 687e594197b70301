import type { RecordedStep } from '../packet/trace.ts';
import { stepText } from '../show/step-text.ts';
import type { Layer } from './layers.ts';

/** What one hop made of a header: a field that differs, or a whole header that was put on or taken off. */
export interface HeaderChange {
  readonly layer: Layer['protocol'];
  readonly quoted: boolean;
  /** Name of the field as in Layer; '' where the whole header came or went. */
  readonly field: string;
  /** '' where there was none before, or is none any more. */
  readonly before: string;
  readonly after: string;
  /** What made it: the step's text, '' where no step of the hop tells. */
  readonly by: string;
}

/** Fields that follow from others, or belong to the packet's end and not to the way. */
const SILENT: readonly string[] = ['type'];

/**
 * Compares two sightings of a packet, `steps` being what happened in between. Headers are laid side by side from the
 * innermost outwards, so that one more of them outside is an encapsulation.
 */
export function changesBetween(
  before: readonly Layer[],
  after: readonly Layer[],
  steps: readonly RecordedStep[],
): HeaderChange[] {
  const changes: HeaderChange[] = [];
  const pairs = sideBySide(before, after);
  for (const [old, now] of pairs) {
    if (old === undefined || now === undefined) {
      const layer = (old ?? now) as Layer;
      const text = layerText(layer);
      const [from, to] = old === undefined ? ['', text] : [text, ''];
      changes.push({ layer: layer.protocol, quoted: layer.quoted, field: '', before: from, after: to, by: '' });
    } else changes.push(...fieldChanges(old, now, steps));
  }
  return changes;
}

/** Pairs of headers, outermost first; one side is missing where only the other has such a header. */
function sideBySide(
  before: readonly Layer[],
  after: readonly Layer[],
): [old: Layer | undefined, now: Layer | undefined][] {
  // A fragment behind the first shows no transport header: the innermost that both have are laid together.
  const pairs: [Layer | undefined, Layer | undefined][] = [];
  let old = before.length - 1;
  let now = after.length - 1;
  while (old >= 0 || now >= 0) {
    const [left, right] = [before[old], after[now]];
    if (left !== undefined && right !== undefined && isAlike(left, right)) {
      pairs.unshift([left, right]);
      old--;
      now--;
    } else if (left !== undefined && !after.slice(0, now + 1).some((one) => isAlike(one, left))) {
      pairs.unshift([left, undefined]);
      old--;
    } else {
      pairs.unshift([undefined, right]);
      now--;
    }
  }
  return pairs;
}

function isAlike(a: Layer, b: Layer): boolean {
  return a.protocol === b.protocol && a.quoted === b.quoted;
}

function fieldChanges(old: Layer, now: Layer, steps: readonly RecordedStep[]): HeaderChange[] {
  const names = [...new Set([...Object.keys(old.fields), ...Object.keys(now.fields)])];
  return names.flatMap((field): HeaderChange[] => {
    const before = String(old.fields[field] ?? '');
    const after = String(now.fields[field] ?? '');
    if (before === after || SILENT.includes(field)) return [];
    const by = makerOf(old.protocol, old.quoted, field, steps);
    const { protocol: layer, quoted } = old;
    return [{ layer, quoted, field, before, after, by: by === undefined ? '' : stepText(by) }];
  });
}

/** The last step that could have made a change. */
function makerOf(
  layer: Layer['protocol'],
  quoted: boolean,
  field: string,
  steps: readonly RecordedStep[],
): RecordedStep | undefined {
  return steps.findLast((step) => makes(step, layer, quoted, field));
}

function makes(step: RecordedStep, layer: Layer['protocol'], quoted: boolean, field: string): boolean {
  switch (step.kind) {
    case 'neighbour':
      return layer === 'Ethernet';
    case 'transmit':
      return layer === 'Ethernet' && field === 'source';
    case 'fragment':
    case 'reassemble':
      return layer === 'IPv4' && ['offset', 'flags', 'length'].includes(field);
    case 'segment':
      return (layer === 'IPv4' && ['id', 'length'].includes(field)) || layer === 'TCP';
    case 'rewrite':
      return rewrites(step.field, layer, quoted, field);
    default:
      return false;
  }
}

/** Whether a rewrite of `what` (`TTL`, `source`, `quoted destination`, `destination MAC`) changes that field. */
function rewrites(what: string, layer: Layer['protocol'], quoted: boolean, field: string): boolean {
  if (what === 'destination MAC') return layer === 'Ethernet' && field === 'destination';
  if (what === 'TTL') return layer === 'IPv4' && field === 'ttl' && !quoted;
  const end = what.replace('quoted ', '');
  if (end !== 'source' && end !== 'destination') return false;
  if (what.startsWith('quoted ') !== quoted) return false;
  if (layer === 'IPv4') return field === end;
  if (layer === 'ICMP') return field === 'id';
  return field === `${end}_port`;
}

/** `IPv4 10.0.0.1 > 10.0.0.2`, `UDP 5000 > 7`. */
function layerText({ protocol, fields }: Layer): string {
  const from = fields.source ?? fields.source_port;
  const to = fields.destination ?? fields.destination_port;
  return from === undefined || to === undefined ? protocol : `${protocol} ${from} > ${to}`;
}
