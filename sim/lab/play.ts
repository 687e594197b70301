import type { Problem } from '../core/problem.ts';
import { checkScenario } from '../scenario/check-scenario.ts';
import { reportScenario, type ScenarioReport } from '../scenario/report.ts';
import { letArrive, runScenario } from '../scenario/runner.ts';
import { type EpisodeInput, episodeSchema, type Play } from '../scenario/scenario-schema.ts';
import { withPlaces } from '../scenario/scenario-source.ts';
import type { Held } from '../scenario/start-probe.ts';
import type { CheckedDocument } from '../world/checked-document.ts';
import { CodeDocument } from '../world/code-document.ts';
import { readDocument, SourceDocument } from '../world/document.ts';
import { problemsOf } from '../world/document-problem.ts';
import { checkSchema } from '../world/document-schema.ts';
import type { World } from '../world/world.ts';
import { TopologyError } from './lab-error.ts';

/** Steps and expectations for a world that is there, and where they are written. */
interface Episode {
  readonly play: Play;
  readonly document: CheckedDocument;
}

/** Reads and checks an episode. `held` are the connections that are open. Throws TopologyError. */
export function readEpisode(
  world: World,
  scenario: string | EpisodeInput,
  seed: number,
  held: Iterable<string>,
): Episode {
  const document = documentOf(scenario);
  const checked = checkSchema(document, episodeSchema);
  if ('problems' in checked) throw new TopologyError(checked.problems);
  const play: Play = { ...checked.value, seed };
  const findings = checkScenario(play, world, held);
  if (findings.length > 0) throw new TopologyError(problemsOf(document, findings));
  return { play, document };
}

function documentOf(scenario: string | EpisodeInput): CheckedDocument {
  if (typeof scenario !== 'string') return new CodeDocument(scenario);
  const read = readDocument(scenario, 'scenario.yaml');
  if ('problems' in read) throw new TopologyError(read.problems);
  const problems = ['topology', 'seed'].flatMap((key): Problem[] => {
    if (!read.document.has([key])) return [];
    const hint = 'leave it out here, or run the whole file by openScenario(FILE)';
    const message = `the lab has its ${key} already`;
    return [{ code: 'UNKNOWN_KEY', message, hint, place: read.document.place([key], 'key') }];
  });
  if (problems.length > 0) throw new TopologyError(problems);
  return read.document;
}

/** Plays an episode from now on, and holds it against what it expects. */
export function playEpisode(world: World, { play, document }: Episode, held: Map<string, Held>): ScenarioReport {
  const run = runScenario(world, play, undefined, undefined, held);
  letArrive(world, play);
  if (world.halt === undefined) world.audit();
  const report = reportScenario(world, play, run);
  return document instanceof SourceDocument ? withPlaces(report, document) : report;
}
