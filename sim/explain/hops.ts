import type { SimTime } from '../core/time.ts';
import type { Role } from '../packet/place.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { changesBetween, type HeaderChange } from './changes.ts';
import type { Layer } from './layers.ts';
import type { Sightings } from './sightings.ts';

/**
 * One box of the way: a stack, a bridge, or Comware's forwarding and stack, from where the packet came in (or was born) to
 * where it left (or ended).
 */
export interface Hop {
  readonly time: SimTime;
  readonly node: string;
  /** Title of the place: `device-a/container3`. */
  readonly place: string;
  readonly role: Role;
  /** The boxes of the whitepaper that it met there, in their order; of a bridge its title alone. */
  readonly boxes: readonly string[];
  /** '' where it was born there, or came from a program at the other end of a device. */
  readonly deviceIn: string;
  /** '' where it ended there, or still waits. */
  readonly deviceOut: string;
  /** As it came in; undefined where no device saw it come. */
  readonly headersIn: readonly Layer[] | undefined;
  /** As it left; where it was dropped, as it was then; undefined where it came to a good end. */
  readonly headersOut: readonly Layer[] | undefined;
  /** Against the last sighting before, here or at the hop before. */
  readonly changes: readonly HeaderChange[];
  readonly steps: readonly RecordedStep[];
}

/** The way of a packet as hops, from all its steps (those of its ancestors included). */
export function hopsOf(steps: readonly RecordedStep[], sightings: Sightings): Hop[] {
  const count = new Map<string, number>();
  const look = (step: RecordedStep | undefined): Layer[] | undefined => {
    if (step?.kind !== 'receive' && step?.kind !== 'transmit') return undefined;
    const key = `${step.packet} ${step.place.title} ${step.device} ${step.kind}`;
    const nth = count.get(key) ?? 0;
    count.set(key, nth + 1);
    return sightings.at(step, nth);
  };
  let last: readonly Layer[] | undefined;
  return stretchesOf(steps).map((stretch): Hop => {
    const [first, end] = [stretch[0] as RecordedStep, stretch.at(-1) as RecordedStep];
    const headersIn = look(first.kind === 'receive' ? first : undefined);
    const seen = look(end.kind === 'transmit' ? end : undefined);
    const headersOut = end.kind === 'drop' ? sightings.atDrop(end.packet) : seen;
    const before = headersIn ?? last;
    const changes =
      before === undefined || headersOut === undefined
        ? []
        : changesBetween(before, comparable(headersOut, before, end), stretch);
    last = headersOut ?? before;
    return {
      time: first.time,
      node: first.place.node,
      place: first.place.title,
      role: first.place.role,
      boxes: boxesOf(stretch),
      deviceIn: deviceIn(first),
      deviceOut: deviceOut(stretch),
      headersIn,
      headersOut,
      changes,
      steps: stretch,
    };
  });
}

/** Of a packet that died before it had a new link header, the old one or none says nothing of a change. */
function comparable(headers: readonly Layer[], before: readonly Layer[], end: RecordedStep): readonly Layer[] {
  if (end.kind !== 'drop') return headers;
  const link = before.find((layer) => layer.protocol === 'Ethernet');
  const rest = headers.filter((layer) => layer.protocol !== 'Ethernet');
  return link === undefined ? rest : [link, ...rest];
}

/** Cuts a way before each `receive`, after each `transmit`, and where Comware's stack hands it to the kernel. */
function stretchesOf(steps: readonly RecordedStep[]): RecordedStep[][] {
  const stretches: RecordedStep[][] = [];
  let open = false;
  for (const step of steps) {
    if (!open || step.kind === 'receive') stretches.push([]);
    stretches.at(-1)?.push(step);
    open = step.kind !== 'transmit';
  }
  return stretches;
}

/** A bridge is one box, whatever its namespace adds; a device's own steps name no box. */
function boxesOf(stretch: readonly RecordedStep[]): string[] {
  const bridge = stretch.find((step) => step.kind === 'bridge');
  if (bridge !== undefined) return [bridge.bridge];
  const boxes: string[] = [];
  const add = (what: string): void => {
    if (boxes.at(-1) !== what) boxes.push(what);
  };
  for (const step of stretch) {
    const { component } = step;
    if (step.kind === 'originate' && step.origin === 'program') add(applicationAt(step.program.role));
    if (component !== 'Interface' && component !== 'Cable') add(component);
    if (step.kind === 'deliver') add(applicationAt(step.program.role));
  }
  const [only] = stretch;
  return boxes.length > 0 || only === undefined ? boxes : [only.component];
}

function applicationAt(role: Role): string {
  return role === 'comware' ? 'Comware application' : 'Application';
}

function deviceIn(first: RecordedStep): string {
  return first.kind === 'receive' || (first.kind === 'punt' && first.to === 'Comware stack') ? first.device : '';
}

function deviceOut(stretch: readonly RecordedStep[]): string {
  const end = stretch.at(-1);
  return end?.kind === 'transmit' || (end?.kind === 'punt' && end.to === 'kernel') ? end.device : '';
}
