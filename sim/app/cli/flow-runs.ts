import type { Problem } from '../../core/problem.ts';
import type { SimTime } from '../../core/time.ts';
import { accountOfRequest, type FlowAccount } from '../../explain/account.ts';
import { type Flow, type FlowRun, runFlow } from '../../explain/flow.ts';
import { filterNames } from '../../explain/lab-names.ts';
import { Sightings } from '../../explain/sightings.ts';
import { compileFilter } from '../../filter/filter.ts';
import type { Recorder } from '../../packet/recorder.ts';
import { familyOf } from '../../scenario/probe-report.ts';
import { arriveInSlices, playScenario } from '../../scenario/runner.ts';
import type { Scenario } from '../../scenario/scenario-schema.ts';
import { buildSource, type TopologySource } from '../../world/topology-source.ts';
import type { World } from '../../world/world.ts';
import { isScenarioFile, loadScenario, loadTopology } from '../sources.ts';
import { type FlowOptions, flowOf, flowOptionsGiven, stackOf } from './flow-options.ts';
import { type LimitOptions, limitsOf } from './limits.ts';
import { type Progress, SLICE } from './progress.ts';

/** A request that was sent, and where it stands in the scenario. */
export interface Request {
  /** Of the steps of a scenario, from 0; undefined for the flow of a topology. */
  readonly step: number | undefined;
  /** `step 2: ping container3 (request 1 of 3)`; '' for the flow of a topology. */
  readonly title: string;
  readonly run: Pick<FlowRun, 'from' | 'probe'>;
  /** Of the requests of its program, from 0. */
  readonly index: number;
}

/** A run with what it takes to account for it, and to run it again. */
export interface Story {
  readonly world: World;
  readonly recorder: Recorder;
  readonly sightings: Sightings;
  readonly requests: readonly Request[];
  readonly source: TopologySource;
  readonly seed: number;
  /** Of a topology. */
  readonly flow: Flow | undefined;
  readonly scenario: Scenario | undefined;
}

/** Why there is none: problems of files, or a sentence about the words of the command line. */
export type NoStory = { readonly problems: readonly Problem[] } | { readonly usage: string };

export type StoryOptions = FlowOptions & LimitOptions & { readonly step?: number };

/** Sends the flow of the options through a topology, or runs a scenario. `step` counts from 1. */
export async function runStory(file: string, options: StoryOptions, progress: Progress): Promise<Story | NoStory> {
  if (!isScenarioFile(file)) return topologyStory(file, options);
  progress.begin(1, 'scenario', 'run');
  const story = await progress.follow(scenarioStory(file, options), progress.reached);
  progress.ended();
  return story;
}

function topologyStory(file: string, options: StoryOptions): Story | NoStory {
  if (options.step !== undefined) return { usage: '--step is for scenarios' };
  const loaded = loadTopology(file);
  if ('problems' in loaded) return loaded;
  const flow = flowOf(options);
  if (typeof flow === 'string') return { usage: flow };
  const { source } = loaded;
  const seed = options.seed ?? 1;
  const { world, problems } = buildSource(source, { seed, trace: true, capture: true, limits: limitsOf(options) });
  if (problems.length > 0) return { problems };
  const stack = stackOf(world, options.from ?? '');
  if (typeof stack === 'string') return { usage: stack };
  const run = runFlow(world, stack, flow);
  const requests = [{ step: undefined, title: '', run, index: 0 }];
  return { ...toldBy(world), requests, source, seed, flow, scenario: undefined };
}

function* scenarioStory(file: string, options: StoryOptions): Generator<SimTime, Story | NoStory> {
  const given = flowOptionsGiven(options);
  if (given.length > 0) return { usage: `${given.join(', ')}: a scenario says itself what is sent` };
  const loaded = loadScenario(file);
  if ('problems' in loaded) return loaded;
  const { topology } = loaded.source;
  const scenario = { ...loaded.source.scenario, seed: options.seed ?? loaded.source.scenario.seed };
  const { step } = options;
  if (step !== undefined && (step < 1 || step > scenario.steps.length)) {
    return { usage: `there is no step ${step}: the scenario has ${scenario.steps.length}` };
  }
  const { world } = buildSource(topology, {
    ...{ seed: scenario.seed, trace: true, capture: true },
    limits: limitsOf(options),
  });
  const { outcomes } = yield* playScenario(world, scenario, { slice: SLICE });
  yield* arriveInSlices(world, scenario, { slice: SLICE });
  const asked = outcomes.filter((outcome) => step === undefined || outcome.index === step - 1);
  const requests = asked.flatMap(({ index: number, title, probe, from }) =>
    (probe?.sent ?? []).map((_, index, all): Request => {
      const which = all.length > 1 ? ` (request ${index + 1} of ${all.length})` : '';
      const run = { from: from ?? '', probe: probe as NonNullable<typeof probe> };
      return { step: number, title: `step ${number + 1}: ${title}${which}`, run, index };
    }),
  );
  if (step !== undefined && requests.length === 0) return { usage: `step ${step} sends no request` };
  return { ...toldBy(world), requests, source: topology, seed: scenario.seed, flow: undefined, scenario };
}

function toldBy(world: World): Pick<Story, 'world' | 'recorder' | 'sightings'> {
  const { recorder } = world;
  if (recorder === undefined) throw new Error('a story is told by a recorder');
  return { world, recorder, sightings: new Sightings(world) };
}

/**
 * The packets of a run that an expression of tcpdump lets pass, as any device saw them: with `step` those around the requests of
 * that step alone. A problem where there is no such expression.
 */
export function packetsMatching(
  { world, recorder, sightings, requests }: Story,
  words: readonly string[],
  isStepAlone: boolean,
): readonly number[] | { readonly problem: Problem } {
  const compiled = compileFilter(words.join(' '), filterNames(world));
  if ('problem' in compiled) return compiled;
  const { filter } = compiled;
  const around = requests.flatMap(({ run, index }) => {
    const request = run.probe.sent[index]?.packet ?? 0;
    return request === 0 ? [] : familyOf(recorder, request, true);
  });
  const asked = isStepAlone ? new Set(around) : [...recorder.packets()].map(({ number }) => number);
  return [...asked].filter((packet) => sightings.some(packet, (frame, type) => filter.test(frame, type)));
}

export function accountFor({ world, sightings }: Story, { run, index }: Request): FlowAccount {
  return accountOfRequest(world, sightings, run, index);
}
