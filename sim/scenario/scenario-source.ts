import type { Problem } from '../core/problem.ts';
import { readDocument, type SourceDocument } from '../world/document.ts';
import { problemsOf } from '../world/document-problem.ts';
import { checkSchema } from '../world/document-schema.ts';
import {
  buildSource,
  type Loaded,
  otherKind,
  soundTopology,
  type TopologySource,
  withDespite,
} from '../world/topology-source.ts';
import { checkScenario } from './check-scenario.ts';
import type { ScenarioReport } from './report.ts';
import { type Scenario, scenarioSchema } from './scenario-schema.ts';

export interface ScenarioSource {
  readonly scenario: Scenario;
  readonly document: SourceDocument;
  readonly file: string;
  readonly topology: TopologySource;
}

/**
 * Reads and checks the text of a scenario file, and the topology it names or holds; `file` is its name for messages, and
 * `topologyAt` reads the topology file that it names.
 */
export function readScenario(
  text: string,
  file: string,
  topologyAt: (path: string) => Loaded<TopologySource>,
): Loaded<ScenarioSource> {
  const read = readDocument(text, file);
  if ('problems' in read) return read;
  const { document } = read;
  if (document.has(['topology', 'nodes'])) {
    return otherKind(document, 'this is a topology, and a scenario is wanted here', 'trace and show take topologies');
  }
  const checked = checkSchema(document, scenarioSchema);
  if ('problems' in checked) return { problems: withDespite(checked.problems, document, ['topology']) };
  const scenario = checked.value;
  const topology =
    typeof scenario.topology === 'string'
      ? named(scenario.topology, document, topologyAt)
      : soundTopology({ topology: scenario.topology, document, prefix: ['topology'], file });
  if ('problems' in topology) return topology;
  const { world, problems } = buildSource(topology.source, { seed: scenario.seed, trace: false, capture: false });
  if (problems.length > 0) return { problems };
  const findings = checkScenario(scenario, world);
  if (findings.length > 0) return { problems: problemsOf(document, findings) };
  return { source: { scenario, document, file, topology: topology.source } };
}

/** Whether a text means to be a scenario: its `topology` is a path or a whole topology file, or it has a scenario's keys. */
export function isScenario(text: string): boolean {
  const read = readDocument(text, '');
  if ('problems' in read) return false;
  const { document } = read;
  const holdsTopology = typeof document.valueAt(['topology']) === 'string' || document.has(['topology', 'topology']);
  return holdsTopology || ['steps', 'expect', 'seed', 'figure', 'until'].some((key) => document.has([key]));
}

function named(
  path: string,
  document: SourceDocument,
  topologyAt: (path: string) => Loaded<TopologySource>,
): Loaded<TopologySource> {
  const loaded = topologyAt(path);
  if ('source' in loaded || loaded.problems[0]?.code !== 'FILE_MISSING') return loaded;
  const message = `there is no topology file ${path}, seen from the folder of this scenario`;
  const problem: Problem = { code: 'FILE_MISSING', message, place: document.place(['topology'], 'value') };
  return { problems: [problem] };
}

/** Tells for each expectation the line of the file that states it. */
export function withPlaces(report: ScenarioReport, document: SourceDocument): ScenarioReport {
  const placed = <T extends { readonly path: readonly (string | number)[] }>(check: T): T => ({
    ...check,
    place: document.place(check.path, 'value'),
  });
  const steps = report.steps.map((step) => ({ ...step, checks: step.checks.map(placed) }));
  return { ...report, steps, tables: report.tables.map(placed) };
}
