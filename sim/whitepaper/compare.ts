import type { Station } from '../packet/stations.ts';
import { stationText } from '../packet/stations.ts';
import type { IncId } from './data/contradictions.ts';
import type { FigureFlow, FigureStation, FigureStep } from './figure.ts';

/** One numbered step of a figure beside what the packet did. */
export interface StepComparison {
  readonly number: string;
  readonly text: string;
  readonly quote: string;
  readonly passed: boolean;
  /** Stations of the run that belong to this step, in order. */
  readonly seen: readonly string[];
  /** Those of them that the figure does not name. */
  readonly extra: readonly string[];
  /** What the figure names and the packet did not pass. */
  readonly missing: string | undefined;
  /** Contradictions of the paper that this packet shows at this step. */
  readonly inc: readonly IncId[];
}

export interface FlowComparison {
  readonly flow: FigureFlow;
  readonly request: readonly StepComparison[];
  readonly reply: readonly StepComparison[];
  readonly passed: boolean;
}

/** Holds a figure's flow beside the stations that a request and its answer passed. */
export function compareFlow(flow: FigureFlow, request: readonly Station[], reply: readonly Station[]): FlowComparison {
  const there = compareSteps(flow.request, request);
  const back = compareSteps(flow.reply, reply);
  const passed = [...there, ...back].every((step) => step.passed);
  return { flow, request: there, reply: back, passed };
}

interface Match {
  readonly end: number;
  readonly extra: readonly string[];
}

/**
 * Walks the stations once: each step takes up where the one before ended. Stations that the figure leaves out may lie
 * between those it names; they are listed, so that what the run adds is seen.
 */
function compareSteps(steps: readonly FigureStep[], stations: readonly Station[]): StepComparison[] {
  const results: StepComparison[] = [];
  let at = 0;
  let way = 0;
  for (const step of steps) {
    if (step.onlyAfterWay !== undefined && step.onlyAfterWay !== way) continue;
    const matches = step.ways.map((stationsOfWay) => matchWay(stationsOfWay, stations, at));
    // Of several ways the packet took the one that it completed first.
    const taken = matches.reduce(
      (best, match, index) => {
        const end = typeof match === 'string' ? Number.POSITIVE_INFINITY : match.end;
        return end < best.end ? { index, end } : best;
      },
      { index: -1, end: Number.POSITIVE_INFINITY },
    );
    const match = matches[taken.index];
    const { number, text, quote } = step;
    if (match === undefined || typeof match === 'string') {
      const missing = matches.map(String).join(', or ');
      results.push({ number, text, quote, passed: false, seen: [], extra: [], missing, inc: [] });
      continue;
    }
    way = taken.index;
    const seen = stations.slice(at, match.end).map(stationText);
    const inc = shownBy(step, taken.index, stations.slice(at, match.end), match.extra);
    results.push({ number, text, quote, passed: true, seen, extra: match.extra, missing: undefined, inc });
    at = match.end;
  }
  return results;
}

/** What of the paper's contradictions the way of a packet through one step shows. */
function shownBy(step: FigureStep, way: number, stations: readonly Station[], extra: readonly string[]): IncId[] {
  const inc: IncId[] = [];
  const named = step.ways[way] ?? [];
  // Between a leg into a bridge and the Comware stack figure 10 has vrfif0; the others leave it out.
  const hasLeg = named.some((one) => one.role === 'comware' && /^eth\d$/.test(one.label));
  const isUnnamed = (station: Station): boolean =>
    station.what === 'vrfif0' && station.place.role === 'comware' && extra.includes(stationText(station));
  if (hasLeg && stations.some(isUnnamed)) inc.push('INC-18');
  // "If the stack supports it ... else": Comware's application is reached without Comware's stack supporting it.
  if (step.onlyAfterWay === 1 && stations.some((one) => one.what === 'Comware application')) inc.push('INC-19');
  const end = stations.at(-1)?.place.role;
  if (step.literally !== undefined && end !== step.literally) inc.push('INC-07');
  return inc;
}

/** Where a way ends if its stations follow from `start` on, or the label of the first that does not. */
function matchWay(way: readonly FigureStation[], stations: readonly Station[], start: number): Match | string {
  const extra: string[] = [];
  let at = start;
  for (const wanted of way) {
    const found = stations.findIndex((station, index) => index >= at && isNamed(station, wanted));
    if (found < 0) return wanted.label;
    extra.push(...stations.slice(at, found).map(stationText));
    at = found + 1;
  }
  return { end: at, extra };
}

function isNamed(station: Station, wanted: FigureStation): boolean {
  const named = typeof wanted.what === 'string' ? station.what === wanted.what : wanted.what.test(station.what);
  return named && (wanted.role === undefined || station.place.role === wanted.role);
}
