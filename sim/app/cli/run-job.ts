import { assert, SimulatorBug } from '../../core/assert.ts';
import type { Problem, SourcePlace } from '../../core/problem.ts';
import type { SimTime } from '../../core/time.ts';
import { type RunRecord, RunWatcher } from '../../draw/run-record.ts';
import { filterNames } from '../../explain/lab-names.ts';
import { compileFilter, type Filter } from '../../filter/filter.ts';
import { reportScenario, type ScenarioReport } from '../../scenario/report.ts';
import { arriveInSlices, playScenario } from '../../scenario/runner.ts';
import type { Scenario } from '../../scenario/scenario-schema.ts';
import { type ScenarioSource, withPlaces } from '../../scenario/scenario-source.ts';
import { buildWorld } from '../../world/build.ts';
import { readDocument, type SourceDocument } from '../../world/document.ts';
import type { Topology } from '../../world/topology-schema.ts';
import { CannotWrite, errorCode, readText } from '../files.ts';
import { type Results, resultsOf } from '../results.ts';
import { scenarioOf } from '../sources.ts';
import type { RanHalt } from './junit.ts';
import { type LimitOptions, limitsOf } from './limits.ts';
import { toldHalt } from './say-halt.ts';

/** A scenario that may be run: plain data, so that another thread can have it. */
export interface ReadScenario {
  readonly file: string;
  readonly text: string;
  readonly scenario: Scenario;
  readonly topology: Topology;
  /** Where its name is written. */
  readonly named: SourcePlace;
  /** What knows where in the text each value stands; made again from the text where another thread has it. */
  readonly document?: SourceDocument;
}

export type ReadFile = ReadScenario | { readonly problems: readonly Problem[] };

/** Reads and checks a scenario file. */
export function readJob(file: string): ReadFile {
  const read = readText(file);
  if ('problem' in read) return { problems: [read.problem] };
  const loaded = scenarioOf(read.text, file);
  return 'problems' in loaded ? loaded : readScenarioOf(read.text, loaded.source);
}

export function readScenarioOf(text: string, source: ScenarioSource): ReadScenario {
  const { file, scenario, document, topology } = source;
  return { file, text, scenario, document, topology: topology.topology, named: document.place(['name'], 'value') };
}

/** One scenario to be run, as it was read. */
export interface RunJob {
  readonly source: ReadScenario;
  /** Instead of the seed in the file. */
  readonly seed: number | undefined;
  /** How captures are to be written; undefined when nothing is. */
  readonly write: { readonly merge: boolean; readonly classic: boolean } | undefined;
  /** Of tcpdump: which frames are written. */
  readonly filter: string | undefined;
  /** How far it may go. */
  readonly limits: LimitOptions;
  /** Whether a page wants to show it. */
  readonly record: boolean;
}

/** What came of it, as plain data. Nothing is on disk: that it is written in its turn is for whoever asked. */
export interface RanJob {
  readonly report: ScenarioReport;
  readonly halt: RanHalt | undefined;
  /** Where each step is written. */
  readonly steps: readonly SourcePlace[];
  readonly results: Results | undefined;
  readonly record: RunRecord | undefined;
}

/** Runs it; between slices of so many events whoever runs it hears the time, and may do something else. */
export function* playJob(job: RunJob, slice = Number.POSITIVE_INFINITY): Generator<SimTime, RanJob> {
  const { source, seed, write, record, limits } = job;
  const scenario = { ...source.scenario, seed: seed ?? source.scenario.seed };
  const { world } = buildWorld(source.topology, {
    ...{ seed: scenario.seed, trace: true, capture: true },
    limits: limitsOf(limits),
  });
  const watcher = record ? new RunWatcher(world) : undefined;
  const run = yield* playScenario(world, scenario, { before: () => watcher?.stepBegins(), slice });
  yield* arriveInSlices(world, scenario, { slice });
  if (world.halt === undefined) world.audit();
  yield world.clock.now;
  const document = source.document ?? documentOf(source);
  const report = withPlaces(reportScenario(world, scenario, run), document);
  const steps = report.steps.map((_, index) => document.place(['steps', index], 'value'));
  yield world.clock.now;
  const results = write === undefined ? undefined : yield* resultsOf(world, { ...write, filter: filterOf(job) });
  const { halt } = world;
  return {
    report,
    halt: halt && { reason: halt.reason, lines: toldHalt(world, halt) },
    steps,
    results,
    record: watcher?.record(report),
  };
}

function documentOf({ text, file }: ReadScenario): SourceDocument {
  const read = readDocument(text, file);
  assert('document' in read, `${file} was sound when it was read`);
  return read.document;
}

/** The expression with the names of the lab before anything happened in it; that it is one has been seen. */
function filterOf({ filter, source }: RunJob): Filter | undefined {
  if (filter === undefined) return undefined;
  const compiled = compileFilter(filter, filterNames(buildWorld(source.topology, UNHEARD).world));
  return 'filter' in compiled ? compiled.filter : undefined;
}

export const UNHEARD = { seed: 1, trace: false, capture: false } as const;

/** An error on its way from one thread to another, which would make a plain Error of it. */
export interface Failure {
  readonly kind: 'bug' | 'unwritable' | 'other';
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}

export function failureOf(error: unknown): Failure {
  const kind = error instanceof SimulatorBug ? 'bug' : error instanceof CannotWrite ? 'unwritable' : 'other';
  if (!(error instanceof Error)) return { kind, message: String(error), stack: undefined, code: undefined };
  const code = 'code' in error ? errorCode(error) : undefined;
  return { kind, message: error.message, stack: error.stack, code };
}

/** The error again, as it was thrown. */
export function errorOf({ kind, message, stack, code }: Failure): Error {
  const error =
    kind === 'bug' ? new SimulatorBug(message) : kind === 'unwritable' ? new CannotWrite(message) : new Error(message);
  return Object.assign(error, { ...(stack === undefined ? {} : { stack }), ...(code === undefined ? {} : { code }) });
}
