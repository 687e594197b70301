import type { Recorder } from '../packet/recorder.ts';
import type { Station } from '../packet/stations.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { type ProbeReport, programPaths, reportProbe } from '../scenario/probe-report.ts';
import type { ScenarioRun, StepOutcome } from '../scenario/runner.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';
import type { Probe } from '../scenario/start-probe.ts';
import type { Party } from '../whitepaper/figure.ts';
import type { StoredCapture } from '../world/capture-store.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { World } from '../world/world.ts';
import { headersOf, type SeenHeader } from './headers.ts';
import { type Device, deviceOf, receiverOf, senderOf } from './parties.ts';

/** One request of a scenario and its answer, with everything that was recorded of them. */
export interface Trip {
  /** Of its step in the scenario. */
  readonly index: number;
  readonly title: string;
  /** Id of the flow that the scenario says it replays. */
  readonly figure: string | undefined;
  readonly from: Party;
  readonly to: Party;
  /** Title of the stack that sent. */
  readonly sender: string;
  readonly probe: Probe;
  readonly report: ProbeReport;
  /** From program to program: of a connection with data the way of the first data, not of the SYN. */
  readonly request: readonly Station[];
  readonly reply: readonly Station[];
}

/** The state of every stack at one moment, by its title. */
export type Moment = ReadonlyMap<string, StackSnapshot>;

/** A finished run of a scenario, as evidence. */
export class EvidenceRun {
  /** Name of the scenario. */
  readonly name: string;
  readonly world: World;
  readonly scenario: Scenario;
  readonly run: ScenarioRun;
  /** Whether the scenario's own expectations were met. */
  readonly passed: boolean;
  readonly device: Device | undefined;
  readonly #before: readonly Moment[];
  readonly #end: Moment;
  #trips: readonly Trip[] | undefined;
  #captures: readonly StoredCapture[] | undefined;

  constructor(world: World, scenario: Scenario, run: ScenarioRun, before: readonly Moment[], passed: boolean) {
    this.name = scenario.name;
    this.world = world;
    this.scenario = scenario;
    this.run = run;
    this.passed = passed;
    this.device = deviceOf(world);
    this.#before = before;
    this.#end = momentOf(world);
  }

  get recorder(): Recorder | undefined {
    return this.world.recorder;
  }

  get captures(): readonly StoredCapture[] {
    this.#captures ??= this.world.captures?.captures() ?? [];
    return this.#captures;
  }

  /** Every request that was sent, or refused by its own stack. */
  get trips(): readonly Trip[] {
    this.#trips ??= this.run.outcomes.flatMap((outcome) => this.#trip(outcome));
    return this.#trips;
  }

  #trip(outcome: StepOutcome): Trip[] {
    const { probe, from, step, title } = outcome;
    const stack = from === undefined ? undefined : this.world.find(from);
    if (probe === undefined || stack === undefined || this.recorder === undefined || this.device === undefined)
      return [];
    const report = reportProbe(this.recorder, probe);
    const ways = programPaths(this.recorder, probe, report);
    return [
      {
        index: outcome.index,
        title,
        figure: 'figure' in step ? step.figure : undefined,
        from: senderOf(this.device, stack, probe.source),
        to: receiverOf(this.device, report.requestSteps, probe.destination),
        sender: stack.title,
        probe,
        report,
        request: ways.there,
        reply: ways.back,
      },
    ];
  }

  trip(title: string): Trip | undefined {
    return this.trips.find((one) => one.title === title);
  }

  outcome(title: string): StepOutcome | undefined {
    return this.run.outcomes.find((one) => one.title === title);
  }

  /** A stack at the end of the run, by its title. */
  end(title: string): StackSnapshot | undefined {
    return this.#end.get(title);
  }

  /** A stack as a step found it; the step by its name or its number. */
  before(step: string | number, title: string): StackSnapshot | undefined {
    const index = typeof step === 'number' ? step : this.outcome(step)?.index;
    return index === undefined ? undefined : this.#before[index]?.get(title);
  }

  /** A stack as a step and whatever it started left it. */
  after(step: string, title: string): StackSnapshot | undefined {
    const index = this.outcome(step)?.index;
    if (index === undefined) return undefined;
    return (this.#before[index + 1] ?? this.#end).get(title);
  }

  /** The headers of a request or an answer at every point it passed. */
  headers(steps: readonly RecordedStep[]): SeenHeader[] {
    return headersOf(this.captures, steps);
  }

  capture(point: string): StoredCapture | undefined {
    return this.captures.find((one) => one.name === point);
  }
}

export function momentOf(world: World): Moment {
  return new Map(world.stacks().map((stack) => [stack.title, world.snapshot(stack)]));
}
