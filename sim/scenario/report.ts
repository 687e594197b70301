import { kernelMapOf } from '../comware/snapshot.ts';
import type { ComwareSnapshot } from '../comware/snapshot-rows.ts';
import type { SimTime } from '../core/time.ts';
import { stationText } from '../packet/stations.ts';
import type { ProbeResult } from '../program/probe.ts';
import { compareFlow, type FlowComparison } from '../whitepaper/compare.ts';
import { FIGURE_FLOWS } from '../whitepaper/figures.ts';
import { formatIpv4 } from '../wire/address.ts';
import type { StoredCapture } from '../world/capture-store.ts';
import type { World } from '../world/world.ts';
import type { Check } from './check.ts';
import { checkApplication } from './check-application.ts';
import { checkProbe } from './check-probe.ts';
import { checkTables } from './check-tables.ts';
import { checkOutput } from './device-steps.ts';
import { outputOf } from './probe-output.ts';
import { type ProbeReport, programPaths, reportProbe } from './probe-report.ts';
import type { ScenarioRun, StepOutcome } from './runner.ts';
import type { Play } from './scenario-schema.ts';
import type { Probe } from './start-probe.ts';

/** What happened at one step, as plain data. Times in nanoseconds. */
export interface StepReport {
  readonly title: string;
  readonly at: SimTime;
  readonly probe: ProbeSummary | undefined;
  readonly refusal: string | undefined;
  readonly checks: readonly Check[];
  readonly figure: FlowComparison | undefined;
  /** What a command printed. */
  readonly output?: string;
}

export interface ProbeSummary {
  readonly kind: ProbeResult['kind'];
  readonly from: string;
  readonly source: string;
  readonly to: string;
  readonly port: number;
  readonly sent: number;
  readonly received: number;
  /** Of the first answer. */
  readonly ttl: number | undefined;
  readonly roundTrip: SimTime | undefined;
  readonly errors: readonly string[];
  readonly path: readonly string[];
  readonly replyPath: readonly string[];
  /** The first request got where it was going. */
  readonly delivered: boolean;
  /** Answers that a stack could not send, such as for want of a route: `ICMP echo reply at host-b: ENETUNREACH`. */
  readonly refusals: readonly string[];
  readonly drops: readonly { readonly reason: string; readonly at: string; readonly detail: string }[];
  /** What the program printed; ping and udp leave that to whoever shows the report. */
  readonly output: readonly string[];
}

export interface ScenarioReport {
  readonly name: string;
  readonly title: string;
  readonly figure: number | undefined;
  readonly seed: number;
  readonly passed: boolean;
  /** Which device of the kernel stands for which interface, of each Comware node. */
  readonly kernelMaps: readonly { readonly node: string; readonly map: ComwareSnapshot['kernelMap'] }[];
  readonly steps: readonly StepReport[];
  readonly tables: readonly Check[];
  readonly packets: {
    readonly born: number;
    readonly consumed: number;
    readonly dropped: number;
    readonly held: number;
  };
  readonly events: number;
  /** Simulated time at the end. */
  readonly ended: SimTime;
}

/** Holds a run against what the scenario expects of it, and against the figures it names. */
export function reportScenario(world: World, scenario: Play, run: ScenarioRun): ScenarioReport {
  const captures = world.captures?.captures() ?? [];
  const steps = run.outcomes.map((outcome) => reportStep(world, outcome, captures));
  const tables = checkTables(world, scenario.expect, scenario.figure);
  const { born, consumed, dropped, held } = world.ledger;
  const checks = [...steps.flatMap((step) => step.checks), ...tables];
  const figures = steps.every((step) => step.figure?.passed ?? true);
  return {
    name: scenario.name,
    title: scenario.title ?? scenario.name,
    figure: scenario.figure,
    seed: scenario.seed,
    passed:
      world.halt === undefined &&
      figures &&
      checks.every((check) => check.passed) &&
      steps.every((step) => step.refusal === undefined),
    kernelMaps: kernelMapsOf(world),
    steps,
    tables,
    packets: { born, consumed, dropped, held },
    events: world.clock.ran,
    ended: world.clock.now,
  };
}

function kernelMapsOf(world: World): ScenarioReport['kernelMaps'] {
  return world.stacks().flatMap((stack) => {
    const { comware } = stack;
    return comware === undefined ? [] : [{ node: stack.title, map: kernelMapOf(comware) }];
  });
}

function reportStep(world: World, outcome: StepOutcome, captures: readonly StoredCapture[]): StepReport {
  const { title, at, probe, step, refusal, index, command } = outcome;
  if (command !== undefined && ('docker' in step || 'save' in step)) {
    const checks = checkOutput(step, command, ['steps', index, 'expect']);
    return { title, at, probe: undefined, refusal, checks, figure: undefined, output: command.output };
  }
  if (probe === undefined || world.recorder === undefined) {
    return { title, at, probe: undefined, refusal, checks: [], figure: undefined };
  }
  const report = reportProbe(world.recorder, probe);
  const expected = 'expect' in step && !('docker' in step || 'save' in step) ? step.expect : undefined;
  const path = ['steps', index, 'expect'];
  const checks =
    expected === undefined
      ? []
      : [...checkProbe(expected, probe, report, captures, path), ...checkApplication(world, expected, probe, path)];
  const named = 'figure' in step ? step.figure : undefined;
  const flow = FIGURE_FLOWS.find((one) => one.id === named);
  const ways = programPaths(world.recorder, probe, report);
  const figure = flow === undefined ? undefined : compareFlow(flow, ways.there, ways.back);
  return { title, at, probe: summarize(outcome.from ?? '', probe, report), refusal, checks, figure };
}

/** Of what a program printed, as much as a report carries: lines, and characters of a line. */
const MOST_LINES = 100;
const MOST_CHARACTERS = 200;

/** What was received may be any bytes: those that would move a terminal are shown as dots. */
function shownOutput(lines: readonly string[]): string[] {
  const shown = lines.slice(0, MOST_LINES).map((line) => {
    const text = line.replace(/\p{Cc}/gu, '.');
    return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}... (${text.length} characters)` : text;
  });
  return lines.length > MOST_LINES ? [...shown, `... (${lines.length} lines)`] : shown;
}

/** A probe and what the trace tells of it, as plain data. */
function summarize(from: string, probe: Probe, report: ProbeReport): ProbeSummary {
  const refused = probe.sent.flatMap((sent) => (sent.errno === undefined ? [] : [sent.errno as string]));
  const [first] = probe.replies;
  return {
    kind: probe.kind,
    from,
    source: probe.source === 0 ? '' : formatIpv4(probe.source),
    to: formatIpv4(probe.destination),
    port: probe.port,
    sent: probe.sent.filter((sent) => sent.packet !== 0).length,
    received: probe.replies.length,
    ttl: first?.ttl || undefined,
    roundTrip: first?.roundTrip,
    errors: [...refused, ...probe.errors.map((error) => `${error.errno} from ${formatIpv4(error.from)}`)],
    delivered: isDelivered(report),
    path: report.requestPath.map(stationText),
    replyPath: report.replyPath.map(stationText),
    refusals: report.refusals.map(
      ({ by, place, destination, errno }) => `${by} to ${destination} at ${place.title}: ${errno}`,
    ),
    drops: report.drops.map((drop) => ({ reason: drop.reason, at: drop.place.title, detail: drop.detail })),
    output: shownOutput(outputOf(probe)),
  };
}

/** A program has it, or a stack used it up: forwarding and bridges only pass on or drop. */
function isDelivered({ requestSteps, reply }: ProbeReport): boolean {
  const end = requestSteps.at(-1);
  const isTaken = end?.kind === 'consume' && (end.component === 'Inet stack' || end.component === 'Comware stack');
  return reply !== 0 || end?.kind === 'deliver' || isTaken;
}
