import type { FlowAccount, Leg } from '../explain/account.ts';
import { type Station, stationsOf, stationText } from '../packet/stations.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { stepText } from '../show/step-text.ts';

/** Where the ways of one flow through two networks part. */
export interface Parting {
  readonly leg: 'there' | 'back';
  /** The last station that both have in common from the beginning on; '' where not even the first is. */
  readonly last: string;
  readonly before: Branch;
  readonly after: Branch;
}

/** How the way goes on in one of them. */
export interface Branch {
  /** The next station; '' where the way ends, or never begins. */
  readonly next: string;
  /** What was decided there and not in the other network, such as a route or a rule. */
  readonly decided: string;
}

/** The first leg of which the ways differ; undefined where both are the same. */
export function partingOf(before: FlowAccount, after: FlowAccount): Parting | undefined {
  return partingOfLegs('there', before.there, after.there) ?? partingOfLegs('back', before.back, after.back);
}

function partingOfLegs(leg: Parting['leg'], before: Leg | undefined, after: Leg | undefined): Parting | undefined {
  const one = stationsOf(before?.steps ?? []);
  const two = stationsOf(after?.steps ?? []);
  let common = 0;
  while (common < one.length && common < two.length && textAt(one, common) === textAt(two, common)) common++;
  if (common === one.length && common === two.length) {
    const isSameEnd = endText(before) === endText(after);
    return isSameEnd ? undefined : branches(leg, common, [before, one], [after, two]);
  }
  return branches(leg, common, [before, one], [after, two]);
}

/** A way that ends in a drop does not end as one that is delivered does, in the same place. */
function endText(leg: Leg | undefined): string {
  const end = leg?.steps.at(-1);
  return end === undefined ? '' : end.kind === 'drop' ? `drop ${end.reason}` : end.kind;
}

type Way = readonly [Leg | undefined, readonly Station[]];

function branches(leg: Parting['leg'], common: number, before: Way, after: Way): Parting {
  const one = decisions(before, common);
  const two = decisions(after, common);
  return {
    leg,
    last: textAt(before[1], common - 1),
    before: { next: textAt(before[1], common), decided: firstOnlyIn(one, two) },
    after: { next: textAt(after[1], common), decided: firstOnlyIn(two, one) },
  };
}

function textAt(stations: readonly Station[], index: number): string {
  const station = stations[index];
  return station === undefined ? '' : stationText(station);
}

const DECIDING: readonly RecordedStep['kind'][] = [
  ...(['rule', 'route', 'neighbour', 'hook', 'rewrite', 'bridge', 'punt', 'demultiplex', 'because'] as const),
  ...(['hold', 'deliver', 'consume', 'drop'] as const),
];

/** What was decided from the last common station on to the one after the next. */
function decisions([leg, stations]: Way, common: number): string[] {
  const steps = leg?.steps ?? [];
  const first = stations[common - 1]?.step;
  const last = stations[common + 1]?.step;
  const begin = first === undefined ? 0 : steps.indexOf(first);
  const end = last === undefined ? steps.length : steps.indexOf(last);
  return steps
    .slice(begin, end)
    .filter((step) => DECIDING.includes(step.kind))
    .map(stepText);
}

/** The first that the other does not have; where it has all of them, the last: there it ends. */
function firstOnlyIn(own: readonly string[], other: readonly string[]): string {
  return own.find((text) => !other.includes(text)) ?? own.at(-1) ?? '';
}
