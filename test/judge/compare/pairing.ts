import type { StepRecord } from '../record.ts';
import type { End, Flow } from './flow.ts';
import { endName, type IsFree, type OneToOne, type Relations } from './relations.ts';
import type { Seen, WorldFrames } from './world-frames.ts';

/*
 * Which conversation of the simulator is which of the kernel. Ports and identifiers that a stack has chosen differ; so
 * flows are paired that are otherwise alike, in the order in which they first appeared anywhere.
 */

/** ip_local_port_range. */
const isEphemeral = (port: number): boolean => port >= 32768 && port <= 60999;

/** traceroute counts its destination ports up from 33434. */
const isTraceroute = (family: string, port: number): boolean => family === 'udp' && port >= 33434 && port < 33434 + 256;

/** Ports and identifiers that the scenario or its topology names, which no stack chose; what is chosen from a range is not. */
export interface Named {
  has(port: number): boolean;
  /** Ranges that the files give stacks to choose from, both ends included. */
  readonly ranges?: readonly (readonly [number, number])[];
}

/**
 * Ports that the scenario names are not free. Where they are not known, a port that an address uses in both worlds is
 * taken for named; where they are, that holds for ports outside of the ranges from which stacks choose.
 */
export function freedom(simulated: WorldFrames, kernel: WorldFrames, named: Named | undefined): IsFree {
  const [here, there] = [simulated, kernel].map(endsOf);
  return (family, end) => {
    if (end.key < 0) return false;
    const inBoth = here?.has(endName(family, end)) === true && there?.has(endName(family, end)) === true;
    if (family === 'echo') return !(inBoth && named?.has(end.key) === true);
    if (named?.has(end.key) === true) return false;
    if (!inBoth) return true;
    if (named?.ranges?.some(([first, last]) => first <= end.key && end.key <= last)) return true;
    return named !== undefined && isEphemeral(end.key) && !isTraceroute(family, end.key);
  };
}

function endsOf(world: WorldFrames): Set<string> {
  return new Set(world.ordered.flatMap(({ flow }) => flow.ends.map((end) => endName(flow.family, end))));
}

/** Pairs the flows of two worlds, the simulator's to the kernel's, and joins the ends that belong together by it. */
export function pairFlows(
  simulated: WorldFrames,
  kernel: WorldFrames,
  { isFree, ends }: Relations,
  steps: readonly [readonly StepRecord[], readonly StepRecord[]],
): Map<string, string> {
  const mine = flowsOf(simulated);
  const its = flowsOf(kernel);
  const pairs = new Map<string, string>();
  const pass = (shape: (seen: Seen, side: 0 | 1) => string): void => {
    const waiting = new Map<string, Seen[]>();
    for (const seen of its.values()) {
      const key = shape(seen, 1);
      const list = waiting.get(key);
      if (list === undefined) waiting.set(key, [seen]);
      else list.push(seen);
    }
    for (const [text, seen] of mine) {
      const list = waiting.get(shape(seen, 0)) ?? [];
      const found = list.find((other) => fits(seen, other, isFree, ends)) ?? list[0];
      if (found === undefined) continue;
      list.splice(list.indexOf(found), 1);
      pairs.set(text, found.flow.about);
      mine.delete(text);
      its.delete(found.flow.about);
      joinEnds(seen, found, isFree, ends);
    }
  };
  const stepOf = ({ record }: Seen, side: 0 | 1): number =>
    steps[side].findLastIndex(({ started }) => started <= record.time);
  // Where a flow is missing in one world, those of later steps still find one another.
  pass((seen, side) => `${shapeOf(seen.flow, isFree)} ${stepOf(seen, side)}`);
  pass((seen) => shapeOf(seen.flow, isFree));
  // What is left is a difference. It is told best beside the flow that comes nearest to it.
  pass(({ flow }) => `${flow.family} ${flow.ends.map(({ address }) => address).sort()}`);
  pass(({ flow }) => flow.family);
  return pairs;
}

/** The first frame of each conversation, errors about it left out where it is there itself. */
function flowsOf(world: WorldFrames): Map<string, Seen> {
  const flows = new Map<string, Seen>();
  for (const seen of world.ordered) {
    const known = flows.get(seen.flow.about);
    if (known === undefined) flows.set(seen.flow.about, seen);
  }
  return flows;
}

function shapeOf(flow: Flow, isFree: IsFree): string {
  const ends = flow.ends.map((end) => `${end.address}:${isFree(flow.family, end) ? '*' : end.key}`).sort();
  const detail = flow.family === 'ip' ? flow.about.split(' ')[0] : flow.family;
  return `${detail} ${ends.join(' ')} ${flow.epoch}`;
}

/** The ends of the kernel's flow in the order of the simulator's: by address, then by who spoke first. */
function endPairs(simulated: Seen, kernel: Seen, isFree: IsFree): [End, End][] {
  const { family } = simulated.flow;
  const name = (end: End): string => `${end.address}:${isFree(family, end) ? '*' : end.key}`;
  const [a, b] = [simulated.sender, simulated.receiver];
  const [c, d] = [kernel.sender, kernel.receiver];
  const crossed = name(a) !== name(c) && name(a) === name(d);
  return crossed
    ? [
        [a, d],
        [b, c],
      ]
    : [
        [a, c],
        [b, d],
      ];
}

/** No end of either already belongs to another. */
function fits(simulated: Seen, kernel: Seen, isFree: IsFree, ends: OneToOne): boolean {
  const { family } = simulated.flow;
  return endPairs(simulated, kernel, isFree).every(([a, b]) => {
    const [mine, its] = [endName(family, a), endName(family, b)];
    const [to, from] = [ends.kernelOf(mine), ends.simulatedOf(its)];
    return (to === undefined || to === its) && (from === undefined || from === mine);
  });
}

function joinEnds(simulated: Seen, kernel: Seen, isFree: IsFree, ends: OneToOne): void {
  const { family } = simulated.flow;
  for (const [a, b] of endPairs(simulated, kernel, isFree)) {
    if (a.address === b.address && a.key >= 0 && b.key >= 0) ends.join(endName(family, a), endName(family, b));
  }
}
