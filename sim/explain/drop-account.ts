import type { SimTime } from '../core/time.ts';
import { sentenceOf } from '../packet/drop-reasons.ts';
import type { Recorder } from '../packet/recorder.ts';
import { lineageSteps } from '../packet/stations.ts';
import type { DropStep } from '../scenario/probe-report.ts';
import { type DecidedBy, decidedBy } from './decided-by.ts';
import { type Hop, hopsOf } from './hops.ts';
import type { Role } from './kin.ts';
import type { Layer } from './layers.ts';
import type { Sightings } from './sightings.ts';

/** A death: where, when, why, and what decided it. */
export interface DropAccount {
  readonly packet: number;
  /** What died: the request, its answer, an error about it, or what followed. */
  readonly role: Role;
  readonly time: SimTime;
  readonly reason: DropStep['reason'];
  readonly sentence: string;
  readonly node: string;
  /** Title of the place. */
  readonly at: string;
  readonly component: string;
  readonly function: string;
  readonly detail: string;
  readonly decidedBy: DecidedBy;
  /** As they were when it died, outermost first. */
  readonly headers: readonly Layer[];
  /** The way to its death, in hops. */
  readonly hops: readonly Hop[];
}

/** Tells of the death of a packet; undefined where it has not died. */
export function dropAccountOf(
  recorder: Recorder,
  sightings: Sightings,
  packet: number,
  role: Role,
): DropAccount | undefined {
  const end = recorder.stepsOf(packet).at(-1);
  if (end?.kind !== 'drop') return undefined;
  const steps = lineageSteps(recorder, packet);
  const { time, reason, place, component, detail } = end;
  return {
    packet,
    role,
    time,
    reason,
    sentence: sentenceOf(reason),
    node: place.node,
    at: place.title,
    component,
    function: end.function,
    detail,
    decidedBy: decidedBy(recorder, steps, end),
    headers: sightings.atDrop(packet) ?? [],
    hops: hopsOf(steps, sightings),
  };
}
