import { dirname, resolve } from 'node:path';
import type { Problem } from '../core/problem.ts';
import { isScenario, readScenario, type ScenarioSource } from '../scenario/scenario-source.ts';
import { buildSource, type Loaded, readTopology, type TopologySource } from '../world/topology-source.ts';
import type { World, WorldOptions } from '../world/world.ts';
import { readText } from './files.ts';

/** Reads and checks a topology file. */
export function loadTopology(file: string): Loaded<TopologySource> {
  const read = readText(file);
  return 'problem' in read ? { problems: [read.problem] } : readTopology(read.text, file);
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
  const read = readText(file);
  if ('problem' in read) return { problems: [read.problem] };
  return scenarioOf(read.text, file);
}

/** The scenario that is the text of a file. */
export function scenarioOf(text: string, file: string): Loaded<ScenarioSource> {
  return readScenario(text, file, (path) => loadTopology(resolve(dirname(file), path)));
}

/** Whether a file means to be a scenario. */
export function isScenarioFile(file: string): boolean {
  const read = readText(file);
  return 'text' in read && isScenario(read.text);
}

/** The topology of a file that is one, or of a scenario that names or holds it. */
export function loadLab(file: string): Loaded<TopologySource> {
  if (!isScenarioFile(file)) return loadTopology(file);
  const loaded = loadScenario(file);
  return 'problems' in loaded ? loaded : { source: loaded.source.topology };
}
