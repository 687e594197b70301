import { lineageSteps, type Station, stationsToProgram } from '../packet/stations.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { mainLine, programPaths, reportProbe } from '../scenario/probe-report.ts';
import type { StepOutcome } from '../scenario/runner.ts';
import type { Probe } from '../scenario/start-probe.ts';
import { compareFlow, type StepComparison } from '../whitepaper/compare.ts';
import type { FigureFlow } from '../whitepaper/figure.ts';
import { FIGURE_FLOWS } from '../whitepaper/figures.ts';
import type { Details } from './tape.ts';

/** The numbered step of a figure that a packet is at. */
export interface PaperStep {
  readonly flow: FigureFlow;
  readonly leg: 'request' | 'reply';
  readonly step: StepComparison;
}

/** What the paper's steps and the packets of one step of a scenario make of one another. */
export interface PaperSteps {
  readonly flow: FigureFlow;
  /** By the order of a step of the trace. */
  at(order: number): PaperStep | undefined;
}

/** Of a step of a scenario that replays a figure; undefined for any other. */
export function paperStepsOf({ recorder }: Details, { step, probe }: StepOutcome): PaperSteps | undefined {
  const named = 'figure' in step ? step.figure : undefined;
  const flow = FIGURE_FLOWS.find((one) => one.id === named);
  if (flow === undefined || probe === undefined) return undefined;
  const found = new Map<number, PaperStep>();
  const lay = (leg: PaperStep['leg'], way: Way, steps: readonly StepComparison[]): void => {
    for (const [order, one] of ordersOf(way, steps)) found.set(order, { flow, leg, step: one });
  };
  for (const { there, back } of waysOf(recorder, probe)) {
    const compared = compareFlow(flow, there.stations, back.stations);
    lay('request', there, compared.request);
    lay('reply', back, compared.reply);
  }
  return { flow, at: (order) => found.get(order) };
}

interface Way {
  readonly steps: readonly RecordedStep[];
  readonly stations: readonly Station[];
}

/** The ways of every request and its answer; of a connection those of the first data too. */
function waysOf(recorder: Details['recorder'], probe: Probe): { there: Way; back: Way }[] {
  const wayOf = (packet: number): Way => {
    const steps = packet === 0 ? [] : lineageSteps(recorder, packet);
    return { steps, stations: stationsToProgram(steps) };
  };
  const ways = probe.sent.map(({ packet, sequence }) => {
    const reply = probe.replies.find((one) => one.sequence === sequence)?.packet ?? 0;
    return { there: wayOf(packet === 0 ? 0 : mainLine(recorder, packet, reply)), back: wayOf(reply) };
  });
  if (!('firstData' in probe)) return ways;
  const { there, back } = programPaths(recorder, probe, reportProbe(recorder, probe));
  const data = [there, back].map((stations): Way => {
    const packet = stations[0]?.step.packet ?? 0;
    return { steps: packet === 0 ? [] : wayOf(mainLine(recorder, packet, 0)).steps, stations };
  }) as [Way, Way];
  return [...ways, { there: data[0], back: data[1] }];
}

/** Each step of a way with the paper's step that it belongs to. */
function ordersOf({ steps, stations }: Way, compared: readonly StepComparison[]): [number, StepComparison][] {
  const ranges: { to: number; step: StepComparison }[] = [];
  let to = 0;
  for (const step of compared) {
    to += step.seen.length;
    ranges.push({ to, step });
  }
  let at = -1;
  return steps.flatMap(({ order }): [number, StepComparison][] => {
    while (at + 1 < stations.length && (stations[at + 1]?.step.order ?? 0) <= order) at++;
    const range = ranges.find((one) => at < one.to);
    return range === undefined ? [] : [[order, range.step]];
  });
}
