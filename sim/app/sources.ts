import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../core/problem.ts';
import { checkScenario } from '../scenario/check-scenario.ts';
import { type Scenario, scenarioSchema } from '../scenario/scenario-schema.ts';
import { buildWorld } from '../world/build.ts';
import { checkTopology } from '../world/check.ts';
import { checkDespite } from '../world/check-despite.ts';
import { readDocument, type SourceDocument } from '../world/document.ts';
import { problemsOf } from '../world/document-problem.ts';
import { checkSchema } from '../world/document-schema.ts';
import { type Topology, topologySchema } from '../world/topology-schema.ts';
import type { World, WorldOptions } from '../world/world.ts';
import { readText } from './files.ts';

/** The folder of the package: topologies/ and scenarios/ lie in it. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A topology with the document that knows where each of its values stands; `prefix` is its path in there. */
export interface TopologySource {
  readonly topology: Topology;
  readonly document: SourceDocument;
  readonly prefix: readonly string[];
  readonly file: string;
}

export interface ScenarioSource {
  readonly scenario: Scenario;
  readonly document: SourceDocument;
  readonly file: string;
  readonly topology: TopologySource;
}

export type Loaded<T> = { readonly source: T } | { readonly problems: readonly Problem[] };

/** Reads and checks a topology file. */
export function loadTopology(file: string): Loaded<TopologySource> {
  const read = readYaml(file);
  if ('problems' in read) return read;
  const { document } = read;
  const named = document.valueAt(['topology']);
  if (typeof named === 'string' || document.has(['steps'])) {
    const hint = typeof named === 'string' ? `its topology is ${named}` : 'run takes scenarios';
    return otherKind(document, 'this is a scenario, and a topology is wanted here', hint);
  }
  const checked = checkSchema(document, topologySchema);
  if ('problems' in checked) return { problems: withDespite(checked.problems, document, []) };
  return soundTopology({ topology: checked.value, document, prefix: [], file });
}

/** Reads, checks and builds a topology file. */
export function openTopology(
  file: string,
  options: WorldOptions,
): { readonly world: World } | { readonly problems: readonly Problem[] } {
  const loaded = loadTopology(file);
  if ('problems' in loaded) return loaded;
  const { world, problems } = buildSource(loaded.source, options);
  return problems.length > 0 ? { problems } : { world };
}

/** Reads and checks a scenario file, and the topology it names or holds. */
export function loadScenario(file: string): Loaded<ScenarioSource> {
  const read = readYaml(file);
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
      ? named(scenario.topology, document, file)
      : soundTopology({ topology: scenario.topology, document, prefix: ['topology'], file });
  if ('problems' in topology) return topology;
  const { world, problems } = buildSource(topology.source, { seed: scenario.seed, trace: false, capture: false });
  if (problems.length > 0) return { problems };
  const findings = checkScenario(scenario, world);
  if (findings.length > 0) return { problems: problemsOf(document, findings) };
  return { source: { scenario, document, file, topology: topology.source } };
}

/** Whether a file means to be a scenario: its `topology` is a path or a whole topology file, or it has a scenario's keys. */
export function isScenarioFile(file: string): boolean {
  const read = readYaml(file);
  if ('problems' in read) return false;
  const { document } = read;
  const holdsTopology = typeof document.valueAt(['topology']) === 'string' || document.has(['topology', 'topology']);
  return holdsTopology || ['steps', 'expect', 'seed', 'figure', 'until'].some((key) => document.has([key]));
}

/** One sentence instead of the many keys that a file of the other kind has and lacks. */
function otherKind(document: SourceDocument, message: string, hint: string): { readonly problems: readonly Problem[] } {
  return { problems: [{ code: 'BAD_VALUE', message, hint, place: document.place(['topology'], 'key') }] };
}

/** Builds the world of a topology; problems are what the kernel, Comware or Docker refused. */
export function buildSource(source: TopologySource, options: WorldOptions): { world: World; problems: Problem[] } {
  const { world, findings } = buildWorld(source.topology, options);
  return { world, problems: problemsOf(source.document, findings, source.prefix) };
}

function named(path: string, document: SourceDocument, file: string): Loaded<TopologySource> {
  const loaded = loadTopology(resolve(dirname(file), path));
  if ('source' in loaded || loaded.problems[0]?.code !== 'FILE_MISSING') return loaded;
  const message = `there is no topology file ${path}, seen from the folder of this scenario`;
  return { problems: [{ code: 'FILE_MISSING', message, place: document.place(['topology'], 'value') }] };
}

function soundTopology(source: TopologySource): Loaded<TopologySource> {
  const findings = checkTopology(source.topology);
  if (findings.length > 0) return { problems: problemsOf(source.document, findings, source.prefix) };
  return { source };
}

/** Problems of the schema, and what else can be said of the topology at `prefix` in spite of them. */
function withDespite(problems: readonly Problem[], document: SourceDocument, prefix: readonly string[]): Problem[] {
  const value = prefix.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), document.value);
  const more = problemsOf(document, checkDespite(value), prefix);
  return [...problems, ...more].sort(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function readYaml(file: string): { readonly document: SourceDocument } | { readonly problems: readonly Problem[] } {
  const read = readText(file);
  return 'problem' in read ? { problems: [read.problem] } : readDocument(read.text, file);
}
